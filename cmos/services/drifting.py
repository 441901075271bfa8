"""Putting the database's status into files that say another one: on request, never by a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Optional

from cmos.core import decide
from cmos.core.status import is_open
from cmos.missions import rows as mission_rows
from cmos.services.sync.standing import is_on_trunk
from cmos.store import base, issues, pending
from cmos.store.pending import Pending

if TYPE_CHECKING:
    from cmos.project.project import Workspace

_OWNED = ("status", "completed_at")


def write_status(ws: Workspace, ids: Optional[Iterable[str]] = None) -> List[str]:
    """Ask for the status of missions to be written where files differ; inside ``run.change(ws)``.

    Returns the paths of these files. Without ``ids``, of all missions.
    """
    wanted = None if ids is None else set(ids)
    found = [
        issue
        for issue in issues.open_issues(ws.db, worktree=ws.layout.worktree, kinds=["drift"])
        if issue.field in _OWNED and issue.mission_id and (wanted is None or issue.mission_id in wanted)
    ]
    for mission_id in sorted({issue.mission_id or "" for issue in found}):
        ask(ws, mission_id)
    return sorted({issue.path for issue in found})


def ask(ws: Workspace, mission_id: str) -> None:
    """Ask for what the database says of a mission's status to be written into its files."""
    mission = mission_rows.get(ws.db, mission_id)
    for field in _OWNED if mission is not None else ():
        ask_field(ws, mission_id, field, getattr(mission, field))


def ask_field(ws: Workspace, mission_id: str, field: str, value: Optional[str], *, insert_line: bool = False) -> bool:
    """Ask for a value to be written, in the words of the files here: of the pointers only the trunk's have any.

    False if the files say enough as they are.
    """
    if field == "status" and is_open(value):
        said = [record.status for record in base.live_records(ws.db, ws.layout.worktree, mission_id) if record.status]
        done = next((status for status in said if not is_open(status)), None)
        value = decide.written(value or "", done or next(iter(said), None), on_trunk=is_on_trunk(ws.layout, ws.db))
        if value is None:
            pending.drop(ws.db, ws.layout.worktree, mission_id, field)
            return False
    pending.ask(ws.db, ws.layout.worktree, Pending(mission_id, field, value, insert_line, ""), now=ws.now)
    return True
