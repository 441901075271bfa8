"""All rows of the database, and putting the rows of an export back."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import contextmanager
from typing import Counter as CounterType
from typing import Dict, Iterator, List, Optional, Tuple

from cmos.core.ids import sort_key
from cmos.core.record import NamedTuple
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

#: Names of older schemas, ``table`` or ``table.column``, and the name that took their place; None: rows or values that
#: no project needs elsewhere. A table that a person gave such a name is theirs.
RETIRED: Dict[str, Optional[str]] = {
    "base": None,
    "base_records": None,
    "floors": None,
    "heads": None,
    "intents": None,
    "kb_looks": None,
    "scans": None,
    "seen": None,
}
#: Tables in which the row that is there stays, whatever an export says of the same key.
_FIRST_COUNTS = ("missions", "sprints", "project_state", "commits")
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
    #: ``added``, ``changed`` or ``unchanged``; empty when the row was refused, or passed over.
    what: str
    #: Why it was refused.
    why: str = ""


class Restorer:
    """Restores rows of one table: by key where rows have one, else by adding those that the table did not hold."""

    def __init__(self, db: sqlite3.Connection, table: str, *, replaces: bool = False) -> None:
        """With ``replaces``, a row replaces the one with the same primary key."""
        known = tables(db)
        self._db = db
        self._replaces = replaces
        self._old = "" if table in known else table
        self._table = RETIRED.get(self._old) or table
        self._columns = columns(db, self._table) if self._table in known else []
        self._names = {column.name for column in self._columns}
        self._key = [column.name for column in self._columns if column.in_key]
        self._serial = _serial(self._table, self._columns)
        self._appends = bool(self._serial) or not self._key
        self._before = self._contents() if self._columns and self._appends else Counter()

    def put(self, row: Row) -> Outcome:
        """Restore one row, or say why not; never raises for what a row holds."""
        if self._old in RETIRED and not self._columns:
            return Outcome("")
        row = self._renamed(row)
        refused = self._refusal(row)
        if refused:
            return Outcome("", refused)
        if self._table == "missions":
            row = {"sort_key": sort_key(str(row["id"])), **row}
        try:
            outcome = self._append(row) if self._appends else self._put(row)
        except _REFUSALS as error:
            return Outcome("", "the database refuses it: %s" % error)
        if self._table == "missions":
            # it is restored, not set by somebody
            self._db.execute("UPDATE missions SET status_known = status WHERE id = ?", (row["id"],))
        return outcome

    def _renamed(self, row: Row) -> Row:
        if self._names.issuperset(row):
            return row
        renamed = [(RETIRED.get("%s.%s" % (self._table, name), name), value) for name, value in row.items()]
        return {name: value for name, value in renamed if name is not None}

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
        if self._insert(row):
            return Outcome(ADDED)
        if self._replaces:
            return Outcome(self._update(row))
        if self._table in _FIRST_COUNTS or self._is_equal(row):
            return Outcome(UNCHANGED)
        return Outcome("", "another row has its %s" % " and ".join(self._key))

    def _append(self, row: Row) -> Outcome:
        if self._is_there(row):
            return Outcome(UNCHANGED)
        has_number = not self._serial or row.get(self._serial) is not None
        if not (has_number and self._insert(row)):
            self._insert({**row, self._serial: self._next(row)})
        return Outcome(ADDED)

    def _insert(self, row: Row) -> bool:
        """Insert a row unless its primary key is taken."""
        names, marks = ", ".join(map(quote, row)), ", ".join(map(_mark, row.values()))
        sql = "INSERT INTO %s (%s) VALUES (%s)" % (quote(self._table), names, marks)
        if self._key:
            sql += " ON CONFLICT (%s) DO NOTHING" % ", ".join(map(quote, self._key))
        return self._db.execute(sql, list(row.values())).rowcount == 1

    def _update(self, row: Row) -> str:
        sets = ", ".join("%s = %s" % (quote(name), _mark(value)) for name, value in row.items())
        # SQLite compares: it knows which values the column's type makes equal
        keys = " AND ".join("%s = ?" % quote(name) for name in self._key)
        sql = "UPDATE %s SET %s WHERE %s AND NOT (%s)" % (quote(self._table), sets, keys, _equal(row))
        values = [*row.values(), *(row[name] for name in self._key), *row.values()]
        return CHANGED if self._db.execute(sql, values).rowcount else UNCHANGED

    def _is_equal(self, row: Row) -> bool:
        sql = "SELECT 1 FROM %s WHERE %s" % (quote(self._table), _equal(row))
        return self._db.execute(sql, list(row.values())).fetchone() is not None

    def _next(self, row: Row) -> int:
        rest = [name for name in self._key if name != self._serial]
        where = " AND ".join(["1", *("%s = ?" % quote(name) for name in rest)])
        sql = "SELECT coalesce(max(%s), -1) + 1 FROM %s WHERE %s" % (quote(self._serial), quote(self._table), where)
        return int(self._db.execute(sql, [row.get(name) for name in rest]).fetchone()[0])

    def _is_there(self, row: Row) -> bool:
        """Say whether the table held this record before: by its key, else by all that it says.

        Of equal rows only as many are there as there were: a log may say the same thing twice.
        """
        if row.get("key") is not None and "key" in self._names:
            where = "SELECT 1 FROM %s WHERE key = ?" % quote(self._table)
            return self._db.execute(where, (row["key"],)).fetchone() is not None
        content = tuple(self._values(row))
        if self._before[content] == 0:
            return False
        self._before[content] -= 1
        return True

    def _contents(self) -> CounterType[Tuple[Value, ...]]:
        return Counter(tuple(self._values(row)) for row in rows(self._db, self._table))

    def _values(self, row: Row) -> Iterator[Value]:
        for column in self._columns:
            if column.name != self._serial:
                value = row[column.name] if column.name in row else _default(column.default)
                is_number = isinstance(value, int) and column.declared == "TEXT"
                yield str(value) if is_number else value


def _is_name(value: Value) -> bool:
    # SQLite makes a text of a number, but NULL of what is none
    return isinstance(value, str) or (isinstance(value, (int, float)) and value == value)


def _serial(table: str, known: List[Column]) -> str:
    """Return the column that only numbers the rows; empty for none."""
    if table == "dependencies":
        return "place"
    key = [column for column in known if column.in_key]
    return key[0].name if len(key) == 1 and key[0].declared.upper() == "INTEGER" else ""


def _default(default: Optional[str]) -> Value:
    """Return what a default of the schema stands for; of an expression nothing is known."""
    if default is not None and default.startswith("'") and default.endswith("'"):
        return default[1:-1].replace("''", "'")
    return None


def _equal(row: Row) -> str:
    return " AND ".join("%s IS %s" % (quote(name), _mark(value)) for name, value in row.items())


def _mark(value: Value) -> str:
    # sqlite3 binds bytes as a blob; this makes a text of them again
    return "CAST(? AS TEXT)" if isinstance(value, RawText) else "?"
