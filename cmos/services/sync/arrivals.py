"""Statuses that arrive through git: a teammate's change, or one that contradicts ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Optional

from cmos.clock import is_time
from cmos.core.models import Issue, Mission, Session
from cmos.core.report import FieldChange
from cmos.core.status import ACTION_OF, BLOCKED, COMPLETED, CURRENT, IN_PROGRESS, is_open, standard
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.services.sync.placing import Placed
from cmos.store import noting, pending

if TYPE_CHECKING:
    from cmos.services.sync.arriving import Brought
    from cmos.services.sync.passes import Intake

_AGENT = "GitHook"


def take(intake: Intake, mission: Mission, one: Placed, changes: Dict[str, Any]) -> None:
    """Let a status that came with a commit be the mission's, and log it."""
    status = standard(one.record.fields["status"].value) or ""
    if is_open(status) and is_open(mission.status) and not _moves_pointer(intake, mission, status):
        return
    brought = intake.origins.arriving.brought(one.found.path, (one.record.id, one.record.kind))
    changes["status"] = status
    intake.report.indexed.append(FieldChange(mission.id, "status", mission.status, status, one.found.path))
    changes["completed_at"] = completed(intake, one) if status == COMPLETED else None
    changes["blocked_reason"] = "arrived through git" if status == BLOCKED else None
    _end_claim(intake, mission, status, brought, changes)
    noting.close(intake.db, None, "proposal", mission_id=mission.id, now=intake.now)
    for field in ("status", "completed_at"):
        pending.drop(intake.db, intake.worktree, mission.id, field)
    if status in ACTION_OF:
        by = " with %s by %s" % (brought.sha[:9], brought.by) if brought else ""
        details = {"was": mission.status, "through": "git", "commit": brought.sha if brought else None}
        when = brought.ts if brought else intake.now
        summary = "%s arrived through git%s" % (status, by)
        journal_rows.add_session(
            intake.db, Session(ACTION_OF[status], mission.id, _AGENT, summary, json.dumps(details), when, "git")
        )


def completed(intake: Intake, one: Placed) -> Optional[str]:
    """Return when a mission was completed: as its file says, else when that was committed, else now."""
    field = one.record.fields.get("completed_at")
    if field is not None and field.value and is_time(field.value):
        return field.value
    brought = intake.origins.arriving.brought(one.found.path, (one.record.id, one.record.kind))
    return brought.ts if brought else intake.now


def _moves_pointer(intake: Intake, mission: Mission, status: str) -> bool:
    """Say whether what comes next, or who is at it, follows a commit: not against a claim here, or another Current."""
    if mission.status == IN_PROGRESS and mission.agent:
        return False
    return status != CURRENT or not any(one.id != mission.id for one in mission_rows.with_status(intake.db, CURRENT))


def _end_claim(
    intake: Intake, mission: Mission, status: str, brought: Optional[Brought], changes: Dict[str, Any]
) -> None:
    if mission.status != IN_PROGRESS or not mission.agent:
        return
    changes.update(agent=None, started_at=None, worktree=None)
    told = (mission.id, status, " by %s" % brought.by if brought else "", mission.agent)
    intake.report.notices.append("%s arrived as %s through git%s: the claim of %s ends" % told)


def note_conflict(intake: Intake, one: Placed, field: str, file: Optional[str], database: Optional[str]) -> None:
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
