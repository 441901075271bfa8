"""Opening and closing issues.

An issue of one kind about one place is one row: noting it again changes nothing but its
values. What holds a value that a person typed and lost is closed but never deleted.
"""

from __future__ import annotations

import sqlite3
from typing import Optional

from cmos.core.models import Issue

#: Kinds whose rows stay for good.
_KEPT = ("proposal", "conflict", "leftover")
_PLACE = "closed_at IS NULL AND worktree = ? AND kind = ? AND path = ? AND mission_id IS ? AND field IS ?"


def note(db: sqlite3.Connection, issue: Issue, *, now: str) -> bool:
    """Note an open issue; say whether it is new or says something else than before."""
    place = (issue.worktree, issue.kind, issue.path, issue.mission_id, issue.field)
    values = (issue.line, issue.file_value, issue.database_value, issue.why)
    row = db.execute("SELECT id, line, file_value, database_value, why FROM issues WHERE %s" % _PLACE, place).fetchone()
    if row is not None and row[1:] == values:
        return False
    if row is not None and issue.kind not in _KEPT:
        db.execute("UPDATE issues SET line=?, file_value=?, database_value=?, why=? WHERE id=?", (*values, row[0]))
        return True
    if row is not None:
        # another value was typed since: the earlier one is kept beside it
        db.execute("UPDATE issues SET closed_at = ? WHERE id = ?", (now, row[0]))
    db.execute(
        "INSERT INTO issues (worktree, kind, path, mission_id, field, line, file_value, database_value, why, since) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        (*place, *values, now),
    )
    return True


def close(
    db: sqlite3.Connection,
    worktree: Optional[str],
    kind: str,
    *,
    now: str,
    path: Optional[str] = None,
    mission_id: Optional[str] = None,
    field: Optional[str] = None,
) -> None:
    """Close the open issues of a kind; path, mission and field narrow it down, worktree None is all."""
    where = (
        "closed_at IS NULL AND kind = ?1 AND (?2 IS NULL OR worktree = ?2) AND (?3 IS NULL OR path = ?3) "
        "AND (?4 IS NULL OR mission_id = ?4) AND (?5 IS NULL OR field = ?5)"
    )
    values = (kind, worktree, path, mission_id, field)
    if kind in _KEPT:
        db.execute("UPDATE issues SET closed_at = ?6 WHERE %s" % where, (*values, now))
    else:
        db.execute("DELETE FROM issues WHERE %s" % where, values)
