"""Recording what a pass could not settle, and the line that tells the user."""

from __future__ import annotations

from typing import Optional

from cmos.core.decide import alike
from cmos.core.models import Issue
from cmos.core.report import FieldChange, Report
from cmos.core.status import BLOCKED, COMPLETED, IN_PROGRESS, is_known, standard
from cmos.db.connection import Connection
from cmos.missions import rows as mission_rows
from cmos.store import base, issues, noting

#: What is noted of a value at one place where file and database differ.
_DIFFER = ("drift", "waiting")


def differs(db: Connection, issue: Issue, *, now: str) -> bool:
    """Note that file and database differ and that nobody asked for it; say whether that is new."""
    for kind in _DIFFER:
        if kind != issue.kind:
            noting.close(
                db, issue.worktree, kind, path=issue.path, mission_id=issue.mission_id, field=issue.field, now=now
            )
    return noting.note(db, issue, now=now)


def settled(db: Connection, worktree: str, path: str, mission_id: str, field: str, *, now: str) -> None:
    """Close the notes about a value on which file and database agree again."""
    for kind in (*_DIFFER, "pending", "conflict"):
        noting.close(db, worktree, kind, path=path, mission_id=mission_id, field=field, now=now)


def close_agreed(db: Connection, worktree: str, *, now: str) -> None:
    """Close what is noted of statuses and times that are in step, however they came to be (SYNC.md I20)."""
    for issue in issues.open_issues(db, worktree=worktree, kinds=(*_DIFFER, "conflict")):
        field, mission_id = issue.field or "", issue.mission_id
        is_here = issue.worktree == worktree and field in ("status", "completed_at")
        if is_here and mission_id and _is_agreed(db, issue, mission_id, field):
            noting.close(db, worktree, issue.kind, path=issue.path, mission_id=mission_id, field=field, now=now)


def _is_agreed(db: Connection, issue: Issue, mission_id: str, field: str) -> bool:
    mission = mission_rows.get(db, mission_id)
    records = base.live_records(db, issue.worktree, mission_id)
    here = [getattr(record, field) for record in records if record.path == issue.path]
    # a conflict is about the mission: of a file that is no more, the others tell
    said = here or ([getattr(record, field) for record in records] if issue.kind == "conflict" else [])
    database = getattr(mission, field) if mission else None
    return all(value is None or alike(value, database) for value in said)


def follow(db: Connection, mission_id: str, status: str, *, but: Optional[str], now: str) -> None:
    """Note in which worktrees the files now say another status; those of ``but`` are being written."""
    for worktree, path, value in base.statuses(db, mission_id):
        if worktree == but:
            continue
        if alike(value, status):
            settled(db, worktree, path, mission_id, "status", now=now)
            continue
        why = "the file says %s, the database %s" % (value, status)
        issue = Issue("drift", path, why, None, mission_id, "status", value, status, worktree=worktree)
        noting.note(db, issue, now=now)


def decided(db: Connection, mission_id: str, field: str, *, now: str) -> None:
    """Close a conflict: somebody has set the value anew."""
    noting.close(db, None, "conflict", mission_id=mission_id, field=field, now=now)


def proposal(db: Connection, worktree: str, change: FieldChange, *, line: int, now: str, report: Report) -> None:
    """Record a value typed by hand that the database owns, and say which command would do it."""
    record_proposal(db, worktree, change, line=line, now=now)
    stays = change.after or "empty"
    report.notices.append(
        '%s:%d: "%s" stands as the %s of %s, and no command set it; it stays %s. %s'
        % (change.path, line, change.before, change.field, change.mission_id, stays, _advice(change))
    )


def record_proposal(db: Connection, worktree: str, change: FieldChange, *, line: int, now: str) -> None:
    """Keep a value that was typed by hand."""
    noting.note(db, _issue("proposal", worktree, change, line, "typed by hand and put back"), now=now)


def _advice(change: FieldChange) -> str:
    if change.field != "status":
        return "Commands set it."
    wanted = standard(change.before) or ""
    if not is_known(wanted):
        return "It is no status that cmos knows."
    command = {
        COMPLETED: "complete %s",
        IN_PROGRESS: "start %s",
        BLOCKED: 'block %s --reason "..."',
    }.get(wanted, "edit %%s --status %s" % wanted)
    return "To change it: cmosctl mission %s (or: cmosctl sync --accept-status)" % (command % change.mission_id)


def conflict(
    db: Connection, worktree: str, change: FieldChange, *, line: Optional[int], now: str, report: Report
) -> None:
    """Record the value that a command had set and that lost against an edit of the file."""
    noting.note(db, _issue("conflict", worktree, change, line, "the file was edited too: its text stays"), now=now)
    report.conflicts.append(change)
    report.notices.append(
        '%s: the %s of %s was edited in the file too: the file\'s "%s" stays, "%s" is kept '
        "(cmosctl mission show %s)"
        % (change.path, change.field, change.mission_id, change.after, change.before, change.mission_id)
    )


def _issue(kind: str, worktree: str, change: FieldChange, line: Optional[int], why: str) -> Issue:
    # of a proposal the file's value lost, of a conflict the database's
    file, database = (change.before, change.after) if kind == "proposal" else (change.after, change.before)
    return Issue(
        kind=kind,
        path=change.path,
        why=why,
        line=line,
        mission_id=change.mission_id,
        field=change.field,
        file_value=file,
        database_value=database,
        worktree=worktree,
    )
