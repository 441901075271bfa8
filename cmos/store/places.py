"""Where the files of missions are."""

from __future__ import annotations

import sqlite3
from typing import Dict, List, NamedTuple

from cmos.db.sql import texts


class Place(NamedTuple):
    """A mission's own file: its path relative to the project, and the id as the file spells it."""

    path: str
    file_id: str


def of_all(db: sqlite3.Connection, worktree: str) -> Dict[str, Place]:
    """Return the place of each mission that has a file of its own in a worktree."""
    rows = db.execute(
        "SELECT r.mission_id, r.path, r.file_id FROM base_records r JOIN base b USING (worktree, path) "
        "WHERE r.worktree = ? AND r.kind = 'file' AND b.hash <> '' ORDER BY r.path DESC",
        (worktree,),
    )
    # of several, the first path counts
    return {row[0]: Place(str(row[1]), str(row[2])) for row in rows}


def without_mission(db: sqlite3.Connection, worktree: str) -> List[str]:
    """Return the files of a worktree that say nothing of any mission, and are not in quarantine."""
    rows = db.execute(
        "SELECT path FROM base b WHERE worktree = ?1 AND hash <> '' "
        "AND NOT EXISTS (SELECT 1 FROM base_records r WHERE r.worktree = ?1 AND r.path = b.path) "
        "AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.worktree = ?1 AND i.path = b.path AND i.closed_at IS NULL) "
        "ORDER BY path",
        (worktree,),
    )
    return texts(rows)


def blocked_since(db: sqlite3.Connection) -> Dict[str, str]:
    """Return when each mission was last blocked, as the log tells."""
    rows = db.execute(
        "SELECT m.id, s.ts FROM missions m JOIN sessions s ON s.id = "
        "(SELECT max(id) FROM sessions WHERE mission_id = m.id AND action = 'blocked') "
        "WHERE m.status = 'Blocked' AND s.ts IS NOT NULL"
    )
    return {row[0]: str(row[1]) for row in rows}
