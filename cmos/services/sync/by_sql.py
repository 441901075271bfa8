"""Statuses that somebody set with SQL: taken as operations, so that log and files follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cmos.journal import rows as journal_rows
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.services.changes import save
from cmos.services.recording import point_to_current

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def take(ws: Workspace) -> None:
    """Do what a command that sets such a status does besides; inside the transaction of a pass."""
    found = mission_rows.set_by_sql(ws.db)
    for row, was in found:
        if was is None:
            mission_rows.acknowledge(ws.db, row.id)
            continue
        outcome = lifecycle.adopt(row, was, now=ws.now)
        # a time that was set with the status is to reach the file too
        before = replace(row, status=was, completed_at=row.completed_at if not outcome.mission.completed_at else None)
        save(ws, before, outcome.mission)
        if outcome.session is not None:
            journal_rows.add_session(ws.db, outcome.session)
        if outcome.fact is not None:
            journal_rows.add_fact(ws.db, outcome.fact)
        ws.notices.append("%s: %s was set in the database; the log and the files follow" % (row.id, row.status))
    if found:
        point_to_current(ws.db)
