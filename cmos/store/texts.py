"""Texts that were replaced or that lost, kept so that nothing a person typed is gone."""

from __future__ import annotations

import sqlite3
import zlib
from typing import List, NamedTuple, Optional

from cmos.db.sql import raw, records

#: How many texts that a command replaced are kept; each differs from the next by one value.
REPLACED_KEPT = 200

REPLACED = "replaced"
LOST = "lost"


class Text(NamedTuple):
    hash: str
    path: str
    why: str
    ts: str
    size: int


def keep(db: sqlite3.Connection, content: bytes, *, content_hash: str, path: str, why: str, now: str) -> None:
    """Keep a text. Those that lost stay for good; of replaced ones the newest are kept."""
    db.execute(
        "INSERT INTO texts (hash, path, why, ts, size, content) VALUES (?,?,?,?,?,?) ON CONFLICT (hash) DO UPDATE SET "
        "ts = excluded.ts, why = CASE WHEN why = 'lost' THEN why ELSE excluded.why END",
        (content_hash, path, why, now, len(content), zlib.compress(content)),
    )
    db.execute(
        "DELETE FROM texts WHERE why = ? AND hash NOT IN "
        "(SELECT hash FROM texts WHERE why = ? ORDER BY ts DESC, hash LIMIT ?)",
        (REPLACED, REPLACED, REPLACED_KEPT),
    )


def listing(db: sqlite3.Connection, why: Optional[str] = None) -> List[Text]:
    query = "SELECT hash, path, why, ts, size FROM texts WHERE ?1 IS NULL OR why = ?1 ORDER BY ts, hash"
    return list(records(Text, db.execute(query, (why,))))


def content(db: sqlite3.Connection, content_hash: str) -> Optional[bytes]:
    """Return a text; None for one that is not kept, or in whose place SQL has put something else."""
    row = raw(db, "SELECT content FROM texts WHERE hash = ?", (content_hash,)).fetchone()
    try:
        return zlib.decompress(row[0]) if row else None
    except (zlib.error, TypeError):
        return None
