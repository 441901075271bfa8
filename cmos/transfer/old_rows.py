"""Reads the database of an older tool of this workflow: its real tables, as rows by column, and nothing else of it."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from typing import Any, Dict, List
from urllib.parse import quote

from cmos.db import sql
from cmos.transfer.json_text import Unreadable

#: Bytes of a file, and rows of a table, that are read.
LARGEST = 256 << 20
_MOST = 200_000
#: Steps of SQLite between two looks at how much was done; so many looks end it.
_STEPS, _LOOKS = 1_000_000, 2_000

Rows = List[Dict[str, Any]]


def read(path: str) -> Dict[str, Rows]:
    """Return the rows of each table. The file is opened as one that nobody changes, and never written.

    Raises Unreadable, also for a link, and for a file or a table that is too large.
    """
    try:
        info = os.lstat(path)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    if not stat.S_ISREG(info.st_mode):
        raise Unreadable("it is no regular file")
    if info.st_size > LARGEST:
        raise Unreadable("it is larger than %d MB" % (LARGEST >> 20))
    looks = iter(range(_LOOKS))
    try:
        with closing(sqlite3.connect("file:%s?mode=ro&immutable=1" % quote(path), uri=True)) as db:
            db.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
            db.text_factory = lambda data: data.decode("utf-8", "replace")
            db.execute("PRAGMA trusted_schema = OFF")
            db.row_factory = sqlite3.Row
            return {name: _rows(db, name) for name in _tables(db)}
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise Unreadable("it is no database that can be read: %s" % error) from error


def _tables(db: sqlite3.Connection) -> List[str]:
    """Return the real tables: a view or a virtual table may run what its maker wanted."""
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' ORDER BY name")
    return [str(row[0]) for row in found if not str(row[0]).startswith("sqlite_")]


def _rows(db: sqlite3.Connection, table: str) -> Rows:
    rows = db.execute("SELECT * FROM %s LIMIT %d" % (sql.quote(table), _MOST + 1)).fetchall()
    if len(rows) > _MOST:
        raise Unreadable("the table %s has more than %d rows" % (table, _MOST))
    return [dict(zip(row.keys(), row)) for row in rows]
