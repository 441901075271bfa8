"""Storing a mission that a command changed, and asking for its files to follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional

from cmos.core.errors import NeedsPerson
from cmos.core.models import Mission
from cmos.core.status import BLOCKED, COMPLETED, IN_PROGRESS
from cmos.missionfile.records import SYNCED
from cmos.missions import rows as mission_rows
from cmos.services.drifting import ask_field
from cmos.services.sync import noticing
from cmos.store import noting

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def save(ws: Workspace, before: Optional[Mission], after: Mission) -> None:
    """Store the row and ask for each synced field that differs to be written; inside ``run.change(ws)``.

    A value that the file changed since the last sync stays: whoever gave the command could
    not know of it, so the command's value is the conflict's loser (SYNC.md S7). A new status
    closes the proposals about it: somebody has decided.
    """
    if before is None:
        mission_rows.insert(ws.db, after, now=ws.now)
        return
    after = _without_conflicts(ws, before, after)
    if after.status != before.status:
        is_work = after.status in (IN_PROGRESS, COMPLETED, BLOCKED)
        after = replace(after, worktree=ws.layout.worktree if is_work else None)
    mission_rows.update(ws.db, after)
    is_written = False
    for field in SYNCED:
        old, new = _value(before, field), _value(after, field)
        if old != new:
            is_asked = ask_field(ws, after.id, field, new, insert_line=field == "status")
            is_written = is_written or (is_asked and field == "status")
            noting.close(ws.db, None, "conflict", mission_id=after.id, field=field, now=ws.now)
    if before.status != after.status:
        noting.close(ws.db, None, "proposal", mission_id=after.id, now=ws.now)
        here = ws.layout.worktree if is_written else None
        noticing.follow(ws.db, after.id, after.status, but=here, now=ws.now)


def _without_conflicts(ws: Workspace, before: Mission, after: Mission) -> Mission:
    for edit in ws.report.indexed:
        new = _value(after, edit.field)
        if edit.mission_id != after.id or edit.before is None or new == _value(before, edit.field):
            continue
        change = edit._replace(before=new)
        noticing.conflict(ws.db, ws.layout.worktree, change, line=None, now=ws.now, report=ws.report)
        ws.fail(NeedsPerson(ws.report.notices.pop(), hint="to set it nevertheless, give the command again"))
        kept: Any = {COLUMNS.get(edit.field, edit.field): edit.after}
        after = replace(after, **kept)
    return after


#: Fields of a record whose column of the mission has another name.
COLUMNS = {"sprint": "sprint_id"}


def _value(mission: Mission, field: str) -> Optional[str]:
    value: Optional[str] = getattr(mission, COLUMNS.get(field, field))
    return value
