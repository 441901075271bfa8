"""What people typed and what did not stay: texts of files, and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NamedTuple, Optional

from cmos.store import issues, texts

if TYPE_CHECKING:
    from cmos.project.project import Workspace


class Lost(NamedTuple):
    """A text or a value. The database keeps it for good."""

    #: When it lost.
    ts: Optional[str]
    #: Where it was typed.
    path: str
    text: str
    #: Of a value: whose it was, and what stayed in its place.
    mission_id: Optional[str] = None
    field: Optional[str] = None
    stayed: Optional[str] = None


def lost(ws: Workspace) -> List[Lost]:
    """Return all that lost, the newest last."""
    found = [
        Lost(one.ts, one.path, (texts.content(ws.db, one.hash) or b"").decode("utf-8", "replace"))
        for one in texts.listing(ws.db, texts.LOST)
    ]
    found += [
        Lost(one.closed_at, one.path, one.file_value or "", one.mission_id, one.field, one.database_value)
        for one in issues.lost(ws.db)
    ]
    return sorted(found, key=lambda one: one.ts or "")
