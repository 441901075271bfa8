"""Whether the index is up to date, at the least cost: each search asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmos.files.scan import RACY_NS
from cmos.store import kb_looks

if TYPE_CHECKING:
    from cmos.files.documents import Listing
    from cmos.project.project import Workspace


def is_current(ws: Workspace, found: Listing) -> bool:
    """Say whether the index holds all that is there now."""
    return are_documents_current(ws, found) and kb_looks.newest(ws.db) == kb_looks.indexed(ws.db)


def are_documents_current(ws: Workspace, found: Listing) -> bool:
    signature, checked_ns = kb_looks.look(ws.db, ws.layout.worktree)
    return signature == found.signature and found.newest_ns + RACY_NS < checked_ns
