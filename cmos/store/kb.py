"""The index of documents and records: what is in it, and keeping it up to date."""

from __future__ import annotations

import sqlite3
from typing import Counter, Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.core.identifiers import vocabulary
from cmos.db.sql import record, records
from cmos.store.kb_looks import NONE

_SOURCE = "id, file, hash, size, mtime_ns, ctime_ns, inode, checked_ns, problem"


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
    db.execute(
        "INSERT INTO kb_sources (path, last_indexed_ts, worktree, kind, file, hash, size, mtime_ns, ctime_ns, inode, "
        "checked_ns, problem) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (path) DO UPDATE SET "
        "last_indexed_ts=excluded.last_indexed_ts, worktree=excluded.worktree, kind=excluded.kind, "
        "file=excluded.file, hash=excluded.hash, size=excluded.size, mtime_ns=excluded.mtime_ns, "
        "ctime_ns=excluded.ctime_ns, inode=excluded.inode, checked_ns=excluded.checked_ns, problem=excluded.problem",
        (path, now, worktree, kind, *source[1:]),
    )
    return int(db.execute("SELECT id FROM kb_sources WHERE path = ?", (path,)).fetchone()[0])


def touch_source(db: sqlite3.Connection, source: Source) -> None:
    """Store that a file was looked at and has the content that it had."""
    db.execute(
        "UPDATE kb_sources SET size=?, mtime_ns=?, ctime_ns=?, inode=?, checked_ns=? WHERE id=?",
        (source.size, source.mtime_ns, source.ctime_ns, source.inode, source.checked_ns, source.id),
    )


def drop_source(db: sqlite3.Connection, source_id: int, counts: Counter[str]) -> None:
    drop_pieces(db, source_id, counts)
    db.execute("DELETE FROM kb_sources WHERE id = ?", (source_id,))


def add_pieces(db: sqlite3.Connection, source_id: int, pieces: Iterable[Piece], counts: Counter[str]) -> int:
    """Add rows to the index and count their words; return how many rows."""
    some = list(pieces)
    db.executemany(
        "INSERT INTO kb_chunks (source_id, heading, above, parts, text, line, record_id, mission_id) "
        "VALUES (?,?,?,?,?,?,?,?)",
        ((source_id, *piece) for piece in some),
    )
    for piece in some:
        counts.update(_words(*piece[:4]))
    return len(some)


def drop_pieces(db: sqlite3.Connection, source_id: int, counts: Counter[str]) -> None:
    """Take a source's rows out of the index, and their words out of the counts."""
    for row in db.execute("SELECT heading, above, parts, text FROM kb_chunks WHERE source_id = ?", (source_id,)):
        counts.subtract(_words(*row))
    db.execute("DELETE FROM kb_chunks WHERE source_id = ?", (source_id,))


def put_counts(db: sqlite3.Connection, counts: Counter[str]) -> None:
    """Add to the vocabulary in how many more rows each word is; a word that is in none goes."""
    changed = [(word, number) for word, number in counts.items() if number]
    db.executemany(
        "INSERT INTO kb_words (word, chunks) VALUES (?,?) ON CONFLICT (word) DO UPDATE SET chunks = chunks + "
        "excluded.chunks",
        changed,
    )
    db.executemany("DELETE FROM kb_words WHERE word = ? AND chunks <= 0", ((word,) for word, n in changed if n < 0))


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


def _words(*texts: str) -> List[str]:
    return list(vocabulary(" ".join(map(str, texts))))
