"""What a watcher prints of a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator, Tuple

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def of_pass(ws: Workspace, seconds: float) -> Tuple[str, ...]:
    """Return what a pass did, on one line, and what it has to say to people; nothing of one that found nothing."""
    told = ", ".join(_counts(ws))
    first = ("%s  (%d ms)" % (told, round(seconds * 1000)),) if told else ()
    # what is in the way is told as trouble, once
    told_once = [ws.report.brake, *(problem.message for problem in ws.problems)]
    return (*first, *(line for line in ws.notices if not line.endswith(tuple(filter(None, told_once)))))


def _counts(ws: Workspace) -> Iterator[str]:
    report = ws.report
    commits = ws.report.logged.new if ws.report.logged else 0
    for what, number in (
        ("new", len(report.registered)),
        ("taken from files", len(report.indexed)),
        ("typed and put back", len(report.put_back)),
        ("written into files", len(report.written)),
        ("in conflict", len(report.conflicts)),
        ("moved", len(report.renamed)),
        ("gone", len(report.missing)),
        ("not valid", len(report.quarantined)),
        ("commits logged", commits),
    ):
        if number:
            yield "%d %s" % (number, what)
