"""Reading what can be read of a damaged database: row by row, past what cannot be read."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import Any, Iterable, Iterator, List, Sequence, Set, Tuple

from cmos.db.sql import quote
from cmos.transfer import rows as transfer_rows
from cmos.transfer.dump import Row

#: Rows by number are tried up to this one, and this far beyond the last that is known of.
_DENSE = 1_000_000
_BEYOND = 10_000
#: What damage raises; where the schema is hit, the message itself may not be UTF-8.
TROUBLE = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeDecodeError)


def health(path: str) -> str:
    """Return what is wrong with a database file; empty when nothing is."""
    try:
        with opened(path) as db:
            found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
            db.execute("SELECT count(*) FROM missions").fetchone()
    except TROUBLE as error:
        return str(error)
    return "" if found == "ok" else " ".join(found.split())


@contextmanager
def opened(path: str) -> Iterator[sqlite3.Connection]:
    """Open a database of whatever state for reading; its texts may be anything."""
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = transfer_rows.any_text
    try:
        yield db
    finally:
        db.close()


def salvage(db: sqlite3.Connection, table: str, known: Sequence[str]) -> Iterator[Row]:
    """Yield each row of a table that can be read, with those of the ``known`` columns that it has; some twice."""
    names = [name for name in _columns(db, table) if name in known]
    if not names:
        return
    if _has_rowids(db, table):
        for number in _rowids(db, table):
            yield from _one(db, table, names, number)
        return
    for order in ("", " ORDER BY %s DESC" % ", ".join(map(quote, _key(db, table)))):
        for row in _past_damage(db, "SELECT %s FROM %s%s" % (", ".join(map(quote, names)), quote(table), order)):
            yield dict(zip(names, row))


def _one(db: sqlite3.Connection, table: str, names: Sequence[str], number: int) -> Iterator[Row]:
    """Yield the row with a number, or as many of its columns as can be read: the end of a long one lies elsewhere."""
    sql = "SELECT %%s FROM %s WHERE rowid = ?" % quote(table)
    try:
        row = db.execute(sql % ", ".join(map(quote, names)), (number,)).fetchone()
        if row is not None:
            yield dict(zip(names, row))
    except TROUBLE:
        found = {name: part[0] for name in names for part in _past_damage(db, sql % quote(name), (number,))}
        if found:
            yield found


def put_all(db: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add rows to a table as they are; one whose key is taken is left out."""
    for row in rows:
        names = ", ".join(map(quote, row))
        marks = ", ".join("?" for _ in row)
        db.execute("INSERT OR IGNORE INTO %s (%s) VALUES (%s)" % (quote(table), names, marks), list(row.values()))


def _columns(db: sqlite3.Connection, table: str) -> List[str]:
    return [str(row[0]) for row in _past_damage(db, "SELECT name FROM pragma_table_info(?)", (table,))]


def _key(db: sqlite3.Connection, table: str) -> List[str]:
    sql = "SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk"
    return [str(row[0]) for row in _past_damage(db, sql, (table,))]


def _has_rowids(db: sqlite3.Connection, table: str) -> bool:
    try:
        db.execute("SELECT rowid FROM %s WHERE rowid = 0" % quote(table)).fetchone()
    except sqlite3.OperationalError as error:
        return "no such column" not in str(error)
    except TROUBLE:
        pass
    return True


def _rowids(db: sqlite3.Connection, table: str) -> List[int]:
    """Return the numbers of rows that there may be: those that something names, and all up to the last of them."""
    name = quote(table)
    scans = ["SELECT rowid FROM %s NOT INDEXED" % name, "SELECT rowid FROM %s NOT INDEXED ORDER BY rowid DESC" % name]
    scans += ["SELECT max(rowid) FROM %s" % name, "SELECT seq FROM sqlite_sequence WHERE name = '%s'" % table]
    indexes = _past_damage(db, "SELECT name FROM pragma_index_list(?)", (table,))
    scans += ["SELECT rowid FROM %s INDEXED BY %s" % (name, quote(str(index[0]))) for index in indexes]
    found: Set[int] = {row[0] for sql in scans for row in _past_damage(db, sql) if isinstance(row[0], int)}
    last = max([number for number in found if number <= _DENSE] or [0])
    return sorted(found | set(range(1, last + _BEYOND)))


def _past_damage(db: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> Iterator[Tuple[Any, ...]]:
    """Yield the rows of a query until it meets damage."""
    try:
        yield from db.execute(sql, tuple(values))
    except TROUBLE:
        return
