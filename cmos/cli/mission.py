"""``cmosctl mission next|start|release|complete|block|drop``."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Dict, List, NoReturn, Optional, Sequence, Tuple

from cmos import clock
from cmos.cli.base import output
from cmos.cli.base.declare import Integer, UsageError, argument, command, option
from cmos.cli.base.lines import holder
from cmos.cli.base.options import acting, actor, agent_option, json_option, needed, open_here, take_option
from cmos.core.status import IN_PROGRESS

if TYPE_CHECKING:
    from cmos.actions.act import Act
    from cmos.core.models import Mission
    from cmos.missions.choice import Actor
    from cmos.missions.find import Next, Place
    from cmos.missions.lifecycle import Outcome
    from cmos.project.project import Project


@command()
@option("--claim", is_flag=True, help="Start it; no two callers get the same one.")
@option("--another", is_flag=True, help="With --claim: take a further one although you hold one.")
@option("--wait", type=Integer(0, 86400), default=0, metavar="SECONDS", help="Wait until a mission is free.")
@agent_option
@json_option
def next_mission(claim: bool, another: bool, wait: int, agent: Optional[str], as_json: bool) -> None:
    """Show the mission to work on: the one that you hold in this worktree, else the next one that is free.

    Free are the Current mission and the Queued ones, in the order of the list, that wait for nothing.
    With --claim, start it; whoever holds one gets that one back.
    """
    if another and not claim:
        raise UsageError("'--another' goes with '--claim'.")
    until = time.monotonic() + wait
    while True:
        with open_here() as project:
            found = _claimed(project, acting(agent), another) if claim else _next(project, actor(project, agent))
            if found.mission is not None:
                return _print_next(project, found, found.mission, as_json)
            if found.is_nothing_left or time.monotonic() >= until:
                _none(project, found, as_json)
            path = project.layout.database
        _wait_for_change(path, until)


#: Seconds: how soon a change of the database is seen while one waits, and how often files are looked at.
_SOON = 0.05
_FILES = 1.0


def _wait_for_change(path: str, until: float) -> None:
    """Return when another process has written to the database, and once a second for the sake of the files."""
    look = min(until, time.monotonic() + _FILES)
    # only now: closing the database changes its files
    seen = _changed(path)
    while time.monotonic() < look and _changed(path) == seen:
        time.sleep(max(0.0, min(_SOON, look - time.monotonic())))


def _changed(path: str) -> Tuple[int, ...]:
    found = []
    for name in (path, path + "-wal"):
        try:
            found.append(os.stat(name).st_mtime_ns)
        except OSError:
            found.append(0)  # there is no log where nothing was written, and it comes and goes
    return tuple(found)


def _next(project: Project, by: Actor) -> Next:
    from cmos.missions import find
    from cmos.sync import run

    run.refresh(project)
    return find.next_mission(project, by)


def _claimed(project: Project, act: Act, another: bool) -> Next:
    from cmos.actions import act as actions
    from cmos.missions import find

    outcome = actions.claim(project, act, another=another)
    if outcome is None:
        return find.nothing_free(project.db)
    mission = outcome.mission
    if outcome.already:
        output.say(_had(mission, project.now))
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    return find.Next(mission, find.place_of(project, mission.id))


def _had(mission: Mission, now: str) -> str:
    age = clock.age(mission.started_at, now)
    since = "since %s (%s)" % (mission.started_at, age) if age else "already"
    return "you hold %s %s; to take a further one: cmosctl mission next --claim --another" % (mission.id, since)


def _print_next(project: Project, found: Next, mission: Mission, as_json: bool) -> None:
    others = "; ".join(_holding(one, project.now) for one in found.others)
    lines = mission_lines(mission, found.place, [("others", others)])
    output.answer(dict(output.plain(mission), **at(found.place)), lines, as_json=as_json)


def _holding(mission: Mission, now: str) -> str:
    return "%s: %s" % (output.clean(mission.id), holder(mission, None, now))


def at(place: Optional[Place]) -> Dict[str, Any]:
    """Return the keys of a document that say where a mission is written down."""
    return {"path": place.path if place else None, "line": place.line if place else None}


def mission_lines(
    mission: Mission, place: Optional[Place], more: Sequence[Tuple[str, Optional[str]]] = ()
) -> List[str]:
    """Return the lines that describe a mission, with some more fields."""
    by = " by %s" % mission.agent if mission.agent else ""
    if mission.agent and mission.started_at and mission.status == IN_PROGRESS:
        by += " since %s" % mission.started_at
    return [
        "%s  %s" % (output.strong(mission.id), output.one_line(mission.label)),
        *output.fields(
            [
                ("sprint", output.one_line(mission.sprint_id)),
                ("status", output.status_style(mission.status) + output.clean(by)),
                ("reason", output.one_line(mission.blocked_reason)),
                ("objective", output.one_line(mission.objective)),
                ("notes", output.one_line(mission.notes)),
                ("file", output.clean(str(place) if place else "none")),
                *more,
            ]
        ),
    ]


def _none(project: Project, found: Next, as_json: bool) -> NoReturn:
    if as_json:
        output.print_json(None)
    counts = ", ".join("%d %s" % (number, status) for status, number in found.counts)
    if not counts:
        output.nothing("there are no missions yet; add one: cmosctl mission add ID NAME")
    if found.is_nothing_left:
        output.nothing("no work is left (%s); add some: cmosctl mission add ID NAME" % counts)
    lines = ["no mission is free (%s); see: cmosctl status" % counts]
    lines += ["in progress: %s" % _holding(one, project.now) for one in found.others]
    if found.first is not None:
        before = " and ".join(one.id for one in found.waits_for)
        lines.append("%s waits for %s; see: cmosctl mission show %s" % (found.first.id, before, found.first.id))
    output.nothing("\n".join(lines))


_SUMMARY = "Summary for the session in the log."
_NO_PROMOTE = option("--no-promote", is_flag=True, help="Do not make the next mission Current.")


@command()
@argument("mission_id", metavar="ID")
@option("--summary", help=_SUMMARY)
@take_option
@agent_option
@json_option
def start(mission_id: str, summary: Optional[str], take: bool, agent: Optional[str], as_json: bool) -> None:
    """Start a mission: mark it In Progress under your name. This also resumes a Blocked one.

    --take takes over a mission that another agent holds, or that you hold in another worktree.
    """
    from cmos.actions import act as actions

    with open_here() as project:
        outcome = actions.start(project, mission_id, acting(agent, summary=summary, takes=take))
        text = "%s is already In Progress under your name." if outcome.already else "%s is now In Progress."
        print_outcome(outcome, text % outcome.mission.id, as_json)


@command()
@argument("mission_id", metavar="ID")
@take_option
@agent_option
@json_option
def release(mission_id: str, take: bool, agent: Optional[str], as_json: bool) -> None:
    """Give a mission that you hold back: it becomes Current if no other is, else Queued."""
    from cmos.actions import act as actions

    with open_here() as project:
        outcome = actions.release(project, mission_id, acting(agent, takes=take))
        text = "nobody holds %s; it is %s." if outcome.already else "%s is free again: %s."
        print_outcome(outcome, text % (outcome.mission.id, outcome.mission.status), as_json)


@command()
@argument("mission_id", metavar="[ID]", required=False)
@option("--notes", help="New notes for the mission; the log keeps the old ones.")
@option("--summary", help=_SUMMARY + " Default: the notes.")
@_NO_PROMOTE
@take_option
@agent_option
@json_option
def complete(
    mission_id: Optional[str],
    no_promote: bool,
    take: bool,
    agent: Optional[str],
    as_json: bool,
    **words: Optional[str],
) -> None:
    """Mark a mission Completed and make the next one in the queue Current.

    Without an ID: the mission that you hold in this worktree. Nothing is promoted while another
    mission is Current or In Progress. Missions that wait for an unfinished one are skipped.
    Completing a mission twice does nothing.
    """
    from cmos.actions import act as actions

    with open_here() as project:
        outcome = actions.complete(project, mission_id, acting(agent, promote=not no_promote, takes=take, **words))
        print_outcome(outcome, completed_text(outcome), as_json)


@command()
@argument("mission_id", metavar="[ID]", required=False)
@option("--reason", help="Why the mission cannot go on.")
@_NO_PROMOTE
@take_option
@agent_option
@json_option
def block(
    mission_id: Optional[str],
    reason: Optional[str],
    no_promote: bool,
    take: bool,
    agent: Optional[str],
    as_json: bool,
) -> None:
    """Mark a mission Blocked, record the reason, and make the next one Current.

    Without an ID: the mission that you hold in this worktree. To resume it: cmosctl mission start ID
    """
    from cmos.actions import act as actions

    reason = needed(reason, "--reason", "Why is it blocked")
    with open_here() as project:
        outcome = actions.block(project, mission_id, acting(agent, promote=not no_promote, takes=take), reason=reason)
        text = "%s is already Blocked for that reason." if outcome.already else "%s is now Blocked."
        print_outcome(outcome, text % outcome.mission.id, as_json)


@command()
@argument("mission_id", metavar="ID")
@option("--reason", help="Why it will not be done.")
@take_option
@agent_option
@json_option
def drop(mission_id: str, reason: Optional[str], take: bool, agent: Optional[str], as_json: bool) -> None:
    """Give a mission up: it becomes Deferred with a reason, and mission list leaves it out unless asked with --all.

    To take it up again: cmosctl mission edit ID --status Queued
    """
    from cmos.actions import act as actions

    reason = needed(reason, "--reason", "Why will it not be done")
    with open_here() as project:
        outcome = actions.drop(project, mission_id, acting(agent, takes=take), reason=reason)
        text = "%s is already dropped for that reason." if outcome.already else "%s is dropped."
        print_outcome(outcome, text % outcome.mission.id, as_json)


def completed_text(outcome: Outcome) -> str:
    mission = outcome.mission
    if outcome.already:
        return "%s was already completed at %s; nothing changed." % (mission.id, mission.completed_at)
    ready = [id for id in outcome.ready if outcome.promoted is None or id != outcome.promoted.id]
    return "%s completed.%s" % (mission.id, " Ready now: %s." % ", ".join(ready) if ready else "")


def print_outcome(outcome: Outcome, text: str, as_json: bool) -> None:
    """Print the outcome of an action: the given sentence, and the mission that became Current."""
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    if outcome.promoted is not None:
        text += " %s is now Current." % outcome.promoted.id
    data = {name: getattr(outcome, name) for name in ("mission", "promoted", "session", "warnings", "already", "ready")}
    output.answer(data, [output.clean(text)], as_json=as_json)
