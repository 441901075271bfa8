"""Logged commits, their sessions and their missions."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from cmos.core.record import NamedTuple
from cmos.db.sql import records, texts
from cmos.project.rows import put_worktree, worktree_value

if TYPE_CHECKING:
    from cmos.history.naming import Commit


class Logged(NamedTuple):
    """A logged commit. A rewritten one has the session of the original."""

    sha: str
    session_key: str
    patch_id: Optional[str]


class Line(NamedTuple):
    """A commit of a mission."""

    sha: str
    session_key: str
    subject: str
    author: str
    ts: str


def put_commit(
    db: sqlite3.Connection, commit: Commit, key: str, *, mission_id: Optional[str], agent: str, details: str
) -> None:
    """Add the session of a commit, unless it is there."""
    # plain values, no Session: importing it would take a tenth of a hook's time
    db.execute(
        "INSERT INTO sessions (ts, mission_id, action, agent, summary, details, origin, key) "
        "SELECT ?1,?2,'commit',?3,?4,?5,'git',?6 WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE key = ?6)",
        (commit.ts, mission_id, agent, commit.subject, details, key),
    )


def put(db: sqlite3.Connection, commit: Commit, session_key: str, missions: Iterable[str]) -> None:
    """Store a commit and its missions; does nothing the second time."""
    db.execute(
        "INSERT OR IGNORE INTO commits (sha, session_key, author, authored, subject, ts) VALUES (?,?,?,?,?,?)",
        (commit.sha, session_key, commit.author, commit.authored, commit.subject, commit.ts),
    )
    db.executemany(
        "INSERT OR IGNORE INTO commit_missions (mission_id, sha) VALUES (?,?)",
        [(mission, commit.sha) for mission in missions],
    )


def put_patch_ids(db: sqlite3.Connection, patch_ids: Dict[str, str]) -> None:
    db.executemany("UPDATE commits SET patch_id = ? WHERE sha = ?", [(patch, sha) for sha, patch in patch_ids.items()])


def patch_ids(db: sqlite3.Connection, shas: Iterable[str]) -> Dict[str, str]:
    """Return the known patch ids of these commits."""
    found = {}
    for sha in shas:
        row = db.execute("SELECT patch_id FROM commits WHERE sha = ? AND patch_id IS NOT NULL", (sha,)).fetchone()
        if row:
            found[sha] = row[0]
    return found


def session_key(db: sqlite3.Connection, sha: str) -> Optional[str]:
    """Return the key of a commit's session; None when the commit is not logged."""
    row = db.execute("SELECT session_key FROM commits WHERE sha = ?", (sha,)).fetchone()
    return row[0] if row else None


def known(db: sqlite3.Connection, shas: Sequence[str]) -> Set[str]:
    """Return which of these commits are logged."""
    found: Set[str] = set()
    for start in range(0, len(shas), 500):
        some = shas[start : start + 500]
        rows = db.execute("SELECT sha FROM commits WHERE sha IN (%s)" % ",".join("?" * len(some)), some)
        found.update(row[0] for row in rows)
    return found


def alike(db: sqlite3.Connection, commit: Commit) -> List[Logged]:
    """Return logged commits with the author, the author's time and the subject of this one, the newest first."""
    rows = db.execute(
        "SELECT c.sha, c.session_key, c.patch_id FROM commits c LEFT JOIN sessions s ON s.key = c.session_key "
        "WHERE c.authored = ? AND c.author = ? AND c.subject = ? AND c.sha <> ? ORDER BY s.id DESC, c.ts DESC",
        (commit.authored, commit.author, commit.subject, commit.sha),
    )
    return list(records(Logged, rows))


def missions_of(db: sqlite3.Connection, key: str) -> List[str]:
    """Return the missions of all commits of a session."""
    rows = db.execute(
        "SELECT DISTINCT m.mission_id FROM commits c JOIN commit_missions m ON m.sha = c.sha WHERE c.session_key = ?",
        (key,),
    )
    return texts(rows)


def of_mission(db: sqlite3.Connection, mission_id: str, *, merges: bool = True) -> List[Line]:
    """Return the commits of a mission in the order they were logged, rewritten ones after the originals."""
    rows = db.execute(
        "SELECT c.sha, c.session_key, c.subject, c.author, c.ts FROM commit_missions m JOIN commits c ON c.sha = m.sha "
        "LEFT JOIN sessions s ON s.key = c.session_key WHERE m.mission_id = ? "
        "AND (? OR coalesce(s.details, '') NOT LIKE '%\"merge\": true%') ORDER BY s.id, c.ts, c.sha",
        (mission_id, merges),
    )
    return list(records(Line, rows))


def of_missions(db: sqlite3.Connection, missions: Iterable[str]) -> Dict[str, List[Line]]:
    """Return the commits of some missions, merges left out; of the versions of a commit, the last."""
    found = {}
    for mission in missions:
        found[mission] = list({line.session_key: line for line in of_mission(db, mission, merges=False)}.values())
    return found


def imported(db: sqlite3.Connection) -> List[Tuple[str, str]]:
    """Return key and details of the commit sessions that came from a log file."""
    rows = db.execute(
        "SELECT key, details FROM sessions WHERE action = 'commit' AND key LIKE 'import:%' AND details IS NOT NULL"
    )
    return rows.fetchall()


def head(db: sqlite3.Connection, worktree: str) -> Optional[str]:
    """Return how far a worktree's history is logged: empty before its first commit, None if never looked at."""
    found: Optional[str] = worktree_value(db, worktree, "history_head")
    return found


def put_head(db: sqlite3.Connection, worktree: str, sha: str) -> None:
    put_worktree(db, worktree, history_head=sha)


def heads(db: sqlite3.Connection) -> List[str]:
    """Return the commits up to which history is logged, in all worktrees."""
    sql = "SELECT DISTINCT history_head FROM worktrees WHERE history_head <> '' ORDER BY history_head"
    return texts(db.execute(sql))


def was_looked_at(db: sqlite3.Connection) -> bool:
    """Say whether history was looked at before, in any worktree."""
    return db.execute("SELECT 1 FROM worktrees WHERE history_head IS NOT NULL LIMIT 1").fetchone() is not None


def floors(db: sqlite3.Connection) -> List[str]:
    """Return the commits before which nothing more is logged."""
    return texts(db.execute("SELECT sha FROM looks WHERE ref LIKE 'floor %' ORDER BY sha"))


def put_floor(db: sqlite3.Connection, sha: str) -> None:
    db.execute("INSERT OR IGNORE INTO looks (ref, sha) VALUES ('floor ' || ?1, ?1)", (sha,))


def drop_floors(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM looks WHERE ref LIKE 'floor %'")
