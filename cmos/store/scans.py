"""What the last look at each folder saw: all that a command needs when nothing changed."""

from __future__ import annotations

import sqlite3
from typing import Dict, Tuple


def signatures(db: sqlite3.Connection, worktree: str) -> Dict[str, Tuple[bytes, int]]:
    """Return each folder's signature and when it was taken."""
    rows = db.execute("SELECT folder, signature, checked_ns FROM scans WHERE worktree = ?", (worktree,))
    return {row[0]: (row[1], row[2]) for row in rows}


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
