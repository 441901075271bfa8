"""``cmosctl mission list|show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple

import click

from cmos.cli import output
from cmos.cli.mission import at, mission_lines
from cmos.cli.options import json_option, open_here, who

if TYPE_CHECKING:
    from cmos.core.models import Dependency, Mission, Session
    from cmos.core.report import Issue
    from cmos.history.record import MissionCommit
    from cmos.overview.overview import Details
    from cmos.project.project import Project
    from cmos.sync.issues import Lost


#: Sessions and commits that ``show`` prints; --json has all.
_SHOWN_SESSIONS = 10
_SHOWN_COMMITS = 10


@click.command("list")
@click.option("--sprint", metavar="SPRINT", help="Only this sprint; 2, 'Sprint 2' and sprint-02 are the same.")
@click.option("--status", "statuses", metavar="STATUS", multiple=True, help="Only this status; repeatable.")
@click.option("--ready", is_flag=True, help="Only what may be begun: Current and Queued ones that wait for nothing.")
@click.option("--blocked", is_flag=True, help="Only what cannot go on: Blocked ones, and those that wait for others.")
@click.option("--mine", is_flag=True, help="Only what you hold, in any worktree.")
@click.option("--agent", metavar="NAME", help="Only what this agent holds.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most this many, the first.")
@json_option
def list_missions(
    sprint: Optional[str], statuses: Tuple[str, ...], mine: bool, agent: Optional[str], as_json: bool, **more: Any
) -> None:
    """List missions in backlog order."""
    from cmos.overview import overview

    with open_here() as project:
        held_by = who(agent) if mine or agent else None
        found = overview.list_missions(project, sprint=sprint, statuses=statuses, agent=held_by, **more)
        signs, now = overview.last_signs(project, found), project.now
    if as_json:
        output.print_json(found)
    elif found:
        _print_table(found, signs, now)
    else:
        is_filtered = sprint or statuses or held_by or any(more.values())
        output.say("no missions%s" % (" match" if is_filtered else " yet: cmosctl mission add ID NAME"))


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--verbose", "-v", is_flag=True, help="Also show its texts and values that lost.")
@json_option
def show(mission_id: str, verbose: bool, as_json: bool) -> None:
    """Show everything known about a mission: fields, file, log, commits, links, open issues."""
    from cmos.overview import overview

    with open_here() as project:
        details = overview.show(project, mission_id)
        lost = _lost(project, details) if verbose else []
    rest = {name: getattr(details, name) for name in details._fields if name not in ("mission", "place")}
    document = dict(output.plain(details.mission), **at(details.place), **rest, **({"lost": lost} if verbose else {}))
    output.answer(document, _details_lines(details) + _part("lost", output.lost_lines(lost)), as_json=as_json)


def _lost(project: Project, details: Details) -> List[Lost]:
    from cmos.sync.issues import lost_texts

    return lost_texts(project, details.mission.id, details.place.path if details.place else None)


def _print_table(found: Sequence[Mission], signs: Dict[str, str], now: str) -> None:
    holders = [output.holder(m, signs.get(m.id), now) for m in found]
    rows = [[m.id, m.status, m.sprint_id or "-", output.one_line(m.label)] for m in found]
    heads = ["ID", "STATUS", "SPRINT", "NAME"]
    if any(holders):
        heads.insert(2, "WHO")
        for row, holder in zip(rows, holders):
            row.insert(2, holder or "-")
    output.show("\n".join(output.columns(rows, heads=heads, colour_of=1)))


def _details_lines(details: Details) -> List[str]:
    mission = details.mission
    lines = mission_lines(mission, details.place)
    lines += output.fields([(name, output.clean(value or "")) for name, value in _rest(mission)])
    lines += _part("links", [_link(mission, link) for link in details.dependencies])
    lines += _part("open issues", [line for issue in details.issues for line in _issue(issue)])
    lines += _part("decisions", [_dated(one.ts, one.title) for one in details.decisions])
    lines += _part("facts", [_dated(one.ts, one.content) for one in details.facts])
    lines += _part("commits", _commit_lines(details.commits))
    lines += _part("sessions", _session_lines(details.sessions))
    if details.text is not None:
        lines += ["", output.strong(details.place or "file"), output.clean(details.text, lines=True).rstrip("\n")]
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
    lines = output.session_lines(sessions[-_SHOWN_SESSIONS:], "ts", "action", "agent")
    earlier = len(sessions) - len(lines)
    return (["(%d earlier ones: cmosctl session list --mission ID)" % earlier] if earlier else []) + lines
