"""Whether the log is behind git, at the least cost: every command asks."""

from __future__ import annotations

from cmos.db.connection import Connection
from cmos.git.checkout import head
from cmos.history import rows as history_rows
from cmos.project.layout import Layout


def is_due(layout: Layout, db: Connection) -> bool:
    """Say whether HEAD is not where history was last looked at; never during a rebase."""
    if layout.repository is None or layout.repository.is_rewriting:
        return False
    here = head(layout.repository)
    return here.sha is not None and here.sha != history_rows.head(db, layout.worktree)
