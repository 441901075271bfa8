"""What the steps of one sync pass share."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from cmos.core.report import Report
from cmos.services.layout import Layout
from cmos.services.sync.survey import Survey
from cmos.store.connection import Connection


class Pass(NamedTuple):
    """What the steps of one pass share."""

    layout: Layout
    db: Connection
    survey: Survey
    report: Report
    now: str
    accept_mass_change: bool = False
    progress: Optional[Callable[[int, int], None]] = None
    #: What git is in the middle of: files are left alone and nothing is taken from them.
    gate: str = ""
    #: Statuses typed by hand are to be applied, not put back.
    accepts_status: bool = False

    @property
    def worktree(self) -> str:
        return self.layout.worktree
