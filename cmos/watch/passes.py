"""One look of the watcher: with the engine that commands use, on a database that stays open."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Iterator, Optional, Tuple

from cmos.core.errors import CmosError
from cmos.core.record import NamedTuple
from cmos.project.layout import Layout
from cmos.watch.daemon import SCAN

if TYPE_CHECKING:
    from cmos.project.project import Project


from typing import Dict, Iterable

from cmos.core.errors import DatabaseProblem
from cmos.core.schema import NEWEST
from cmos.db import connection
from cmos.db.connection import Connection
from cmos.git import process
from cmos.git.head import activity, at_work
from cmos.project import trust
from cmos.project.project import Project
from cmos.sync import issue_rows, run
from cmos.sync import rows as sync_rows
from cmos.sync.run import has_changed

#: Seconds to wait for another process that changes the project; then the watcher comes again.
_PATIENCE = 2.0


class Looked(NamedTuple):
    """What one look came to."""

    #: It looked, it ran a pass.
    looked: bool = False
    passed: bool = False
    #: Values that were written into files.
    wrote: int = 0
    #: The log's lines.
    lines: Tuple[str, ...] = ()
    #: What was in the way, by what it is about.
    trouble: Dict[str, str] = {}
    #: Something was in the way that passes by itself: look again soon.
    is_hindered: bool = False


class Passes:
    """The looks of one watcher."""

    def __init__(self) -> None:
        # loaded now, not by the first save
        from cmos.missionfile import reader, splice  # noqa: F401
        from cmos.sync import run, take  # noqa: F401

        self._db: Optional[Connection] = None
        #: What tells the open database from another at its path.
        self._identity: Tuple[int, int] = (0, 0)
        self._version = -1
        #: What the last pass found in the way; it stays so until the next one.
        self._left: Dict[str, str] = {}
        self._again = True
        self._retried = time.monotonic()
        self.is_outdated = False

    def look(self, layout: Layout, *, files: bool, hints: Iterable[str] = ()) -> Looked:
        """Look and run a pass if one is due. Without ``files``, only the database may have changed.

        ``hints`` are paths to look at first: one that changed saves the look at all others before the pass.
        """
        try:
            process.begin()
            with connection.translated(layout.database):
                db = self._opened(layout)
                return self._look(layout, db, files=files, hints=hints)
        except (CmosError, OSError) as problem:
            self.close()
            why = problem.message if isinstance(problem, CmosError) else str(problem)
            return Looked(trouble=dict(self._left, database=why), is_hindered=True)

    def files(self, layout: Layout) -> Optional[int]:
        """Return how many mission files the database knows; None when it is not open."""
        return sync_rows.count_files(self._db, layout.worktree) if self._db is not None else None

    def close(self) -> None:
        """Close the database."""
        if self._db is not None:
            self._db.close()
        self._db = None

    def _opened(self, layout: Layout) -> Connection:
        try:
            info = os.stat(layout.database)
        except OSError:
            raise DatabaseProblem("there is no database: cmosctl status says what to do") from None
        trust.check(layout)
        identity = info.st_dev, info.st_ino
        if self._db is None or identity != self._identity:
            self.close()
            self._db = trust.open_trusted(layout, timeout=_PATIENCE, notices=[])
            self._identity, self._version, self._again = identity, -1, True
        return self._db

    def _look(self, layout: Layout, db: Connection, *, files: bool, hints: Iterable[str]) -> Looked:
        # asked before the look: what others commit during it is then seen by the next one
        version = connection.data_version(db)
        if version != self._version:
            self.is_outdated = connection.schema_version(db) != NEWEST
        elif not files and not self._again:
            return Looked(trouble=self._left)
        self._version = version
        if self.is_outdated:
            return Looked()
        looked = self._pass(layout, db, hints)
        gate = at_work(layout.repository)
        self._again = bool(gate) or looked.is_hindered
        if gate:
            trouble = dict(looked.trouble, git="git is in the middle of %s" % activity(layout.repository, gate))
            return looked._replace(trouble=trouble, is_hindered=True)
        return looked

    def _pass(self, layout: Layout, db: Connection, hints: Iterable[str]) -> Looked:
        began = time.monotonic()
        project = Project(layout, db)
        project.patience = _PATIENCE
        retry = self._is_time_to_retry(project)
        if not run.refresh(project, is_due=retry or has_changed(project, hints), retry=retry):
            # where nothing is due nothing is in the way, but for what cannot be looked at or written
            folders = {what: why for what, why in self._left.items() if what == "folders"}
            self._left = dict(_unwritten(project), **folders)
            return Looked(looked=True, trouble=self._left)
        self._left = dict(_unwritten(project), **_trouble(project))
        return Looked(
            looked=True,
            passed=True,
            wrote=len(project.report.written),
            lines=of_pass(project, time.monotonic() - began),
            trouble=self._left,
            is_hindered=bool(project.problems),
        )

    def _is_time_to_retry(self, project: Project) -> bool:
        """Say whether a write that was refused is to be tried again: what stood against it may leave no trace."""
        if time.monotonic() - self._retried < SCAN - 1 or not issue_rows.refused(project):
            return False
        self._retried = time.monotonic()
        return True


def _unwritten(project: Project) -> Dict[str, str]:
    refused = issue_rows.refused(project)
    if not refused:
        return {}
    first = refused[0]
    told = "the %s of %s is not written: %s" % (first.field, first.mission_id, first.refused)
    return {"writing": told + ("; %d more wait" % (len(refused) - 1) if refused[1:] else "")}


def _trouble(project: Project) -> Dict[str, str]:
    found = {}
    if project.report.brake:
        found["files"] = project.report.brake
    elif not project.problems and project.report.unreadable:
        found["folders"] = "cannot be read: %s" % ", ".join(project.report.unreadable)
    if project.problems:
        found["database" if isinstance(project.problems[0], DatabaseProblem) else "writing"] = project.problems[
            0
        ].message
    return found


def of_pass(project: Project, seconds: float) -> Tuple[str, ...]:
    """Return what a pass did, on one line, and what it has to say to people; nothing of one that found nothing."""
    told = ", ".join(_counts(project))
    first = ("%s  (%d ms)" % (told, round(seconds * 1000)),) if told else ()
    # what is in the way is told as trouble, once
    told_once = [project.report.brake, *(problem.message for problem in project.problems)]
    return (*first, *(line for line in project.notices if not line.endswith(tuple(filter(None, told_once)))))


def _counts(project: Project) -> Iterator[str]:
    report = project.report
    commits = project.report.logged.new if project.report.logged else 0
    for what, number in (
        ("new", len(report.registered)),
        ("taken from files", len(report.indexed)),
        ("typed and put back", len(report.put_back)),
        ("written into files", len(report.written)),
        ("in conflict", len(report.conflicts)),
        ("moved", len(report.renamed)),
        ("gone", len(report.missing)),
        ("not valid", len(report.quarantined)),
        ("commits logged", commits),
    ):
        if number:
            yield "%d %s" % (number, what)
