"""The database's token, foreign content in it, and the project's state."""

from __future__ import annotations

import sqlite3
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Optional, Tuple

from cmos.core.ids import parts
from cmos.core.schema import NEWEST
from cmos.db import connection
from cmos.db.sql import texts

#: Not among the migrations: an older cmosctl works with a database that has it.
TABLE = "CREATE TABLE repository (token TEXT PRIMARY KEY)"


def read_token(db: sqlite3.Connection) -> Optional[str]:
    """Return the database's token; None when it has none."""
    try:
        row = db.execute("SELECT token FROM repository").fetchone()
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return None
        raise
    except UnicodeDecodeError as error:
        # the schema holds bytes that are not text
        raise sqlite3.DatabaseError("malformed database schema") from error
    return str(row[0]) if row else None


def put_token(db: sqlite3.Connection, token: str) -> None:
    """Replace the database's token."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'repository'").fetchone():
        db.execute(TABLE)
    db.execute("DELETE FROM repository")
    db.execute("INSERT INTO repository (token) VALUES (?)", (token,))


#: The tables, with the columns we read, that a database of the original architecture must have.
_ORIGINAL = {
    "missions": ("id", "sprint_id", "name", "status", "created_at", "completed_at", "notes"),
    "sessions": ("id", "ts", "mission_id", "action", "agent", "summary", "details"),
}
#: Columns with paths that files are read and written by; the second line is of schemas 3 to 7.
_PATHS = (
    *(("files", "path"), ("files", "temporary"), ("records", "path")),
    *(("base", "path"), ("base_records", "path"), ("intents", "path"), ("intents", "temporary")),
)

#: Type and SQL of everything in a schema, by name.
_Schema = Dict[str, Tuple[str, str]]


def foreign_content(db: sqlite3.Connection) -> str:
    """Say what is wrong with a database; empty when nothing is. Runs no code that it holds."""
    damage = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if damage != "ok":
        return "it is damaged: %s" % " ".join(damage.split())
    return _schema_fault(db) or next(_bad_paths(db), "")


def _schema_fault(db: sqlite3.Connection) -> str:
    version = connection.schema_version(db)
    if version > NEWEST:
        return "it has schema %d; this cmosctl knows schemas up to %d" % (version, NEWEST)
    there = _schema(db)
    released = _released(version)
    for name, what in released.items():
        if there.get(name) != what:
            return "its %s %s is not the one of schema %d" % (what[0], name, version)
    for name, (kind, sql) in there.items():
        ours = name in released or (version == 0 and name == "kb_chunks_fts")
        if not ours and (kind in ("trigger", "view") or sql.upper().startswith("CREATE VIRTUAL")):
            return "it holds a %s of its own: %s" % (kind, name)
    return _original_fault(db) if version == 0 and there else ""


def _original_fault(db: sqlite3.Connection) -> str:
    for table, wanted in _ORIGINAL.items():
        columns = {row[0] for row in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}
        if not columns.issuperset(wanted):
            return "it is of another program: it has no table %s with %s" % (table, ", ".join(wanted))
    return ""


def _released(version: int) -> _Schema:
    from cmos.db import migrate

    if version < 1:
        return {}
    # the migrations themselves say what they make
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for migration in migrate.migrations()[:version]:
            db.executescript(migration.sql)
        return _schema(db)
    finally:
        db.close()


def _schema(db: sqlite3.Connection) -> _Schema:
    rows = db.execute("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {str(name): (str(kind), " ".join(str(sql).split())) for name, kind, sql in rows if sql != TABLE}


def _bad_paths(db: sqlite3.Connection) -> Iterator[str]:
    tables = _schema(db)
    for table, column in _PATHS:
        sql = "SELECT {0} FROM {1} WHERE {0} IS NOT NULL".format(column, table)
        for (path,) in db.execute(sql) if table in tables else ():
            names = parts(path)
            if names is None or (column == "temporary" and not names[-1].startswith(".cmos-")):
                yield "it names a file that is none of the project's missions: %s" % ascii(path)[:100]


#: Under it stand the marks of what a person has accepted as the project's past.
_KNOWN = "known_problems"


def known_problems(db: sqlite3.Connection) -> FrozenSet[str]:
    """Return the marks of the problems that are no news."""
    return frozenset((get_state(db, _KNOWN) or "").split())


def accept_problems(db: sqlite3.Connection, marks: Iterable[str]) -> None:
    """Make these the problems that are no news."""
    put_state(db, _KNOWN, " ".join(sorted(set(marks))))


def get_state(db: sqlite3.Connection, key: str) -> Optional[str]:
    """Return the value of a key; None when there is no such key, or no value."""
    row = db.execute("SELECT value FROM project_state WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def put_state(db: sqlite3.Connection, key: str, value: Optional[str]) -> None:
    """Store a value, replacing the one that is there."""
    db.execute(
        "INSERT INTO project_state (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value",
        (key, value),
    )


def put_new_state(db: sqlite3.Connection, key: str, value: Optional[str]) -> bool:
    """Store a value unless the key exists; say whether it was stored."""
    done = db.execute("INSERT INTO project_state (key, value) VALUES (?,?) ON CONFLICT (key) DO NOTHING", (key, value))
    return done.rowcount == 1


def worktree_value(db: sqlite3.Connection, worktree: str, column: str) -> Any:
    """Return what is remembered of a worktree; None if nothing is."""
    row = db.execute("SELECT %s FROM worktrees WHERE worktree = ?" % column, (worktree,)).fetchone()
    return row[0] if row else None


def put_worktree(db: sqlite3.Connection, worktree: str, **values: object) -> None:
    """Remember values of a worktree, by column."""
    for column, value in values.items():
        db.execute(
            "INSERT INTO worktrees (worktree, {0}) VALUES (?,?) ON CONFLICT (worktree) DO UPDATE SET {0} = excluded.{0}"
            "".format(column),
            (worktree, value),
        )


def all_state(db: sqlite3.Connection) -> Dict[str, Optional[str]]:
    """Return all keys with their values, in the order of the keys."""
    rows = db.execute("SELECT key, value FROM project_state WHERE key IS NOT NULL ORDER BY key")
    return {str(row[0]): row[1] for row in rows}


def sample_paths(db: sqlite3.Connection, worktree: str) -> List[str]:
    """Return the paths of a few files that the project has or had."""
    return texts(db.execute("SELECT path FROM files WHERE worktree = ? ORDER BY path LIMIT 20", (worktree,)))
