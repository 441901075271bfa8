"""The ids of missions and their order, without the missions: a hook loads no more than this."""

from __future__ import annotations

import sqlite3
from typing import List, Optional

from cmos.db.sql import texts

#: Sprints without a place come after the others, missions without a sprint at the end.
SPRINT_ORDER = "s.position IS NULL, s.position, %s.sprint_id IS NULL, %s.sprint_id"
#: The backlog's order; what no backlog lists comes after, in natural order of ids.
ORDER = "ORDER BY %s, m.position IS NULL, m.position, m.sort_key, m.id" % (SPRINT_ORDER % ("m", "m"))
FROM = "FROM missions m LEFT JOIN sprints s ON s.id = m.sprint_id"


def all_ids(db: sqlite3.Connection) -> List[str]:
    return texts(db.execute("SELECT id FROM missions"))


def maybe_named(db: sqlite3.Connection, text: str) -> List[str]:
    """Return the ids that a text may name: few of all, found without loading them."""
    # SQLite folds the case of ASCII alone; an id with other letters is taken as it is
    query = "SELECT id FROM missions WHERE instr(?, lower(id)) OR length(id) <> length(CAST(id AS BLOB))"
    return texts(db.execute(query, (text.casefold(),)))


def first(db: sqlite3.Connection, *statuses: str) -> Optional[str]:
    """Return the first mission in order that has the first of these statuses that any mission has."""
    for status in statuses:
        for row in db.execute("SELECT m.id %s WHERE m.status = ? %s" % (FROM, ORDER), (status,)):
            if type(row[0]) is str:
                return row[0]
    return None


def of_worktree(db: sqlite3.Connection, worktree: Optional[str], *statuses: str) -> List[str]:
    """Return the missions of some statuses that were claimed or done in a worktree, the last begun at the end."""
    marks = ",".join("?" * len(statuses))
    where, values = ("worktree IS NULL", statuses) if worktree is None else ("worktree = ?", (worktree, *statuses))
    sql = "SELECT id FROM missions WHERE %s AND status IN (%s) ORDER BY started_at, sort_key, id" % (where, marks)
    return texts(db.execute(sql, values))


def leave(db: sqlite3.Connection, worktree: str, *statuses: str) -> None:
    """Let missions of some statuses no longer be a worktree's."""
    marks = ",".join("?" * len(statuses))
    sql = "UPDATE missions SET worktree = NULL WHERE worktree = ? AND status IN (%s)" % marks
    db.execute(sql, (worktree, *statuses))
