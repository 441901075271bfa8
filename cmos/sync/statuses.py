"""Statuses and times in files, which the database owns, and statuses that arrive through git (docs/sync.md, S7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Optional

from cmos.clock import is_time
from cmos.core.models import Mission, Session
from cmos.core.report import FieldChange
from cmos.core.status import ACTION_OF, BLOCKED, COMPLETED, CURRENT, IN_PROGRESS, is_open, standard
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.sync import issue_rows, issues, rules
from cmos.sync.arriving import line_of
from cmos.sync.identify import Placed
from cmos.sync.issue_rows import Pending
from cmos.sync.rows import BaseRecord

if TYPE_CHECKING:
    from cmos.sync.arriving import Brought
    from cmos.sync.passes import Intake


def compare_status(intake: Intake, mission: Mission, one: Placed, changes: Dict[str, Any]) -> None:
    """Settle a status: the row stays or follows, the file is corrected, or an issue is noted."""
    if "status" not in one.record.fields:
        return
    file, database = one.record.fields["status"].value, changes.get("status", mission.status)
    before = intake.before.get((one.found.path, mission.id))
    wish = intake.wishes.get((mission.id, "status"))
    if wish is not None and before is not None and rules.same(file, before.status):
        return  # the write that a command asked for is still to come
    verdict = _judge(intake, one, file, database, _at(changes, mission))
    if verdict == rules.PUT_BACK:
        _put_back(intake, one, "status", file, _was(intake, before, database))
    elif verdict == rules.TAKE:
        take_status(intake, mission, one, changes)
    elif verdict == rules.CONFLICT:
        note_conflict(intake, one, "status", file, database)
    elif verdict in (rules.DRIFT, rules.KEEP, rules.WAIT, rules.STAYS):
        note_difference(intake, one, "status", database, verdict=verdict)
    elif (one.found.path, mission.id) in intake.noted:
        issues.settled(intake.project, intake.project.worktree, one.found.path, mission.id, "status")


def _at(changes: Dict[str, Any], mission: Mission) -> Optional[str]:
    at: Optional[str] = changes.get("completed_at", mission.completed_at)
    return at


def _judge(intake: Intake, one: Placed, file: Optional[str], database: Optional[str], at: Optional[str]) -> str:
    before = intake.before.get((one.found.path, one.mission_id))
    base = before.status if before else None
    if file is None or rules.same(file, database):
        return rules.status(file, database, base, origin=rules.FIRST)
    path, key, arriving = one.found.path, (one.record.id, one.record.kind), intake.origins.arriving
    origin = intake.origins.kind(path, key, "status", file)
    if origin == rules.HAND and before is None:
        return rules.status(file, database, None, origin=rules.FIRST)
    if origin != rules.HEAD or not arriving.arrived:
        return rules.status(file, database, base, origin=origin)
    # before the first commit, only the last look can be compared with
    base = base if arriving.is_beginning else arriving.base(path, key, "status", value=file, database=database)
    verdict = rules.status(file, database, base, origin=origin, arrived=True)
    brought = arriving.brought(path, key) if verdict == rules.CONFLICT else None
    is_older = brought is not None and at is not None and brought.ts < at
    return rules.status(file, database, base, origin=origin, arrived=True, is_older=is_older)


def _was(intake: Intake, before: Optional[BaseRecord], database: Optional[str]) -> Optional[str]:
    """Return the status to write over a typed one: the one before, unless that was out of step."""
    if before is None or before.status is None:
        return database
    is_pointer = rules.alike(before.status, database) and not intake.origins.arriving.on_trunk
    return before.status if is_pointer or (before.path, before.mission_id) in intake.waiting else database


def compare_time(intake: Intake, mission: Mission, one: Placed, changes: Dict[str, Any]) -> None:
    """Settle a time of completion: it goes with the status."""
    if "completed_at" not in one.record.fields:
        return
    file, database = one.record.fields["completed_at"].value, _at(changes, mission)
    before = intake.before.get((one.found.path, mission.id))
    wish = intake.wishes.get((mission.id, "completed_at"))
    base = before.completed_at if before else None
    if (wish is not None and before is not None and file == base) or "status" in changes:
        return
    path, key = one.found.path, (one.record.id, one.record.kind)
    arrived, origin = False, rules.FIRST
    if file and file != database and before is not None:
        origin = intake.origins.kind(path, key, "completed_at", file)
        arrived = origin == rules.HEAD and intake.origins.arriving.arrived
        if arrived:
            base = intake.origins.arriving.base(path, key, "completed_at", value=file, database=database)
    verdict = rules.time(file, database, base, origin=origin, arrived=arrived)
    status = one.record.fields.get("status")
    in_step = status is None or rules.same(status.value, mission.status)
    if verdict == rules.PUT_BACK:
        _put_back(intake, one, "completed_at", file, database)
    elif verdict == rules.TAKE and in_step:
        changes["completed_at"] = file
        intake.report.indexed.append(FieldChange(mission.id, "completed_at", database, file, path))
    elif verdict in (rules.DRIFT, rules.KEEP, rules.WAIT) and in_step:
        note_difference(intake, one, "completed_at", database, verdict=verdict)
    elif (path, mission.id) in intake.noted:
        issues.settled(intake.project, intake.project.worktree, path, mission.id, "completed_at")


def _put_back(intake: Intake, one: Placed, field: str, file: Optional[str], database: Optional[str]) -> None:
    """Record a typed value as a proposal, and ask for the value before it to be written."""
    change = FieldChange(one.mission_id, field, file, database, one.found.path)
    line = line_of(one.found.data, one.record, field)
    if intake.accepts_status:
        issues.record_proposal(intake.project, change, line=line)
        return
    issue_rows.ask(intake.project, Pending(one.mission_id, field, database, False, ""))
    intake.report.put_back.append(change)
    issues.proposal(intake.project, change, line=line)


def note_difference(
    intake: Intake, one: Placed, field: str, database: Optional[str], *, verdict: str = rules.DRIFT
) -> None:
    place = one.record.fields.get(field)
    if place is None or not one.record.whole or rules.same(place.value, database) or place.value is None:
        return
    is_there = verdict == rules.DRIFT and is_elsewhere(intake, one, field)
    case = "waiting" if verdict == rules.WAIT else "drift elsewhere" if is_there else "drift"
    line = line_of(one.found.data, one.record, field)
    issues.close_difference(intake.project, one.found.path, one.mission_id, field, but=case.partition(" ")[0])
    about, where = (one.found.path, one.mission_id, field), intake.origins.arriving.place
    noted = issues.note(intake.project, case, *about, line=line, file=place.value, database=database, place=where)
    if noted.is_new and verdict == rules.STAYS:
        told = (one.found.path, line, one.mission_id, place.value, database)
        intake.report.notices.append("%s:%d: %s came as %s through git; it was %s after that, and stays so" % told)
    elif noted.is_new and is_there and field == "status":
        intake.elsewhere.append(one.mission_id)


def is_elsewhere(intake: Intake, one: Placed, field: str) -> bool:
    """Say whether a value only stands here because of the branch: nothing arrived."""
    origins, key = intake.origins, (one.record.id, one.record.kind)
    if origins.arriving.is_first or origins.arriving.arrived:
        return False
    return origins.kind(one.found.path, key, field, one.record.fields[field].value) == rules.HEAD


_AGENT = "GitHook"


def take_status(intake: Intake, mission: Mission, one: Placed, changes: Dict[str, Any]) -> None:
    """Give the mission a status that came with a commit, and log it."""
    status = standard(one.record.fields["status"].value) or ""
    if is_open(status) and is_open(mission.status) and not _moves_pointer(intake, mission, status):
        return
    brought = intake.origins.arriving.brought(one.found.path, (one.record.id, one.record.kind))
    changes["status"] = status
    intake.report.indexed.append(FieldChange(mission.id, "status", mission.status, status, one.found.path))
    changes["completed_at"] = completed(intake, one) if status == COMPLETED else None
    changes["blocked_reason"] = "arrived through git" if status == BLOCKED else None
    _end_claim(intake, mission, status, brought, changes)
    issue_rows.close(intake.project, None, "proposal", mission_id=mission.id)
    for field in ("status", "completed_at"):
        issue_rows.drop_wish(intake.project, mission.id, field)
    if status in ACTION_OF:
        by = " with %s by %s" % (brought.sha[:9], brought.by) if brought else ""
        details = {"was": mission.status, "through": "git", "commit": brought.sha if brought else None}
        when = brought.ts if brought else intake.project.now
        summary = "%s arrived through git%s" % (status, by)
        journal_rows.add_session(
            intake.db, Session(ACTION_OF[status], mission.id, _AGENT, summary, json.dumps(details), when, "git")
        )


def completed(intake: Intake, one: Placed) -> Optional[str]:
    """Return when a mission was completed: the time in its file, else that of the commit, else now."""
    field = one.record.fields.get("completed_at")
    if field is not None and field.value and is_time(field.value):
        return field.value
    brought = intake.origins.arriving.brought(one.found.path, (one.record.id, one.record.kind))
    return brought.ts if brought else intake.project.now


def _moves_pointer(intake: Intake, mission: Mission, status: str) -> bool:
    """Say whether a commit may set Current or In Progress: not against a claim here, or another Current mission."""
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
    """Note that a commit brought one value while another was set here; both stay."""
    # a pending write would settle it behind the user's back
    issue_rows.drop_wish(intake.project, one.mission_id, field)
    about, line = (one.found.path, one.mission_id, field), one.record.line
    noted = issues.note(intake.project, "conflict through git", *about, line=line, file=file, database=database)
    if noted.is_new:
        told = (one.found.path, one.record.line, field, one.mission_id, noted.why)
        intake.report.conflicts.append(FieldChange(one.mission_id, field, file, database, one.found.path))
        intake.report.notices.append("%s:%d: the %s of %s: %s; neither is changed" % told)
