"""Which missions wait for which, in the database."""

from __future__ import annotations

import sqlite3
from typing import Iterable, List, Optional, Set

from cmos.core.models import Dependency
from cmos.db.sql import records, texts

#: Questions about single missions that cost less than one about all.
_FEW = 100


def dependencies(
    db: sqlite3.Connection, mission_id: Optional[str] = None, *, source: Optional[str] = None
) -> List[Dependency]:
    """Return dependencies as given, in order; of one mission those at either end, of one source its own."""
    rows = db.execute(
        "SELECT from_id, to_id, type FROM dependencies "
        "WHERE (?1 IS NULL OR from_id = ?1 OR to_id = ?1) AND (?2 IS NULL OR source = ?2) ORDER BY source, place",
        (mission_id, source),
    )
    return list(records(Dependency, rows))


def replace_dependencies(db: sqlite3.Connection, source: str, links: Iterable[Dependency]) -> None:
    """Make the dependencies of one source (a backlog's path) exactly these."""
    db.execute("DELETE FROM dependencies WHERE source = ?", (source,))
    db.executemany(
        "INSERT INTO dependencies (source, place, from_id, to_id, type) VALUES (?,?,?,?,?)",
        ((source, place, link.from_id, link.to_id, link.type) for place, link in enumerate(links)),
    )


def sources(db: sqlite3.Connection, type: str) -> Set[str]:
    """Return the sources that have dependencies of a type."""
    return set(texts(db.execute("SELECT DISTINCT source FROM dependencies WHERE type = ?", (type,))))


def waiting(db: sqlite3.Connection, *, finished: str = "") -> Set[str]:
    """Return the ids that an unfinished mission blocks; ``finished`` is taken as completed."""
    rows = db.execute(
        "SELECT DISTINCT d.to_id FROM missions m CROSS JOIN dependencies d ON d.from_id = m.id "  # in this order
        "WHERE lower(d.type) IN ('blocks', 'needed by') AND m.status <> 'Completed' AND m.id <> ? "
        "AND d.to_id <> d.from_id",
        (finished,),
    )
    return set(texts(rows))


class Waiting:
    """The ids that an unfinished mission blocks, asked for one by one, and after many all at once."""

    def __init__(self, db: sqlite3.Connection, *, finished: str = "") -> None:
        self._db = db
        self._finished = finished
        self._asked = 0
        self._all: Optional[Set[str]] = None

    def __contains__(self, mission_id: object) -> bool:
        self._asked += 1
        if self._asked > _FEW and self._all is None:
            self._all = waiting(self._db, finished=self._finished)
        if self._all is not None:
            return mission_id in self._all
        row = self._db.execute(
            "SELECT 1 FROM dependencies d JOIN missions m ON m.id = d.from_id WHERE d.to_id = ? AND m.id <> d.to_id "
            "AND lower(d.type) IN ('blocks', 'needed by') AND m.status <> 'Completed' AND m.id <> ? LIMIT 1",
            (mission_id, self._finished),
        ).fetchone()
        return row is not None


def holds(db: sqlite3.Connection, ids: Optional[List[str]] = None) -> List[Dependency]:
    """Return what waits for each unfinished mission, or for each of ``ids``."""
    some = "" if ids is None else "AND m.id IN (%s) " % ", ".join("?" * len(ids))
    rows = db.execute(
        "SELECT m.id, d.to_id, d.type FROM missions m CROSS JOIN dependencies d ON d.from_id = m.id "
        "JOIN missions w ON w.id = d.to_id WHERE lower(d.type) IN ('blocks', 'needed by') AND m.status <> 'Completed' "
        "AND w.status NOT IN ('Completed', 'Deferred') AND w.id <> m.id %sORDER BY w.sort_key, w.id, m.sort_key" % some,
        ids or (),
    )
    return list(records(Dependency, rows, keys=2))
