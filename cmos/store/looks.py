"""At which commits the files were looked at: what leads to one of them is no news."""

from __future__ import annotations

import re
import sqlite3
from typing import Iterable, List, Optional

from cmos.db.sql import texts

#: What a row names in place of a commit is none.
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def at(db: sqlite3.Connection, ref: str) -> Optional[str]:
    """Return the commit that a branch was at when it was last looked at; None if it never was."""
    row = db.execute("SELECT sha FROM looks WHERE ref = ?", (ref,)).fetchone()
    return row[0] if row and _SHA.fullmatch(str(row[0])) else None


def commits(db: sqlite3.Connection) -> List[str]:
    """Return commits that were looked at: all others that were lead to one of them."""
    return list(filter(_SHA.fullmatch, texts(db.execute("SELECT DISTINCT sha FROM looks ORDER BY sha"))))


def left(db: sqlite3.Connection) -> List[str]:
    """Return those of them that branches were at once."""
    return texts(db.execute("SELECT sha FROM looks WHERE ref = sha ORDER BY sha"))


def put(db: sqlite3.Connection, ref: str, sha: str) -> None:
    """Remember where a branch is; where it was stays known."""
    left = "INSERT OR IGNORE INTO looks (ref, sha) SELECT sha, sha FROM looks WHERE ref = ? AND sha <> ?"
    db.execute(left, (ref, sha))
    db.execute("INSERT OR REPLACE INTO looks (ref, sha) VALUES (?,?)", (ref, sha))


def forget(db: sqlite3.Connection, some: Iterable[str]) -> None:
    """Forget commits that branches were at once."""
    db.executemany("DELETE FROM looks WHERE ref = ? AND sha = ref", ((sha,) for sha in some))
