"""Runs SQL that a person types, statement by statement."""

from __future__ import annotations

import sqlite3
from typing import Iterator, List, Optional, Tuple

from cmos.core.errors import InvalidValue
from cmos.core.record import NamedTuple
from cmos.db.connection import Connection, connect, translate, translated

TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' ORDER BY name"
SCHEMA = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY name"
_TABLES_HINT = "see the tables: cmosctl db shell -c .tables"

Rows = Iterator[Tuple[object, ...]]


class Result(NamedTuple):
    """The result of a statement: column names and rows; no names if it returns no rows."""

    heads: Tuple[str, ...]
    rows: Rows


def open_console(path: str) -> Connection:
    """Open a database as it is, of whatever schema. Raises DatabaseProblem."""
    with translated(path):
        connection = connect(path)
        connection.row_factory = None  # a BLOB is shown as one
        return connection


def run(db: Connection, path: str, sql: str) -> Iterator[Result]:
    """Run statements one after the other. Raises InvalidValue for what SQLite does not understand."""
    for statement in statements(sql):
        yield _run(db, path, statement)


def statements(sql: str) -> List[str]:
    """Return the statements of a text; the last may be incomplete. Raises InvalidValue."""
    found: List[str] = []
    begun = ""
    for piece in sql.split(";"):
        begun += piece + ";"
        if is_complete(begun):
            found.append(begun.strip())
            begun = ""
    rest = begun[:-1].strip()
    return [one for one in found if one.strip("; \t\r\n")] + ([rest] if rest else [])


def is_complete(text: str) -> bool:
    """Say whether a text ends with the end of a statement. Raises InvalidValue for what can be none."""
    try:
        return sqlite3.complete_statement(text)
    except ValueError:  # a NUL, or bytes that are not UTF-8
        raise InvalidValue("SQL: not a text: %s" % ascii(text)[:200], hint=_TABLES_HINT) from None


def _run(db: Connection, path: str, statement: str) -> Result:
    cursor = _guarded(path, lambda: db.execute(statement))
    if cursor is None or cursor.description is None:
        return Result((), iter(()))
    return Result(tuple(column[0] for column in cursor.description), _rows(cursor, path))


def _rows(cursor: sqlite3.Cursor, path: str) -> Rows:
    while True:
        row: Optional[Tuple[object, ...]] = _guarded(path, cursor.fetchone)
        if row is None:
            return
        yield row


def _guarded(path: str, act):  # type: ignore[no-untyped-def]
    try:
        return act()
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _told(error, path) from None


def _told(error: Exception, path: str) -> Exception:
    text = str(error)
    troubled = ("locked", "busy", "malformed", "not a database", "readonly", "disk", "unable to open")
    if isinstance(error, sqlite3.Error) and any(word in text for word in troubled):
        return translate(error, path)
    return InvalidValue("SQL: %s" % text, hint=_TABLES_HINT)
