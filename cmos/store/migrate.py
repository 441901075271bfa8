"""Creating the database and bringing it to the newest schema."""

from __future__ import annotations

import os
import sqlite3
from typing import Callable, List, Optional

from cmos.core.schema import MIGRATIONS, NEWEST, Migration
from cmos.store import connection as connections


def prepare(folder: str) -> None:
    """Make the folder of the database. It ignores itself: a database is never committed by accident."""
    os.makedirs(folder, exist_ok=True)
    ignore = os.path.join(folder, ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w", encoding="utf-8") as file:
            file.write("*\n")


def create(path: str, finish: Callable[[sqlite3.Connection], None] = lambda db: None) -> bool:
    """Create the database with the newest schema unless it is there; say whether it was created.

    It is made under another name, given to ``finish``, and then gets its own name: nobody meets a half-made one.
    """
    if os.path.exists(path) and os.path.getsize(path):
        return False
    os.replace(make(path, finish), path)
    return True


def make(path: str, finish: Callable[[sqlite3.Connection], None]) -> str:
    """Make a database beside ``path``, give it to ``finish``, and return where it lies."""
    new = path + ".new"
    for left in (new, new + "-wal", new + "-shm"):
        if os.path.exists(left):
            os.unlink(left)
    with connections.translated(path):
        connection = connections.connect(new)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            apply(connection)
            finish(connection)
        finally:
            connection.close()
    return new


def migrate(path: str, *, stamp: str) -> Optional[str]:
    """Bring an older database to the newest schema; return the path of the backup made first.

    None when there was nothing to do. Raises DatabaseProblem for a newer schema.
    """
    with connections.translated(path):
        connection = connections.connect(path)
        try:
            version = connections.schema_version(connection)
            if version == NEWEST:
                return None
            if version > NEWEST:
                connections.check_version(version, path)
            backup = "%s.schema-%d.%s.backup" % (path, version, stamp)
            _back_up(connection, backup)
            apply(connection)
            return backup
        finally:
            connection.close()


def apply(connection: sqlite3.Connection) -> List[Migration]:
    """Run the migrations that are missing, each in one transaction with its number."""
    done = []
    for migration in MIGRATIONS:
        with connections.immediate(connection):
            # read again under the lock: another process may have been faster
            if connections.schema_version(connection) >= migration.number:
                continue
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute("PRAGMA user_version=%d" % migration.number)
            done.append(migration)
    return done


def _statements(sql: str) -> List[str]:
    # executescript() would commit the open transaction
    return [part.strip() for part in sql.split(";\n") if part.strip()]


def _back_up(connection: sqlite3.Connection, path: str) -> None:
    target = sqlite3.connect(path)
    try:
        connection.backup(target)
    finally:
        target.close()
