"""Importing a backlog that a person names: its missions, sprints and dependencies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from cmos.core.errors import FileProblem
from cmos.core.imports import ImportReport
from cmos.core.lifecycle import move_fact
from cmos.core.mission import Mission
from cmos.core.plan import Dependency, Sprint
from cmos.core.records import Contents, Record
from cmos.core.status import COMPLETED, QUEUED, standard
from cmos.files.reader import LARGE, read
from cmos.services.changes import save
from cmos.services.importing import keep_leftovers
from cmos.services.recording import point_to_current
from cmos.services.sync.sprinting import Sprints
from cmos.store import memory, missions, sprints

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace
    from cmos.store.connection import Connection


def import_backlog(ws: Workspace, path: str, data: bytes, *, now: str) -> ImportReport:
    """Take over what a backlog of any shape says: a person who imports one means what it says.

    A field that a row does not have stays as it is, nothing is deleted, and the mission
    files follow as after any command. Raises FileProblem for a file that names no mission.
    """
    contents = read(data, LARGE)
    report = ImportReport(paths=[path])
    if not contents.records:
        why = contents.faults[0].cause if contents.faults else "it names no mission"
        raise FileProblem("%s: nothing to import: %s" % (path, why), hint="see: cmosctl db import --help")
    with ws.change() as db:
        known = Sprints(db)
        if contents.sprints:
            _import_sprints(db, known, contents, report)
        _import_missions(ws, known, path, contents.records, report)
        _import_order(db, contents.records)
        _import_dependencies(db, contents, report)
        for fault in contents.faults:
            report.leave(path, fault.line, fault.cause)
        keep_leftovers(db, report, now=now)
        point_to_current(db)
    return report


def _import_sprints(db: Connection, known: Sprints, contents: Contents, report: ImportReport) -> None:
    before = {sprint.id for sprint in sprints.all_sprints(db)}
    if not before:
        known.listed([Sprint(s.id, s.title, s.focus, s.status) for s in contents.sprints])
    for one in contents.sprints:
        report.count("sprints", one.id not in before)
        if before:
            known.of(one.id, None, "")
            _describe(db, known, Sprint(one.id, one.title, one.focus, one.status))


def _describe(db: Connection, known: Sprints, told: Sprint) -> None:
    """Store what a backlog says of a sprint that has its place in the order already."""
    name = known.of(told.id, None, "")
    now = next(sprint for sprint in sprints.all_sprints(db) if sprint.id == name)
    sprints.put(
        db,
        replace(now, title=told.title or now.title, focus=told.focus or now.focus, status=told.status or now.status),
    )


def _import_missions(
    ws: Workspace, known: Sprints, path: str, records: Tuple[Record, ...], report: ImportReport
) -> None:
    held = missions.get_many(ws.db, [record.id for record in records])
    for place, record in enumerate(records):
        before = held.get(record.id)
        after = _told(record, before or Mission(record.id, status=QUEUED, position=place), known)
        if before is not None:
            after = _moved(ws, before, after, path)
        if before is None:
            report.count("missions", True)
        elif after == before:
            report.count("missions", False)
            continue
        else:
            report.changed["missions"] += 1
        save(ws, before, after)
        held[record.id] = after


def _told(record: Record, mission: Mission, known: Sprints) -> Mission:
    """Return the mission as the record says it is."""
    values: Dict[str, Optional[str]] = {
        name: field.value for name, field in record.fields.items() if field.value is not None
    }
    sprint = values.get("sprint")
    return replace(
        mission,
        name=values.get("name") or mission.name,
        notes=values.get("notes") or mission.notes,
        objective=mission.objective or record.objective,
        sprint_id=known.of(sprint, mission.sprint_id, "") if sprint else mission.sprint_id,
        status=standard(values.get("status")) or mission.status,
        completed_at=values.get("completed_at") or mission.completed_at,
    )


def _moved(ws: Workspace, before: Mission, after: Mission, path: str) -> Mission:
    """Take away what belonged to another status, and keep as a fact that it was changed."""
    is_done = after.status == COMPLETED
    if after.status == before.status:
        return after if is_done else replace(after, completed_at=before.completed_at)
    # an edited export says of a mission that was opened again when it had been completed
    completed = (after.completed_at or ws.now) if is_done else None
    after = replace(after, completed_at=completed, agent=None, started_at=None, blocked_reason=None)
    memory.add_fact(ws.db, move_fact(before, after, now=ws.now, agent="the import of %s" % path))
    return after


def _import_order(db: Connection, records: Tuple[Record, ...]) -> None:
    """Give the missions the order in which they are listed, unless they are in that order."""
    places = {record.id: place for place, record in reversed(list(enumerate(records)))}
    held = [mission for mission in missions.listing(db) if mission.id in places]
    if any(one.sprint_id == two.sprint_id and places[one.id] > places[two.id] for one, two in zip(held, held[1:])):
        missions.update_many(db, [replace(mission, position=places[mission.id]) for mission in held])


def _import_dependencies(db: Connection, contents: Contents, report: ImportReport) -> None:
    if contents.dependencies is None:
        return
    held = sprints.dependencies(db)
    own = sprints.dependencies(db, source="")
    new: List[Dependency] = []
    for link in (Dependency(*one) for one in contents.dependencies):
        is_new = link not in held and link not in new
        report.count("dependencies", is_new)
        if is_new:
            new.append(link)
    if new:
        sprints.replace_dependencies(db, "", own + new)
