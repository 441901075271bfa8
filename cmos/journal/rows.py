"""Sessions, decisions and facts in the database. Rows are added, never changed or deleted."""

from __future__ import annotations

import sqlite3
from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Type, TypeVar, Union

from cmos.core.models import Decision, Entry, Fact, Session
from cmos.core.record import NamedTuple
from cmos.db.sql import insert_unless_known, record, records, texts, where

R = TypeVar("R", Session, Decision, Fact)

#: SQLite has no larger integers, and Python refuses to hand it one.
_LARGEST = 2**63 - 1
_TABLES: Dict[object, str] = {Session: "sessions", Decision: "decisions", Fact: "facts"}


class SessionFilter(NamedTuple):
    """Which sessions to list; a field that is None restricts nothing."""

    mission_id: Optional[str] = None
    action: Optional[str] = None
    agent: Optional[str] = None
    #: Only from this time on, compared as text.
    since: Optional[str] = None


def add_session(db: sqlite3.Connection, session: Session) -> Optional[int]:
    """Add a session and return its id; None when one with the same key is there."""
    return _add(db, session)


def add_decision(db: sqlite3.Connection, decision: Decision) -> Optional[int]:
    """Add a decision and return its id; None when one with the same key is there."""
    return _add(db, decision)


def add_fact(db: sqlite3.Connection, fact: Fact) -> Optional[int]:
    """Add a fact and return its id; None when one with the same key is there."""
    return _add(db, fact)


def _add(db: sqlite3.Connection, new: Union[Session, Decision, Fact]) -> Optional[int]:
    row = new._asdict()
    del row["id"]
    return insert_unless_known(db, _TABLES[type(new)], row)


def get_session(db: sqlite3.Connection, session_id: int) -> Optional[Session]:
    if not 0 <= session_id <= _LARGEST:
        return None
    return record(Session, db.execute(_select(Session) + "WHERE id = ?", (session_id,)).fetchone())


def list_sessions(
    db: sqlite3.Connection,
    wanted: SessionFilter = SessionFilter(),  # noqa: B008  # an immutable value
    *,
    limit: Optional[int] = None,
) -> List[Session]:
    """Return the wanted sessions in the order of the log; ``limit`` keeps the newest ones.

    They are ordered by id: imported lines do not all have a valid time.
    """
    return _listed(db, Session, _tests(wanted), limit=limit)


def each_session(db: sqlite3.Connection) -> Iterator[Session]:
    """Yield the whole log in order, row by row."""
    return records(Session, db.execute(_select(Session) + "ORDER BY id"))


def decisions(db: sqlite3.Connection, *, mission_id: Optional[str] = None) -> List[Decision]:
    """Return decisions in the order they were recorded."""
    return _listed(db, Decision, [("mission_id = ?", mission_id)])


def facts(db: sqlite3.Connection, *, mission_id: Optional[str] = None) -> List[Fact]:
    """Return facts in the order they were recorded."""
    return _listed(db, Fact, [("mission_id = ?", mission_id)])


def _listed(
    db: sqlite3.Connection, kind: Type[R], tests: Sequence[Tuple[str, object]], *, limit: Optional[int] = None
) -> List[R]:
    condition, values = where(*tests)
    rows = db.execute("%s %s ORDER BY id DESC LIMIT %d" % (_select(kind), condition, _most(limit)), values)
    return list(records(kind, rows))[::-1]


def _select(kind: Type[R]) -> str:
    return "SELECT %s FROM %s " % (", ".join(kind._fields), _TABLES[kind])


def _most(limit: Optional[int]) -> int:
    """Return a LIMIT; without one, SQLite's word for all."""
    return -1 if limit is None else max(min(limit, _LARGEST), 0)


def count_sessions(db: sqlite3.Connection, wanted: SessionFilter = SessionFilter()) -> int:  # noqa: B008
    condition, values = where(*_tests(wanted))
    return int(db.execute("SELECT count(*) FROM sessions " + condition, values).fetchone()[0])


def _tests(wanted: SessionFilter) -> List[Tuple[str, object]]:
    return list(zip(("mission_id = ?", "action = ?", "agent = ?", "ts >= ?"), wanted))


def has_event(db: sqlite3.Connection, session: Session) -> bool:
    """Say whether the log has a session with the same time, mission and action."""
    row = db.execute(
        "SELECT 1 FROM sessions WHERE mission_id IS ? AND ts = ? AND action IS ? LIMIT 1",
        (session.mission_id, session.ts, session.action),
    ).fetchone()
    return row is not None


_NEWEST_FIRST = "ORDER BY e.ts DESC, e.id DESC, e.type"
# the limit comes first: sprints are looked up for few rows
_ENTRY = (
    "SELECT e.id, e.type, e.kind, e.ts, e.mission_id, m.sprint_id, coalesce(e.text, ''), e.rationale, "
    "CASE WHEN e.key LIKE 'import:%%%%' THEN 'import' ELSE 'command' END FROM (SELECT * FROM "
    "(SELECT id, 'decision' type, 'decision' kind, ts, mission_id, title text, rationale, key FROM decisions d "
    "WHERE NOT EXISTS (SELECT 1 FROM decisions WHERE replaces = d.id) "
    "UNION ALL SELECT id, 'fact', kind, ts, mission_id, content, NULL, key FROM facts f "
    "WHERE NOT EXISTS (SELECT 1 FROM facts WHERE replaces = f.id)) e "
    "%%s %s LIMIT %%d) e LEFT JOIN missions m ON m.id = e.mission_id %s" % (_NEWEST_FIRST, _NEWEST_FIRST)
)


class MemoryFilter(NamedTuple):
    """Which decisions and facts to list; a field that is None restricts nothing."""

    mission_id: Optional[str] = None
    #: Sprint ids; an entry belongs to the sprint of its mission.
    sprints: Optional[Sequence[str]] = None
    #: ``decision``, or a kind of fact in any case.
    kind: Optional[str] = None
    #: Only from this time on, compared as text.
    since: Optional[str] = None


def entries(
    db: sqlite3.Connection,
    wanted: MemoryFilter = MemoryFilter(),  # noqa: B008  # an immutable value
    *,
    limit: Optional[int] = None,
) -> Iterator[Entry]:
    """Yield the wanted decisions and facts lazily, the newest first."""
    condition, values = where(
        ("e.mission_id = ?", wanted.mission_id),
        ("lower(e.kind) = lower(?)", wanted.kind),
        ("e.ts >= ?", wanted.since),
        ("e.mission_id IN (SELECT id FROM missions WHERE sprint_id IN (?))", wanted.sprints),
    )
    return records(Entry, db.execute(_ENTRY % (condition, _most(limit)), values))


def entries_by_id(db: sqlite3.Connection, wanted: Sequence[Tuple[str, int]]) -> List[Entry]:
    """Return the decisions and facts of the given types and ids, in that order, if they exist."""
    found: List[Entry] = []
    for pair in wanted:
        found += records(Entry, db.execute(_ENTRY % ("WHERE e.type = ? AND e.id = ?", 1), pair))
    return found


def last_recorded(db: sqlite3.Connection, *, limit: int) -> List[Entry]:
    """Return the latest decisions and facts, up to ``limit`` of each, the newest first.

    It takes the same time however many there are.
    """
    ids: List[Tuple[str, int]] = []
    for type, table in (("decision", "decisions"), ("fact", "facts")):
        rows = db.execute("SELECT id FROM %s ORDER BY id DESC LIMIT ?" % table, (limit,))
        ids += [(type, row[0]) for row in rows]
    return sorted(entries_by_id(db, ids), key=lambda one: one.ts or "", reverse=True)


def exists(db: sqlite3.Connection, record: Union[Decision, Fact], id: int) -> bool:
    """Say whether there is a decision or a fact of a number, in the table of ``record``."""
    return db.execute("SELECT 1 FROM %s WHERE id = ?" % _TABLES[type(record)], (id,)).fetchone() is not None


def last_signs(db: sqlite3.Connection, ids: Sequence[str]) -> Dict[str, str]:
    """Return the time of the newest session or commit of each mission."""
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        "SELECT mission_id, max(ts) FROM sessions WHERE mission_id IN (%s) GROUP BY mission_id" % marks, list(ids)
    )
    return {str(row[0]): str(row[1]) for row in rows if row[1]}


def summaries(db: sqlite3.Connection, ids: Sequence[str]) -> Dict[str, Dict[str, str]]:
    """Return who completed each mission last, and the summary that was given."""
    found: Dict[str, Dict[str, str]] = {}
    for id in ids:
        for session in list_sessions(db, SessionFilter(mission_id=id, action="complete"), limit=1):
            values = {"completed_by": session.agent, "summary": session.summary}
            found[id] = {key: value for key, value in values.items() if value}
    return found


def open_questions(db: sqlite3.Connection, *, limit: int) -> List[Fact]:
    """Return questions and risks that were not replaced and have no answer, the newest first.

    An answer is a fact about the same mission that begins with the question's text.
    """
    rows = db.execute(
        "SELECT %s FROM facts q WHERE lower(q.kind) IN ('question', 'risk') "
        "AND NOT EXISTS (SELECT 1 FROM facts WHERE replaces = q.id) AND NOT EXISTS (SELECT 1 FROM facts a "
        "WHERE lower(a.kind) = 'answer' AND a.mission_id IS q.mission_id "
        "AND lower(substr(a.content, 1, length(q.content))) = lower(q.content)) ORDER BY q.id DESC LIMIT ?"
        % ", ".join("q." + name for name in Fact._fields),
        (limit,),
    )
    return list(records(Fact, rows))


def has_mission(db: sqlite3.Connection, mission_id: str) -> bool:
    """Say whether any decision or fact is about a mission."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM decisions WHERE mission_id = ?1) "
        "OR EXISTS (SELECT 1 FROM facts WHERE mission_id = ?1)",
        (mission_id,),
    ).fetchone()
    return bool(row[0])


def kinds(db: sqlite3.Connection) -> List[str]:
    """Return the kinds of facts in use, sorted."""
    return texts(db.execute("SELECT DISTINCT kind FROM facts WHERE kind IS NOT NULL ORDER BY kind"))


def agents(db: sqlite3.Connection) -> List[str]:
    """Return the agents of the log, sorted."""
    return texts(db.execute("SELECT DISTINCT agent FROM sessions WHERE agent IS NOT NULL ORDER BY agent"))


def counts(db: sqlite3.Connection) -> Tuple[int, int]:
    """Return the number of decisions and of facts, without those that were replaced."""
    held = "(SELECT count(*) - count(DISTINCT replaces) FROM %s)"
    row = db.execute("SELECT %s, %s" % (held % "decisions", held % "facts")).fetchone()
    return int(row[0]), int(row[1])
