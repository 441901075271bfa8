"""Issues in the database: what sync or an import could not settle."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional

from cmos.db.sql import records

if TYPE_CHECKING:
    from cmos.core.models import Issue


_COLUMNS = "kind, path, why, line, mission_id, field, file_value, database_value, since, closed_at, worktree, id"


def open_issues(
    db: sqlite3.Connection,
    *,
    worktree: Optional[str] = None,
    mission_id: Optional[str] = None,
    kinds: Optional[Iterable[str]] = None,
) -> List[Issue]:
    """Return the open issues in the order they arose.

    ``worktree`` leaves out those that concern other worktrees; issues of the whole
    repository (worktree ``''``) stay in.
    """
    return _select(db, "closed_at IS NULL", worktree=worktree, mission_id=mission_id, kinds=kinds)


def of_mission(db: sqlite3.Connection, mission_id: str) -> List[Issue]:
    """Return all issues of a mission, closed ones too: they hold what a person typed and lost."""
    return _select(db, "1", worktree=None, mission_id=mission_id, kinds=None)


def lost(db: sqlite3.Connection) -> List[Issue]:
    """Return the closed issues that hold a value which a person typed and which did not stay."""
    return _select(db, "closed_at IS NOT NULL", worktree=None, mission_id=None, kinds=("proposal", "conflict"))


def open_counts(db: sqlite3.Connection, *, worktree: Optional[str] = None) -> Dict[str, int]:
    """Return how many issues of each kind are open."""
    rows = db.execute(
        "SELECT kind, count(*) FROM issues WHERE closed_at IS NULL AND (? IS NULL OR worktree IN ('', ?)) "
        "GROUP BY kind ORDER BY kind",
        (worktree, worktree),
    )
    return {row[0]: row[1] for row in rows}


def _select(
    db: sqlite3.Connection,
    where: str,
    *,
    worktree: Optional[str],
    mission_id: Optional[str],
    kinds: Optional[Iterable[str]],
) -> List[Issue]:
    tests: List[str] = [where]
    values: List[str] = []
    if worktree is not None:
        tests.append("worktree IN ('', ?)")
        values.append(worktree)
    if mission_id is not None:
        tests.append("mission_id = ?")
        values.append(mission_id)
    if kinds is not None:
        some = list(kinds)
        tests.append("kind IN (%s)" % ",".join("?" * len(some)))
        values += some
    sql = "SELECT %s FROM issues WHERE %s ORDER BY id" % (_COLUMNS, " AND ".join(tests))
    # here: `status` counts issues and makes none
    from cmos.core.models import Issue

    return list(records(Issue, db.execute(sql, values)))
