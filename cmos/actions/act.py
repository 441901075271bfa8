"""Claim, start, complete or block a mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from cmos.core.record import NamedTuple
from cmos.journal import rows as journal_rows
from cmos.journal.rows import SessionFilter
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.missions.choice import Actor
from cmos.missions.find import board, find_mission, mission_held
from cmos.missions.lifecycle import Outcome
from cmos.sync import run
from cmos.sync.record import record

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project


class Act(NamedTuple):
    """Who acts, and what the log and the mission get to say."""

    agent: str
    #: Of the session; None for the default line of the log.
    summary: Optional[str] = None
    notes: Optional[str] = None
    promote: bool = True
    #: Act on a mission although another agent holds it.
    takes: bool = False
    #: Which run of the agent this is, where the environment says so.
    run: Optional[str] = None

    def by(self, project: Project) -> Actor:
        """Return who acts, as the lifecycle knows it."""
        return Actor(self.agent, project.worktree, self.run, self.takes)


def claim(project: Project, act: Act, *, another: bool = False) -> Optional[Outcome]:
    """Return the mission that the agent holds here, else start the first that is free; None when none is."""
    with run.change(project) as db:
        outcome = lifecycle.claim(board(db), now=project.now, by=act.by(project), another=another)
        if outcome is None or not outcome.already:
            return record(project, outcome, summary=act.summary) if outcome else None
        is_another_run = act.run and _run_of(db, outcome.mission.id) not in (None, act.run)
        return outcome._replace(warnings=("another run of %s took it" % act.agent,)) if is_another_run else outcome


def _run_of(db: Connection, mission_id: str) -> Optional[str]:
    """Return the run of the agent that started a mission last."""
    started = journal_rows.list_sessions(db, SessionFilter(mission_id, action="start"), limit=1)
    details = started[0].value() if started else None
    return details.get("run") if isinstance(details, dict) else None


def start(project: Project, wanted: str, act: Act) -> Outcome:
    """Start a mission."""
    with run.change(project) as db:
        outcome = lifecycle.start(find_mission(db, wanted), board(db), now=project.now, by=act.by(project))
        return record(project, outcome, summary=act.summary)


def release(project: Project, wanted: str, act: Act) -> Outcome:
    """Give a claim back."""
    with run.change(project) as db:
        outcome = lifecycle.release(find_mission(db, wanted), board(db), now=project.now, by=act.by(project))
        return record(project, outcome)


def complete(project: Project, wanted: Optional[str], act: Act) -> Outcome:
    """Complete a mission, the one that the agent holds here unless one is named, and promote the next one."""
    with run.change(project) as db:
        by = act.by(project)
        target = find_mission(db, wanted) if wanted else mission_held(project, by)
        around = board(db, sprint=target.sprint_id, finished=target.id, promote=act.promote)
        ready = mission_rows.only_waiting_for(db, target.id)
        outcome = lifecycle.complete(target, around, now=project.now, by=by, notes=act.notes)
        return record(project, outcome, summary=act.summary)._replace(ready=() if outcome.already else tuple(ready))


def block(project: Project, wanted: Optional[str], act: Act, *, reason: str) -> Outcome:
    """Block a mission, the one that the agent holds here unless one is named, and promote the next one."""
    with run.change(project) as db:
        by = act.by(project)
        target = find_mission(db, wanted) if wanted else mission_held(project, by)
        around = board(db, sprint=target.sprint_id, promote=act.promote)
        outcome = lifecycle.block(target, around, now=project.now, by=by, reason=reason)
        return record(project, outcome, summary=act.summary)


def drop(project: Project, wanted: str, act: Act, *, reason: str) -> Outcome:
    """Give a mission up for a reason, and promote the next one."""
    with run.change(project) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id)
        return record(project, lifecycle.drop(target, around, now=project.now, by=act.by(project), reason=reason))
