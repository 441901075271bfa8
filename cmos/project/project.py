"""What a command has opened: a project's paths, its database, and the lines for the user."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Iterator, List, Optional, Tuple

from cmos import clock
from cmos.core.errors import CmosError, DatabaseProblem, NotAProject
from cmos.db import connection
from cmos.db.connection import Connection
from cmos.db.lock import PATIENCE
from cmos.project import trust
from cmos.project.layout import Layout, at_top, nearest
from cmos.project.trust import open_trusted

if TYPE_CHECKING:
    from cmos.core.report import Report


class Project:
    """One project, opened for one command."""

    def __init__(self, layout: Layout, db: Connection) -> None:
        self.layout = layout
        self.db = db
        #: Lines for the user, on stderr.
        self.notices: List[str] = []
        self.now = clock.now()
        #: Problems that did not stop the command.
        self.failures: List[CmosError] = []
        #: Whether it changed the database, so that a copy may be due.
        self.has_changed = False
        self._identity = _identity(layout)
        #: Problems of the last ``refresh``.
        self.problems: List[CmosError] = []
        #: A dry run: changes are rolled back at the end, and no file is written.
        self.is_trial = False
        #: Seconds to wait for another process that changes the project.
        self.patience = PATIENCE

    @cached_property
    def report(self) -> Report:
        """What the passes of this command did."""
        from cmos.core.report import Report

        return Report()

    @property
    def worktree(self) -> str:
        """The name of this worktree in the database."""
        return self.layout.worktree

    def check_in_place(self) -> None:
        """Check, under the lock, that the open database has not been replaced meanwhile."""
        if _identity(self.layout) != self._identity:
            told = "the database was replaced while this command began: %s" % self.layout.database
            raise DatabaseProblem(told, hint="run the command again")
        self.has_changed = True

    def fail(self, problem: CmosError) -> None:
        """Remember a problem that does not stop the command; it is raised at the end."""
        self.failures.append(problem)

    def check_failures(self) -> None:
        """Raise the first problem; the others become notices."""
        self.notices += [problem.message for problem in self.failures[1:]]
        if self.failures:
            raise self.failures[0]


def _identity(layout: Layout) -> Optional[Tuple[int, int]]:
    try:
        info = os.stat(layout.database)
    except OSError:
        return None
    return info.st_dev, info.st_ino


def find_project(start: str) -> Layout:
    """Return the project of a folder: the nearest at or above it, up to the top of its checkout.

    Raises NotAProject when it has no database, FileProblem and DatabaseProblem when that cannot be trusted.
    """
    layout = nearest(start)
    if layout is None or not os.path.lexists(layout.database):
        from cmos.project import lost

        lost.check_lost(layout or at_top(start), NotAProject)
        if layout is not None:
            lost.check_above(layout, NotAProject)
        where = os.path.abspath(start) if layout is None else layout.root
        told = "no cmos project here or above: %s" if layout is None else "this project has no database: %s"
        raise NotAProject(told % where, hint="run: cmosctl init")
    trust.check(layout)
    return layout


def new_project(start: str) -> Layout:
    """Return where a project of this folder is, or else belongs: at the top of the checkout.

    Raises FileProblem and DatabaseProblem when what is there cannot be trusted.
    """
    layout = nearest(start) or at_top(start)
    trust.check(layout)
    return layout


@contextmanager
def open_project(start: Optional[str] = None) -> Iterator[Project]:
    """Open the project at or above a folder (the current one by default).

    Raises NotAProject, DatabaseProblem; at the end FileProblem if a file could not be written.
    """
    with open_layout(find_project(start or os.getcwd())) as project:
        yield project


@contextmanager
def open_layout(layout: Layout, *, patience: float = PATIENCE) -> Iterator[Project]:
    """Open the project of a layout, as ``open_project`` does; ``patience`` is in seconds."""
    notices: List[str] = []
    db = open_trusted(layout, timeout=min(patience, connection.BUSY_SECONDS), notices=notices)
    project = Project(layout, db)
    project.notices += notices
    project.patience = patience
    try:
        with connection.translated(layout.database):
            yield project
            if project.has_changed and not project.is_trial:
                from cmos.project.lost import keep_copy

                project.notices += keep_copy(layout, db)
    finally:
        db.close()
    project.check_failures()
