"""Decisions, facts and sessions in the search index.

They are append-only: the number of the newest one that is indexed says what is still to come. It
is kept as the size of the source that stands for the table.
"""

from __future__ import annotations

import sqlite3
from typing import Counter, Tuple

from cmos.core.identifiers import identifier_parts
from cmos.store import kb
from cmos.store.kb import Piece, Source
from cmos.store.kb_looks import NONE

#: Kind of record to its table, its heading and its text.
_TABLES = {
    "decision": ("decisions", "title", "rationale"),
    "fact": ("facts", "kind", "content"),
    "session": ("sessions", "NULL", "summary"),
}


def take_in(
    db: sqlite3.Connection, kind: str, last: int, counts: Counter[str], *, most: int, now: str
) -> Tuple[int, int]:
    """Index records that come after a number; return how many, and the number of the last one."""
    table, heading, text = _TABLES[kind]
    rows = db.execute(
        "SELECT id, mission_id, ifnull(%s, ''), ifnull(%s, '') FROM %s WHERE id > ? ORDER BY id LIMIT ?"
        % (heading, text, table),
        (last, most),
    ).fetchall()
    last = int(rows[-1][0])
    source = kb.put_source(db, NONE, kind, Source(0, kind, "", last, 0, 0, 0, 0, None), now=now)
    return kb.add_pieces(db, source, [_piece(*row) for row in rows if any(row[2:])], counts), last


def forget(db: sqlite3.Connection, kind: str, counts: Counter[str]) -> None:
    """Take all records of a kind out of the index."""
    for source in kb.sources(db, NONE).values():
        if source.file == kind:
            kb.drop_source(db, source.id, counts)


def _piece(number: int, mission_id: str, heading: object, text: object) -> Piece:
    whole = "%s\n%s" % (heading, text) if heading and text else str(heading or text)
    return Piece(str(heading), mission_id or "", identifier_parts(whole), whole, None, number, mission_id)
