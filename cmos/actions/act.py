"""The way of a mission: whose turn it is, claimed or started, completed or blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, NamedTuple, Optional, Tuple

from cmos.core.status import CURRENT, IN_PROGRESS, KNOWN
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.missions.find import board, find_mission, path_of
from cmos.missions.lifecycle import Outcome
from cmos.project import rows as project_rows
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.core.models import Mission
    from cmos.db.connection import Connection
    from cmos.project.project import Project


class Act(NamedTuple):
    """Who does something, and what is said with it."""

    agent: str
    #: Of the session; the log has a line of its own when there is none.
    summary: Optional[str] = None
    notes: Optional[str] = None
    promote: bool = True


def claim(project: Project, act: Act) -> Optional[Outcome]:
    """Take up the first mission that is ready; None when none is."""
    from cmos.sync.record import record

    with run.change(project) as db:
        outcome = lifecycle.claim(
            board(db, sprint=project_rows.get_state(db, "current_sprint")), now=project.now, agent=act.agent
        )
        return record(project, outcome, summary=act.summary) if outcome else None


def start(project: Project, wanted: str, act: Act) -> Outcome:
    """Take a mission up."""
    from cmos.sync.record import record

    with run.change(project) as db:
        outcome = lifecycle.start(find_mission(db, wanted), board(db), now=project.now, agent=act.agent)
        return record(project, outcome, summary=act.summary)


def complete(project: Project, wanted: str, act: Act) -> Outcome:
    """Complete a mission and promote the next one."""
    from cmos.sync.record import record

    with run.change(project) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, finished=target.id, promote=act.promote)
        outcome = lifecycle.complete(target, around, now=project.now, agent=act.agent, notes=act.notes)
        return record(project, outcome, summary=act.summary)


def block(project: Project, wanted: str, act: Act, *, reason: str) -> Outcome:
    """Block a mission and promote the next one."""
    from cmos.sync.record import record

    with run.change(project) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, promote=act.promote)
        outcome = lifecycle.block(target, around, now=project.now, agent=act.agent, reason=reason)
        return record(project, outcome, summary=act.summary)


class Next(NamedTuple):
    """The mission to work on, or why there is none."""

    mission: Optional[Mission]
    #: Of its file, relative to the project.
    path: Optional[str] = None
    #: The first Queued one that is ready, else the first of all, when nothing is open.
    first: Optional[Mission] = None
    #: True when it waits for an unfinished one, as all in the queue then do.
    waits: bool = False
    #: How many missions wait, are blocked and so on, when nothing is open.
    counts: Tuple[Tuple[str, int], ...] = ()


def next_mission(project: Project, *, agent: str) -> Next:
    """Return the mission In Progress (the agent's own first), else the Current one."""
    run.refresh(project)
    mission = lifecycle.current(mission_rows.with_status(project.db, IN_PROGRESS, CURRENT), agent=agent)
    if mission is not None:
        return Next(mission, path_of(project, mission.id))
    return nothing_open(project.db)


def nothing_open(db: Connection) -> Next:
    """Return what there is instead of a mission that is open."""
    from cmos.missions import rows as mission_rows
    from cmos.missions.find import next_queued
    from cmos.project import rows as project_rows

    first = next_queued(db, sprint=project_rows.get_state(db, "current_sprint"))
    totals: Dict[str, int] = dict.fromkeys(KNOWN, 0)
    for count in mission_rows.counts(db):
        totals[count.status] = totals.get(count.status, 0) + count.number
    waits = first is not None and first.id in mission_rows.waiting(db)
    return Next(None, first=first, waits=waits, counts=tuple((status, n) for status, n in totals.items() if n))
