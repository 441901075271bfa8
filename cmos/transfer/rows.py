"""All rows of the database, and putting the rows of an export back."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import contextmanager
from typing import Counter as CounterType
from typing import Iterator, List, NamedTuple, Optional, Tuple

from cmos.core.ids import sort_key
from cmos.db.sql import NAMED, Column, columns, quote, tables
from cmos.transfer.dump import RawText, Row, Value

#: What only this database's next pass needs to know, and what is of one machine.
_INNER = (("missions", "status_known"), ("missions", "worktree"))


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


ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"

#: Tables in which the export's row replaces the one with the same primary key.
_REPLACED = ("missions", "sprints", "project_state", "commits")
#: What Python and SQLite raise for a value that no row can hold; trouble with the file is not among it.
_REFUSALS = (
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    OverflowError,
    UnicodeEncodeError,
)


class Outcome(NamedTuple):
    #: ``added``, ``changed`` or ``unchanged``; empty when the row was refused.
    what: str
    why: str = ""


class Restorer:
    """Restores rows of one table; knows what the table held before the first of them."""

    def __init__(self, db: sqlite3.Connection, table: str, *, first_counts: bool = False) -> None:
        """With ``first_counts``, a row that is there is never replaced."""
        self._db = db
        self._is_replaced = table in _REPLACED
        self._first_counts = first_counts
        self._table = table
        self._columns = columns(db, table) if table in tables(db) else []
        self._names = {column.name for column in self._columns}
        self._key = [column.name for column in self._columns if column.in_key]
        self._serial = _serial(table, self._columns)
        self._before = self._contents() if self._columns and (self._serial or not self._key) else Counter()

    def put(self, row: Row) -> Outcome:
        """Restore one row, or say why not; never raises for what a row holds."""
        refused = self._refusal(row)
        if refused:
            return Outcome("", refused)
        if self._table == "missions":
            row = {"sort_key": sort_key(str(row["id"])), **row}
        try:
            outcome = self._put(row)
        except _REFUSALS as error:
            return Outcome("", "the database refuses it: %s" % error)
        if self._table == "missions":
            # it is restored, not set by somebody
            self._db.execute("UPDATE missions SET status_known = status WHERE id = ?", (row["id"],))
        return outcome

    def _refusal(self, row: Row) -> str:
        if not self._columns:
            return "there is no table %s" % self._table
        unknown = sorted(set(row) - self._names)
        if unknown:
            return "there is no column %s" % unknown[0]
        if not self._serial and any(row.get(name) is None for name in self._key):
            return "it has no %s" % " and ".join(name for name in self._key if row.get(name) is None)
        if self._table in NAMED and not _is_name(row[self._key[0]]):
            return "its %s is no text" % self._key[0]
        return ""

    def _put(self, row: Row) -> Outcome:
        if self._is_replaced:
            if self._insert(row):
                return Outcome(ADDED)
            return Outcome(UNCHANGED if self._first_counts else self._update(row))
        if self._serial or not self._key:
            return Outcome(UNCHANGED if self._is_there(row) else self._append(row))
        if self._insert(row):
            return Outcome(ADDED)
        if self._count(row):
            return Outcome(UNCHANGED)
        return Outcome("", "another row has its %s" % " and ".join(self._key))

    def _insert(self, row: Row) -> bool:
        """Insert a row unless its primary key is taken."""
        names = ", ".join(map(quote, row))
        key = "(%s)" % ", ".join(map(quote, self._key)) if self._key else ""
        sql = "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT %s DO NOTHING" % (
            quote(self._table), names, ", ".join(map(_mark, row.values())), key,
        )  # fmt: skip
        return self._db.execute(sql, list(row.values())).rowcount == 1

    def _update(self, row: Row) -> str:
        sets = ", ".join("%s = %s" % (quote(name), _mark(value)) for name, value in row.items())
        # SQLite compares: it knows which values the column's type makes equal
        differs = " OR ".join("%s IS NOT %s" % (quote(name), _mark(value)) for name, value in row.items())
        keys = " AND ".join("%s = ?" % quote(name) for name in self._key)
        sql = "UPDATE %s SET %s WHERE %s AND (%s)" % (quote(self._table), sets, keys, differs)
        values = [*row.values(), *(row[name] for name in self._key), *row.values()]
        return CHANGED if self._db.execute(sql, values).rowcount else UNCHANGED

    def _count(self, row: Row) -> int:
        same = " AND ".join("%s IS %s" % (quote(name), _mark(value)) for name, value in row.items())
        sql = "SELECT count(*) FROM %s WHERE %s" % (quote(self._table), same)
        return int(self._db.execute(sql, list(row.values())).fetchone()[0])

    def _append(self, row: Row) -> str:
        if not self._serial:
            names = list(row)
            self._db.execute(
                "INSERT INTO %s (%s) VALUES (%s)"
                % (quote(self._table), ", ".join(map(quote, names)), ", ".join(map(_mark, row.values()))),
                list(row.values()),
            )
        elif row.get(self._serial) is None or not self._insert(row):
            self._insert({**row, self._serial: self._next(row, self._serial)})
        return ADDED

    def _next(self, row: Row, serial: str) -> int:
        rest = [name for name in self._key if name != serial]
        where = " AND ".join(["1", *("%s = ?" % quote(name) for name in rest)])
        sql = "SELECT coalesce(max(%s), -1) + 1 FROM %s WHERE %s" % (quote(serial), quote(self._table), where)
        return int(self._db.execute(sql, [row.get(name) for name in rest]).fetchone()[0])

    def _is_there(self, row: Row) -> bool:
        """Say whether the table held this record before: by its key, else by all that it says.

        Of equal rows only as many are there as there were: a log may say the same thing twice.
        """
        if row.get("key") is not None and "key" in self._names:
            where = "SELECT 1 FROM %s WHERE key = ?" % quote(self._table)
            return self._db.execute(where, (row["key"],)).fetchone() is not None
        content = self._content(row)
        if self._before[content] == 0:
            return False
        self._before[content] -= 1
        return True

    def _contents(self) -> CounterType[Tuple[Value, ...]]:
        return Counter(map(self._content, rows(self._db, self._table)))

    def _content(self, row: Row) -> Tuple[Value, ...]:
        return tuple(self._values(row))

    def _values(self, row: Row) -> Iterator[Value]:
        for column in self._columns:
            if column.name != self._serial:
                value = row[column.name] if column.name in row else _default(column.default)
                is_number = isinstance(value, int) and column.declared == "TEXT"
                yield str(value) if is_number else value


def _is_name(value: Value) -> bool:
    # SQLite makes a text of a number, but NULL of what is none
    return isinstance(value, str) or (isinstance(value, (int, float)) and value == value)


def _serial(table: str, known: List[Column]) -> Optional[str]:
    """Return the column that only numbers the rows."""
    if table == "dependencies":
        return "place"
    key = [column for column in known if column.in_key]
    return key[0].name if len(key) == 1 and key[0].declared.upper() == "INTEGER" else None


def _default(default: Optional[str]) -> Value:
    """Return what a default of the schema stands for; of an expression nothing is known."""
    if default is not None and default.startswith("'") and default.endswith("'"):
        return default[1:-1].replace("''", "'")
    return None


def _mark(value: Value) -> str:
    # sqlite3 binds bytes as a blob; this makes a text of them again
    return "CAST(? AS TEXT)" if isinstance(value, RawText) else "?"
