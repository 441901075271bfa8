"""``cmosctl mission start|complete|block``: the way of a mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import click

from cmos.cli import output
from cmos.cli.options import agent_option, json_option, needed, open_here, who

if TYPE_CHECKING:
    from cmos.missions.lifecycle import Outcome

_SUMMARY = "What the session in the log says."
_NO_PROMOTE = click.option("--no-promote", is_flag=True, help="Leave the next mission in the queue.")


@click.command()
@click.argument("mission_id", metavar="ID")
@click.option("--summary", help=_SUMMARY)
@agent_option
@json_option
def start(mission_id: str, summary: Optional[str], agent: Optional[str], as_json: bool) -> None:
    """Take a mission up: In Progress, in your name. A Blocked one is taken up again."""
    from cmos.actions import act as actions

    with open_here() as ws:
        outcome = actions.start(ws, mission_id, actions.Act(who(agent), summary))
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
    from cmos.actions import act as actions

    with open_here() as ws:
        act = actions.Act(who(agent), words["summary"], words["notes"], not no_promote)
        outcome = actions.complete(ws, mission_id, act)
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
    from cmos.actions import act as actions

    reason = needed(reason, "--reason", "Why is it blocked")
    with open_here() as ws:
        outcome = actions.block(ws, mission_id, actions.Act(who(agent), promote=not no_promote), reason=reason)
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
