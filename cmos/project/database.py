"""The database file itself: made, brought to the newest schema, opened for a person."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator, List, NamedTuple, Optional

from cmos.core.errors import DatabaseProblem, FileProblem
from cmos.core.schema import NEWEST
from cmos.db import connection, migrate
from cmos.db.lock import writer_lock
from cmos.project import lost, trust
from cmos.project.layout import Layout
from cmos.project.lost import keep_copy
from cmos.project.project import find_project, new_project
from cmos.project.trust import check_token, open_trusted


class Created(NamedTuple):
    path: str
    #: False when the database was there already.
    is_new: bool


class Migrated(NamedTuple):
    path: str
    #: The copy that was made first; None when there was nothing to do.
    backup: Optional[str]


def create_database(start: str) -> Created:
    """Create the database of the project that a folder is in, with nothing in it.

    Raises FileProblem, and DatabaseProblem for one that is there and cannot be used.
    """
    layout = new_project(start)
    lost.check_lost(layout, DatabaseProblem)
    if not os.path.lexists(layout.database):
        lost.check_above(layout, DatabaseProblem)
    is_new = create_at(layout)
    if not is_new:
        open_trusted(layout, timeout=connection.BUSY_SECONDS, notices=[]).close()
    return Created(layout.database, is_new)


def create_at(layout: Layout) -> bool:
    """Create the database of a layout; say whether it is new. Raises FileProblem, DatabaseProblem."""
    try:
        migrate.prepare_folder(layout.home)
        # of processes that come at once, one makes it and the others find it
        with writer_lock(layout.lock):
            return migrate.create_database(layout.database, lambda db: _stamp(layout, db))
    except OSError as error:
        why = "%s cannot be made: %s" % (layout.database, error.strerror)
        raise FileProblem(why, hint="check the permissions there") from None


def _stamp(layout: Layout, db: connection.Connection) -> None:
    if layout.repository is not None:
        trust.stamp(layout, db)


def migrate_database(start: str, *, now: str) -> Migrated:
    """Bring the project's database to the newest schema; a copy of it is kept."""
    layout = find_project(start)
    see_trusted(layout)
    stamp = now.replace("-", "").replace(":", "")
    # of processes that come at once, only the first one makes a copy: it is of the older schema
    with writer_lock(layout.lock):
        _copy_older(layout)
        return Migrated(layout.database, migrate.migrate(layout.database, stamp=stamp))


def _copy_older(layout: Layout) -> None:
    with _as_it_is(layout) as db:
        if connection.schema_version(db) != NEWEST:
            keep_copy(layout, db, every=0)


def adopt_database(layout: Layout) -> List[str]:
    """Take over a database whatever token it has, after a look at all of it; return a line for the user.

    Raises DatabaseProblem.
    """
    with _as_it_is(layout) as db:
        return trust.adopt(layout, db)


def database_path(start: str) -> str:
    """Return the path of the project's database. Raises NotAProject, and what ``see_trusted`` does."""
    layout = find_project(start)
    see_trusted(layout)
    return layout.database


def see_trusted(layout: Layout) -> None:
    """See that a database of whatever schema belongs to the repository. Raises DatabaseProblem."""
    with _as_it_is(layout) as db:
        check_token(layout, db, [])


@contextmanager
def _as_it_is(layout: Layout) -> Iterator[connection.Connection]:
    with connection.translated(layout.database):
        db = connection.connect(layout.database)
        try:
            yield db
        finally:
            db.close()
