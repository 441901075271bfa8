"""The search index in the database: documents and records, kept up to date."""

from __future__ import annotations

import sqlite3
from typing import Dict, Iterable, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.db.sql import raw, record, records, texts, whole
from cmos.project.rows import put_worktree, worktree_value
from cmos.search.query import identifier_parts

_SOURCE = "id, file, hash, size, mtime_ns, ctime_ns, inode, checked_ns, problem"
_STORED = ("path", "last_indexed_ts", "worktree", "kind", *_SOURCE.split(", ")[1:])


class Source(NamedTuple):
    """One indexed file, or one of the tables of records. Times in nanoseconds since 1970."""

    id: int
    #: Its path in the project, or the kind of the records.
    file: str
    hash: str
    #: In bytes; of records the number of the newest one.
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    checked_ns: int
    problem: Optional[str]


class Piece(NamedTuple):
    """One row of the index."""

    heading: str
    #: What stands above the heading.
    above: str
    #: The parts of identifiers, and other words that the place is found by.
    parts: str
    text: str
    line: Optional[int] = None
    record_id: Optional[int] = None
    mission_id: Optional[str] = None


def sources(db: sqlite3.Connection, worktree: str) -> Dict[str, Source]:
    """Return what is indexed of a worktree, by path in the project. Rows that others made are left out."""
    rows = db.execute(
        "SELECT %s FROM kb_sources WHERE worktree = ? AND hash IS NOT NULL" % _SOURCE,
        (worktree,),
    )
    return {source.file: source for source in records(Source, rows)}


def source(db: sqlite3.Connection, worktree: str, path: str) -> Optional[Source]:
    sql = "SELECT %s FROM kb_sources WHERE worktree = ? AND file = ?" % _SOURCE
    row = db.execute(sql, (worktree, path)).fetchone()
    return record(Source, row)


def put_source(db: sqlite3.Connection, worktree: str, kind: str, source: Source, *, now: str) -> int:
    """Store what is known of a file, in place of what was, and return the row's number."""
    path = source.file if worktree in (".", NONE) else "%s:%s" % (worktree, source.file)
    changed = ", ".join("%s=excluded.%s" % (column, column) for column in _STORED[1:])
    db.execute(
        "INSERT INTO kb_sources (%s) VALUES (%s) ON CONFLICT (path) DO UPDATE SET %s"
        % (", ".join(_STORED), ",".join("?" * len(_STORED)), changed),
        (path, now, worktree, kind, *source[1:]),
    )
    return int(db.execute("SELECT id FROM kb_sources WHERE path = ?", (path,)).fetchone()[0])


def touch_source(db: sqlite3.Connection, source: Source) -> None:
    """Store that a file was looked at and has the content that it had."""
    db.execute(
        "UPDATE kb_sources SET size=?, mtime_ns=?, ctime_ns=?, inode=?, checked_ns=? WHERE id=?",
        (source.size, source.mtime_ns, source.ctime_ns, source.inode, source.checked_ns, source.id),
    )


def drop_source(db: sqlite3.Connection, source_id: int) -> None:
    drop_pieces(db, source_id)
    db.execute("DELETE FROM kb_sources WHERE id = ?", (source_id,))


def add_pieces(db: sqlite3.Connection, source_id: int, pieces: Iterable[Piece]) -> None:
    db.executemany(
        "INSERT INTO kb_chunks (source_id, heading, above, parts, text, line, record_id, mission_id) "
        "VALUES (?,?,?,?,?,?,?,?)",
        ((source_id, *piece) for piece in pieces),
    )


def drop_pieces(db: sqlite3.Connection, source_id: int) -> None:
    db.execute("DELETE FROM kb_chunks WHERE source_id = ?", (source_id,))


def tidy(db: sqlite3.Connection) -> None:
    """Merge the pieces that the full-text index was written in."""
    db.execute("INSERT INTO kb_chunks_fts (kb_chunks_fts) VALUES ('optimize')")


def totals(db: sqlite3.Connection, worktree: str) -> Tuple[int, int]:
    """Return how many documents a search in a worktree looks at, and how many rows of the index in all."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM kb_sources WHERE worktree = ?1 AND problem IS NULL), (SELECT count(*) "
        "FROM kb_chunks c JOIN kb_sources s ON s.id = c.source_id WHERE s.worktree IN (?1, ''))",
        (worktree,),
    ).fetchone()
    return int(row[0]), int(row[1])


def problems(db: sqlite3.Connection, worktree: str) -> List[Tuple[str, str]]:
    """Return files that were read and are no documents, each with the reason."""
    return db.execute(
        "SELECT file, problem FROM kb_sources WHERE worktree = ? AND problem IS NOT NULL", (worktree,)
    ).fetchall()


#: The worktree of what lies in no file.
NONE = ""
RECORDS = ("decision", "fact", "session")
#: The signature and the time of a look that was not finished.
_NEVER = (b"?", 0)


def last_look(db: sqlite3.Connection, worktree: str) -> Tuple[bytes, int]:
    """Return the signature of all documents at the last look, and when that was."""
    sql = "SELECT search_signature, search_checked_ns FROM worktrees WHERE worktree = ?"
    row = raw(db, sql, (worktree,)).fetchone()
    return (row[0], whole(row[1]) or 0) if row and isinstance(row[0], bytes) else _NEVER


def begin_look(db: sqlite3.Connection, worktree: str) -> None:
    """Note that a worktree has rows, before its first look is done: searches in others leave them out."""
    if worktree_value(db, worktree, "search_signature") is None:
        put_look(db, worktree, *_NEVER)


def worktrees(db: sqlite3.Connection) -> List[str]:
    return texts(db.execute("SELECT worktree FROM worktrees WHERE search_signature IS NOT NULL"))


def drop_look(db: sqlite3.Connection, worktree: str) -> None:
    put_worktree(db, worktree, search_signature=None)


def put_look(db: sqlite3.Connection, worktree: str, signature: bytes, checked_ns: int) -> None:
    put_worktree(db, worktree, search_signature=signature, search_checked_ns=checked_ns)


def newest(db: sqlite3.Connection) -> Dict[str, int]:
    """Return the number of the newest record of each kind; 0 where there is none."""
    row = db.execute(
        "SELECT ifnull((SELECT max(id) FROM decisions), 0), ifnull((SELECT max(id) FROM facts), 0), "
        "ifnull((SELECT max(id) FROM sessions), 0)"
    ).fetchone()
    return dict(zip(RECORDS, row))


def indexed(db: sqlite3.Connection) -> Dict[str, int]:
    """Return the number of the newest record of each kind that is indexed."""
    found = dict(db.execute("SELECT file, size FROM kb_sources WHERE worktree = ?", (NONE,)))
    return {kind: whole(found.get(kind)) or 0 for kind in RECORDS}


#: Kind of record to its table, its heading and its text.
_TABLES = {
    "decision": ("decisions", "title", "rationale"),
    "fact": ("facts", "kind", "content"),
    "session": ("sessions", "NULL", "summary"),
}


def take_in_records(db: sqlite3.Connection, kind: str, *, most: int, now: str) -> int:
    """Index the records that are not, at most so many; return how many."""
    table, heading, text = _TABLES[kind]
    rows = db.execute(
        "SELECT id, mission_id, ifnull(%s, ''), ifnull(%s, '') FROM %s WHERE id > ? ORDER BY id LIMIT ?"
        % (heading, text, table),
        (indexed(db)[kind], most),
    ).fetchall()
    if not rows:
        return 0
    number = put_source(db, NONE, kind, Source(0, kind, "", int(rows[-1][0]), 0, 0, 0, 0, None), now=now)
    pieces = [_piece(*row) for row in rows if any(row[2:])]
    add_pieces(db, number, pieces)
    return len(pieces)


def forget_records(db: sqlite3.Connection, kind: str) -> None:
    """Take all records of a kind out of the index."""
    of_kind = source(db, NONE, kind)
    if of_kind:
        drop_source(db, of_kind.id)


def _piece(number: int, mission_id: str, heading: object, text: object) -> Piece:
    from cmos.search.chunks import plain_text

    heading, whole = plain_text(str(heading)), plain_text("\n".join(str(one) for one in (heading, text) if one))
    return Piece(heading, mission_id or "", identifier_parts(whole), whole, None, number, mission_id)
