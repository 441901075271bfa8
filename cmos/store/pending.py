"""Writes to files that a command asked for and that have not happened yet."""

from __future__ import annotations

import sqlite3
from typing import Iterable, List, NamedTuple, Optional

from cmos.db.sql import records


class Pending(NamedTuple):
    mission_id: str
    field: str
    value: Optional[str]
    #: Insert a line where no record of the mission has the field (status only).
    insert_line: bool
    #: Why the write was refused; it is tried again when the files change.
    refused: str


class Waiting(NamedTuple):
    """A write that has not happened, and since when it is asked for."""

    mission_id: str
    field: str
    value: Optional[str]
    since: str


class Intent(NamedTuple):
    """A write that has begun: content hashes before and after, and the temporary file's path."""

    path: str
    old_hash: str
    new_hash: str
    temporary: str


def ask(db: sqlite3.Connection, worktree: str, wish: Pending, *, now: str) -> None:
    """Ask for a value to be written; a later wish for the same field replaces an earlier one."""
    db.execute(
        "INSERT OR REPLACE INTO pending (worktree, mission_id, field, value, insert_line, refused, since) "
        "VALUES (?,?,?,?,?,?,?)",
        (worktree, wish.mission_id, wish.field, wish.value, int(wish.insert_line), wish.refused, now),
    )


def wishes(db: sqlite3.Connection, worktree: str) -> List[Pending]:
    rows = db.execute(
        "SELECT mission_id, field, value, insert_line, refused FROM pending WHERE worktree = ? "
        "ORDER BY mission_id, field",
        (worktree,),
    )
    return [wish._replace(insert_line=bool(wish.insert_line)) for wish in records(Pending, rows, keys=2)]


def waiting(db: sqlite3.Connection, worktree: str) -> List[Waiting]:
    """Return what is still to be written, the oldest first."""
    sql = "SELECT mission_id, field, value, since FROM pending WHERE worktree = ? ORDER BY since, mission_id, field"
    return list(records(Waiting, db.execute(sql, (worktree,))))


def refused(db: sqlite3.Connection, worktree: str) -> List[Pending]:
    """Return those that were refused and may be possible by now."""
    return [wish for wish in wishes(db, worktree) if wish.refused]


def refuse(db: sqlite3.Connection, worktree: str, mission_id: str, field: str, why: str) -> None:
    db.execute(
        "UPDATE pending SET refused = ? WHERE worktree = ? AND mission_id = ? AND field = ?",
        (why, worktree, mission_id, field),
    )


def drop(db: sqlite3.Connection, worktree: str, mission_id: str, field: str) -> None:
    db.execute("DELETE FROM pending WHERE worktree = ? AND mission_id = ? AND field = ?", (worktree, mission_id, field))


def fulfil(db: sqlite3.Connection, worktree: str, mission_id: str, field: str) -> None:
    """Take a wish off the list, unless one of its places was refused."""
    db.execute(
        "DELETE FROM pending WHERE worktree = ? AND mission_id = ? AND field = ? AND refused = ''",
        (worktree, mission_id, field),
    )


def intents(db: sqlite3.Connection, worktree: str) -> List[Intent]:
    rows = db.execute("SELECT path, old_hash, new_hash, temporary FROM intents WHERE worktree = ?", (worktree,))
    return list(records(Intent, rows, keys=1))


def begin(db: sqlite3.Connection, worktree: str, intents: Iterable[Intent]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO intents (worktree, path, old_hash, new_hash, temporary) VALUES (?,?,?,?,?)",
        ((worktree, *intent) for intent in intents),
    )


def end(db: sqlite3.Connection, worktree: str, path: str) -> None:
    db.execute("DELETE FROM intents WHERE worktree = ? AND path = ?", (worktree, path))
