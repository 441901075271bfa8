"""How far the search index is: all that a search needs to know when nothing changed."""

from __future__ import annotations

import sqlite3
from typing import Dict, List, Tuple

from cmos.db.sql import raw, texts, whole

#: The worktree of what lies in no file.
NONE = ""
RECORDS = ("decision", "fact", "session")
#: The signature and the time of a look that was not finished.
_NEVER = (b"?", 0)


def look(db: sqlite3.Connection, worktree: str) -> Tuple[bytes, int]:
    """Return the signature of all documents at the last look, and when that was."""
    row = raw(db, "SELECT signature, checked_ns FROM kb_looks WHERE worktree = ?", (worktree,)).fetchone()
    return (row[0], whole(row[1]) or 0) if row and isinstance(row[0], bytes) else _NEVER


def begin(db: sqlite3.Connection, worktree: str) -> None:
    """Note that a worktree has rows, before its first look is done: searches in others leave them out."""
    db.execute("INSERT OR IGNORE INTO kb_looks (worktree, signature, checked_ns) VALUES (?,?,?)", (worktree, *_NEVER))


def worktrees(db: sqlite3.Connection) -> List[str]:
    return texts(db.execute("SELECT worktree FROM kb_looks"))


def drop_look(db: sqlite3.Connection, worktree: str) -> None:
    db.execute("DELETE FROM kb_looks WHERE worktree = ?", (worktree,))


def put_look(db: sqlite3.Connection, worktree: str, signature: bytes, checked_ns: int) -> None:
    db.execute(
        "INSERT OR REPLACE INTO kb_looks (worktree, signature, checked_ns) VALUES (?,?,?)",
        (worktree, signature, checked_ns),
    )


def newest(db: sqlite3.Connection) -> Dict[str, int]:
    """Return the number of the newest record of each kind; 0 where there is none."""
    row = db.execute(
        "SELECT ifnull((SELECT max(id) FROM decisions), 0), ifnull((SELECT max(id) FROM facts), 0), "
        "ifnull((SELECT max(id) FROM sessions), 0)"
    ).fetchone()
    return dict(zip(RECORDS, row))


def indexed(db: sqlite3.Connection) -> Dict[str, int]:
    """Return the number of the newest record of each kind that is indexed."""
    found = dict(db.execute("SELECT file, size FROM kb_sources WHERE worktree = ?", (NONE,)))
    return {kind: whole(found.get(kind)) or 0 for kind in RECORDS}
