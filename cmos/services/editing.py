"""Changing a mission by flags: its fields, and its status through the lifecycle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Optional, Tuple

from cmos.core.errors import InvalidValue
from cmos.core.ids import check_line, check_text
from cmos.core.models import Mission
from cmos.core.status import BLOCKED, COMPLETED, IN_PROGRESS, KNOWN, QUEUED, is_known, standard
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.missions.find import board, find_mission
from cmos.missions.lifecycle import Outcome
from cmos.sync import issue_rows, run
from cmos.sync.identify import Sprints
from cmos.sync.record import point_to_current, record, save

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Workspace
    from cmos.services.missions import Act


class Fields(NamedTuple):
    """New values; None leaves a field as it is. Empty notes take the notes away."""

    name: Optional[str] = None
    sprint: Optional[str] = None
    notes: Optional[str] = None


#: The columns that they are in.
_FIELDS = ("name", "sprint_id", "notes")


class Move(NamedTuple):
    """A new status, as it was typed, and why."""

    status: str
    reason: Optional[str] = None


class Edited(NamedTuple):
    mission: Mission
    #: The fields that have another value than before.
    changed: Tuple[str, ...]
    #: What the change of status came to.
    outcome: Optional[Outcome] = None


def edit(ws: Workspace, wanted: str, fields: Fields, *, move: Optional[Move] = None, act: Act) -> Edited:
    """Change fields and status of a mission, all or nothing.

    Raises InvalidValue for a status that is none of the six, NeedsPerson as the lifecycle does.
    """
    if move:
        _checked_status(move.status)
    with run.change(ws) as db:
        return apply(ws, find_mission(db, wanted), fields, move=move, act=act)


def apply(ws: Workspace, before: Mission, fields: Fields, *, move: Optional[Move] = None, act: Act) -> Edited:
    """Do what ``edit`` does, inside ``run.change(ws)``. Raises as it does."""
    status = _checked_status(move.status) if move else None
    _decide(ws, before, fields)
    after = _stored(ws, before, _with_fields(ws.db, before, fields))
    outcome = _moved(ws, after, status, move=move, act=act) if status and move else None
    changed = tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))
    return Edited(outcome.mission if outcome else after, changed, outcome)


def set_status(ws: Workspace, wanted: str, status: str, act: Act) -> Outcome:
    """Give a mission a status, through the lifecycle. Raises as ``edit`` does."""
    outcome = edit(ws, wanted, Fields(), move=Move(status), act=act).outcome
    assert outcome is not None
    return outcome


def _checked_status(word: str) -> str:
    status = standard(word) or word
    if not is_known(status):
        raise InvalidValue("%r is not a status" % word, hint="the six: %s" % ", ".join(KNOWN))
    return status


def _with_fields(db: Connection, mission: Mission, fields: Fields) -> Mission:
    if fields.name is not None:
        mission = replace(mission, name=check_line(fields.name, "the name"))
    if fields.notes is not None:
        mission = replace(mission, notes=check_text(fields.notes, "the notes").strip() or None)
    if fields.sprint is not None:
        sprint = Sprints(db).of(check_line(fields.sprint, "the sprint"), None, "")
        mission = replace(mission, sprint_id=sprint)
    return mission


def _decide(ws: Workspace, mission: Mission, fields: Fields) -> None:
    """Close the conflicts about the fields that are given: also who keeps a value has decided."""
    for field, value in zip(Fields._fields, fields):
        if value is not None:
            issue_rows.close(ws.db, None, "conflict", mission_id=mission.id, field=field, now=ws.now)


def _stored(ws: Workspace, before: Mission, after: Mission) -> Mission:
    if after == before:
        return before
    save(ws, before, after)
    point_to_current(ws.db)
    # a conflict with the file may have kept another value
    return mission_rows.get(ws.db, after.id) or after


def _moved(ws: Workspace, target: Mission, status: str, *, move: Move, act: Act) -> Outcome:
    if target.status == COMPLETED and status in (IN_PROGRESS, BLOCKED):
        # who sets a status by hand may open again what is finished; that it was is kept as a fact
        target = record(ws, _queue(ws, target, act)).mission
    around = board(
        ws.db, sprint=target.sprint_id, finished=target.id if status == COMPLETED else "", promote=act.promote
    )
    if status == COMPLETED:
        outcome = lifecycle.complete(target, around, now=ws.now, agent=act.agent)
    elif status == IN_PROGRESS:
        outcome = lifecycle.start(target, around, now=ws.now, agent=act.agent)
    elif status == BLOCKED:
        outcome = lifecycle.block(target, around, now=ws.now, agent=act.agent, reason=move.reason or "")
    else:
        outcome = lifecycle.move(target, around, status=status, now=ws.now, agent=act.agent)
    return record(ws, outcome, summary=act.summary)


def _queue(ws: Workspace, target: Mission, act: Act) -> Outcome:
    return lifecycle.move(target, board(ws.db), status=QUEUED, now=ws.now, agent=act.agent)
