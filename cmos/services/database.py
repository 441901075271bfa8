"""The database file itself: made, brought to the newest schema, opened for a person."""

from __future__ import annotations

from typing import NamedTuple, Optional

from cmos.core.errors import FileProblem
from cmos.services.layout import Layout, find_project, new_project
from cmos.store import connection, migrate
from cmos.store.lock import writer_lock


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
    is_new = create_at(layout)
    if not is_new:
        connection.open_database(layout.database).close()
    return Created(layout.database, is_new)


def create_at(layout: Layout) -> bool:
    """Create the database of a layout; say whether it is new. Raises FileProblem, DatabaseProblem."""
    try:
        migrate.prepare(layout.home)
        # of processes that come at once, one makes it and the others find it
        with writer_lock(layout.lock):
            return migrate.create(layout.database)
    except OSError as error:
        why = "%s cannot be made: %s" % (layout.database, error.strerror)
        raise FileProblem(why, hint="check the permissions there") from None


def migrate_database(start: str, *, now: str) -> Migrated:
    """Bring the project's database to the newest schema; a copy of it is kept."""
    layout = find_project(start)
    stamp = now.replace("-", "").replace(":", "")
    # of processes that come at once, only the first one makes a copy: it is of the older schema
    with writer_lock(layout.lock):
        return Migrated(layout.database, migrate.migrate(layout.database, stamp=stamp))


def database_path(start: str) -> str:
    """Return the path of the project's database. Raises NotAProject."""
    return find_project(start).database
