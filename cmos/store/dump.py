"""All rows of the database, table by table, in an order that does not depend on how they got there."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import Iterator, List, NamedTuple, Optional, Tuple

from cmos.core.dump import RawText, Row

#: What a person reads first comes first; tables that are not listed follow by name.
_FIRST = ("project_state", "sprints", "missions", "dependencies", "sessions", "decisions", "facts", "issues")
#: Tables whose rows are what a text in their key says.
NAMED = ("missions", "sprints", "project_state")
#: Rebuilt from files, or about one worktree's files on one machine.
_CACHES = ("base", "base_records", "scans", "pending", "intents", "heads", "floors", "looks", "repository")
#: What only this database's next pass needs to know, and what is of one machine.
_INNER = (("missions", "status_known"), ("missions", "worktree"))


class Column(NamedTuple):
    name: str
    declared: str
    default: Optional[str]
    #: Place in the primary key, from 1; 0 when it is no part of it.
    in_key: int


def tables(db: sqlite3.Connection) -> List[str]:
    """Return the tables that an export holds."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = [str(row[0]) for row in rows if not str(row[0]).startswith(("sqlite_", "kb_")) and row[0] not in _CACHES]
    return sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def columns(db: sqlite3.Connection, table: str) -> List[Column]:
    """Return the columns of a table, of whatever schema the database has."""
    rows = db.execute("SELECT name, type, dflt_value, pk FROM pragma_table_info(?) ORDER BY cid", (table,))
    return [Column(*row) for row in rows]


def rows(db: sqlite3.Connection, table: str) -> Iterator[Row]:
    """Yield all rows of a table in the order of its primary key (without one, of all columns)."""
    known = columns(db, table)
    names = [column.name for column in known if (table, column.name) not in _INNER]
    key = [column.name for column in sorted(known, key=lambda column: column.in_key) if column.in_key]
    order = ", ".join(map(quote, key or names))
    with _any_text(db):
        for row in db.execute("SELECT %s FROM %s ORDER BY %s" % (", ".join(map(quote, names)), quote(table), order)):
            yield dict(zip(names, row))


def everything(db: sqlite3.Connection) -> Iterator[Tuple[str, Iterator[Row]]]:
    """Yield each table with its rows."""
    for table in tables(db):
        yield table, rows(db, table)


def quote(name: str) -> str:
    """Return a table's or column's name as SQL; names of tables that people made are anything."""
    return '"%s"' % name.replace('"', '""')


@contextmanager
def _any_text(db: sqlite3.Connection) -> Iterator[None]:
    """Read all as it is: BLOBs, and texts that are not UTF-8 as RawText."""
    before = db.text_factory, db.row_factory
    db.text_factory, db.row_factory = any_text, None
    try:
        yield
    finally:
        db.text_factory, db.row_factory = before


def any_text(data: bytes) -> object:
    """Return a text; RawText for one that is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return RawText(data)


@contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Read everything as it is at one moment, whatever others write meanwhile."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")
