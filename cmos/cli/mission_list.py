"""``cmosctl mission list|show``: missions as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional, Sequence, Tuple

import click

from cmos.cli import output
from cmos.cli.mission import mission_lines
from cmos.cli.options import json_option, open_here

if TYPE_CHECKING:
    from cmos.core.models import Dependency, Issue, Mission, Session
    from cmos.history.record import MissionCommit
    from cmos.overview.overview import Details

#: Sessions and commits that ``show`` prints; --json has all.
_SHOWN_SESSIONS = 10
_SHOWN_COMMITS = 10


@click.command("list")
@click.option("--sprint", metavar="SPRINT", help="Only of this sprint; 2, 'Sprint 2' and sprint-02 are one.")
@click.option("--status", "statuses", metavar="STATUS", multiple=True, help="Only with this status; can be repeated.")
@json_option
def list_missions(sprint: Optional[str], statuses: Tuple[str, ...], as_json: bool) -> None:
    """Show missions in the backlog's order."""
    from cmos.overview.overview import list_missions

    with open_here() as ws:
        found = list_missions(ws, sprint=sprint, statuses=statuses)
    if as_json:
        output.print_json(found)
    elif found:
        _print_table(found)
    else:
        output.say("no missions%s" % (" like that" if sprint or statuses else " yet: cmosctl mission add ID NAME"))


@click.command()
@click.argument("mission_id", metavar="ID")
@json_option
def show(mission_id: str, as_json: bool) -> None:
    """Show all that is known of a mission: fields, file, log, commits, links, open issues."""
    from cmos.overview import overview

    with open_here() as ws:
        details = overview.show(ws, mission_id)
    if as_json:
        rest = {name: getattr(details, name) for name in details._fields if name != "mission"}
        output.print_json(dict(output.plain(details.mission), **rest))
        return
    for line in _details_lines(details):
        output.show(line)


def _print_table(found: Sequence[Mission]) -> None:
    heads = ("ID", "STATUS", "SPRINT", "NAME")
    rows = [(m.id, m.status, m.sprint_id or "-", output.one_line(m.name)) for m in found]
    output.show("\n".join(output.columns(rows, heads=heads, colour_of=1)))


def _details_lines(details: Details) -> List[str]:
    mission = details.mission
    lines = mission_lines(mission, details.path or "none")
    lines += output.fields([(name, output.clean(value or "")) for name, value in _rest(mission)])
    lines += _part("links", [_link(mission, link) for link in details.dependencies])
    lines += _part("open issues", [line for issue in details.issues for line in _issue(issue)])
    lines += _part("decisions", [_dated(one.ts, one.title) for one in details.decisions])
    lines += _part("facts", [_dated(one.ts, one.content) for one in details.facts])
    lines += _part("commits", _commit_lines(details.commits))
    lines += _part("sessions", _session_lines(details.sessions))
    if details.text is not None:
        lines += ["", output.strong(details.path or "file"), output.clean(details.text, lines=True).rstrip("\n")]
    return lines


def _rest(mission: Mission) -> List[Tuple[str, Optional[str]]]:
    return [
        ("created", mission.created_at),
        ("completed", mission.completed_at),
        ("lacks", ", ".join(mission.missing or ())),
    ]


def _part(title: str, lines: List[str]) -> List[str]:
    return ["", output.strong(title), *("  " + line for line in lines)] if lines else []


def _link(mission: Mission, link: Dependency) -> str:
    return output.one_line("%s %s %s" % (link.from_id, link.type or "->", link.to_id))


def _dated(ts: Optional[str], text: str) -> str:
    return output.one_line("%s %s" % (ts or "", text))


def _issue(issue: Issue) -> List[str]:
    place = "%s:%d" % (issue.path, issue.line) if issue.line else issue.path
    lines = [output.one_line("%s: %s%s" % (issue.kind, place + ": " if place else "", issue.why))]
    for holder, value in (("file", issue.file_value), ("database", issue.database_value)):
        if value is not None:
            lines.append("  the %s says: %s" % (holder, output.fit(output.one_line(value), 200)))
    return lines


def _commit_lines(commits: List[MissionCommit]) -> List[str]:
    shown = commits[-_SHOWN_COMMITS:]
    lines = []
    for one in shown:
        apart = "  (not on this branch)" if one.on_branch is False else ""
        told = (one.sha[:10], one.ts, output.fit(output.one_line(one.subject), 72), apart)
        lines.append(output.clean("%s  %s  %s%s" % told))
    earlier = len(commits) - len(shown)
    return (["(%d earlier ones: cmosctl mission show ID --json)" % earlier] if earlier else []) + lines


def _session_lines(sessions: List[Session]) -> List[str]:
    lines = [
        output.one_line("%s  %s  %s  %s" % (one.ts or "-", one.action or "-", one.agent or "-", one.summary or ""))
        for one in sessions[-_SHOWN_SESSIONS:]
    ]
    earlier = len(sessions) - len(lines)
    return (["(%d earlier ones: cmosctl session list --mission ID)" % earlier] if earlier else []) + lines
