"""Importing a backlog that a person names: its missions, sprints and dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmos.core.errors import FileProblem
from cmos.core.imports import ImportReport

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace


def import_backlog(ws: Workspace, path: str, data: bytes, *, now: str) -> ImportReport:
    """Take over what a backlog of any shape says. Raises FileProblem for one that says nothing."""
    raise FileProblem(
        "%s: backlogs cannot be imported yet" % path, hint="put it at cmos/missions/backlog.yaml, then: cmosctl sync"
    )
