"""Importing a backlog that a person names, mission by mission and field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple

from cmos.actions.act import Act
from cmos.actions.edit import Fields, Move, apply
from cmos.core.errors import CmosError, FileProblem, NeedsPerson
from cmos.core.models import Dependency, Mission, Sprint
from cmos.core.record import NamedTuple
from cmos.core.report import Difference, ImportReport
from cmos.core.status import BLOCKED, COMPLETED, QUEUED, standard
from cmos.db.connection import all_or_nothing
from cmos.missionfile.reader import LARGE, read
from cmos.missionfile.records import Contents, Record
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.sync import run
from cmos.sync.identify import Sprints
from cmos.sync.record import point_to_current, save
from cmos.sync.rules import column
from cmos.transfer.export import (
    CONFLICT,
    FIELDS,
    LEFT,
    LINKS,
    ORDER,
    TAKEN,
    backlog_values,
    digest,
    exported_digests,
    sprint_key,
    verdict,
)
from cmos.transfer.follow import follow
from cmos.transfer.logs import keep_leftovers

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project


def import_backlog(project: Project, path: str, data: bytes, *, now: str, replaces: bool = False) -> ImportReport:
    """Take over what a backlog of any shape says, three-way where an export wrote it (docs/files.md).

    What is missing here is added, a field that a row does not have stays, nothing is deleted, and the mission
    files follow as after any command. With ``replaces``, what the file says counts everywhere.
    Raises FileProblem for a file that names no mission and is no export of a project without any.
    """
    contents = read(data, LARGE)
    exported = exported_digests(data)
    report = ImportReport(path)
    if not contents.records and exported is None:
        why = contents.faults[0].cause if contents.faults else "it names no mission"
        raise FileProblem("%s: nothing to import: %s" % (path, why), hint="see: cmosctl db import --help")
    titles: List[Sprint] = []
    with run.change(project) as db:
        known = Sprints(db)
        if contents.sprints:
            titles = _import_sprints(db, known, contents, report, replaces, exported or {})
        new = _import_missions(project, known, path, contents.records, exported or {}, report, replaces)
        order = list(dict.fromkeys(record.id for record in contents.records))
        is_moved = digest({"order": order}) != (exported or {}).get(ORDER, "")
        if replaces or new or is_moved:
            _import_order(db, contents.records)
        told_links = digest({"links": [list(link) for link in contents.dependencies or ()]})
        is_edited = (exported or {}).get(LINKS, told_links) != told_links and not project.is_trial
        links = _import_dependencies(db, contents, report, is_kept=not is_edited)
        for fault in contents.faults:
            report.leave(path, fault.line, fault.cause)
        keep_leftovers(db, report, now=now)
        point_to_current(db)
    if exported is not None:
        _name_removed(project, contents, exported)
        if not project.is_trial:
            unknown = [one for one in new if one not in exported]
            follow(project, unknown, titles, links if is_edited else (), order if is_moved else ())
    return report


def _name_removed(project: Project, contents: Contents, exported: Mapping[str, str]) -> None:
    """Name the missions that were taken out of an export: an import deletes nothing."""
    here = {record.id for record in contents.records}
    for id in exported:
        if id != ORDER and "\n" not in id and id not in here and mission_rows.get(project.db, id) is not None:
            text = "%s is not in the file any more, and stays; to give it up: cmosctl mission drop %s"
            project.notices.append(text % (id, id))


def _import_sprints(
    db: Connection,
    known: Sprints,
    contents: Contents,
    report: ImportReport,
    replaces: bool,
    exported: Mapping[str, str],
) -> List[Sprint]:
    """Add sprints, and return those whose title was edited in the export."""
    before = {sprint.id for sprint in mission_rows.all_sprints(db)}
    told = [Sprint(one.id, one.title, one.focus, one.status) for one in contents.sprints]
    if not before:
        known.listed(told)
    for sprint in told:
        report.count("sprints", sprint.id not in before)
        if before:
            _describe(db, known.of(sprint.id, None, ""), sprint, replaces)
    return [sprint for sprint in told if sprint.title and _is_edited(db, sprint, exported)]


def _is_edited(db: Connection, sprint: Sprint, exported: Mapping[str, str]) -> bool:
    """Take the title of a sprint that was edited in an export, unless it has changed here too."""
    then = exported.get(sprint_key(sprint.id))
    now = next((one for one in mission_rows.all_sprints(db) if one.id == sprint.id), None)
    if now is None or then is None or now.title == sprint.title or digest({"title": now.title}) != then:
        return False
    mission_rows.put_sprint(db, now._replace(title=sprint.title))
    return True


def _describe(db: Connection, name: Optional[str], told: Sprint, replaces: bool) -> None:
    """Store what a backlog says of a sprint that has its place in the order already."""
    now = next(sprint for sprint in mission_rows.all_sprints(db) if sprint.id == name)
    first, second = (told, now) if replaces else (now, told)
    values = {field: getattr(first, field) or getattr(second, field) for field in ("title", "focus", "status")}
    mission_rows.put_sprint(db, now._replace(**values))


def _import_missions(
    project: Project,
    known: Sprints,
    path: str,
    records: Tuple[Record, ...],
    exported: Mapping[str, str],
    report: ImportReport,
    replaces: bool,
) -> List[str]:
    """Add missions that are missing, compare the others, and return the ids of those that were added."""
    held = mission_rows.get_many(project.db, [record.id for record in records])
    told: Dict[str, Told] = {}
    added: List[str] = []
    for place, record in enumerate(records):
        mission = held.get(record.id)
        if mission is None and record.id not in added:
            added.append(record.id)
            new = _new(record, Mission(record.id, status=QUEUED, position=place), known)
            report.count("missions", True)
            save(project, None, new)
        elif mission is not None:
            values = _values(record)
            digests = exported.get(record.id), digest(values), digest(backlog_values(mission))
            told[record.id] = Told(record.id, _named(values, mission, known), *digests)
    take(project, told.values(), report, replaces=replaces, path=path)
    return added


def _values(record: Record) -> Dict[str, str]:
    """Return what a record tells, by column."""
    found = {column(name): field.value for name, field in record.fields.items() if field.value}
    values = {name: value for name, value in found.items() if name in FIELDS}
    if "status" in values:
        values["status"] = standard(values["status"]) or values["status"]
    return values


def _named(values: Dict[str, str], mission: Mission, known: Sprints) -> Dict[str, Optional[str]]:
    """Return the values with the sprint by the name that it has here."""
    sprint = values.get("sprint_id")
    return {**values, "sprint_id": known.of(sprint, mission.sprint_id, "")} if sprint else dict(values)


def _new(record: Record, mission: Mission, known: Sprints) -> Mission:
    values: Dict[str, Any] = _named(_values(record), mission, known)
    return mission._replace(objective=record.objective, **values)


def _import_order(db: Connection, records: Tuple[Record, ...]) -> None:
    """Give the missions the order in which they are listed, unless they are in that order."""
    places = {record.id: place for place, record in reversed(list(enumerate(records)))}
    held = [mission for mission in mission_rows.listing(db) if mission.id in places]
    if any(one.sprint_id == two.sprint_id and places[one.id] > places[two.id] for one, two in zip(held, held[1:])):
        mission_rows.update_many(db, [mission._replace(position=places[mission.id]) for mission in held])


def _import_dependencies(
    db: Connection, contents: Contents, report: ImportReport, *, is_kept: bool
) -> List[Dependency]:
    """Return the links that are new, and store them if they are to be kept in the database."""
    if contents.dependencies is None:
        return []
    held = link_rows.dependencies(db)
    own = link_rows.dependencies(db, source="")
    new: List[Dependency] = []
    for link in (Dependency(*one) for one in contents.dependencies):
        is_new = link not in held and link not in new
        report.count("dependencies", is_new)
        if is_new:
            new.append(link)
    if new and is_kept:
        link_rows.replace_dependencies(db, "", own + new)
    return new


class Told(NamedTuple):
    """What a file says of a mission that is there."""

    id: str
    #: By column; a column that it does not name stays.
    values: Mapping[str, Optional[str]]
    #: Digests: of when the file was written (None in a file without), of what it says, of what the database says.
    exported: Optional[str]
    file: str
    here: str


def take(project: Project, told: Iterable[Told], report: ImportReport, *, replaces: bool, path: str) -> None:
    """Compare, and take over what is to be taken; inside ``run.change(project)``."""
    act = Act("the import of %s" % path, promote=False, takes=True)
    waiting: List[Told] = []
    for one in told:
        mission = mission_rows.get(project.db, one.id)
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
        _apply(project, one, act, report)
    conflicts = sorted({one.mission_id for one in report.differences if one.what == CONFLICT})
    if conflicts:
        told_of = "changed here and in the file since it was written: %s" % ", ".join(conflicts)
        project.fail(NeedsPerson(told_of, hint="nothing of them was taken; to take the file's values: --replace"))


def _apply(project: Project, told: Told, act: Act, report: ImportReport) -> None:
    mission = mission_rows.get(project.db, told.id)
    assert mission is not None
    differing = _differences(mission, told.values, TAKEN)
    try:
        with all_or_nothing(project.db):
            _take_values(project, mission, {one.field: one.file for one in differing}, act)
        report.changed["missions"] += 1
    except CmosError as problem:
        differing = [one._replace(what=LEFT, why=problem.message) for one in differing]
        report.count("missions", False)
    report.differences += differing


def _take_values(project: Project, mission: Mission, values: Mapping[str, Optional[str]], act: Act) -> None:
    after = _edited(project, mission, values, act)
    done = values.get("completed_at")
    if done and after.status == COMPLETED and after.completed_at != done:
        save(project, after, after._replace(completed_at=done))


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


def _edited(project: Project, mission: Mission, values: Mapping[str, Optional[str]], act: Act) -> Mission:
    fields = Fields(values.get("name"), values.get("sprint_id"), values.get("notes"))
    status = values.get("status")
    reason = "said in an import" if standard(status) == BLOCKED else None
    return apply(project, mission, fields, move=Move(status, reason) if status else None, act=act).mission
