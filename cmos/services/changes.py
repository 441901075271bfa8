"""Storing a mission that a command changed, and asking for its files to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from cmos.core.models import Mission
from cmos.core.records import SYNCED
from cmos.store import missions, noting, pending
from cmos.store.pending import Pending

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace


def save(ws: Workspace, before: Optional[Mission], after: Mission) -> None:
    """Store the row and ask for each synced field that differs to be written; inside ``ws.change()``.

    A new status closes the proposals about it: somebody has decided.
    """
    if before is None:
        missions.insert(ws.db, after, now=ws.now)
        return
    missions.update(ws.db, after)
    for field in SYNCED:
        old, new = _value(before, field), _value(after, field)
        if old != new:
            wish = Pending(after.id, field, new, insert_line=field == "status", refused="")
            pending.ask(ws.db, ws.layout.worktree, wish, now=ws.now)
    if before.status != after.status:
        noting.close(ws.db, None, "proposal", mission_id=after.id, now=ws.now)


def _value(mission: Mission, field: str) -> Optional[str]:
    return mission.sprint_id if field == "sprint" else getattr(mission, field)
