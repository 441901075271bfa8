"""Rebuilding a damaged or missing database from what is left of it (docs/recovery.md)."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import Dict, Iterator, List, Optional, Tuple

from cmos.core.errors import FileProblem, NeedsPerson
from cmos.core.record import NamedTuple
from cmos.db import connection, migrate, sql
from cmos.db.lock import PATIENCE, writer_lock
from cmos.project import trust
from cmos.project.layout import Layout
from cmos.project.lost import BESIDE, KEPT, has_lost, keep_copy
from cmos.project.project import new_project, open_layout
from cmos.setup.setup import Setup, set_up
from cmos.transfer.rows import ADDED, Restorer
from cmos.transfer.salvage_rows import health, opened, put_all, salvage

#: Tables of the sync: all from one sound database, or nothing.
_OF_SYNC = ("looks", "files", "records", "worktrees", "pending")


class Source(NamedTuple):
    """A database that rows are taken from."""

    name: str
    path: str


class Salvaged(NamedTuple):
    """The rows that one source had and those before it did not."""

    source: str
    #: Rows by table.
    rows: Dict[str, int]
    #: Ids of the missions among them.
    missions: List[str]


class Recovered(NamedTuple):
    database: str
    #: False when the database was in order and nothing was done.
    was_needed: bool
    #: The folder that the damaged files are in, and the copy as it was; None when nothing was done.
    kept: Optional[str]
    found: List[Salvaged]
    #: What files and history brought; None when nothing was done.
    setup: Optional[Setup]


def recover(start: str, *, now: str) -> Recovered:
    """Rebuild the project's database from what can be read of it, its copy, the files and the history.

    Raises FileProblem, DatabaseProblem; NeedsPerson where there was no database.
    """
    layout = new_project(start)
    if not os.path.exists(layout.database) and not has_lost(layout):
        raise NeedsPerson("there was no database here: %s" % layout.database, hint="run: cmosctl init")
    try:
        migrate.prepare_folder(layout.home)
        with writer_lock(layout.lock), _sources(layout) as sources, connection.translated(layout.database):
            # checked on a copy: opening the database would merge its log into it, right or wrong
            if os.path.exists(layout.database) and not health(sources[0].path):
                return _complete(layout, sources[2:])
            kept, found = _make_anew(layout, sources, now)
    except OSError as error:
        raise FileProblem("%s: %s" % (error.filename or layout.home, error.strerror)) from None
    setup = set_up(start)
    with open_layout(layout) as project:
        project.notices += keep_copy(layout, project.db, every=0)
    return Recovered(layout.database, True, kept, found, setup)


def _complete(layout: Layout, copies: List[Source]) -> Recovered:
    """Add rows of the copy to a sound database."""
    found: List[Salvaged] = []
    with trust.opened(layout, patience=PATIENCE, notices=[]) as db, connection.immediate(db):
        for source in copies:
            with opened(source.path) as copy:
                found.append(_take(db, copy, source.name))
    return Recovered(layout.database, False, None, found, None)


def _make_anew(layout: Layout, sources: List[Source], now: str) -> Tuple[str, List[Salvaged]]:
    found: List[Salvaged] = []
    new = migrate.make_database(layout.database, lambda db: _fill(layout, db, sources, found, now))
    kept = _set_aside(layout, now)
    os.replace(new, layout.database)
    return kept, found


def _fill(layout: Layout, db: connection.Connection, sources: List[Source], found: List[Salvaged], now: str) -> None:
    # of two versions of a row the first counts: that of a sound database, else the newer one
    sources = sorted(sources[:2], key=lambda source: bool(health(source.path))) + sources[2:]
    with connection.immediate(db):
        for source in sources:
            with opened(source.path) as damaged:
                found.append(_take(db, damaged, source.name))
        whole = next((source.path for source in sources if not health(source.path)), None)
        if whole is not None:
            migrate.migrate(whole, stamp=now)
            with opened(whole) as damaged:
                for table in _OF_SYNC:
                    names = [column.name for column in sql.columns(db, table)]
                    put_all(db, table, salvage(damaged, table, names))
                # every folder is looked at again, and the search index is not among what was taken
                db.execute("UPDATE worktrees SET folders = NULL, search_signature = NULL")
    if layout.repository is not None:
        trust.stamp(layout, db)


def _take(db: connection.Connection, damaged: connection.Connection, name: str) -> Salvaged:
    """Add the rows that a source has and those before it did not."""
    result = Salvaged(name, {}, [])
    for table in sql.tables(db):
        restorer = Restorer(db, table)
        for row in salvage(damaged, table, [column.name for column in sql.columns(db, table)]):
            if restorer.put(row).what == ADDED:
                result.rows[table] = result.rows.get(table, 0) + 1
                if table == "missions":
                    result.missions.append(str(row["id"]))
    return result


@contextmanager
def _sources(layout: Layout) -> Iterator[List[Source]]:
    """Yield copies of all sources, the best first; the originals are not opened."""
    with tempfile.TemporaryDirectory(prefix="recover-", dir=layout.home) as folder:
        sources: List[Source] = []
        damaged = _damaged(layout)
        if damaged is not None:
            with_log = _copied(folder, "with", damaged, layout.database + "-wal", damaged + "-wal")
            alone = _copied(folder, "alone", damaged)
            sources = [Source("the database and its log", with_log), Source("the database alone", alone)]
        if layout.copy is not None and os.path.exists(layout.copy):
            sources.append(Source("the copy in the git folder", _copied(folder, "copy", layout.copy)))
        yield sources


def _damaged(layout: Layout) -> Optional[str]:
    """Return the file to take rows from: the database, else the newest one that was moved aside."""
    if os.path.exists(layout.database):
        return layout.database
    names = os.listdir(layout.home)
    folders = [os.path.join(name, os.path.basename(layout.database)) for name in names if name.startswith(KEPT)]
    beside = [name for name in names if name.startswith("memory.db.") and not name.endswith(BESIDE)]
    there = [os.path.join(layout.home, name) for name in folders + beside]
    files = [path for path in there if os.path.isfile(path) and not os.path.islink(path)]
    return max(files, key=lambda path: os.stat(path).st_mtime_ns) if files else None


def _copied(folder: str, name: str, path: str, *logs: str) -> str:
    place = os.path.join(folder, name, "memory.db")
    os.mkdir(os.path.dirname(place))
    shutil.copyfile(path, place)
    for log in logs:
        if os.path.isfile(log):
            shutil.copyfile(log, place + "-wal")
            break
    return place


def _set_aside(layout: Layout, now: str) -> str:
    """Move the damaged files, and the copy as it was, into a folder of their own."""
    stamp = now.replace("-", "").replace(":", "")
    there = [layout.database + ending for ending in ("", *BESIDE) if os.path.lexists(layout.database + ending)]
    kept = _new_folder(os.path.join(layout.home, KEPT + stamp))
    for path in there:
        os.rename(path, os.path.join(kept, os.path.basename(path)))
    if layout.copy is not None and os.path.exists(layout.copy):
        shutil.copyfile(layout.copy, os.path.join(kept, os.path.basename(layout.copy)))
    return kept


def _new_folder(path: str) -> str:
    number, place = 1, path
    while True:
        try:
            os.mkdir(place)
            return place
        except FileExistsError:
            number += 1
            place = "%s-%d" % (path, number)
