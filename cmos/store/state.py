"""The project's state: text values under names."""

from __future__ import annotations

import sqlite3
from typing import Dict, List, Optional

from cmos.db.sql import texts


def get(db: sqlite3.Connection, key: str) -> Optional[str]:
    """Return the value of a key; None when there is no such key, or no value."""
    row = db.execute("SELECT value FROM project_state WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def put(db: sqlite3.Connection, key: str, value: Optional[str]) -> None:
    """Store a value, replacing the one that is there."""
    db.execute(
        "INSERT INTO project_state (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value",
        (key, value),
    )


def put_new(db: sqlite3.Connection, key: str, value: Optional[str]) -> bool:
    """Store a value unless the key is there; say whether it was stored."""
    done = db.execute("INSERT INTO project_state (key, value) VALUES (?,?) ON CONFLICT (key) DO NOTHING", (key, value))
    return done.rowcount == 1


def all_values(db: sqlite3.Connection) -> Dict[str, Optional[str]]:
    """Return all keys with their values, in the order of the keys."""
    rows = db.execute("SELECT key, value FROM project_state WHERE key IS NOT NULL ORDER BY key")
    return {str(row[0]): row[1] for row in rows}


def some_paths(db: sqlite3.Connection, worktree: str) -> List[str]:
    """Return paths of a few files that there are or were."""
    return texts(db.execute("SELECT path FROM base WHERE worktree = ? ORDER BY path LIMIT 20", (worktree,)))
