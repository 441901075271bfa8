"""Storing what an action of the lifecycle came to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from cmos.core.status import CURRENT, IN_PROGRESS
from cmos.journal import rows as journal_rows
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.missions.lifecycle import Outcome
from cmos.project import rows as project_rows
from cmos.services.changes import save
from cmos.services.drifting import write_status
from cmos.store import noting

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Workspace


def record(ws: Workspace, outcome: Outcome, *, summary: Optional[str] = None) -> Outcome:
    """Store the new versions of the missions and log the session; inside ``run.change(ws)``.

    Returns the outcome with the session as it was stored.
    """
    if outcome.already:
        _reject_proposals(ws, outcome.mission.id)
        for path in write_status(ws, [outcome.mission.id]):
            ws.notices.append("%s said another status of %s, and follows" % (path, outcome.mission.id))
        return outcome
    for mission in outcome.changed:
        save(ws, mission_rows.get(ws.db, mission.id), mission)
    if outcome.fact is not None:
        journal_rows.add_fact(ws.db, outcome.fact)
    point_to_current(ws.db)
    if outcome.session is None:
        return outcome
    session = replace(outcome.session, summary=summary or outcome.session.summary)
    return outcome._replace(session=replace(session, id=journal_rows.add_session(ws.db, session)))


def _reject_proposals(ws: Workspace, mission_id: str) -> None:
    """Close what was typed as the mission's status: whoever asks for the one that it has, has decided.

    What was typed since the last command stays open: nobody has seen it yet.
    """
    if all(change.mission_id != mission_id for change in ws.report.put_back):
        noting.close(ws.db, None, "proposal", mission_id=mission_id, field="status", now=ws.now)


def point_to_current(db: Connection) -> None:
    """Keep ``current_mission`` and ``current_sprint`` of the project's state true.

    With no mission open, there is no current one; the sprint stays the one that was worked at last.
    """
    mission = lifecycle.current(mission_rows.with_status(db, IN_PROGRESS, CURRENT))
    _put(db, "current_mission", mission.id if mission else None)
    if mission is not None and mission.sprint_id is not None:
        _put(db, "current_sprint", mission.sprint_id)


def _put(db: Connection, key: str, value: Optional[str]) -> None:
    if project_rows.get_state(db, key) != value:
        project_rows.put_state(db, key, value)
