"""``cmosctl kb search|index``: finding what was written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional, Tuple

import click

from cmos.cli import output
from cmos.cli.options import json_option, open_here
from cmos.core.hit import BEGIN, END, KINDS

if TYPE_CHECKING:
    from cmos.core.hit import Hit
    from cmos.services.indexing import Indexed


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="At most so many places.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only of this kind; can be repeated.")
@click.option("--path", metavar="PATH", help="Only in this file, folder or pattern, such as '*.md'.")
@json_option
def search(query: Tuple[str, ...], limit: int, kinds: Tuple[str, ...], path: Optional[str], as_json: bool) -> None:
    """Search documents, missions, decisions, facts and session summaries.

    Any text is a query. Words are found in all their forms, identifiers by their parts, and a word that is
    nowhere by what it looks like. "Words in quotes" must stand together.
    """
    from cmos.services import searching

    with open_here() as ws:
        found = searching.search(ws, " ".join(query), limit=limit, kinds=kinds, path=path)
    if as_json:
        output.print_json([_plain(hit) for hit in found])
    if not found:
        output.nothing("nothing found")
    if not as_json:
        for hit in found:
            _print(hit)


@click.command()
@click.option("--again", is_flag=True, help="Index everything anew, not only what changed.")
@json_option
def index(again: bool, as_json: bool) -> None:
    """Bring the search index up to date, and say what is not searched. Each search does the first by itself."""
    from cmos.cli.progress import progress_bar
    from cmos.services import indexing

    with open_here() as ws, progress_bar("Indexing") as progress:
        ws.progress = progress
        done = indexing.update(ws, again=again)
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
    place = hit.path if hit.line is None else "%s:%d" % (hit.path, hit.line)
    about = " (%s)" % hit.mission_id if hit.mission_id else ""
    output.show("%s%s  %s  %s" % (output.strong(place), output.clean(about), output.one_line(hit.section), hit.score))
    output.show("    " + _highlighted(hit.snippet))


def _highlighted(snippet: str) -> str:
    parts: List[str] = []
    for piece in snippet.split(BEGIN):
        found, end, rest = piece.rpartition(END)
        parts.append((output.strong(found) if end else "") + output.clean(rest))
    return "".join(parts)


def _index_lines(done: Indexed) -> List[str]:
    lines = ["%d files read, %d of them changed, %d removed" % (done.read, done.changed, done.removed)]
    return lines + ["passed over %s: %s" % one for one in done.passed_over]
