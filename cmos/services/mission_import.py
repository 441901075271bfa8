"""Missions that an import tells of and the database has: three-way, by mission and field, through the lifecycle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Iterable, List, Mapping, NamedTuple, Optional

from cmos.actions.act import Act
from cmos.actions.edit import Fields, Move, apply
from cmos.core.errors import CmosError, NeedsPerson
from cmos.core.models import Difference, ImportReport, Mission
from cmos.core.status import BLOCKED, COMPLETED, standard
from cmos.core.three_way import CONFLICT, LEFT, TAKEN, verdict
from cmos.db.connection import all_or_nothing
from cmos.missions import rows as mission_rows
from cmos.sync.record import save

if TYPE_CHECKING:
    from cmos.project.project import Workspace


class Told(NamedTuple):
    """What a file says of a mission that is there."""

    id: str
    #: By column; a column that it does not name stays.
    values: Mapping[str, Optional[str]]
    #: Digests: of when the file was written (None in a file without), of what it says, of what the database says.
    exported: Optional[str]
    file: str
    here: str


def take(ws: Workspace, told: Iterable[Told], report: ImportReport, *, replaces: bool, path: str) -> None:
    """Compare, and take over what is to be taken; inside ``run.change(ws)``."""
    act = Act("the import of %s" % path, promote=False)
    waiting: List[Told] = []
    for one in told:
        mission = mission_rows.get(ws.db, one.id)
        if mission is None:
            continue
        what = verdict(one.exported, file=one.file, here=one.here, replace=replaces)
        differing = _differences(mission, one.values, what)
        if what == TAKEN and differing:
            waiting.append(one)
        else:
            report.differences += differing
            report.count("missions", False)
    # what is finished first: who takes its place then finds it free
    for one in sorted(waiting, key=lambda told: standard(told.values.get("status")) != COMPLETED):
        _apply(ws, one, act, report)
    conflicts = sorted({one.mission_id for one in report.differences if one.what == CONFLICT})
    if conflicts:
        told_of = "changed here and in the file since it was written: %s" % ", ".join(conflicts)
        ws.fail(NeedsPerson(told_of, hint="nothing of them was taken; to take the file's values: --replace"))


def _apply(ws: Workspace, told: Told, act: Act, report: ImportReport) -> None:
    mission = mission_rows.get(ws.db, told.id)
    assert mission is not None
    differing = _differences(mission, told.values, TAKEN)
    try:
        with all_or_nothing(ws.db):
            _take_values(ws, mission, {one.field: one.file for one in differing}, act)
        report.changed["missions"] += 1
    except CmosError as problem:
        differing = [one._replace(what=LEFT, why=problem.message) for one in differing]
        report.count("missions", False)
    report.differences += differing


def _take_values(ws: Workspace, mission: Mission, values: Mapping[str, Optional[str]], act: Act) -> None:
    after = _edited(ws, mission, values, act)
    done = values.get("completed_at")
    if done and after.status == COMPLETED and after.completed_at != done:
        save(ws, after, replace(after, completed_at=done))


def _differences(mission: Mission, values: Mapping[str, Optional[str]], what: str) -> List[Difference]:
    here = {name: getattr(mission, name) for name in values}
    # the time of a completion goes with the status, which may be all that was edited
    is_done = bool(values.get("completed_at")) and standard(values.get("status", mission.status)) == COMPLETED
    return [
        Difference(mission.id, name, here[name], value, what)
        for name, value in values.items()
        if _normal(name, value) != _normal(name, here[name]) and (name != "completed_at" or is_done)
    ]


def _normal(name: str, value: Optional[str]) -> Optional[str]:
    return (name == "status" and standard(value)) or value or None


def _edited(ws: Workspace, mission: Mission, values: Mapping[str, Optional[str]], act: Act) -> Mission:
    fields = Fields(values.get("name"), values.get("sprint_id"), values.get("notes"))
    status = values.get("status")
    reason = "said in an import" if standard(status) == BLOCKED else None
    return apply(ws, mission, fields, move=Move(status, reason) if status else None, act=act).mission
