"""Whether the index is up to date, at the least cost: each search asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmos.files.scan import RACY_NS
from cmos.store import kb_looks

if TYPE_CHECKING:
    from cmos.files.documents import Listing
    from cmos.services.workspace import Workspace


def is_current(ws: Workspace, found: Listing) -> bool:
    """Say whether the index holds all that is there now."""
    signature, checked_ns = kb_looks.look(ws.db, ws.layout.worktree)
    if signature != found.signature or found.newest_ns + RACY_NS >= checked_ns > 0:
        return False
    return kb_looks.newest(ws.db) == kb_looks.indexed(ws.db)
