"""What an import could not take, kept in the database as issues of kind ``leftover``."""

from __future__ import annotations

import sqlite3
from typing import Iterable

from cmos.core.models import Leftover


def add(db: sqlite3.Connection, leftover: Leftover, *, now: str) -> bool:
    """Keep a leftover unless it is kept already; say whether it was added.

    The same text of a file of the same name for the same reason is one leftover,
    wherever the file lies and whether or not the issue was closed since.
    """
    if _known(db, leftover):
        return False
    db.execute(
        "INSERT INTO issues (kind, path, line, file_value, why, since) VALUES ('leftover',?,?,?,?,?)",
        (leftover.path, leftover.line, leftover.raw, leftover.why, now),
    )
    return True


def close_mended(db: sqlite3.Connection, path: str, left: Iterable[Leftover], *, now: str) -> None:
    """Close what an earlier import of a file left over and this one did not; its text stays."""
    still = {(one.why, one.raw) for one in left if one.path == path}
    rows = db.execute(
        "SELECT id, why, file_value FROM issues WHERE kind = 'leftover' AND path = ? AND closed_at IS NULL", (path,)
    )
    mended = [(now, row[0]) for row in rows if (row[1], row[2]) not in still]
    db.executemany("UPDATE issues SET closed_at = ? WHERE id = ?", mended)


def _known(db: sqlite3.Connection, leftover: Leftover) -> bool:
    rows = db.execute(
        "SELECT path FROM issues WHERE kind = 'leftover' AND why = ? AND file_value IS ?", (leftover.why, leftover.raw)
    )
    return any(_name(row[0]) == _name(leftover.path) for row in rows)


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
