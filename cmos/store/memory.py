"""Decisions and facts in the database. Rows are added, never changed or deleted."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, List, Optional, Tuple

if TYPE_CHECKING:
    from cmos.core.memory import Decision, Fact

_DECISION = "title, rationale, mission_id, ts, key, id"
_FACT = "content, kind, mission_id, ts, key, id"


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
    from cmos.core.memory import Decision

    where, values = _where(mission_id=mission_id, since=since)
    sql = "SELECT %s FROM decisions %s ORDER BY id DESC LIMIT ?" % (_DECISION, where)
    return [Decision(*row) for row in db.execute(sql, (*values, _rows(limit)))][::-1]


def facts(
    db: sqlite3.Connection,
    *,
    mission_id: Optional[str] = None,
    kind: Optional[str] = None,
    since: Optional[str] = None,
    limit: Optional[int] = None,
) -> List[Fact]:
    """Return facts in the order they were recorded; ``limit`` keeps the newest ones."""
    from cmos.core.memory import Fact

    where, values = _where(mission_id=mission_id, since=since, kind=kind)
    sql = "SELECT %s FROM facts %s ORDER BY id DESC LIMIT ?" % (_FACT, where)
    return [Fact(*row) for row in db.execute(sql, (*values, _rows(limit)))][::-1]


def counts(db: sqlite3.Connection) -> Tuple[int, int]:
    """Return how many decisions and how many facts there are."""
    row = db.execute("SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM facts)").fetchone()
    return int(row[0]), int(row[1])


def _rows(limit: Optional[int]) -> int:
    return -1 if limit is None else max(limit, 0)


def _where(
    *, mission_id: Optional[str], since: Optional[str], kind: Optional[str] = None
) -> Tuple[str, List[str]]:
    pairs = (("mission_id = ?", mission_id), ("ts >= ?", since), ("kind = ?", kind))
    used = [(test, value) for test, value in pairs if value is not None]
    where = ("WHERE " + " AND ".join(test for test, _ in used)) if used else ""
    return where, [value for _, value in used]
