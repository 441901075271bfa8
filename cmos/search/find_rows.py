"""What the search index holds for a query."""

from __future__ import annotations

import sqlite3
from typing import Dict, List, Optional, Sequence, Set, Tuple

from cmos.core.record import NamedTuple
from cmos.db.sql import fetch, records
from cmos.search import query
from cmos.search.rank import BEGIN, END, Match

#: How much a word counts in the text, in its heading, above it, and as a part of an identifier.
_WEIGHTS = "bm25(1.0, 6.0, 3.0, 2.0)"


class Wanted(NamedTuple):
    """Where to search."""

    worktree: str
    #: Kinds of documents and records; none for all.
    kinds: Sequence[str] = ()
    #: A file, a folder (no slash at its end) or a pattern of paths; None for all.
    path: Optional[str] = None


def matches(db: sqlite3.Connection, expression: str, wanted: Wanted, *, limit: int, many: bool) -> List[Match]:
    """Return the best rows for an FTS5 expression, the best first.

    ``many`` says that weighing all rows would take too long: then it is those that hold the expression in their
    heading, and the newest.
    """
    if not many:
        return _matches(db, expression, wanted, order="f.rank", limit=limit)
    first = _matches(db, "heading : (%s)" % expression, wanted, order="f.rank", limit=limit)
    return first + _matches(db, expression, wanted, order="f.rowid DESC", limit=limit)


def _matches(db: sqlite3.Connection, expression: str, wanted: Wanted, *, order: str, limit: int) -> List[Match]:
    where, values = _where(db, wanted)
    rows = db.execute(
        "SELECT c.id, -f.rank, s.kind, ifnull(s.file, s.path), c.line, c.record_id, c.mission_id, c.above, c.heading, "
        "c.parts, c.text FROM kb_chunks_fts f JOIN kb_chunks c ON c.id = f.rowid LEFT JOIN kb_sources s "
        "ON s.id = c.source_id WHERE kb_chunks_fts MATCH ? AND f.rank MATCH ? %s ORDER BY %s LIMIT ?" % (where, order),
        (expression, _WEIGHTS, *values, limit),
    )
    return list(records(Match, rows))


def marked(db: sqlite3.Connection, expression: str, rows: Sequence[int]) -> Dict[int, str]:
    """Return the texts of some rows, what the expression finds in each between BEGIN and END."""
    found = db.execute(
        "SELECT rowid, highlight(kb_chunks_fts, 0, ?, ?) FROM kb_chunks_fts WHERE kb_chunks_fts MATCH ? "
        "AND rowid IN (%s)" % ",".join("?" * len(rows)),
        (BEGIN, END, expression, *rows),
    )
    return {row[0]: row[1] or "" for row in found}


def count(db: sqlite3.Connection, expression: str) -> int:
    """Return how many rows an expression finds, wherever they are."""
    row = db.execute("SELECT count(*) FROM kb_chunks_fts WHERE kb_chunks_fts MATCH ?", (expression,)).fetchone()
    return int(row[0])


def vocabulary(db: sqlite3.Connection) -> Set[str]:
    """Return the words that the index holds, as they are written.

    The full-text index has only their stems. Reading 26 MB of text takes 0.3 s; only a search for a word that is
    nowhere does it.
    """
    lines: Set[str] = set()
    tokens: Set[str] = set()
    # the name of a file is indexed too
    sql = "SELECT text FROM kb_chunks WHERE typeof(text) = 'text' UNION ALL SELECT ifnull(file, '') FROM kb_sources"
    for (text,) in fetch(db, sql):
        new = set(text.split("\n")) - lines
        lines |= new
        tokens.update(" ".join(new).split())
    return query.vocabulary(tokens)


def _where(db: sqlite3.Connection, wanted: Wanted) -> Tuple[str, List[str]]:
    tests, values = [], []
    others = "SELECT 1 FROM worktrees WHERE search_signature IS NOT NULL AND worktree <> ? LIMIT 1"
    if db.execute(others, (wanted.worktree,)).fetchone():
        tests.append("s.worktree IN (?, '')")
        values.append(wanted.worktree)
    if wanted.kinds:
        tests.append("s.kind IN (%s)" % ",".join("?" * len(wanted.kinds)))
        values += wanted.kinds
    if wanted.path:
        path = wanted.path
        tests.append("(s.file = ? OR substr(s.file, 1, ?) = ? OR s.file GLOB ?)")
        values += [path, str(len(path) + 1), path + "/", path]
    return "".join(" AND " + test for test in tests), values
