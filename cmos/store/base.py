"""What the database remembers of the files: the base (SYNC.md section 2)."""

from __future__ import annotations

import sqlite3
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.db.sql import records, whole

#: The hash of a file that is not there now; its records keep what it last said.
GONE = ""


class BaseFile(NamedTuple):
    """One file as it was at the last sync. Times in nanoseconds since 1970."""

    path: str
    hash: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    checked_ns: int


class BaseRecord(NamedTuple):
    """What one place in a file said about one mission at the last sync."""

    path: str
    mission_id: str
    file_id: str
    kind: str
    status: Optional[str]
    completed_at: Optional[str]
    name: Optional[str]
    sprint: Optional[str]
    notes: Optional[str]
    link: Optional[str]


_RECORD = "path, mission_id, file_id, kind, status, completed_at, name, sprint, notes, link"


def files_in(db: sqlite3.Connection, worktree: str, folder: str) -> Dict[str, BaseFile]:
    """Return the files of one folder by path, those that are gone included."""
    rows = db.execute(
        "SELECT path, hash, size, mtime_ns, ctime_ns, inode, checked_ns FROM base WHERE worktree = ? AND folder = ?",
        (worktree, folder),
    )
    return {file.path: file for file in records(BaseFile, rows, keys=1)}


def put_files(db: sqlite3.Connection, worktree: str, files: Iterable[BaseFile]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO base (worktree, folder, path, hash, size, mtime_ns, ctime_ns, inode, checked_ns) "
        "VALUES (?,?,?,?,?,?,?,?,?)",
        ((worktree, file.path.rpartition("/")[0], *file) for file in files),
    )


def count(db: sqlite3.Connection, worktree: str) -> int:
    """Return how many files there are."""
    sql = "SELECT count(*) FROM base WHERE worktree = ? AND hash <> ?"
    return int(db.execute(sql, (worktree, GONE)).fetchone()[0])


def stamp_of(db: sqlite3.Connection, worktree: str, path: str) -> Optional[Tuple[int, int, int, int]]:
    """Return size, mtime, ctime and inode of a file that was there at the last sync; None for any other."""
    sql = "SELECT size, mtime_ns, ctime_ns, inode FROM base WHERE worktree = ? AND path = ? AND hash <> ?"
    row = db.execute(sql, (worktree, path, GONE)).fetchone()
    if row is None:
        return None
    size, mtime_ns, ctime_ns, inode = (whole(value) or 0 for value in row)
    return size, mtime_ns, ctime_ns, inode


def hash_of(db: sqlite3.Connection, worktree: str, path: str) -> Optional[str]:
    row = db.execute("SELECT hash FROM base WHERE worktree = ? AND path = ?", (worktree, path)).fetchone()
    return row[0] if row else None


def records_of(db: sqlite3.Connection, worktree: str, paths: Iterable[str]) -> List[BaseRecord]:
    found: List[BaseRecord] = []
    for path in paths:
        rows = db.execute("SELECT %s FROM base_records WHERE worktree = ? AND path = ?" % _RECORD, (worktree, path))
        found += records(BaseRecord, rows, keys=2)
    return found


def live_records(db: sqlite3.Connection, worktree: str, mission_id: str) -> List[BaseRecord]:
    """Return what the files that are there now say about a mission, mission files first."""
    rows = db.execute(
        "SELECT %s FROM base_records r WHERE worktree = ? AND mission_id = ? AND EXISTS "
        "(SELECT 1 FROM base b WHERE b.worktree = r.worktree AND b.path = r.path AND b.hash <> '') ORDER BY kind, path"
        % _RECORD,
        (worktree, mission_id),
    )
    return list(records(BaseRecord, rows, keys=2))


def put_records(db: sqlite3.Connection, worktree: str, records: Iterable[BaseRecord]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO base_records (worktree, %s) VALUES (?,?,?,?,?,?,?,?,?,?,?)" % _RECORD,
        ((worktree, *record) for record in records),
    )


def drop_records(db: sqlite3.Connection, worktree: str, places: Iterable[Tuple[str, str]]) -> None:
    """Forget records, given as (path, mission id)."""
    db.executemany(
        "DELETE FROM base_records WHERE worktree = ? AND path = ? AND mission_id = ?",
        ((worktree, *place) for place in places),
    )


def listed(db: sqlite3.Connection, mission_id: str) -> bool:
    """Say whether a backlog or a plan lists the id."""
    row = db.execute("SELECT 1 FROM base_records WHERE mission_id = ? AND kind = 'row' LIMIT 1", (mission_id,))
    return row.fetchone() is not None


def links(db: sqlite3.Connection, worktree: str) -> Dict[str, str]:
    """Return the paths that backlogs give for mission files, to the mission's id."""
    rows = db.execute(
        "SELECT link, mission_id FROM base_records WHERE worktree = ? AND kind = 'row' AND link IS NOT NULL",
        (worktree,),
    )
    return {row[0]: row[1] for row in rows}


def live_missions(db: sqlite3.Connection, worktree: str) -> int:
    """Return how many missions the files that are there now speak of."""
    row = db.execute(
        "SELECT count(DISTINCT r.mission_id) FROM base b JOIN base_records r USING (worktree, path) "
        "WHERE b.worktree = ? AND b.hash <> ''",
        (worktree,),
    ).fetchone()
    return int(row[0])


def put_value(db: sqlite3.Connection, worktree: str, record: BaseRecord, field: str, value: Optional[str]) -> None:
    """Let one field of a record follow the file. ``field`` is a column of BaseRecord."""
    if field not in BaseRecord._fields:
        raise ValueError(field)
    db.execute(
        "UPDATE base_records SET %s = ? WHERE worktree = ? AND path = ? AND mission_id = ?" % field,
        (value, worktree, record.path, record.mission_id),
    )


def statuses(db: sqlite3.Connection, mission_id: str) -> List[Tuple[str, str, Optional[str]]]:
    """Return what the files of all worktrees say of a mission's status: (worktree, path, status)."""
    return db.execute(
        "SELECT worktree, path, status FROM base_records r WHERE mission_id = ? AND status IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM base b WHERE b.worktree = r.worktree AND b.path = r.path AND b.hash <> '')",
        (mission_id,),
    ).fetchall()
