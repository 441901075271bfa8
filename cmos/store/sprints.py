"""Sprints and dependencies in the database."""

from __future__ import annotations

import sqlite3
from typing import Iterable, List, Optional, Set

from cmos.core.models import Dependency, Sprint
from cmos.db.sql import records, texts


def all_sprints(db: sqlite3.Connection) -> List[Sprint]:
    """Return all sprints in order."""
    rows = db.execute("SELECT id, title, focus, status, position FROM sprints ORDER BY position IS NULL, position, id")
    return list(records(Sprint, rows, keys=1))


def put(db: sqlite3.Connection, sprint: Sprint) -> None:
    """Insert a sprint, or store what is now known of it."""
    db.execute(
        "INSERT INTO sprints (id, title, focus, status, position) VALUES (?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
        "title=excluded.title, focus=excluded.focus, status=excluded.status, position=excluded.position",
        (sprint.id, sprint.title, sprint.focus, sprint.status, sprint.position),
    )


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


def waiting(db: sqlite3.Connection, *, finished: str = "") -> Set[str]:
    """Return the ids that an unfinished mission blocks; ``finished`` is taken as completed."""
    rows = db.execute(
        "SELECT DISTINCT d.to_id FROM dependencies d JOIN missions m ON m.id = d.from_id "
        "WHERE lower(d.type) = 'blocks' AND m.status <> 'Completed' AND m.id <> ? AND d.to_id <> d.from_id",
        (finished,),
    )
    return set(texts(rows))


def paths_of_sprint(db: sqlite3.Connection, worktree: str, sprint_id: str) -> List[str]:
    """Return the paths of the own files of a sprint's missions."""
    rows = db.execute(
        "SELECT r.path FROM missions m JOIN base_records r ON r.mission_id = m.id "
        "WHERE m.sprint_id = ? AND r.worktree = ? AND r.kind = 'file' ORDER BY r.path",
        (sprint_id, worktree),
    )
    return texts(rows)
