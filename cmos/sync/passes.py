"""What the steps of one sync pass share."""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from cmos.core.report import Report
from cmos.db.connection import Connection
from cmos.project.layout import Layout
from cmos.sync.identify import Sprints
from cmos.sync.issue_rows import Pending
from cmos.sync.origin import Origins
from cmos.sync.rows import BaseRecord
from cmos.sync.survey import Survey


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
    #: Files that a crash left and that go once their texts are safe.
    leftovers: Sequence[str] = ()
    #: Statuses typed by hand are to be applied, not put back.
    accepts_status: bool = False

    @property
    def worktree(self) -> str:
        return self.layout.worktree


class Intake(NamedTuple):
    """What the steps of taking in share."""

    db: Connection
    worktree: str
    now: str
    report: Report
    #: What the files said at the last sync, by path and mission.
    before: Dict[Tuple[str, str], BaseRecord]
    wishes: Dict[Tuple[str, str], Pending]
    #: Places (path, mission) that have an open note about a value; others need no closing.
    noted: Set[Tuple[str, Optional[str]]]
    sprints: Sprints
    origins: Origins
    #: Places (path, mission) whose value waits for its commit.
    waiting: Set[Tuple[str, Optional[str]]]
    #: Missions that have another status where the checkout is, noted in this pass.
    elsewhere: List[str]
    accepts_status: bool = False
