"""``cmosctl mission next``: whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

import click

from cmos.cli import output
from cmos.cli.options import agent_option, json_option, open_here, who
from cmos.core.status import IN_PROGRESS

if TYPE_CHECKING:
    from cmos.actions.act import Next
    from cmos.core.models import Mission
    from cmos.project.project import Workspace


@click.command("next")
@click.option("--claim", is_flag=True, help="Take the first mission that is ready; no two callers get the same one.")
@agent_option
@json_option
def next_mission(claim: bool, agent: Optional[str], as_json: bool) -> None:
    """Show the mission to work on now: the one In Progress, else the Current one.

    Of several In Progress, your own comes first. With --claim, take the first mission that is
    ready and that nobody has: the Current one, else the first in the queue that waits for nothing.
    """
    from cmos.actions import act as actions

    with open_here() as ws:
        if claim:
            _claimed(ws, who(agent), as_json)
            return
        found = actions.next_mission(ws, agent=who(agent))
        if found.mission is None:
            _none(found, as_json)
        else:
            _print_next(found.mission, found.path, as_json)


def _claimed(ws: Workspace, agent: str, as_json: bool) -> None:
    from cmos.actions import act as actions
    from cmos.missions import find

    outcome = actions.claim(ws, actions.Act(agent))
    if outcome is None:
        _none(actions.nothing_open(ws.db), as_json)
        return
    for warning in outcome.warnings:
        output.say("warning: %s" % warning)
    _print_next(outcome.mission, find.path_of(ws, outcome.mission.id), as_json)


def _print_next(mission: Mission, path: Optional[str], as_json: bool) -> None:
    if as_json:
        output.print_json(dict(output.plain(mission), path=path))
        return
    for line in mission_lines(mission, path):
        output.show(line)


def mission_lines(mission: Mission, path: Optional[str]) -> List[str]:
    """Return the few lines that say what a mission is."""
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
