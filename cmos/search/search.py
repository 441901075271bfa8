"""Searching all that was written down: documents, missions, decisions, facts, sessions."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Sequence

from cmos.core.errors import DatabaseProblem
from cmos.search import documents, find_rows, index
from cmos.search import query as queries
from cmos.search.find_rows import Wanted
from cmos.search.query import Term
from cmos.search.rank import ARROW, BEGIN, Hit, Match, mark, rank, snippet

if TYPE_CHECKING:
    from cmos.project.project import Project

#: Places that one search returns.
MOST = 500
#: Rows of the index that are looked at more closely for each one that is wanted.
_CLOSER = 3
_CLOSEST = 30
#: Places that hold all that is asked for; if there are fewer, those that hold some of it are looked for too.
_FEW = 10
#: What ``recall`` looks for.
_RECORDS = ("decision", "fact")
#: Characters of a snippet.
_SNIPPET = 200
#: Rows; what is in more of them is not weighed row by row, and left out when only some words are looked for.
_MANY = 1_500
#: Words that are looked for when not all of them are anywhere.
_MOST_OF_SOME = 12


def search(
    project: Project, query: str, *, limit: int = 10, kinds: Sequence[str] = (), path: Optional[str] = None
) -> List[Hit]:
    """Return the places that fit a query best, the best first; any text is a query.

    What changed on disk since the last search is taken in first. ``kinds`` are of core.hit.KINDS,
    ``path`` is a file, a folder or a pattern, absolute or relative to the project.
    """
    refresh(project)
    asked = queries.terms(query)
    if not asked or limit < 1:
        return []
    place = _place(path, project.layout.root) if path else "."
    wanted = Wanted(project.layout.worktree, tuple(kinds), None if place == "." else place)
    return _Search(project, asked, wanted).hits(min(limit, MOST))


def _place(path: str, root: str) -> str:
    """Return a path or a pattern as the index spells it: ``./cmos/docs/`` is ``cmos/docs``."""
    # a path from the command line may hold what is no text
    text = path.encode("utf-8", "replace").decode("utf-8")
    return os.path.normpath(os.path.relpath(text, root) if os.path.isabs(text) else text)


def recall(project: Project, text: str, *, limit: int, kinds: Sequence[str]) -> List[Hit]:
    """Return the places of some kinds that fit a text best; decisions and facts as they are, documents as indexed.

    No document is looked at: it takes the same time however many there are.
    """
    with _or_as_indexed(project):
        index.update_records(project, _RECORDS)
    asked = queries.terms(text)
    return _Search(project, asked, Wanted(project.layout.worktree, tuple(kinds))).hits(limit) if asked else []


def refresh(project: Project) -> None:
    """Index what changed on disk and in the log."""
    listing = documents.listing(project.layout.root)
    if not index.is_current(project, listing):
        with _or_as_indexed(project):
            index.update(project, listing)


@contextmanager
def _or_as_indexed(project: Project) -> Iterator[None]:
    """Go on with what is indexed when nothing can be written."""
    try:
        yield
    except DatabaseProblem as problem:
        project.notices.append("search results may be out of date: %s" % problem.message)


class _Search:
    """One search: from all that is asked for to what was meant by it."""

    def __init__(self, project: Project, asked: List[Term], wanted: Wanted) -> None:
        self.db = project.db
        self.asked = asked
        self.wanted = wanted
        self._counts: Dict[str, int] = {}

    def hits(self, limit: int) -> List[Hit]:
        """Return the best places, the best first."""
        found = self._find(max(limit * _CLOSER, _CLOSEST))
        best = rank(found, [term.spellings for term in self.asked])[:limit]
        expression = queries.any_of(term.match for term in self.asked)
        marked = find_rows.marked(self.db, expression, [match.id for match in best]) if best else {}
        return [_hit(match, marked.get(match.id, match.text), self.asked) for match in best]

    def _find(self, most: int) -> List[Match]:
        """Return rows that hold all that is asked for; if they are few, also those that hold some of it."""
        found = self._matches(queries.all_of(term.match for term in self.asked), most)
        if len(found) >= _FEW:
            return found
        counts = [self._count(term.match) for term in self.asked]
        if 0 in counts:
            self._correct(counts)
            found += self._matches(queries.all_of(term.match for term in self.asked), most)
        if len(found) < _FEW:
            found += self._matches(queries.any_of(self._telling()), most)
        return list({match.id: match for match in reversed(found)}.values())

    def _matches(self, expression: str, most: int) -> List[Match]:
        if not expression:
            return []
        many = self._count(expression) > _MANY
        return find_rows.matches(self.db, expression, self.wanted, limit=most, many=many)

    def _count(self, expression: str) -> int:
        if expression not in self._counts:
            self._counts[expression] = find_rows.count(self.db, expression)
        return self._counts[expression]

    def _correct(self, counts: List[int]) -> None:
        """Put what was probably meant in place of terms that are nowhere; leave out those without a guess."""
        known = find_rows.vocabulary(self.db)
        guesses = [term if number else queries.corrected(term, known) for term, number in zip(self.asked, counts)]
        self.asked = [term for term in guesses if term is not None]

    def _telling(self) -> List[str]:
        """Return the expressions without those that are in so many rows that they tell nothing."""
        counted = sorted((self._count(term.match), number) for number, term in enumerate(self.asked))
        kept = [number for place, (rows, number) in enumerate(counted) if place < 2 or rows < _MANY]
        return [self.asked[number].match for number in kept[:_MOST_OF_SOME]]


def _hit(match: Match, marked: str, asked: List[Term]) -> Hit:
    if BEGIN not in marked:
        marked = mark(marked, [one for term in asked for word in term.spellings for one in word if len(one) > 2])
    shown, line = snippet(marked, size=_SNIPPET)
    is_record = match.record_id is not None
    return Hit(
        match.kind or "doc",
        "%s %s" % (match.file, match.record_id) if is_record else match.file,
        None if match.line is None else match.line + line,
        match.heading if is_record or not match.above else match.above + ARROW + match.heading,
        match.heading if is_record else match.above.split(ARROW)[0] or match.heading,
        shown,
        round(match.score, 3),
        match.record_id,
        match.mission_id,
    )
