"""Pending writes and open issues, in the database."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional

from cmos.core.record import NamedTuple
from cmos.db.sql import records

if TYPE_CHECKING:
    from cmos.core.report import Issue, Leftover
    from cmos.project.project import Project


class Pending(NamedTuple):
    mission_id: str
    field: str
    value: Optional[str]
    #: Insert a line where no record of the mission has the field (status only).
    insert_line: bool
    #: Why the write was refused; it is tried again when files change.
    refused: str


#: Why a write waits for a file that has the mission; nothing is wrong.
NO_FILE = "no file has it"


class Waiting(NamedTuple):
    """A write that has not happened yet, and when it was asked for."""

    mission_id: str
    field: str
    value: Optional[str]
    since: str


class Intent(NamedTuple):
    """A write that has begun: content hashes before and after, and the temporary file's path."""

    path: str
    old_hash: str
    new_hash: str
    temporary: str


def ask(project: Project, wish: Pending) -> None:
    """Ask for a value to be written; it replaces an earlier wish for the same field."""
    project.db.execute(
        "INSERT OR REPLACE INTO pending (worktree, mission_id, field, value, insert_line, refused, since) "
        "VALUES (?,?,?,?,?,?,?)",
        (project.worktree, wish.mission_id, wish.field, wish.value, int(wish.insert_line), wish.refused, project.now),
    )


def wishes(project: Project) -> List[Pending]:
    rows = project.db.execute(
        "SELECT mission_id, field, value, insert_line, refused FROM pending WHERE worktree = ? "
        "ORDER BY mission_id, field",
        (project.worktree,),
    )
    return [wish._replace(insert_line=bool(wish.insert_line)) for wish in records(Pending, rows, keys=2)]


def waiting(project: Project) -> List[Waiting]:
    """Return the pending writes, the oldest first."""
    sql = "SELECT mission_id, field, value, since FROM pending WHERE worktree = ? AND refused <> ? "
    sql += "ORDER BY since, mission_id, field"
    return list(records(Waiting, project.db.execute(sql, (project.worktree, NO_FILE))))


def refused(project: Project) -> List[Pending]:
    """Return the refused writes; they may be possible by now."""
    return [wish for wish in wishes(project) if wish.refused not in ("", NO_FILE)]


def refuse(project: Project, mission_id: str, field: str, why: str) -> None:
    project.db.execute(
        "UPDATE pending SET refused = ? WHERE worktree = ? AND mission_id = ? AND field = ?",
        (why, project.worktree, mission_id, field),
    )


def drop_wish(project: Project, mission_id: str, field: str) -> None:
    sql = "DELETE FROM pending WHERE worktree = ? AND mission_id = ? AND field = ?"
    project.db.execute(sql, (project.worktree, mission_id, field))


def fulfil(project: Project, mission_id: str, field: str) -> None:
    """Delete a wish, unless a write for it was refused."""
    project.db.execute(
        "DELETE FROM pending WHERE worktree = ? AND mission_id = ? AND field = ? AND refused = ''",
        (project.worktree, mission_id, field),
    )


def intents(project: Project) -> List[Intent]:
    sql = "SELECT path, hash, new_hash, temporary FROM files WHERE worktree = ? AND temporary IS NOT NULL"
    return list(records(Intent, project.db.execute(sql, (project.worktree,)), keys=1))


def begin_write(project: Project, intents: Iterable[Intent]) -> None:
    project.db.executemany(
        "UPDATE files SET new_hash = ?, temporary = ? WHERE worktree = ? AND path = ?",
        ((intent.new_hash, intent.temporary, project.worktree, intent.path) for intent in intents),
    )


def end_write(project: Project, path: str) -> None:
    sql = "UPDATE files SET new_hash = NULL, temporary = NULL WHERE worktree = ? AND path = ?"
    project.db.execute(sql, (project.worktree, path))


_COLUMNS = "kind, path, why, line, mission_id, field, file_value, database_value, since, closed_at, worktree, id"


def open_issues(
    db: sqlite3.Connection,
    *,
    worktree: Optional[str] = None,
    mission_id: Optional[str] = None,
    kinds: Optional[Iterable[str]] = None,
) -> List[Issue]:
    """Return the open issues in the order they arose.

    ``worktree`` leaves out those that concern other worktrees; issues of the whole
    repository (worktree ``''``) stay in.
    """
    return _select(db, "closed_at IS NULL", worktree=worktree, mission_id=mission_id, kinds=kinds)


def lost_values(db: sqlite3.Connection, mission_id: Optional[str] = None) -> List[Issue]:
    """Return the closed issues with a value that lost, of one mission or of all."""
    return _select(db, "closed_at IS NOT NULL", worktree=None, mission_id=mission_id, kinds=("proposal", "conflict"))


def open_counts(db: sqlite3.Connection, *, worktree: Optional[str] = None) -> Dict[str, int]:
    """Return how many issues of each kind are open."""
    rows = db.execute(
        "SELECT kind, count(*) FROM issues WHERE closed_at IS NULL AND (? IS NULL OR worktree IN ('', ?)) "
        "GROUP BY kind ORDER BY kind",
        (worktree, worktree),
    )
    return {row[0]: row[1] for row in rows}


def _select(
    db: sqlite3.Connection,
    where: str,
    *,
    worktree: Optional[str],
    mission_id: Optional[str],
    kinds: Optional[Iterable[str]],
) -> List[Issue]:
    tests: List[str] = [where]
    values: List[str] = []
    if worktree is not None:
        tests.append("worktree IN ('', ?)")
        values.append(worktree)
    if mission_id is not None:
        tests.append("mission_id = ?")
        values.append(mission_id)
    if kinds is not None:
        some = list(kinds)
        tests.append("kind IN (%s)" % ",".join("?" * len(some)))
        values += some
    sql = "SELECT %s FROM issues WHERE %s ORDER BY id" % (_COLUMNS, " AND ".join(tests))
    # here: `status` counts issues and makes none
    from cmos.core.report import Issue

    return list(records(Issue, db.execute(sql, values)))


#: Kinds whose rows are kept when they are closed.
_KEPT = ("proposal", "conflict", "leftover")
_PLACE = "closed_at IS NULL AND worktree = ? AND kind = ? AND path = ? AND mission_id IS ? AND field IS ?"


def note(project: Project, issue: Issue) -> bool:
    """Note an open issue; say whether it is new or has changed."""
    place = (issue.worktree, issue.kind, issue.path, issue.mission_id, issue.field)
    values = (issue.line, issue.file_value, issue.database_value, issue.why)
    db = project.db
    row = db.execute("SELECT id, line, file_value, database_value, why FROM issues WHERE %s" % _PLACE, place).fetchone()
    if row is not None and row[1:] == values:
        return False
    if row is not None and issue.kind not in _KEPT:
        db.execute("UPDATE issues SET line=?, file_value=?, database_value=?, why=? WHERE id=?", (*values, row[0]))
        return True
    if row is not None:
        # another value was typed since; the earlier one is kept too
        db.execute("UPDATE issues SET closed_at = ? WHERE id = ?", (project.now, row[0]))
    db.execute(
        "INSERT INTO issues (worktree, kind, path, mission_id, field, line, file_value, database_value, why, since) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        (*place, *values, project.now),
    )
    return True


def close(
    project: Project,
    worktree: Optional[str],
    kind: str,
    *,
    path: Optional[str] = None,
    mission_id: Optional[str] = None,
    field: Optional[str] = None,
) -> None:
    """Close the open issues of a kind, of one path, mission or field if given; worktree None means all worktrees."""
    where = (
        "closed_at IS NULL AND kind = ?1 AND (?2 IS NULL OR worktree = ?2) AND (?3 IS NULL OR path = ?3) "
        "AND (?4 IS NULL OR mission_id = ?4) AND (?5 IS NULL OR field = ?5)"
    )
    values = (kind, worktree, path, mission_id, field)
    if kind in _KEPT:
        project.db.execute("UPDATE issues SET closed_at = ?6 WHERE %s" % where, (*values, project.now))
    else:
        project.db.execute("DELETE FROM issues WHERE %s" % where, values)


def add_leftovers(db: sqlite3.Connection, leftover: Leftover, *, now: str) -> bool:
    """Keep a leftover unless it is kept already; say whether it was added.

    The same text of a file of the same name for the same reason is one leftover,
    wherever the file lies and whether or not the issue was closed since.
    """
    if _known(db, leftover):
        return False
    db.execute(
        "INSERT INTO issues (kind, path, line, file_value, why, since) VALUES ('leftover',?,?,?,?,?)",
        (leftover.path, leftover.line, leftover.raw, leftover.why, now),
    )
    return True


def close_mended_leftovers(db: sqlite3.Connection, path: str, left: Iterable[Leftover], *, now: str) -> None:
    """Close the leftovers of an earlier import that this one did not leave; their text is kept."""
    still = {(one.why, one.raw) for one in left if one.path == path}
    rows = db.execute(
        "SELECT id, why, file_value FROM issues WHERE kind = 'leftover' AND path = ? AND closed_at IS NULL", (path,)
    )
    mended = [(now, row[0]) for row in rows if (row[1], row[2]) not in still]
    db.executemany("UPDATE issues SET closed_at = ? WHERE id = ?", mended)


def _known(db: sqlite3.Connection, leftover: Leftover) -> bool:
    rows = db.execute(
        "SELECT path FROM issues WHERE kind = 'leftover' AND why = ? AND file_value IS ?", (leftover.why, leftover.raw)
    )
    return any(_name(row[0]) == _name(leftover.path) for row in rows)


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
