"""Sessions, decisions and facts in the database. Rows are added, never changed or deleted."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from cmos.core.models import Session
from cmos.db.sql import record, records

if TYPE_CHECKING:
    from cmos.core.models import Decision, Entry, Fact


#: SQLite has no larger integers, and Python refuses to hand it one.
_LARGEST = 2**63 - 1
_SESSION = "action, mission_id, agent, summary, details, ts, origin, key, id"


class SessionFilter(NamedTuple):
    """Which sessions to list; what is None does not count."""

    mission_id: Optional[str] = None
    action: Optional[str] = None
    agent: Optional[str] = None
    #: Sessions whose time, compared as text, is not before it.
    since: Optional[str] = None


def add_session(db: sqlite3.Connection, session: Session) -> Optional[int]:
    """Add a session and return its id; None when one with the same key is there."""
    # not ON CONFLICT: that takes a number from the sequence even when it adds nothing
    done = db.execute(
        "INSERT INTO sessions (ts, mission_id, action, agent, summary, details, origin, key) "
        "SELECT ?1,?2,?3,?4,?5,?6,?7,?8 WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE key = ?8)",
        (session.ts, session.mission_id, session.action, session.agent)
        + (session.summary, session.details, session.origin, session.key),
    )
    return done.lastrowid if done.rowcount == 1 else None


def get_session(db: sqlite3.Connection, session_id: int) -> Optional[Session]:
    if not 0 <= session_id <= _LARGEST:
        return None
    row = db.execute("SELECT %s FROM sessions WHERE id = ?" % _SESSION, (session_id,)).fetchone()
    return record(Session, row)


def list_sessions(
    db: sqlite3.Connection,
    wanted: SessionFilter = SessionFilter(),  # noqa: B008  # an immutable value
    *,
    limit: Optional[int] = None,
    newest_first: bool = False,
) -> List[Session]:
    """Return the wanted sessions in the order of the log; ``limit`` keeps the newest ones.

    The order is that of recording: times of imported lines are not all valid.
    """
    where, values = _session_where(wanted)
    rows = db.execute(
        "SELECT %s FROM sessions %s ORDER BY id DESC LIMIT ?" % (_SESSION, where),
        (*values, -1 if limit is None else max(min(limit, _LARGEST), 0)),
    )
    found = list(records(Session, rows))
    return found if newest_first else found[::-1]


def each_session(db: sqlite3.Connection) -> Iterator[Session]:
    """Yield the whole log in its order, one row at a time."""
    return records(Session, db.execute("SELECT %s FROM sessions ORDER BY id" % _SESSION))


def count_sessions(db: sqlite3.Connection, wanted: SessionFilter = SessionFilter()) -> int:  # noqa: B008
    where, values = _session_where(wanted)
    return int(db.execute("SELECT count(*) FROM sessions %s" % where, values).fetchone()[0])


def has_event(db: sqlite3.Connection, session: Session) -> bool:
    """Say whether the log holds this event: the same time, mission and action."""
    row = db.execute(
        "SELECT 1 FROM sessions WHERE mission_id IS ? AND ts = ? AND action IS ? LIMIT 1",
        (session.mission_id, session.ts, session.action),
    ).fetchone()
    return row is not None


def _session_where(wanted: SessionFilter) -> Tuple[str, List[str]]:
    tests = ("mission_id = ?", "action = ?", "agent = ?", "ts >= ?")
    used = [(test, value) for test, value in zip(tests, wanted) if value is not None]
    where = ("WHERE " + " AND ".join(test for test, _ in used)) if used else ""
    return where, [value for _, value in used]


_DECISION = "title, rationale, mission_id, ts, key, id"
_FACT = "content, kind, mission_id, ts, key, id"
_NEWEST_FIRST = "ORDER BY e.ts DESC, e.id DESC, e.type"
# the sprint is looked up only of those that are wanted
_ENTRY = (
    "SELECT e.id, e.type, e.kind, e.ts, e.mission_id, m.sprint_id, coalesce(e.text, ''), e.rationale, "
    "CASE WHEN e.key LIKE 'import:%%%%' THEN 'import' ELSE 'command' END FROM (SELECT * FROM "
    "(SELECT id, 'decision' type, 'decision' kind, ts, mission_id, title text, rationale, key FROM decisions "
    "UNION ALL SELECT id, 'fact', kind, ts, mission_id, content, NULL, key FROM facts) e "
    "%%s %s LIMIT %%d) e LEFT JOIN missions m ON m.id = e.mission_id %s" % (_NEWEST_FIRST, _NEWEST_FIRST)
)


class MemoryFilter(NamedTuple):
    """Which decisions and facts to list; what is None does not count."""

    mission_id: Optional[str] = None
    #: Ids of sprints; the mission of an entry says which one it is of.
    sprints: Optional[Sequence[str]] = None
    #: ``decision``, or a kind of fact in any case.
    kind: Optional[str] = None
    #: Those whose time, compared as text, is not before it.
    since: Optional[str] = None


def add_decision(db: sqlite3.Connection, decision: Decision) -> Optional[int]:
    """Add a decision and return its id; None when one with the same key is there."""
    done = db.execute(
        "INSERT INTO decisions (ts, mission_id, title, rationale, key) "
        "SELECT ?1,?2,?3,?4,?5 WHERE NOT EXISTS (SELECT 1 FROM decisions WHERE key = ?5)",
        (decision.ts, decision.mission_id, decision.title, decision.rationale, decision.key),
    )
    return done.lastrowid if done.rowcount == 1 else None


def add_fact(db: sqlite3.Connection, fact: Fact) -> Optional[int]:
    """Add a fact and return its id; None when one with the same key is there."""
    done = db.execute(
        "INSERT INTO facts (ts, mission_id, kind, content, key) "
        "SELECT ?1,?2,?3,?4,?5 WHERE NOT EXISTS (SELECT 1 FROM facts WHERE key = ?5)",
        (fact.ts, fact.mission_id, fact.kind, fact.content, fact.key),
    )
    return done.lastrowid if done.rowcount == 1 else None


def decisions(
    db: sqlite3.Connection,
    *,
    mission_id: Optional[str] = None,
    since: Optional[str] = None,
    limit: Optional[int] = None,
) -> List[Decision]:
    """Return decisions in the order they were recorded; ``limit`` keeps the newest ones."""
    # here: `status` counts them and makes none
    from cmos.core.models import Decision

    where, values = _memory_where(mission_id=mission_id, since=since)
    sql = "SELECT %s FROM decisions %s ORDER BY id DESC LIMIT ?" % (_DECISION, where)
    return list(records(Decision, db.execute(sql, (*values, _rows(limit)))))[::-1]


def facts(
    db: sqlite3.Connection,
    *,
    mission_id: Optional[str] = None,
    kind: Optional[str] = None,
    since: Optional[str] = None,
    limit: Optional[int] = None,
) -> List[Fact]:
    """Return facts in the order they were recorded; ``limit`` keeps the newest ones."""
    from cmos.core.models import Fact

    where, values = _memory_where(mission_id=mission_id, since=since, kind=kind)
    sql = "SELECT %s FROM facts %s ORDER BY id DESC LIMIT ?" % (_FACT, where)
    return list(records(Fact, db.execute(sql, (*values, _rows(limit)))))[::-1]


def entries(
    db: sqlite3.Connection,
    wanted: MemoryFilter = MemoryFilter(),  # noqa: B008  # an immutable value
    *,
    limit: Optional[int] = None,
) -> Iterator[Entry]:
    """Yield the wanted decisions and facts, the newest first, as they are asked for."""
    from cmos.core.models import Entry

    tests, values = _wanted(wanted)
    where = ("WHERE " + " AND ".join(tests)) if tests else ""
    return records(Entry, db.execute(_ENTRY % (where, _rows(limit)), values))


def these(db: sqlite3.Connection, wanted: Sequence[Tuple[str, int]]) -> List[Entry]:
    """Return the decisions and facts of these types and ids that exist, in the order given."""
    from cmos.core.models import Entry

    found: List[Entry] = []
    for pair in wanted:
        found += records(Entry, db.execute(_ENTRY % ("WHERE e.type = ? AND e.id = ?", 1), pair))
    return found


def last_recorded(db: sqlite3.Connection, *, limit: int) -> List[Entry]:
    """Return the decisions and the facts that were recorded last, so many of each, the newest first.

    It takes the same time however many there are.
    """
    ids: List[Tuple[str, int]] = []
    for type, table in (("decision", "decisions"), ("fact", "facts")):
        rows = db.execute("SELECT id FROM %s ORDER BY id DESC LIMIT ?" % table, (limit,))
        ids += [(type, row[0]) for row in rows]
    return sorted(these(db, ids), key=lambda one: one.ts or "", reverse=True)


def has_mission(db: sqlite3.Connection, mission_id: str) -> bool:
    """Say whether a decision or a fact is about a mission."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM decisions WHERE mission_id = ?1) "
        "OR EXISTS (SELECT 1 FROM facts WHERE mission_id = ?1)",
        (mission_id,),
    ).fetchone()
    return bool(row[0])


def kinds(db: sqlite3.Connection) -> List[str]:
    """Return the kinds that facts have, sorted."""
    return [row[0] for row in db.execute("SELECT DISTINCT kind FROM facts WHERE kind IS NOT NULL ORDER BY kind")]


def counts(db: sqlite3.Connection) -> Tuple[int, int]:
    """Return how many decisions and how many facts there are."""
    row = db.execute("SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM facts)").fetchone()
    return int(row[0]), int(row[1])


def _wanted(wanted: MemoryFilter) -> Tuple[List[str], List[Any]]:
    pairs = (
        ("e.mission_id = ?", wanted.mission_id),
        ("lower(e.kind) = lower(?)", wanted.kind),
        ("e.ts >= ?", wanted.since),
    )
    tests = [test for test, value in pairs if value is not None]
    values = [value for _, value in pairs if value is not None]
    if wanted.sprints is not None:
        marks = ",".join("?" * len(wanted.sprints))
        tests.append("e.mission_id IN (SELECT id FROM missions WHERE sprint_id IN (%s))" % marks)
        values += wanted.sprints
    return tests, values


def _rows(limit: Optional[int]) -> int:
    return -1 if limit is None else max(limit, 0)


def _memory_where(
    *, mission_id: Optional[str], since: Optional[str], kind: Optional[str] = None
) -> Tuple[str, List[str]]:
    pairs = (("mission_id = ?", mission_id), ("ts >= ?", since), ("kind = ?", kind))
    used = [(test, value) for test, value in pairs if value is not None]
    where = ("WHERE " + " AND ".join(test for test, _ in used)) if used else ""
    return where, [value for _, value in used]
