"""What files say of values that the database owns: status and time of completion (SYNC.md S7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

from cmos.core import decide
from cmos.core.models import Issue, Mission
from cmos.core.report import FieldChange
from cmos.services.sync import arrivals, noticing
from cmos.services.sync.arriving import line_of
from cmos.services.sync.placing import Placed
from cmos.store import pending
from cmos.store.base import BaseRecord
from cmos.store.pending import Pending

if TYPE_CHECKING:
    from cmos.services.sync.passes import Intake


def compare_status(intake: Intake, mission: Mission, one: Placed, changes: Dict[str, Any]) -> None:
    """Settle a status, which the database owns: the row stays or follows, the file is put right or noted."""
    if "status" not in one.record.fields:
        return
    file, database = one.record.fields["status"].value, changes.get("status", mission.status)
    before = intake.before.get((one.found.path, mission.id))
    wish = intake.wishes.get((mission.id, "status"))
    if wish is not None and before is not None and decide.same(file, before.status):
        return  # the write that a command asked for is still to come
    verdict = _judge(intake, one, file, database, _at(changes, mission))
    if verdict == decide.PUT_BACK:
        _put_back(intake, one, "status", file, _was(intake, before, database))
    elif verdict == decide.TAKE:
        arrivals.take(intake, mission, one, changes)
    elif verdict == decide.CONFLICT:
        arrivals.note_conflict(intake, one, "status", file, database)
    elif verdict in (decide.DRIFT, decide.KEEP, decide.WAIT, decide.STAYS):
        note_difference(intake, one, "status", database, verdict=verdict)
    elif (one.found.path, mission.id) in intake.noted:
        noticing.settled(intake.db, intake.worktree, one.found.path, mission.id, "status", now=intake.now)


def _at(changes: Dict[str, Any], mission: Mission) -> Optional[str]:
    at: Optional[str] = changes.get("completed_at", mission.completed_at)
    return at


def _judge(intake: Intake, one: Placed, file: Optional[str], database: Optional[str], at: Optional[str]) -> str:
    before = intake.before.get((one.found.path, one.mission_id))
    base = before.status if before else None
    if file is None or decide.same(file, database):
        return decide.status(file, database, base, origin=decide.FIRST)
    path, key, arriving = one.found.path, (one.record.id, one.record.kind), intake.origins.arriving
    origin = intake.origins.kind(path, key, "status", file)
    if origin == decide.HAND and before is None:
        return decide.status(file, database, None, origin=decide.FIRST)
    if origin != decide.HEAD or not arriving.arrived:
        return decide.status(file, database, base, origin=origin)
    # before the first commit there is no other to measure from than the last look
    base = base if arriving.is_beginning else arriving.base(path, key, "status", value=file, database=database)
    verdict = decide.status(file, database, base, origin=origin, arrived=True)
    brought = arriving.brought(path, key) if verdict == decide.CONFLICT else None
    is_older = brought is not None and at is not None and brought.ts < at
    return decide.status(file, database, base, origin=origin, arrived=True, is_older=is_older)


def _was(intake: Intake, before: Optional[BaseRecord], database: Optional[str]) -> Optional[str]:
    """Return what is written over a typed status: what was there, unless that was out of step."""
    if before is None or before.status is None:
        return database
    is_pointer = decide.alike(before.status, database) and not intake.origins.arriving.on_trunk
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
    arrived, origin = False, decide.FIRST
    if file and file != database and before is not None:
        origin = intake.origins.kind(path, key, "completed_at", file)
        arrived = origin == decide.HEAD and intake.origins.arriving.arrived
        if arrived:
            base = intake.origins.arriving.base(path, key, "completed_at", value=file, database=database)
    verdict = decide.time(file, database, base, origin=origin, arrived=arrived)
    status = one.record.fields.get("status")
    in_step = status is None or decide.same(status.value, mission.status)
    if verdict == decide.PUT_BACK:
        _put_back(intake, one, "completed_at", file, database)
    elif verdict == decide.TAKE and in_step:
        changes["completed_at"] = file
        intake.report.indexed.append(FieldChange(mission.id, "completed_at", database, file, path))
    elif verdict in (decide.DRIFT, decide.KEEP, decide.WAIT) and in_step:
        note_difference(intake, one, "completed_at", database, verdict=verdict)
    elif (path, mission.id) in intake.noted:
        noticing.settled(intake.db, intake.worktree, path, mission.id, "completed_at", now=intake.now)


def _put_back(intake: Intake, one: Placed, field: str, file: Optional[str], database: Optional[str]) -> None:
    """Record a typed value as a proposal, and ask for what was there to be written."""
    change = FieldChange(one.mission_id, field, file, database, one.found.path)
    line = line_of(one.found.data, one.record, field)
    if intake.accepts_status:
        noticing.record_proposal(intake.db, intake.worktree, change, line=line, now=intake.now)
        return
    pending.ask(intake.db, intake.worktree, Pending(one.mission_id, field, database, False, ""), now=intake.now)
    intake.report.put_back.append(change)
    noticing.proposal(intake.db, intake.worktree, change, line=line, now=intake.now, report=intake.report)


def note_difference(
    intake: Intake, one: Placed, field: str, database: Optional[str], *, verdict: str = decide.DRIFT
) -> None:
    place = one.record.fields.get(field)
    if place is None or not one.record.whole or decide.same(place.value, database) or place.value is None:
        return
    is_there = verdict == decide.DRIFT and is_elsewhere(intake, one, field)
    where = intake.origins.arriving.place + " " if is_there else ""
    why = "%sthe file says %s, the database %s" % (where, place.value, database or "nothing")
    issue = Issue(
        kind="waiting" if verdict == decide.WAIT else "drift",
        path=one.found.path,
        why="%s; it counts once it is committed" % why if verdict == decide.WAIT else why,
        line=line_of(one.found.data, one.record, field),
        mission_id=one.mission_id,
        field=field,
        file_value=place.value,
        database_value=database,
        worktree=intake.worktree,
    )
    is_new = noticing.differs(intake.db, issue, now=intake.now)
    if is_new and verdict == decide.STAYS:
        told = (issue.path, issue.line or 0, one.mission_id, place.value, database)
        intake.report.notices.append("%s:%d: %s came as %s through git; it was %s after that, and stays so" % told)
    elif is_new and is_there and field == "status":
        intake.elsewhere.append(one.mission_id)


def is_elsewhere(intake: Intake, one: Placed, field: str) -> bool:
    """Say whether a value is in the checkout because of where that is, and not because anything came."""
    origins, key = intake.origins, (one.record.id, one.record.kind)
    if origins.arriving.is_first or origins.arriving.arrived:
        return False
    return origins.kind(one.found.path, key, field, one.record.fields[field].value) == decide.HEAD
