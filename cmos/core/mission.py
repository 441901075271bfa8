"""A mission as the database holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple


@dataclass(frozen=True)
class Mission:
    """One mission: the row that the database holds of it."""

    id: str
    sprint_id: Optional[str] = None
    name: Optional[str] = None
    status: str = "Queued"
    created_at: Optional[str] = None
    completed_at: Optional[str] = None
    notes: Optional[str] = None
    objective: Optional[str] = None
    #: Required fields that its file lacks; None when it has no mission file.
    missing: Optional[Tuple[str, ...]] = None
    #: Place in the backlog, from 0; None when no backlog lists it.
    position: Optional[int] = None
    #: Who has claimed it.
    agent: Optional[str] = None
    started_at: Optional[str] = None
    blocked_reason: Optional[str] = None
    #: Where it was claimed; after it is done, where the commit of its work is still to come.
    worktree: Optional[str] = None
