"""Creates the database, brings it to the newest schema, and copies it."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from functools import lru_cache
from typing import Callable, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.core.schema import NEWEST
from cmos.db import connection

_FOLDER = os.path.join(os.path.dirname(__file__), "migrations")


class Migration(NamedTuple):
    number: int
    name: str
    sql: str


@lru_cache(maxsize=None)
def migrations() -> Tuple[Migration, ...]:
    """Return all migrations in their order: each a file with its number, its first line the name."""
    found = []
    for name in os.listdir(_FOLDER):
        with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
            title, _, sql = file.read().partition("\n")
        found.append(Migration(int(name.partition("-")[0]), title.lstrip("- "), sql))
    return tuple(sorted(found))


def prepare_folder(folder: str) -> None:
    """Make the folder of the database. Its .gitignore keeps the database from being committed by accident."""
    os.makedirs(folder, exist_ok=True)
    ignore = os.path.join(folder, ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w", encoding="utf-8") as file:
            file.write("*\n")


def create_database(path: str, finish: Callable[[sqlite3.Connection], None] = lambda db: None) -> bool:
    """Create the database with the newest schema if there is none; say whether it was created.

    It is made under another name, given to ``finish``, and then gets its own name: nobody meets a half-made one.
    """
    if os.path.exists(path) and os.path.getsize(path):
        return False
    os.replace(make_database(path, finish), path)
    return True


def make_database(path: str, finish: Callable[[sqlite3.Connection], None]) -> str:
    """Make a database beside ``path``, pass it to ``finish``, and return its path."""
    new = path + ".new"
    for left in (new, new + "-wal", new + "-shm"):
        if os.path.exists(left):
            os.unlink(left)
    with connection.translated(path):
        db = connection.connect(new)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            apply(db)
            finish(db)
        finally:
            db.close()
    return new


def migrate(path: str, *, stamp: str) -> Optional[str]:
    """Bring an older database to the newest schema; return the path of the backup made first.

    None when there was nothing to do. Raises DatabaseProblem for a newer schema.
    """
    with connection.translated(path):
        db = connection.connect(path)
        try:
            version = connection.schema_version(db)
            if version == NEWEST:
                return None
            if version > NEWEST:
                connection.check_version(version, path)
            backup = "%s.schema-%d.%s.backup" % (path, version, stamp)
            _back_up(db, backup)
            apply(db)
            return backup
        finally:
            db.close()


def apply(db: sqlite3.Connection) -> List[Migration]:
    """Run the migrations that are missing, each in one transaction with its number."""
    done = []
    for migration in migrations():
        with connection.immediate(db):
            # read again under the lock: another process may have been faster
            if connection.schema_version(db) >= migration.number:
                continue
            for statement in _statements(migration.sql):
                _run(db, statement, migration.number)
            db.execute("PRAGMA user_version=%d" % migration.number)
            done.append(migration)
    return done


_NEW_COLUMN = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+)")
_NEW_TABLE = re.compile(r"CREATE TABLE (\w+)")


def _run(db: sqlite3.Connection, statement: str, number: int) -> None:
    """Run one statement of a migration; the database may have a column or table of that name already."""
    column, table = _NEW_COLUMN.match(statement), _NEW_TABLE.match(statement)
    # the column is used as it is: the first tool of this architecture's author had some of them
    if column and db.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", column.groups()).fetchone():
        return
    # the table is the user's own; it keeps its rows under another name
    if table and db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table.groups()).fetchone():
        db.execute("ALTER TABLE {0} RENAME TO {0}_before_{1}".format(table.group(1), number))
    db.execute(statement)


def _statements(sql: str) -> List[str]:
    # executescript() would commit the open transaction
    return [part.strip() for part in sql.split(";\n") if part.strip()]


def _back_up(db: sqlite3.Connection, path: str) -> None:
    target = sqlite3.connect(path)
    try:
        db.backup(target)
    finally:
        target.close()


#: Tables that are rebuilt from files and records; a copy has them without rows.
_INDEX = ("kb_chunks", "kb_sources")


def copy_database(db: sqlite3.Connection, source: str, path: str) -> None:
    """Copy a database without its search index to ``path``; ``source`` is its file, for the mode.

    Raises DatabaseProblem for a damaged one, which then replaces no copy; OSError.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = "%s.%d-%s.tmp" % (path, os.getpid(), os.urandom(4).hex())
    try:
        with connection.translated(source):
            _write(db, temporary)
        os.chmod(temporary, stat.S_IMODE(os.stat(source).st_mode))
        _to_disk(temporary)
        os.replace(temporary, path)
    finally:
        for left in (temporary, temporary + "-journal"):
            if os.path.lexists(left):
                os.unlink(left)


def _write(db: sqlite3.Connection, temporary: str) -> None:
    # create it ourselves, private: a copy must not be readable by more users than the original
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    target = sqlite3.connect(temporary, isolation_level=None)
    try:
        db.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        _drop_index(target)
        found = str(target.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found != "ok":
            raise sqlite3.DatabaseError("malformed: %s" % found)
    finally:
        target.close()


def _drop_index(target: sqlite3.Connection) -> None:
    triggers = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    there = {row[0] for row in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name, _ in triggers:
        target.execute('DROP TRIGGER "%s"' % name)
    if "kb_chunks_fts" in there:
        target.execute("INSERT INTO kb_chunks_fts (kb_chunks_fts) VALUES ('delete-all')")
    for table in filter(there.__contains__, _INDEX):
        target.execute("DELETE FROM %s" % table)
    for _, sql in triggers:
        target.execute(sql)
    target.execute("VACUUM")


def _to_disk(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
