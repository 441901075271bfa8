"""The way of a mission: claimed or started, completed or blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from cmos.missions import lifecycle
from cmos.missions.find import board, find_mission
from cmos.missions.lifecycle import Outcome
from cmos.project import rows as project_rows
from cmos.sync import run
from cmos.sync.record import record

if TYPE_CHECKING:
    from cmos.project.project import Workspace


class Act(NamedTuple):
    """Who does something, and what is said with it."""

    agent: str
    #: Of the session; the log has a line of its own when there is none.
    summary: Optional[str] = None
    notes: Optional[str] = None
    promote: bool = True


def claim(ws: Workspace, act: Act) -> Optional[Outcome]:
    """Take up the first mission that is ready; None when none is."""
    with run.change(ws) as db:
        outcome = lifecycle.claim(
            board(db, sprint=project_rows.get_state(db, "current_sprint")), now=ws.now, agent=act.agent
        )
        return record(ws, outcome, summary=act.summary) if outcome else None


def start(ws: Workspace, wanted: str, act: Act) -> Outcome:
    """Take a mission up."""
    with run.change(ws) as db:
        outcome = lifecycle.start(find_mission(db, wanted), board(db), now=ws.now, agent=act.agent)
        return record(ws, outcome, summary=act.summary)


def complete(ws: Workspace, wanted: str, act: Act) -> Outcome:
    """Complete a mission and promote the next one."""
    with run.change(ws) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, finished=target.id, promote=act.promote)
        outcome = lifecycle.complete(target, around, now=ws.now, agent=act.agent, notes=act.notes)
        return record(ws, outcome, summary=act.summary)


def block(ws: Workspace, wanted: str, act: Act, *, reason: str) -> Outcome:
    """Block a mission and promote the next one."""
    with run.change(ws) as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, promote=act.promote)
        outcome = lifecycle.block(target, around, now=ws.now, agent=act.agent, reason=reason)
        return record(ws, outcome, summary=act.summary)
