"""Opens the database: pragmas, schema check, and the meaning of SQLite's errors."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import Iterator

from cmos.core.errors import CmosError, DatabaseFull, DatabaseProblem
from cmos.core.schema import NEWEST
from cmos.db import sql

#: How many bytes SQLite needs beside a database to read it.
_LEAST = 65_536
_SPACE = "free some disk space, then try again"
#: Seconds to wait for a writer that does not use our lock (a shell, a backup).
BUSY_SECONDS = 5.0

Error = sqlite3.Error
Connection = sqlite3.Connection


def connect(path: str) -> sqlite3.Connection:
    """Open a database file that exists; nothing is read yet.

    Transactions are started by hand and are always immediate: a read that later
    turns into a write is how SQLITE_BUSY reaches a user.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    sql.prepare(connection)
    return connection


def open_database(path: str, *, timeout: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open the database of a project and check that its schema is the one this code knows.

    Raises DatabaseProblem for a damaged, newer or older database.
    """
    with translated(path):
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        try:
            check_version(_first_look(connection, path), path)
            connection.execute("PRAGMA synchronous=FULL")
        except _Unwritable:
            connection.close()
            connection = _connect_unwritable(path)
            check_version(schema_version(connection), path)
        except BaseException:
            connection.close()
            raise
        sql.prepare(connection)
        return connection


class _Unwritable(Exception):
    """SQLite needs to write beside the database to read it, and cannot."""


def _first_look(connection: sqlite3.Connection, path: str) -> int:
    try:
        return schema_version(connection)
    except sqlite3.OperationalError as error:
        folder = os.path.dirname(path)
        pending = os.path.exists(path + "-wal") and os.path.getsize(path + "-wal")
        cannot = not os.access(folder, os.W_OK) or is_full(folder)
        if os.path.isfile(path) and cannot and not pending:
            raise _Unwritable from error
        raise


def is_full(folder: str) -> bool:
    """Say whether the disk is too full to write in a folder."""
    try:
        there = os.statvfs(folder)
    except (OSError, AttributeError):
        return False
    return there.f_bavail * there.f_frsize < _LEAST or (there.f_files > 0 and there.f_favail == 0)


def _connect_unwritable(path: str) -> sqlite3.Connection:
    """Open a database for reading only, in a place where nothing can be written."""
    from urllib.parse import quote

    return sqlite3.connect("file:%s?immutable=1" % quote(path), uri=True, isolation_level=None)


def schema_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def data_version(connection: sqlite3.Connection) -> int:
    """Return a number that changes when another connection commits, and only then."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def check_version(version: int, path: str) -> None:
    if version > NEWEST:
        raise DatabaseProblem(
            "%s has schema %d; this cmosctl knows schemas up to %d" % (path, version, NEWEST),
            hint="install a newer cmosctl",
        )
    if version == 0:
        raise DatabaseProblem("%s holds no cmos schema" % path, hint="run: cmosctl init")
    if version < NEWEST:
        raise DatabaseProblem(
            "%s has schema %d; this cmosctl needs %d" % (path, version, NEWEST), hint="run: cmosctl db migrate"
        )


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn SQLite's errors into our own."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error


def translate(error: sqlite3.Error, path: str) -> CmosError:
    text = str(error)
    shown = os.path.relpath(path) if os.path.isabs(path) else path
    if "locked" in text or "busy" in text:
        return DatabaseProblem(
            "the database is busy: another program holds %s" % shown, hint="close it, or try again in a moment"
        )
    if "readonly" in text and is_full(os.path.dirname(os.path.abspath(path))):
        return DatabaseFull("the database could not be written: the disk is full", hint=_SPACE)
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return DatabaseProblem(
            "the database cannot be opened for writing: %s (%s)" % (shown, text),
            hint="check the permissions of the file and of its folder",
        )
    if "disk is full" in text or "disk I/O error" in text:
        return DatabaseFull("the database could not be written: %s" % text, hint=_SPACE)
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return DatabaseProblem(
            "the database is damaged: %s (%s)" % (shown, text),
            hint="run: cmosctl db recover",
        )
    return DatabaseProblem("the database said: %s (%s)" % (text, shown), hint="run: cmosctl db migrate")


@contextmanager
def taken_back(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that is rolled back in any case."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextmanager
def all_or_nothing(connection: sqlite3.Connection) -> Iterator[None]:
    """A part of a transaction that leaves nothing behind if it raises."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO part")
        raise
    finally:
        connection.execute("RELEASE part")


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[None]:
    """One immediate transaction: committed at the end, rolled back on any exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
