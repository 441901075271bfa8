"""What the last look at each folder saw: all that a command needs when nothing changed."""

from __future__ import annotations

import sqlite3
from typing import Dict, Optional, Tuple

from cmos.db.sql import raw, whole

#: Under this name stands where the checkout was at the last sync.
_HEAD = "HEAD"


def signatures(db: sqlite3.Connection, worktree: str) -> Dict[str, Tuple[bytes, int]]:
    """Return each folder's signature and when it was taken."""
    sql = "SELECT folder, signature, checked_ns FROM scans WHERE worktree = ? AND folder <> ?"
    # a signature that is no BLOB is never one of a folder as it is
    return {row[0]: (row[1], whole(row[2]) or 0) for row in raw(db, sql, (worktree, _HEAD)) if type(row[0]) is str}


def put_signature(db: sqlite3.Connection, worktree: str, folder: str, signature: bytes, checked_ns: int) -> None:
    db.execute(
        "INSERT OR REPLACE INTO scans (worktree, folder, signature, checked_ns) VALUES (?,?,?,?)",
        (worktree, folder, signature, checked_ns),
    )


def drop_signature(db: sqlite3.Connection, worktree: str, folder: str) -> None:
    db.execute("DELETE FROM scans WHERE worktree = ? AND folder = ?", (worktree, folder))


def is_waiting(db: sqlite3.Connection, worktree: str) -> bool:
    """Say whether a write is to be done or a begun one to be cleared up."""
    row = db.execute(
        "SELECT 1 FROM pending WHERE worktree = ? AND refused = '' UNION ALL SELECT 1 FROM intents WHERE worktree = ? "
        "LIMIT 1",
        (worktree, worktree),
    ).fetchone()
    return row is not None


def head(db: sqlite3.Connection, worktree: str) -> Optional[str]:
    """Return the commit and branch that the checkout was at, as ``put_head`` stored it."""
    row = db.execute("SELECT signature FROM scans WHERE worktree = ? AND folder = ?", (worktree, _HEAD)).fetchone()
    return str(row[0]) if row else None


def put_head(db: sqlite3.Connection, worktree: str, text: str) -> None:
    put_signature(db, worktree, _HEAD, text.encode(), 0)
