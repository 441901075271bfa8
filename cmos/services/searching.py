"""Searching all that was written down: documents, missions, decisions, facts, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, Optional, Sequence

from cmos.core import query as queries
from cmos.core.errors import DatabaseProblem
from cmos.core.hit import BEGIN, Hit, Match
from cmos.core.query import Term
from cmos.core.rank import bare, rank
from cmos.core.section import ARROW
from cmos.core.snippet import mark, snippet
from cmos.files import documents
from cmos.store import kb_search
from cmos.store.kb_search import Wanted

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace

#: Rows of the index that are looked at more closely for each one that is wanted.
_CLOSER = 4
#: Characters of a snippet.
_SNIPPET = 200
#: Rows; a word that is in more of them is left out when only some words are looked for.
_MANY = 1_000
#: Words that are looked for when not all of them are anywhere.
_MOST_OF_SOME = 12


def search(
    ws: Workspace, query: str, *, limit: int = 10, kinds: Sequence[str] = (), path: Optional[str] = None
) -> List[Hit]:
    """Return the places that fit a query best, the best first; any text is a query.

    What changed on disk since the last search is taken in first. ``kinds`` are of core.hit.KINDS,
    ``path`` is a file, a folder or a pattern, relative to the project.
    """
    refresh(ws)
    asked = queries.terms(query)
    if not asked or limit < 1:
        return []
    wanted = Wanted(ws.layout.worktree, tuple(kinds), path)
    found = _find(ws, asked, wanted, most=max(limit * _CLOSER, 40))
    return [_hit(match, asked) for match in rank(found, asked)[:limit]]


def refresh(ws: Workspace) -> None:
    """Take in what changed; when that cannot be written, the search goes on with what is indexed."""
    from cmos.services.looking import is_current

    found = documents.listing(ws.layout.root)
    if is_current(ws, found):
        return
    from cmos.services import indexing

    try:
        indexing.update(ws, found)
    except DatabaseProblem as problem:
        ws.notices.append("some of what is searched may be out of date: %s" % problem.message)


def _find(ws: Workspace, asked: List[Term], wanted: Wanted, *, most: int) -> List[Match]:
    """Return rows that hold all that is asked for; if they are few, also those that hold some of it."""
    expressions = [term.match for term in asked]
    found = kb_search.matches(ws.db, queries.all_of(expressions), wanted, limit=most)
    if len(found) >= most // _CLOSER:
        return found
    counts = {expression: kb_search.count(ws.db, expression) for expression in expressions}
    for number, term in enumerate(asked):
        if not counts[term.match]:
            other = _corrected(ws, term)
            expressions[number] = other
            counts[other] = kb_search.count(ws.db, other) if other else 0
    some = _telling([expression for expression in expressions if counts[expression]], counts)
    if some:
        known = {match.id for match in found}
        more = kb_search.matches(ws.db, queries.any_of(some), wanted, limit=most)
        found += [match for match in more if match.id not in known]
    return found


def _telling(expressions: List[str], counts: Dict[str, int]) -> List[str]:
    """Return the expressions without those that are in so many rows that they tell nothing."""
    rarest = sorted(expressions, key=lambda expression: counts[expression])
    return [one for number, one in enumerate(rarest) if number < 2 or counts[one] < _MANY][:_MOST_OF_SOME]


def _corrected(ws: Workspace, term: Term) -> str:
    """Return an expression for what was meant by a term that nothing holds; empty when there is no guess."""
    from cmos.services.correcting import meant

    guesses = [meant(ws.db, word) for word in term.words]
    return queries.all_of(queries.either(words) for words in guesses if words)


def _hit(match: Match, asked: List[Term]) -> Hit:
    marked = match.text
    if BEGIN not in marked:
        marked = mark(marked, [word for term in asked for word in term.words if len(word) > 2])
    shown = snippet(marked, size=_SNIPPET)
    above, heading = bare(match.above), bare(match.heading)
    where = match.file if match.record_id is None else "%s %d" % (match.file, match.record_id)
    return Hit(
        match.kind or "doc",
        where,
        None if match.line is None else match.line + shown.line,
        ARROW.join(filter(None, (above, heading))) if match.record_id is None else heading,
        above.split(ARROW)[0] or heading,
        shown.text,
        round(match.score, 3),
        match.record_id,
        match.mission_id,
    )
