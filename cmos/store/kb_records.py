"""Decisions, facts and sessions in the search index.

They are append-only: the number of the newest one that is indexed says what is still to come. It
is kept as the size of the source that stands for the table.
"""

from __future__ import annotations

import sqlite3
from typing import Counter

from cmos.core.chunks import plain_text
from cmos.core.identifiers import identifier_parts
from cmos.store import kb
from cmos.store.kb import Piece, Source
from cmos.store.kb_looks import NONE, indexed

#: Kind of record to its table, its heading and its text.
_TABLES = {
    "decision": ("decisions", "title", "rationale"),
    "fact": ("facts", "kind", "content"),
    "session": ("sessions", "NULL", "summary"),
}


def take_in(db: sqlite3.Connection, kind: str, counts: Counter[str], *, most: int, now: str) -> int:
    """Index the records that are not, at most so many; return how many."""
    table, heading, text = _TABLES[kind]
    rows = db.execute(
        "SELECT id, mission_id, ifnull(%s, ''), ifnull(%s, '') FROM %s WHERE id > ? ORDER BY id LIMIT ?"
        % (heading, text, table),
        (indexed(db)[kind], most),
    ).fetchall()
    if not rows:
        return 0
    number = kb.put_source(db, NONE, kind, Source(0, kind, "", int(rows[-1][0]), 0, 0, 0, 0, None), now=now)
    return kb.add_pieces(db, number, [_piece(*row) for row in rows if any(row[2:])], counts)


def forget(db: sqlite3.Connection, kind: str, counts: Counter[str]) -> None:
    """Take all records of a kind out of the index."""
    for source in kb.sources(db, NONE).values():
        if source.file == kind:
            kb.drop_source(db, source.id, counts)


def _piece(number: int, mission_id: str, heading: object, text: object) -> Piece:
    heading, whole = plain_text(str(heading)), plain_text("\n".join(str(one) for one in (heading, text) if one))
    return Piece(heading, mission_id or "", identifier_parts(whole), whole, None, number, mission_id)
