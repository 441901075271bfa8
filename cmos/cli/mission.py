"""``cmosctl mission next|start|complete|block``: the way of a mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

import click

from cmos.cli import output
from cmos.cli.options import agent_option, json_option, needed, open_here, who

if TYPE_CHECKING:
    from cmos.core.lifecycle import Outcome
    from cmos.core.models import Mission
    from cmos.services.missions import Next
    from cmos.services.workspace import Workspace

_SUMMARY = "What the session in the log says."
_NO_PROMOTE = click.option("--no-promote", is_flag=True, help="Leave the next mission in the queue.")


@click.command("next")
@click.option("--claim", is_flag=True, help="Take the first mission that is ready; no two callers get the same one.")
@agent_option
@json_option
def next_mission(claim: bool, agent: Optional[str], as_json: bool) -> None:
    """Show the mission to work on now: the one In Progress, else the Current one.

    Of several In Progress, your own comes first. With --claim, take the first mission that is
    ready and that nobody has: the Current one, else the first in the queue that waits for nothing.
    """
    from cmos.services import missions

    with open_here() as ws:
        if claim:
            _claimed(ws, who(agent), as_json)
            return
        found = missions.next_mission(ws, agent=who(agent))
        if found.mission is None:
            _none(found, as_json)
        else:
            _print_next(found.mission, found.path, as_json)


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--summary", help=_SUMMARY)
@agent_option
@json_option
def start(mission_id: str, summary: Optional[str], agent: Optional[str], as_json: bool) -> None:
    """Take a mission up: In Progress, in your name. A Blocked one is taken up again."""
    from cmos.services import missions

    with open_here() as ws:
        outcome = missions.start(ws, mission_id, missions.Act(who(agent), summary))
        said = "%s is already In Progress in your name." if outcome.already else "%s is now In Progress."
        print_outcome(outcome, said % outcome.mission.id, as_json)


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--notes", help="Notes of the mission; they replace the ones it has, which stay in the log.")
@click.option("--summary", help=_SUMMARY + " The notes, unless given.")
@_NO_PROMOTE
@agent_option
@json_option
def complete(mission_id: str, no_promote: bool, agent: Optional[str], as_json: bool, **words: Optional[str]) -> None:
    """Mark a mission done and make the next one in the queue Current.

    Nothing is promoted while another mission is Current or In Progress. Missions that wait for
    an unfinished one are passed over. Completing twice does nothing.
    """
    from cmos.services import missions

    with open_here() as ws:
        act = missions.Act(who(agent), words["summary"], words["notes"], not no_promote)
        outcome = missions.complete(ws, mission_id, act)
        print_outcome(outcome, completed_text(outcome), as_json)


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--reason", help="Why it cannot go on.")
@_NO_PROMOTE
@agent_option
@json_option
def block(mission_id: str, reason: Optional[str], no_promote: bool, agent: Optional[str], as_json: bool) -> None:
    """Mark a mission blocked, keep the reason, and make the next one Current.

    Take it up again with: cmosctl mission start ID
    """
    from cmos.services import missions

    reason = needed(reason, "--reason", "Why is it blocked")
    with open_here() as ws:
        outcome = missions.block(ws, mission_id, missions.Act(who(agent), promote=not no_promote), reason=reason)
        said = "%s is already Blocked for that reason." if outcome.already else "%s is now Blocked."
        print_outcome(outcome, said % outcome.mission.id, as_json)


def completed_text(outcome: Outcome) -> str:
    mission = outcome.mission
    if outcome.already:
        return "%s was completed at %s already; nothing changed." % (mission.id, mission.completed_at)
    return "%s completed." % mission.id


def print_outcome(outcome: Outcome, said: str, as_json: bool) -> None:
    """Print what an action came to: the sentence given, and what follows from it."""
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    if as_json:
        shown = ("mission", "promoted", "session", "warnings", "already")
        output.print_json({name: getattr(outcome, name) for name in shown})
        return
    if outcome.promoted is not None:
        said += " %s is now Current." % outcome.promoted.id
    output.show(output.clean(said))


def _claimed(ws: Workspace, agent: str, as_json: bool) -> None:
    from cmos.services import finding, missions

    outcome = missions.claim(ws, missions.Act(agent))
    if outcome is None:
        _none(missions.nothing_open(ws.db), as_json)
        return
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    _print_next(outcome.mission, finding.path_of(ws, outcome.mission.id), as_json)


def _print_next(mission: Mission, path: Optional[str], as_json: bool) -> None:
    if as_json:
        output.print_json(dict(output.plain(mission), path=path))
        return
    for line in mission_lines(mission, path):
        output.show(line)


def mission_lines(mission: Mission, path: Optional[str]) -> List[str]:
    """Return the few lines that say what a mission is."""
    by = " by %s since %s" % (mission.agent, mission.started_at) if mission.agent and mission.started_at else ""
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
    if found.ready is None:
        output.nothing("no mission is ready (%s); see: cmosctl status" % counts)
    output.nothing(
        "no mission is Current (%s); the first in the queue is %s: cmosctl mission start %s"
        % (counts, found.ready.id, found.ready.id)
    )
