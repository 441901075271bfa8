"""Making a folder a project: database, first import of everything there is."""

from __future__ import annotations

import os
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from cmos.core.errors import FileProblem
from cmos.core.imports import ImportReport
from cmos.core.issue import Issue
from cmos.core.mission import Mission
from cmos.core.status import CURRENT, IN_PROGRESS
from cmos.services import clock
from cmos.services.importing import import_project_files
from cmos.services.layout import Layout, new_project
from cmos.services.workspace import Workspace, open_layout
from cmos.store import issues, migrate, missions, sessions
from cmos.store.missions import SprintCount


class Setup(NamedTuple):
    """What init did and what it found."""

    root: str
    database: str
    #: False when the project was there already.
    created: bool
    #: Ids of missions that were registered now.
    registered: List[str]
    counts: List[SprintCount]
    open: Tuple[Mission, ...]
    sessions: int
    imported: ImportReport
    #: What was not understood, and where file and database differ.
    issues: List[Issue]
    notices: List[str]


def set_up(start: str, *, progress: Optional[Callable[[int, int], None]] = None) -> Setup:
    """Create the project's database if need be and take in all that its files say.

    Running it again takes in what is new and changes nothing else. ``progress`` is called
    with the number of files done and the number of all.
    """
    layout = new_project(start)
    created = _create(layout)
    with open_layout(layout) as ws:
        ws.progress = progress
        with ws.change() as db:
            imported = import_project_files(ws, db, now=ws.now)
        return _result(ws, created, imported)


def _create(layout: Layout) -> bool:
    try:
        created = migrate.create(layout.database)
        if not created:
            migrate.migrate(layout.database, stamp=clock.now().replace(":", ""))
        return created
    except OSError as error:
        raise FileProblem(
            "%s cannot be made a project: %s" % (layout.root, error.strerror), hint="check the permissions there"
        ) from error


def _result(ws: Workspace, created: bool, imported: ImportReport) -> Setup:
    return Setup(
        ws.layout.root,
        os.path.relpath(ws.layout.database, ws.layout.root),
        created,
        ws.report.registered,
        missions.counts(ws.db),
        missions.with_status(ws.db, IN_PROGRESS, CURRENT),
        sessions.count(ws.db),
        imported,
        issues.open_issues(ws.db, worktree=ws.layout.worktree),
        ws.notices,
    )


def by_status(counts: List[SprintCount]) -> Dict[str, int]:
    """Return the number of missions of each status."""
    totals: Dict[str, int] = {}
    for one in counts:
        totals[one.status] = totals.get(one.status, 0) + one.number
    return totals
