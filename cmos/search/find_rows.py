"""Asking the search index, and what a word that is nowhere was meant to be."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from cmos.db.sql import records
from cmos.search.chunks import BEGIN, END, Match
from cmos.search.query import LONGEST, SHORTEST, Term, distance, one_edit_away

if TYPE_CHECKING:
    from cmos.db.connection import Connection


#: How much a word counts in the text, in its heading, above it, and as a part of an identifier.
_WEIGHTS = "bm25(1.0, 6.0, 3.0, 2.0)"


class Wanted(NamedTuple):
    """Where to search."""

    worktree: str
    #: Kinds of documents and records; none for all.
    kinds: Sequence[str] = ()
    #: A file, a folder (no slash at its end) or a pattern of paths; None for all.
    path: Optional[str] = None


def matches(db: sqlite3.Connection, expression: str, wanted: Wanted, *, limit: int) -> List[Match]:
    """Return the best rows for an FTS5 expression, the best first."""
    return _matches(db, expression, wanted, order="f.rank", limit=limit)


def some_matches(db: sqlite3.Connection, expression: str, wanted: Wanted, *, limit: int) -> List[Match]:
    """Return rows for an expression that is in so many that weighing all of them would take too long.

    They are the best ones that hold it in their heading, then the newest.
    """
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


def known(db: sqlite3.Connection, words: Iterable[str]) -> List[str]:
    """Return those of some words that are in the vocabulary, the most frequent first."""
    found: List[Tuple[int, str]] = []
    some = list(words)
    for start in range(0, len(some), 500):
        part = some[start : start + 500]
        sql = "SELECT chunks, word FROM kb_words WHERE word IN (%s)" % ",".join("?" * len(part))
        found += db.execute(sql, part).fetchall()
    return [word for _, word in sorted(found, reverse=True)]


def beginning_with(db: sqlite3.Connection, start: str, *, limit: int) -> List[str]:
    """Return words of the vocabulary that go on from a beginning, the most frequent first."""
    rows = db.execute(
        "SELECT word FROM kb_words WHERE word >= ? AND word < ? ORDER BY chunks DESC LIMIT ?",
        (start, start + "\U0010ffff", limit),
    )
    return [row[0] for row in rows]


def holding(db: sqlite3.Connection, pieces: Sequence[str], *, shortest: int, longest: int) -> List[str]:
    """Return words of the vocabulary of some length that hold one of some pieces, the most frequent first."""
    test = " OR ".join("instr(word, ?)" for _ in pieces)
    rows = db.execute(
        "SELECT word FROM kb_words WHERE length(word) BETWEEN ? AND ? AND (%s) ORDER BY chunks DESC" % test,
        (shortest, longest, *pieces),
    )
    return [row[0] for row in rows]


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


#: Guesses for one word.
_GUESSES = 4
#: Letters of a word from which on two errors are looked for.
_LONG = 7


def corrected(db: Connection, term: Term) -> Optional[Term]:
    """Return what was probably meant by a term that nothing holds; None when there is no guess."""
    guesses = [tuple(_meant(db, word[0])) for word in term.spellings]
    if term.together:
        first = tuple(words[:1] or word for words, word in zip(guesses, term.spellings))
        return None if first == term.spellings else Term(first, together=True)
    known = tuple(words for words in guesses if words)
    return Term(known) if known else None


def _meant(db: Connection, word: str) -> List[str]:
    """Return words of the vocabulary that a word may stand for, the likeliest first.

    That is the word itself if it is one, else words that go on from it, else words that are one
    typing error away, else two.
    """
    if not SHORTEST <= len(word) <= LONGEST or known(db, [word]):
        return [word]
    return (
        beginning_with(db, word, limit=_GUESSES)
        or known(db, set(one_edit_away(word)))[:_GUESSES]
        or (_two_edits_away(db, word) if len(word) >= _LONG else [])
    )


def _two_edits_away(db: Connection, word: str) -> List[str]:
    # two errors leave at least one third of the word as it was
    third = len(word) // 3
    pieces = (word[:third], word[third : 2 * third], word[2 * third :])
    near = holding(db, pieces, shortest=len(word) - 2, longest=len(word) + 2)
    return [one for one in near if distance(word, one, limit=2) <= 2][:_GUESSES]
