"""Claim, start, complete or block a mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from cmos.missions import lifecycle
from cmos.missions.find import board, find_mission
from cmos.missions.lifecycle import Outcome
from cmos.project import rows as project_rows
from cmos.sync import run
from cmos.sync.record import record

if TYPE_CHECKING:
    from cmos.project.project import Project


class Act(NamedTuple):
    """Who acts, and what the log and the mission get to say."""

    agent: str
    #: Of the session; None for the default line of the log.
    summary: Optional[str] = None
    notes: Optional[str] = None
    promote: bool = True


def claim(project: Project, act: Act) -> Optional[Outcome]:
    """Start the first mission that is ready; None when none is."""
    with run.change(project) as db:
        outcome = lifecycle.claim(
            board(db, sprint=project_rows.get_state(db, "current_sprint")), now=project.now, agent=act.agent
        )
        return record(project, outcome, summary=act.summary) if outcome else None


def start(project: Project, wanted: str, act: Act) -> Outcome:
    """Start a mission."""
    with run.change(project) as db:
        outcome = lifecycle.start(find_mission(db, wanted), board(db), now=project.now, agent=act.agent)
        return record(project, outcome, summary=act.summary)


def complete(project: Project, wanted: str, act: Act) -> Outcome:
    """Complete a mission and promote the next one."""
    with run.change(project) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, finished=target.id, promote=act.promote)
        outcome = lifecycle.complete(target, around, now=project.now, agent=act.agent, notes=act.notes)
        return record(project, outcome, summary=act.summary)


def block(project: Project, wanted: str, act: Act, *, reason: str) -> Outcome:
    """Block a mission and promote the next one."""
    with run.change(project) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, promote=act.promote)
        outcome = lifecycle.block(target, around, now=project.now, agent=act.agent, reason=reason)
        return record(project, outcome, summary=act.summary)
