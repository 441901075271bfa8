"""``cmosctl kb search|index``: finding what was written down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Tuple

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, Integer, argument, command, option
from cmos.cli.base.options import json_option, open_here
from cmos.core.text import fit, width
from cmos.search.rank import BEGIN, END, KINDS

if TYPE_CHECKING:
    from cmos.search.index import Indexed
    from cmos.search.rank import Hit

#: Files that ``index`` names of those that it passes over for the same reason.
_NAMED = 5


@command(is_loose=True)
@argument("query", nargs=-1, required=True)
@option("--limit", type=Integer(1, 500), default=10, show_default=True, help="At most so many places.")
@option("--kind", "kinds", multiple=True, type=Choice(KINDS), help="Only of this kind; can be repeated.")
@option("--path", metavar="PATH", help="Only in this file, folder or pattern, such as '*.md'.")
@json_option
def search(query: Tuple[str, ...], limit: int, kinds: Tuple[str, ...], path: Optional[str], as_json: bool) -> None:
    """Search documents, missions, decisions, facts and session summaries.

    Any text is a query. Words are found in all their forms, identifiers by their parts, and a word that is
    nowhere by what it looks like. "Words in quotes" must stand together.
    """
    from cmos.search import search

    with open_here() as project:
        found = search.search(project, " ".join(query), limit=limit, kinds=kinds, path=path)
    if as_json:
        output.print_json([_plain(hit) for hit in found])
    if not found:
        output.nothing("nothing found")
    if not as_json:
        for hit in found:
            _print(hit)


@command()
@option("--again", is_flag=True, help="Index everything anew, not only what changed.")
@json_option
def index(again: bool, as_json: bool) -> None:
    """Bring the search index up to date, and say what is not searched. Each search does the first by itself."""
    from cmos.cli.base.output import progress_bar
    from cmos.search import index

    with open_here() as project, progress_bar("Indexing") as progress:
        done = index.update(project, again=again, progress=progress)
    if as_json:
        output.print_json(done)
        return
    for line in _index_lines(done):
        output.show(line)


def _plain(hit: Hit) -> object:
    told = dict(output.plain(hit))
    told["snippet"] = hit.snippet.replace(BEGIN, "**").replace(END, "**")
    return told


def _print(hit: Hit) -> None:
    """Print a place in two lines: where it is, and what it says."""
    place = hit.path if hit.line is None else "%s:%d" % (hit.path, hit.line)
    about = "about %s" % hit.mission_id if hit.mission_id else ""
    parts = [output.clean(one) for one in (hit.section or about, "%.2f" % hit.score)]
    left = max(output.screen() - width(place) - len(parts[1]) - 5, 20)
    output.show("  ".join((output.strong(place), fit(output.one_line(parts[0]), left), output.faint(parts[1]))))
    output.show("    " + _highlighted(_fitting(hit.snippet, output.screen() - 6)))


def _fitting(snippet: str, cells: int) -> str:
    """Return a snippet cut to so many columns; the marks take none."""
    shown, room = "", cells
    for piece in re.split("([%s%s])" % (BEGIN, END), snippet):
        if piece in (BEGIN, END):
            shown += piece
        elif room > 0:
            cut = fit(piece, room)
            shown, room = shown + cut, room - width(cut) if cut == piece else 0
    return shown


def _highlighted(snippet: str) -> str:
    parts: List[str] = []
    for piece in snippet.split(BEGIN):
        found, end, rest = piece.rpartition(END)
        parts.append((_found(found) if end else "") + output.clean(rest))
    return "".join(parts)


def _found(text: str) -> str:
    return output.painted(output.clean(text), "yellow", "bold")


def _index_lines(done: Indexed) -> Iterator[str]:
    yield "%d documents and what is in the log, in %d sections" % (done.documents, done.sections)
    yield "read %d, changed %d, removed %d, new in the log %d" % (done.read, done.changed, done.removed, done.records)
    reasons: Dict[str, List[str]] = {}
    for one in done.passed_over:
        reasons.setdefault(one.why, []).append(one.path)
    for why, paths in reasons.items():
        more = " and %d more" % (len(paths) - _NAMED) if len(paths) > _NAMED else ""
        yield "passed over, %s: %s%s" % (output.clean(why), ", ".join(map(output.clean, paths[:_NAMED])), more)
