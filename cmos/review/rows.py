"""Values that are not what their column holds, and files that say nothing of a mission."""

from __future__ import annotations

import sqlite3
from typing import Dict, Iterator, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.db.sql import NAMED, Column, columns, quote, raw, tables, texts
from cmos.review.rules import BLOB, MISSING, NO_NUMBER, NOT_UTF8, OddValue

#: A condition for values of a type that the column is not for.
# SQLite sorts BLOBs after all texts, and makes a text of a number in a column of texts
_WRONG = {"TEXT": "%s >= x''", "INTEGER": "typeof(%s) NOT IN ('integer', 'null')"}
_WRONG["REAL"] = "typeof(%s) NOT IN ('real', 'integer', 'null') OR abs(%s) = 9e999"
#: Rows whose texts are looked at in one.
_TOGETHER = 250
_MADE_ANEW = ("seen", "texts")


def odd_values(db: sqlite3.Connection) -> List[OddValue]:
    """Return what is odd, table by table; what is made anew from files is left out."""
    return [odd for table in tables(db) if table not in _MADE_ANEW for odd in _in_table(db, table)]


def _in_table(db: sqlite3.Connection, table: str) -> Iterator[OddValue]:
    known = [column for column in columns(db, table) if column.declared in _WRONG]
    tests = [(column, BLOB if column.declared == "TEXT" else NO_NUMBER, _wrong(column)) for column in known]
    if table in NAMED:
        tests += [(column, MISSING, "%s IS NULL" % quote(column.name)) for column in known if column.in_key == 1]
    # all at once first: nearly always there is nothing
    if _is_any(db, table, " OR ".join(test for _, _, test in tests)):
        for column, what, test in tests:
            yield from _odd(db, table, column, what, test)
    texts = [column for column in known if column.declared == "TEXT"]
    if texts and not _is_utf8(db, table, texts):
        for column in texts:
            yield from _broken(db, table, column)


def _wrong(column: Column) -> str:
    return _WRONG[column.declared].replace("%s", quote(column.name))


def _is_any(db: sqlite3.Connection, table: str, test: str) -> bool:
    sql = "SELECT 1 FROM %s WHERE %s LIMIT 1" % (quote(table), test or "0")
    return db.execute(sql).fetchone() is not None


def _odd(db: sqlite3.Connection, table: str, column: Column, what: str, test: str) -> Iterator[OddValue]:
    sql = "SELECT count(*), min(%s) FROM %s WHERE %s" % (_rowid(db, table), quote(table), test)
    number, first = db.execute(sql).fetchone()
    if number:
        where = "rowid = %d" % first if first is not None else test
        yield OddValue(table, column.name, what, number, where, _names(table, column), _name(db, table, where, column))


def _is_utf8(db: sqlite3.Connection, table: str, texts: List[Column]) -> bool:
    """Say whether all texts of a table are UTF-8, as far as that can be told quickly."""
    before = db.text_factory
    db.text_factory = str
    try:
        for sql in _all_of(db, table, [quote(column.name) for column in texts]):
            for _ in raw(db, sql):
                pass
        return True
    except sqlite3.Error:  # not UTF-8, or too long to be put together
        return False
    finally:
        db.text_factory = before


def _all_of(db: sqlite3.Connection, table: str, names: List[str]) -> Iterator[str]:
    """Yield queries for the texts of a table, many put together in one where rows have numbers: that is quicker."""
    if _rowid(db, table) == "NULL":
        yield "SELECT %s FROM %s" % (", ".join(names), quote(table))
        return
    together = ", ".join("group_concat(%s, '')" % name for name in names)
    first, last = db.execute("SELECT min(rowid), max(rowid) FROM %s" % quote(table)).fetchone()
    while first is not None and first <= last:
        yield "SELECT %s FROM %s WHERE rowid BETWEEN %d AND %d" % (together, quote(table), first, first + _TOGETHER - 1)
        sql = "SELECT min(rowid) FROM %s WHERE rowid >= %d" % (quote(table), first + _TOGETHER)
        first = db.execute(sql).fetchone()[0]


def _broken(db: sqlite3.Connection, table: str, column: Column) -> Iterator[OddValue]:
    name, number, first = quote(column.name), 0, ""
    sql = "SELECT %s, CAST(%s AS BLOB) FROM %s WHERE typeof(%s) = 'text'"
    for rowid, data in raw(db, sql % (_rowid(db, table), name, quote(table), name)):
        if not _decodes(data):
            number += 1
            # without a number of the row, it is found by the bytes that it begins with
            first = first or ("rowid = %d" % rowid if rowid is not None else _beginning(name, data))
    if number:
        names = _names(table, column)
        yield OddValue(table, column.name, NOT_UTF8, number, first, names, _name(db, table, first, column))


def _beginning(name: str, data: bytes) -> str:
    return "substr(CAST(%s AS BLOB), 1, 40) = x'%s'" % (name, data[:40].hex())


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
        return True
    except UnicodeDecodeError:
        return False


def _names(table: str, column: Column) -> bool:
    return table in NAMED and column.in_key == 1


def _name(db: sqlite3.Connection, table: str, where: str, column: Column) -> Optional[str]:
    """Return the id of the mission that has the value."""
    if table != "missions" or column.name == "id":
        return None
    row: Optional[Tuple[object]] = db.execute("SELECT id FROM missions WHERE %s" % where).fetchone()
    return str(row[0]) if row and row[0] is not None else None


def _rowid(db: sqlite3.Connection, table: str) -> str:
    """Return what gives the number of a row; NULL for a table without."""
    sql = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    made = str(db.execute(sql, (table,)).fetchone()[0])
    return "NULL" if "WITHOUT ROWID" in made.upper() else "rowid"


class Place(NamedTuple):
    """A mission's own file: its path relative to the project, and the id as the file spells it."""

    path: str
    file_id: str


def places(db: sqlite3.Connection, worktree: str) -> Dict[str, Place]:
    """Return the place of each mission that has a file of its own in a worktree."""
    rows = db.execute(
        "SELECT r.mission_id, r.path, r.file_id FROM records r JOIN files b USING (worktree, path) "
        "WHERE r.worktree = ? AND r.kind = 'file' AND b.hash <> '' ORDER BY r.path DESC",
        (worktree,),
    )
    # of several, the first path counts
    return {row[0]: Place(str(row[1]), str(row[2])) for row in rows}


def files_without_mission(db: sqlite3.Connection, worktree: str) -> List[str]:
    """Return the files of a worktree that hold no mission's own document, and are not in quarantine."""
    rows = db.execute(
        "SELECT path FROM files b WHERE worktree = ?1 AND hash <> '' "
        "AND NOT EXISTS (SELECT 1 FROM records r WHERE r.worktree = ?1 AND r.path = b.path AND r.kind = 'file') "
        "AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.worktree = ?1 AND i.path = b.path AND i.closed_at IS NULL) "
        "ORDER BY path",
        (worktree,),
    )
    return texts(rows)


def listings(db: sqlite3.Connection, worktree: str) -> List[Tuple[str, str, str]]:
    """Return the missions that more than one file lists: the id, a path, and the sprint there."""
    rows = db.execute(
        "SELECT r.mission_id, r.path, coalesce(r.sprint, '') FROM records r JOIN files b USING (worktree, path) "
        "WHERE r.worktree = ?1 AND r.kind = 'row' AND b.hash <> '' AND EXISTS (SELECT 1 FROM records o "
        "WHERE o.worktree = ?1 AND o.mission_id = r.mission_id AND o.kind = 'row' AND o.path <> r.path) ORDER BY 1, 2",
        (worktree,),
    )
    return [(str(id), str(path), str(sprint)) for id, path, sprint in rows]


def blocked_since(db: sqlite3.Connection) -> Dict[str, str]:
    """Return when each mission was last blocked, as the log tells."""
    rows = db.execute(
        "SELECT m.id, s.ts FROM missions m JOIN sessions s ON s.id = "
        "(SELECT max(id) FROM sessions WHERE mission_id = m.id AND action = 'blocked') "
        "WHERE m.status = 'Blocked' AND s.ts IS NOT NULL"
    )
    return {row[0]: str(row[1]) for row in rows}
