"""Creating the database and bringing it to the newest schema."""

from __future__ import annotations

import os
import sqlite3
from typing import Callable, List, Optional

from cmos.core.schema import MIGRATIONS, NEWEST, Migration
from cmos.store import connection


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
    for migration in MIGRATIONS:
        with connection.immediate(db):
            # read again under the lock: another process may have been faster
            if connection.schema_version(db) >= migration.number:
                continue
            for statement in _statements(migration.sql):
                db.execute(statement)
            db.execute("PRAGMA user_version=%d" % migration.number)
            done.append(migration)
    return done


def _statements(sql: str) -> List[str]:
    # executescript() would commit the open transaction
    return [part.strip() for part in sql.split(";\n") if part.strip()]


def _back_up(db: sqlite3.Connection, path: str) -> None:
    target = sqlite3.connect(path)
    try:
        db.backup(target)
    finally:
        target.close()
