"""The values that the steps of one sync pass share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Sequence

from cmos.core.models import Options
from cmos.core.record import NamedTuple
from cmos.core.report import Report
from cmos.db.connection import Connection
from cmos.sync import issue_rows
from cmos.sync import rows as sync_rows
from cmos.sync.identify import Sprints
from cmos.sync.origin import Origins
from cmos.sync.rows import BaseRecord
from cmos.sync.survey import Survey

if TYPE_CHECKING:
    from cmos.project.project import Project


class Pass(NamedTuple):
    """The values that all steps of one pass share."""

    project: Project
    survey: Survey
    options: Options
    #: The operation that git is in the middle of: files are neither read nor written.
    gate: str = ""
    #: Files that a crash left behind; they are removed once their texts are safe.
    leftovers: Sequence[str] = ()


class Intake:
    """The values that the steps share that take files in."""

    def __init__(self, run: Pass, before: Iterable[BaseRecord], origins: Origins) -> None:
        self.project = run.project
        self.accepts_status = run.options.accepts_status
        self.db: Connection = run.project.db
        self.report: Report = run.project.report
        self.origins = origins
        self.sprints = Sprints(self.db)
        #: The records of the files at the last sync, by path and mission.
        self.before = {(record.path, record.mission_id): record for record in before}
        self.wishes = {(wish.mission_id, wish.field): wish for wish in issue_rows.wishes(run.project)}
        open_issues = issue_rows.open_issues(self.db, worktree=run.project.worktree)
        #: Places (path, mission) with an open issue; the others need no closing.
        self.noted = {(issue.path, issue.mission_id) for issue in open_issues}
        #: Places (path, mission) whose value waits for its commit.
        self.waiting = {(issue.path, issue.mission_id) for issue in open_issues if issue.kind == "waiting"}
        #: At the first look of a worktree, the missions that others have files of: what HEAD says of them is no news.
        is_first = run.project.layout.repository is not None and not sync_rows.last_head(run.project)
        self.known_elsewhere = sync_rows.listed_elsewhere(run.project) if is_first else set()
        #: Missions with another status on this branch, noted in this pass.
        self.elsewhere: List[str] = []
