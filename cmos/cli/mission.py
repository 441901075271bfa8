"""``cmosctl mission next|start|complete|block|list|show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional, Sequence, Tuple

import click

from cmos.cli import output
from cmos.cli.options import agent_option, json_option, needed, open_here, who
from cmos.core.status import IN_PROGRESS

if TYPE_CHECKING:
    from cmos.core.models import Dependency, Mission, Session
    from cmos.core.report import Issue
    from cmos.history.record import MissionCommit
    from cmos.missions.find import Next
    from cmos.missions.lifecycle import Outcome
    from cmos.overview.overview import Details
    from cmos.project.project import Project
    from cmos.sync.issues import Lost


@click.command("next")
@click.option("--claim", is_flag=True, help="Start the first ready mission; no two callers get the same one.")
@agent_option
@json_option
def next_mission(claim: bool, agent: Optional[str], as_json: bool) -> None:
    """Show the mission to work on now: the one In Progress, else the Current one.

    If several are In Progress, your own comes first. With --claim, start the first ready mission
    that nobody has: the Current one, else the first in the queue that waits for nothing.
    """
    from cmos.missions import find
    from cmos.sync import run

    with open_here() as project:
        if claim:
            _claimed(project, who(agent), as_json)
            return
        run.refresh(project)
        found = find.next_mission(project, agent=who(agent))
        if found.mission is None:
            _none(found, as_json)
        else:
            _print_next(found.mission, found.path, as_json)


def _claimed(project: Project, agent: str, as_json: bool) -> None:
    from cmos.actions import act as actions
    from cmos.missions import find

    outcome = actions.claim(project, actions.Act(agent))
    if outcome is None:
        _none(find.nothing_open(project.db), as_json)
        return
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    _print_next(outcome.mission, find.path_of(project, outcome.mission.id), as_json)


def _print_next(mission: Mission, path: Optional[str], as_json: bool) -> None:
    output.answer(dict(output.plain(mission), path=path), mission_lines(mission, path), as_json=as_json)


def mission_lines(mission: Mission, path: Optional[str]) -> List[str]:
    """Return the lines that describe a mission."""
    by = " by %s" % mission.agent if mission.agent else ""
    if mission.agent and mission.started_at and mission.status == IN_PROGRESS:
        by += " since %s" % mission.started_at
    return [
        "%s  %s" % (output.strong(mission.id), output.one_line(mission.name)),
        *output.fields(
            [
                ("sprint", output.one_line(mission.sprint_id)),
                ("status", output.status_style(mission.status) + output.clean(by)),
                ("reason", output.one_line(mission.blocked_reason)),
                ("objective", output.one_line(mission.objective)),
                ("notes", output.one_line(mission.notes)),
                ("file", output.clean(path or "")),
            ]
        ),
    ]


def _none(found: Next, as_json: bool) -> None:
    if as_json:
        output.print_json(None)
    counts = ", ".join("%d %s" % (number, status) for status, number in found.counts)
    if not counts:
        output.nothing("there are no missions yet; add one: cmosctl mission add ID NAME")
    if found.first is None:
        output.nothing("no mission is ready (%s); see: cmosctl status" % counts)
    text = "no mission is Current (%s); the first in the queue is %s: cmosctl mission start %s"
    if found.waits:
        text = "no mission is ready (%s): %s, the first in the queue, waits for another; see: cmosctl mission show %s"
    output.nothing(text % (counts, found.first.id, found.first.id))


_SUMMARY = "Summary for the session in the log."
_NO_PROMOTE = click.option("--no-promote", is_flag=True, help="Do not make the next mission Current.")


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--summary", help=_SUMMARY)
@agent_option
@json_option
def start(mission_id: str, summary: Optional[str], agent: Optional[str], as_json: bool) -> None:
    """Start a mission: mark it In Progress under your name. This also resumes a Blocked one."""
    from cmos.actions import act as actions

    with open_here() as project:
        outcome = actions.start(project, mission_id, actions.Act(who(agent), summary))
        text = "%s is already In Progress under your name." if outcome.already else "%s is now In Progress."
        print_outcome(outcome, text % outcome.mission.id, as_json)


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--notes", help="New notes for the mission; the log keeps the old ones.")
@click.option("--summary", help=_SUMMARY + " Default: the notes.")
@_NO_PROMOTE
@agent_option
@json_option
def complete(mission_id: str, no_promote: bool, agent: Optional[str], as_json: bool, **words: Optional[str]) -> None:
    """Mark a mission Completed and make the next one in the queue Current.

    Nothing is promoted while another mission is Current or In Progress. Missions that wait for
    an unfinished one are skipped. Completing a mission twice does nothing.
    """
    from cmos.actions import act as actions

    with open_here() as project:
        act = actions.Act(who(agent), words["summary"], words["notes"], not no_promote)
        outcome = actions.complete(project, mission_id, act)
        print_outcome(outcome, completed_text(outcome), as_json)


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--reason", help="Why the mission cannot go on.")
@_NO_PROMOTE
@agent_option
@json_option
def block(mission_id: str, reason: Optional[str], no_promote: bool, agent: Optional[str], as_json: bool) -> None:
    """Mark a mission Blocked, record the reason, and make the next one Current.

    To resume it: cmosctl mission start ID
    """
    from cmos.actions import act as actions

    reason = needed(reason, "--reason", "Why is it blocked")
    with open_here() as project:
        outcome = actions.block(project, mission_id, actions.Act(who(agent), promote=not no_promote), reason=reason)
        text = "%s is already Blocked for that reason." if outcome.already else "%s is now Blocked."
        print_outcome(outcome, text % outcome.mission.id, as_json)


def completed_text(outcome: Outcome) -> str:
    mission = outcome.mission
    if outcome.already:
        return "%s was already completed at %s; nothing changed." % (mission.id, mission.completed_at)
    return "%s completed." % mission.id


def print_outcome(outcome: Outcome, text: str, as_json: bool) -> None:
    """Print the outcome of an action: the given sentence, and the mission that became Current."""
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    if outcome.promoted is not None:
        text += " %s is now Current." % outcome.promoted.id
    data = {name: getattr(outcome, name) for name in ("mission", "promoted", "session", "warnings", "already")}
    output.answer(data, [output.clean(text)], as_json=as_json)


#: Sessions and commits that ``show`` prints; --json has all.
_SHOWN_SESSIONS = 10
_SHOWN_COMMITS = 10


@click.command("list")
@click.option("--sprint", metavar="SPRINT", help="Only this sprint; 2, 'Sprint 2' and sprint-02 are the same.")
@click.option("--status", "statuses", metavar="STATUS", multiple=True, help="Only this status; repeatable.")
@json_option
def list_missions(sprint: Optional[str], statuses: Tuple[str, ...], as_json: bool) -> None:
    """List missions in backlog order."""
    from cmos.overview.overview import list_missions

    with open_here() as project:
        found = list_missions(project, sprint=sprint, statuses=statuses)
    if as_json:
        output.print_json(found)
    elif found:
        _print_table(found)
    else:
        output.say("no missions%s" % (" match" if sprint or statuses else " yet: cmosctl mission add ID NAME"))


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
    rest = {name: getattr(details, name) for name in details._fields if name != "mission"}
    document = dict(output.plain(details.mission), **rest, **({"lost": lost} if verbose else {}))
    output.answer(document, _details_lines(details) + _part("lost", output.lost_lines(lost)), as_json=as_json)


def _lost(project: Project, details: Details) -> List[Lost]:
    from cmos.sync.issues import lost_texts

    return lost_texts(project, details.mission.id, details.path)


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
    lines = output.session_lines(sessions[-_SHOWN_SESSIONS:], "ts", "action", "agent")
    earlier = len(sessions) - len(lines)
    return (["(%d earlier ones: cmosctl session list --mission ID)" % earlier] if earlier else []) + lines
