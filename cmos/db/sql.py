"""From rows to records: the one place that fits the values of columns to the types of fields.

SQLite keeps whatever it is given: a BLOB in a column of texts, a text that is not UTF-8, a word in a
column of numbers, NULL in a key. None of it may stop a command, so every connection reads through here.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple, Type, TypeVar

from cmos.core.record import NamedTuple

R = TypeVar("R")
Row = Tuple[Any, ...]

_REALS = ("float", "Optional[float]")
_WHOLES = ("int", "Optional[int]", "bool")
#: SQLite has no larger integers.
_LARGEST = 2**63
#: For each kind of record, the types of rows that need no conversion.
_known: Dict[object, Set[Tuple[type, ...]]] = {}


class Misread(str):
    """A text in place of bytes that are no text. It can be shown; as a key it finds nothing."""


def prepare(db: sqlite3.Connection) -> None:
    """Make a connection return text for everything but numbers: no row raises, or holds bytes."""
    db.text_factory = text
    db.row_factory = _row


def text(data: bytes) -> str:
    """Decode bytes; those that are not UTF-8 become escapes."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Misread(data.decode("utf-8", "backslashreplace"))


def raw(db: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
    """Run a query whose rows keep their BLOBs."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, values)


def fetch(db: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> List[Row]:
    """Return the rows of a large query, for ``records``; at full speed unless a text is not UTF-8."""
    before = db.text_factory
    db.text_factory = str
    try:
        return raw(db, sql, values).fetchall()
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
    finally:
        db.text_factory = before
    return raw(db, sql, values).fetchall()


def records(kind: Type[R], rows: Iterable[Row], *, keys: int = 0) -> Iterator[R]:
    """Yield rows as records; each value becomes one that the record's annotations allow.

    The first ``keys`` fields name the row: where one of them is no text, the row is passed over.
    """
    known = _known.setdefault(kind, set())
    for row in rows:
        if tuple(map(type, row)) in known:
            yield kind(*row)
            continue
        if all(type(value) is str for value in row[:keys]):
            mended, types = _mended(kind, row), tuple(map(type, row))
            # the type of a float is not enough: it may be infinite
            if tuple(map(type, mended)) == types and mended == row and float not in types:
                known.add(types)
            yield kind(*mended)


def record(kind: Type[R], row: Optional[Row], *, keys: int = 0) -> Optional[R]:
    """Return one row as a record; None if there is no row, or its key is no text."""
    return next(records(kind, [row], keys=keys), None) if row else None


def texts(rows: Iterable[Row]) -> List[str]:
    """Return the first value of each row, if it is a text."""
    return [row[0] for row in rows if type(row[0]) is str]


def where(*tests: Tuple[str, object]) -> Tuple[str, List[Any]]:
    """Return a WHERE of the tests whose value is not None, and the values; empty without any.

    For a value that is a list, the ``?`` of the test becomes as many as it has items.
    """
    used: List[str] = []
    values: List[Any] = []
    for test, value in tests:
        items = value if isinstance(value, (list, tuple)) else [value]
        if value is not None:
            used.append(test.replace("?", ",".join("?" * len(items))) if items is value else test)
            values += items
    return ("WHERE " + " AND ".join(used)) if used else "", values


def insert_unless_known(db: sqlite3.Connection, table: str, row: Dict[str, object]) -> Optional[int]:
    """Insert a row and return its id; None when one with the same ``key`` is there."""
    # not ON CONFLICT: that takes a number from the sequence even when it adds nothing
    done = db.execute(
        "INSERT INTO %s (%s) SELECT %s WHERE NOT EXISTS (SELECT 1 FROM %s WHERE key = :key)"
        % (table, ", ".join(row), ", ".join(":" + name for name in row), table),
        row,
    )
    return done.lastrowid if done.rowcount == 1 else None


def whole(value: object) -> Optional[int]:
    """Return a value as an integer; None if it is no number, or too large."""
    if isinstance(value, float) and -_LARGEST < value < _LARGEST:
        return int(value)
    return value if isinstance(value, int) else None


def _row(cursor: sqlite3.Cursor, row: Row) -> Row:
    return row if bytes not in map(type, row) else tuple(map(_plain, row))


def _plain(value: object) -> object:
    return Misread(text(value)) if isinstance(value, bytes) else value


def _mended(kind: type, row: Row) -> Row:
    # a NamedTuple wraps the text of an annotation in a ForwardRef
    annotations = [str(getattr(one, "__forward_arg__", one)) for one in kind.__annotations__.values()]
    return tuple(map(_fitting, row, annotations))


def _fitting(value: object, annotation: str) -> object:
    """Return the value as the annotation of the field allows it."""
    optional = annotation.startswith("Optional")
    if annotation in _WHOLES:
        number = whole(value)
        return number if number is not None or optional else 0
    if annotation in _REALS:
        is_number = isinstance(value, (int, float))
        return value if is_number or (value is None and optional) else (None if optional else 0.0)
    if value is None:
        return None if optional else ""
    if isinstance(value, bytes):
        return _plain(value)
    return str(value) if isinstance(value, (int, float)) else value


#: The order of tables in an export; those that are not listed follow by name.
_FIRST = ("project_state", "sprints", "missions", "dependencies", "sessions", "decisions", "facts", "issues")
#: Tables with a text as their key.
NAMED = ("missions", "sprints", "project_state")
#: Rebuilt from files, or valid on one machine only.
_CACHES = ("files", "records", "worktrees", "pending", "looks", "repository")


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


def quote(name: str) -> str:
    """Quote the name of a table or column for SQL; people name their own tables as they like."""
    return '"%s"' % name.replace('"', '""')
