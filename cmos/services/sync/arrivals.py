"""Statuses that arrive through git: a teammate's change, or one that contradicts ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Optional

from cmos.core.issue import Issue
from cmos.core.mission import Mission
from cmos.core.report import FieldChange
from cmos.core.session import Session
from cmos.core.status import ACTION_OF, BLOCKED, COMPLETED, standard
from cmos.services.sync.placing import Placed
from cmos.store import noting, pending, sessions

if TYPE_CHECKING:
    from cmos.services.sync.intake import Intake

_AGENT = "GitHook"


def take(intake: Intake, mission: Mission, one: Placed, field: str, changes: Dict[str, Any]) -> None:
    """Let a value that came with a commit be the mission's; a new status is logged."""
    value = one.record.fields[field].value
    before = getattr(mission, field)
    changes[field] = standard(value) if field == "status" else value
    intake.report.indexed.append(FieldChange(mission.id, field, before, changes[field], one.found.path))
    if field == "status":
        _follow(intake, mission, changes)


def _follow(intake: Intake, mission: Mission, changes: Dict[str, Any]) -> None:
    status = changes["status"]
    if status == COMPLETED:
        changes.setdefault("completed_at", mission.completed_at or intake.now)
    elif mission.status == COMPLETED:
        changes.setdefault("completed_at", None)
    changes["blocked_reason"] = "arrived through git" if status == BLOCKED else None
    noting.close(intake.db, None, "proposal", mission_id=mission.id, now=intake.now)
    if status in ACTION_OF:
        details = json.dumps({"was": mission.status, "through": "git"})
        summary = "%s arrived through git" % status
        session = Session(ACTION_OF[status], mission.id, _AGENT, summary, details, intake.now, "git")
        sessions.add(intake.db, session)


def note_conflict(
    intake: Intake, one: Placed, field: str, file: Optional[str], database: Optional[str]
) -> None:
    """Note that a commit brought one value and that another was set here; both stay where they are."""
    issue = Issue(
        kind="conflict",
        path=one.found.path,
        why="%s came through git, here it is %s" % (file, database or "nothing"),
        line=one.record.line,
        mission_id=one.mission_id,
        field=field,
        file_value=file,
        database_value=database,
        worktree=intake.worktree,
    )
    # a write that is still to come would settle it behind the user's back
    pending.drop(intake.db, intake.worktree, one.mission_id, field)
    if noting.note(intake.db, issue, now=intake.now):
        told = (one.found.path, one.record.line, field, one.mission_id, issue.why)
        intake.report.conflicts.append(FieldChange(one.mission_id, field, file, database, one.found.path))
        intake.report.notices.append("%s:%d: the %s of %s: %s; neither is changed" % told)
