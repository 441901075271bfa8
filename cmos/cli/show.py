"""``cmosctl mission list|show``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple

from cmos.cli.base import output
from cmos.cli.base.declare import Integer, argument, command, option
from cmos.cli.base.lines import holder, lost_lines, session_lines, sprint_line
from cmos.cli.base.options import json_option, open_here, who
from cmos.cli.mission import at, mission_lines
from cmos.core.record import NamedTuple
from cmos.core.status import BLOCKED, CURRENT, QUEUED
from cmos.core.text import fit

if TYPE_CHECKING:
    from cmos.core.models import Dependency, Mission, Session
    from cmos.core.report import Issue
    from cmos.history.shown import MissionCommit
    from cmos.overview.overview import Details, SprintLine
    from cmos.project.project import Project
    from cmos.sync.issues import Lost


#: Sessions and commits that ``show`` prints; --json has all.
_SHOWN_SESSIONS = 10
_SHOWN_COMMITS = 10


@command()
@option("--sprint", metavar="SPRINT", help="Only this sprint; 2, 'Sprint 2' and sprint-02 are the same.")
@option("--status", "statuses", metavar="STATUS", multiple=True, help="Only this status; repeatable.")
@option("--ready", is_flag=True, help="Only what may be begun: Current and Queued ones that wait for nothing.")
@option("--blocked", is_flag=True, help="Only what cannot go on: Blocked ones, and those that wait for others.")
@option("--mine", is_flag=True, help="Only what you hold, in any worktree.")
@option("--agent", metavar="NAME", help="Only what this agent holds.")
@option("--all", "is_all", is_flag=True, help="Also what was dropped; on a terminal, finished sprints in full.")
@option("--limit", type=Integer(min=1), metavar="N", help="At most this many, the first.")
@json_option
def list_missions(
    sprint: Optional[str], statuses: Tuple[str, ...], mine: bool, agent: Optional[str], as_json: bool, **more: Any
) -> None:
    """List missions by sprint, in backlog order, with who holds them and what they wait for.

    On a terminal, a finished sprint before the last finished one is counted only.
    """
    from cmos.overview import overview

    with open_here() as project:
        held_by = who(agent) if mine or agent else None
        found = overview.list_missions(project, sprint=sprint, statuses=statuses, agent=held_by, **more)
        if not as_json:
            seen = _Seen(
                overview.sprint_lines(project),
                overview.last_signs(project, found),
                overview.waits_for(project),
                project.now,
            )
    is_filtered = bool(sprint or statuses or held_by or any(more.values()))
    if as_json:
        output.print_json(found)
    elif found:
        folded = [] if is_filtered or not sys.stdout.isatty() else _folded(seen.sprints)
        output.show(*_by_sprint(found, seen, folded))
    else:
        output.say("no missions%s" % (" match" if is_filtered else " yet: cmosctl mission add ID NAME"))


class _Seen(NamedTuple):
    """What the lines of a list tell beside the missions."""

    sprints: List[SprintLine]
    last_signs: Dict[str, str]
    waits_for: Dict[str, List[str]]
    now: str


def _folded(sprints: List[SprintLine]) -> List[SprintLine]:
    """Return the finished sprints that are counted only: all but the last."""
    return [line for line in sprints if line.is_finished][:-1]


def _by_sprint(found: Sequence[Mission], seen: _Seen, folded: List[SprintLine]) -> List[str]:
    groups: Dict[Optional[str], List[Mission]] = {}
    for mission in found:
        groups.setdefault(mission.sprint_id, []).append(mission)
    known = {line.sprint_id: line for line in seen.sprints}
    lines: List[str] = []
    left_out = [line for line in folded if line.sprint_id in groups]
    if left_out:
        missions = sum(len(groups.pop(line.sprint_id)) for line in left_out)
        told = (output.number(len(left_out), "finished sprint"), output.number(missions, "mission"))
        lines.append("%s with %s: cmosctl mission list --all" % told)
    rows = [_row(mission, seen) for group in groups.values() for mission in group]
    # one table, so that all sprints have the same columns
    table = iter(output.table(rows, colour_of=1))
    for sprint, group in groups.items():
        line = known.get(sprint)
        lines += ["", sprint_line(line) if line else output.one_line(sprint or "(no sprint)")]
        for _ in group:
            lines += ["  " + line for line in next(table)]
    return lines if left_out else lines[1:]


def _row(mission: Mission, seen: _Seen) -> List[str]:
    held = holder(mission, seen.last_signs.get(mission.id), seen.now)
    before = seen.waits_for.get(mission.id, ()) if mission.status in (QUEUED, CURRENT, BLOCKED) else ()
    why = mission.blocked_reason if mission.status == BLOCKED or mission.is_dropped else None
    more = ["(%s)" % held if held else "", "waits for %s" % output.some(before) if before else "", why or ""]
    told = [output.one_line(text) for text in (mission.label, *more) if text]
    return [mission.id, mission.status, "  ".join(told)]


@command()
@argument("mission_id", metavar="ID")
@option("--verbose", "-v", is_flag=True, help="Also show its texts and values that lost.")
@json_option
def show(mission_id: str, verbose: bool, as_json: bool) -> None:
    """Show everything known about a mission: fields, file, log, commits, links, open issues."""
    from cmos.overview import overview

    with open_here() as project:
        details = overview.show(project, mission_id)
        lost = _lost(project, details) if verbose else []
    rest = {name: getattr(details, name) for name in details._fields if name not in ("mission", "place")}
    document = dict(output.plain(details.mission), **at(details.place), **rest, **({"lost": lost} if verbose else {}))
    output.answer(document, _details_lines(details) + _part("lost", lost_lines(lost)), as_json=as_json)


def _lost(project: Project, details: Details) -> List[Lost]:
    from cmos.sync.issues import lost_texts

    return lost_texts(project, details.mission.id, details.place.path if details.place else None)


def _details_lines(details: Details) -> List[str]:
    mission = details.mission
    lines = mission_lines(mission, details.place, [(name, output.clean(value or "")) for name, value in _rest(details)])
    lines += _part("links", [_link(mission, link) for link in details.dependencies])
    lines += _part("open issues", [line for issue in details.issues for line in _issue(issue)])
    lines += _part("decisions", [_dated(one.ts, one.title) for one in details.decisions])
    lines += _part("facts", [_dated(one.ts, one.content) for one in details.facts])
    lines += _part("commits", _commit_lines(details.commits))
    lines += _part("sessions", _session_lines(details.sessions))
    if details.text is not None:
        lines += ["", output.strong(details.place or "file"), output.clean(details.text, lines=True).rstrip("\n")]
    return lines


def _rest(details: Details) -> List[Tuple[str, Optional[str]]]:
    mission = details.mission
    there = details.not_merged_here
    return [
        ("elsewhere", "it is Completed in %s, which is not merged here" % there if there else None),
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
    lines = [output.one_line("%s: %s%s" % (issue.kind, place + ": " if place else "", issue.cause))]
    for by, value in (("file", issue.file_value), ("database", issue.database_value)):
        if value is not None:
            lines.append("  the %s says: %s" % (by, fit(output.one_line(value), 200)))
    return lines


def _commit_lines(commits: List[MissionCommit]) -> List[str]:
    shown = commits[-_SHOWN_COMMITS:]
    lines = []
    for one in shown:
        apart = "  (not on this branch)" if one.on_branch is False else ""
        told = (one.sha[:10], one.ts, fit(output.one_line(one.subject), 72), apart)
        lines.append(output.clean("%s  %s  %s%s" % told))
    earlier = len(commits) - len(shown)
    return (["(%d earlier ones: cmosctl mission show ID --json)" % earlier] if earlier else []) + lines


def _session_lines(sessions: List[Session]) -> List[str]:
    lines = session_lines(sessions[-_SHOWN_SESSIONS:], "ts", "action", "agent")
    earlier = max(len(sessions) - _SHOWN_SESSIONS, 0)
    return (["(%d earlier ones: cmosctl session list --mission ID)" % earlier] if earlier else []) + lines
