"""A folder made a project: its database, the first import of everything there is, permissions."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Tuple

from cmos import clock
from cmos.actions import reconcile
from cmos.core.errors import DatabaseProblem, FileProblem, GitProblem
from cmos.core.models import Mission, Options
from cmos.core.record import NamedTuple
from cmos.core.report import ImportReport, Issue, Logged
from cmos.core.schema import NEWEST
from cmos.core.status import CURRENT, IN_PROGRESS
from cmos.db import connection, migrate
from cmos.db.connection import Connection
from cmos.db.lock import writer_lock
from cmos.git.repository import ask, open_repository
from cmos.history import record as history
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.missions.rows import SprintCount
from cmos.project import lost, trust
from cmos.project.layout import Layout
from cmos.project.project import Project, find_project, new_project, open_layout
from cmos.sync import issue_rows, run
from cmos.transfer.logs import import_project_files, sources

Progress = Callable[[int, int], None]


class Setup(NamedTuple):
    """What ``init`` did and found."""

    root: str
    #: Relative in the project's own folder, else the full path.
    database: str
    #: False when the project existed already.
    created: bool
    #: Ids of missions that were registered now.
    registered: List[str]
    counts: List[SprintCount]
    open: Tuple[Mission, ...]
    sessions: int
    imported: ImportReport
    #: Files that were not understood, and differences between files and database.
    issues: List[Issue]
    notices: List[str]
    #: What was found in git's history; None outside of git.
    logged: Optional[Logged] = None


def set_up(
    start: str,
    *,
    progress: Optional[Progress] = None,
    all_history: bool = False,
    commit_progress: Optional[Progress] = None,
    adopt: bool = False,
    fresh: bool = False,
) -> Setup:
    """Create the project's database if need be and take in all its files.

    Running it again takes in what is new and changes nothing else. ``progress`` is called
    with the number of files done and the number of all, ``commit_progress`` with those of commits.
    ``adopt``: take over a database that was not made for this repository. ``fresh``: make a new one
    although one was lost; all traces of that are renamed.
    """
    layout = new_project(start)
    if fresh:
        lost.put_by(layout, clock.now())
    else:
        lost.check_lost(layout, DatabaseProblem)
    lost.check_above(layout, DatabaseProblem)
    created = create_at(layout)
    notices = adopt_database(layout) if adopt and not created else []
    if not created:
        migrated = migrate_database(start, now=clock.now())
        if migrated.backup:
            notices.append("the database was migrated; as it was before: %s" % migrated.backup)
    with open_layout(layout) as project:
        project.notices += notices
        with run.change(project, Options(takes_history=False, progress=progress)) as db:
            imported = import_project_files(project, db, now=project.now, is_first=created)
            most = None if all_history else reconcile.MOST
            reconcile.date_completions(project, most=most, progress=commit_progress)
            # after the import: the commits of an old log are not to be logged once more
            history.catch_up(project, db, everything=all_history, progress=commit_progress)
        share_permissions(layout)
        return _result(project, created, imported, start)


def _result(project: Project, created: bool, imported: ImportReport, start: str) -> Setup:
    is_here = os.path.dirname(project.layout.home) == os.path.abspath(start)
    return Setup(
        project.layout.root,
        os.path.relpath(project.layout.database, start) if is_here else project.layout.database,
        created,
        project.report.registered,
        mission_rows.counts(project.db),
        mission_rows.with_status(project.db, IN_PROGRESS, CURRENT),
        journal_rows.count_sessions(project.db),
        imported,
        issue_rows.open_issues(project.db, worktree=project.layout.worktree),
        project.notices,
        project.report.logged,
    )


_GROUP, _ALL = 0o660, 0o664


def share_permissions(layout: Layout) -> None:
    """Let the users whom core.sharedRepository means write the database and the files beside it."""
    bits = _bits(layout)
    if bits is None or layout.repository is None:
        return
    os.makedirs(layout.aside, exist_ok=True)
    for folder in (layout.home, layout.aside, os.path.join(layout.repository.common_dir, "cmos")):
        # what is made in there later belongs to the group too
        _widen(folder, bits | (bits & 0o444) >> 2 | stat.S_ISGID)
    for path in (layout.database, layout.database + "-wal", layout.database + "-shm", layout.lock, layout.copy or ""):
        _widen(path, bits)


def _bits(layout: Layout) -> Optional[int]:
    if layout.repository is None:
        return None
    try:
        with open_repository(layout.repository.top) as repo:
            setting = ask(repo, "config", "--get", "core.sharedRepository") or "umask"
    except GitProblem:
        return None  # the project is made all the same
    if setting.lower() in ("group", "true", "1", "yes", "on"):
        return _GROUP
    if setting.lower() in ("all", "world", "everybody", "2"):
        return _ALL
    # an octal mode says it itself
    return int(setting, 8) & 0o666 if setting.startswith("0") and setting.isdigit() and len(setting) > 1 else None


def _widen(path: str, bits: int) -> None:
    try:
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | bits)
    except OSError:
        pass  # it does not exist, or is not ours: its owner has done it


class Created(NamedTuple):
    path: str
    #: False when the database was there already.
    is_new: bool
    #: What there is that ``cmosctl init`` takes in, relative to the project.
    left_out: Tuple[str, ...] = ()


class Migrated(NamedTuple):
    path: str
    #: The copy that was made first; None when there was nothing to do.
    backup: Optional[str]


def create_database(start: str) -> Created:
    """Create an empty database for the project of a folder.

    Raises FileProblem, and DatabaseProblem when there is one that cannot be used.
    """
    layout = new_project(start)
    lost.check_lost(layout, DatabaseProblem)
    lost.check_above(layout, DatabaseProblem)
    is_new = create_at(layout)
    if not is_new:
        trust.open_trusted(layout, timeout=connection.BUSY_SECONDS, notices=[]).close()
    return Created(layout.database, is_new, sources(layout.root) if is_new else ())


def create_at(layout: Layout) -> bool:
    """Create the database of a layout; say whether it is new. Raises FileProblem, DatabaseProblem."""
    try:
        migrate.prepare_folder(layout.home)
        # when several processes come at once, one makes it and the others find it
        with writer_lock(layout.lock):
            return migrate.create_database(layout.database, lambda db: _stamp(layout, db))
    except OSError as error:
        why = "%s cannot be made: %s" % (layout.database, error.strerror)
        raise FileProblem(why, hint="check the permissions there") from None


def _stamp(layout: Layout, db: Connection) -> None:
    if layout.repository is not None:
        trust.stamp(layout, db)


def migrate_database(start: str, *, now: str) -> Migrated:
    """Bring the project's database to the newest schema; a copy of it is kept."""
    layout = find_project(start)
    _check_trusted(layout)
    stamp = now.replace("-", "").replace(":", "")
    # when several processes come at once, only the first makes a copy: the schema is still the older one
    with writer_lock(layout.lock):
        with _as_it_stands(layout) as db:
            if connection.schema_version(db) != NEWEST:
                lost.keep_copy(layout, db, every=0)
        return Migrated(layout.database, migrate.migrate(layout.database, stamp=stamp))


def adopt_database(layout: Layout) -> List[str]:
    """Take over a database, whatever its token, after checking all of it; return a line for the user.

    Raises DatabaseProblem.
    """
    with _as_it_stands(layout) as db:
        return trust.adopt(layout, db)


def database_path(start: str) -> str:
    """Return the path of the project's database. Raises NotAProject, DatabaseProblem."""
    layout = find_project(start)
    _check_trusted(layout)
    return layout.database


def _check_trusted(layout: Layout) -> None:
    """Check that a database, whatever its schema, belongs to the repository. Raises DatabaseProblem."""
    with _as_it_stands(layout) as db:
        trust.check_token(layout, db, [])


@contextmanager
def _as_it_stands(layout: Layout) -> Iterator[Connection]:
    with connection.translated(layout.database):
        db = connection.connect(layout.database)
        try:
            yield db
        finally:
            db.close()
