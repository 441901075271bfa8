"""What a sync or an import could not settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Issue:
    """Something that sync or an import could not settle, kept until it is.

    ``kind`` is one of drift, proposal, conflict, quarantine, duplicate, missing,
    pending, brake, leftover. Proposals, conflicts and leftovers stay in the database when
    they are closed: they hold what a person typed and lost.
    """

    kind: str
    path: str
    why: str
    line: Optional[int] = None
    mission_id: Optional[str] = None
    field: Optional[str] = None
    file_value: Optional[str] = None
    database_value: Optional[str] = None
    since: Optional[str] = None
    closed_at: Optional[str] = None
    worktree: str = ""
    id: Optional[int] = None
