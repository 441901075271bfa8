"""The session log in the database. Rows are added, never changed or deleted."""

from __future__ import annotations

import sqlite3
from typing import Iterator, List, NamedTuple, Optional, Tuple

from cmos.core.models import Session
from cmos.db.sql import record, records

#: SQLite has no larger integers, and Python refuses to hand it one.
_LARGEST = 2**63 - 1
_COLUMNS = "action, mission_id, agent, summary, details, ts, origin, key, id"


class Wanted(NamedTuple):
    """Which sessions to list; what is None does not count."""

    mission_id: Optional[str] = None
    action: Optional[str] = None
    agent: Optional[str] = None
    #: Sessions whose time, compared as text, is not before it.
    since: Optional[str] = None


def add(db: sqlite3.Connection, session: Session) -> Optional[int]:
    """Add a session and return its id; None when one with the same key is there."""
    # not ON CONFLICT: that takes a number from the sequence even when it adds nothing
    done = db.execute(
        "INSERT INTO sessions (ts, mission_id, action, agent, summary, details, origin, key) "
        "SELECT ?1,?2,?3,?4,?5,?6,?7,?8 WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE key = ?8)",
        (session.ts, session.mission_id, session.action, session.agent)
        + (session.summary, session.details, session.origin, session.key),
    )
    return done.lastrowid if done.rowcount == 1 else None


def get(db: sqlite3.Connection, session_id: int) -> Optional[Session]:
    if not 0 <= session_id <= _LARGEST:
        return None
    row = db.execute("SELECT %s FROM sessions WHERE id = ?" % _COLUMNS, (session_id,)).fetchone()
    return record(Session, row)


def listing(
    db: sqlite3.Connection,
    wanted: Wanted = Wanted(),  # noqa: B008  # an immutable value
    *,
    limit: Optional[int] = None,
    newest_first: bool = False,
) -> List[Session]:
    """Return the wanted sessions in the order of the log; ``limit`` keeps the newest ones.

    The order is that of recording: times of imported lines are not all valid.
    """
    where, values = _where(wanted)
    rows = db.execute(
        "SELECT %s FROM sessions %s ORDER BY id DESC LIMIT ?" % (_COLUMNS, where),
        (*values, -1 if limit is None else max(min(limit, _LARGEST), 0)),
    )
    found = list(records(Session, rows))
    return found if newest_first else found[::-1]


def each(db: sqlite3.Connection) -> Iterator[Session]:
    """Yield the whole log in its order, one row at a time."""
    return records(Session, db.execute("SELECT %s FROM sessions ORDER BY id" % _COLUMNS))


def count(db: sqlite3.Connection, wanted: Wanted = Wanted()) -> int:  # noqa: B008
    where, values = _where(wanted)
    return int(db.execute("SELECT count(*) FROM sessions %s" % where, values).fetchone()[0])


def has_event(db: sqlite3.Connection, session: Session) -> bool:
    """Say whether the log holds this event: the same time, mission and action."""
    row = db.execute(
        "SELECT 1 FROM sessions WHERE mission_id IS ? AND ts = ? AND action IS ? LIMIT 1",
        (session.mission_id, session.ts, session.action),
    ).fetchone()
    return row is not None


def _where(wanted: Wanted) -> Tuple[str, List[str]]:
    tests = ("mission_id = ?", "action = ?", "agent = ?", "ts >= ?")
    used = [(test, value) for test, value in zip(tests, wanted) if value is not None]
    where = ("WHERE " + " AND ".join(test for test, _ in used)) if used else ""
    return where, [value for _, value in used]
