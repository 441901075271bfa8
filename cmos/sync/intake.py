"""The rows of the missions follow the changed files."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional

from cmos.core.models import NEEDED_BY, Dependency, Mission, Sprint
from cmos.core.report import FieldChange
from cmos.core.status import COMPLETED, CURRENT, IN_PROGRESS, QUEUED, standard
from cmos.missionfile.records import Record
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.sync import issue_rows, issues, rules, statuses
from cmos.sync import rows as sync_rows
from cmos.sync.arriving import line_of
from cmos.sync.identify import Placed, Reading
from cmos.sync.passes import Intake
from cmos.sync.rules import OWNED_BY_FILE, name_from_path
from cmos.sync.statuses import compare_status, compare_time, is_elsewhere, note_difference


def take_in(intake: Intake, readings: Iterable[Reading], placed: Iterable[Placed]) -> None:
    """Store sprints, dependencies and missions as the files now have them."""
    for found, contents in readings:
        if contents.sprints:
            intake.sprints.listed([Sprint(s.id, s.title, s.focus, s.status) for s in contents.sprints])
        if contents.dependencies is not None:
            links = [Dependency(*link) for link in contents.dependencies]
            if not _is_old_news(intake, found.path, *(link.to_id for link in links)):
                link_rows.replace_dependencies(intake.db, found.path, links)
    groups: Dict[str, List[Placed]] = {}
    for one in placed:
        groups.setdefault(one.mission_id, []).append(one)
    _take_prerequisites(intake, groups)
    known = mission_rows.get_many(intake.db, groups)
    fresh = [_fresh(intake, mission_id, group) for mission_id, group in groups.items() if mission_id not in known]
    mission_rows.insert_many(intake.db, fresh, now=intake.project.now)
    intake.report.registered.extend(mission.id for mission in fresh)
    updated = [(known[mission_id], _update(intake, known[mission_id], groups[mission_id])) for mission_id in known]
    mission_rows.update_many(intake.db, (after for before, after in updated if after != before))


def _take_prerequisites(intake: Intake, groups: Dict[str, List[Placed]]) -> None:
    """Store what missions say they depend on, by mission and kind of record: a file may move."""
    held = link_rows.sources(intake.db, NEEDED_BY)
    spelled = {one.record.id: mission_id for mission_id, group in groups.items() for one in group}
    for mission_id, group in groups.items():
        for one in group:
            source = "%s of %s" % (one.record.kind, mission_id)
            if not one.record.whole or not (one.record.prerequisites or source in held):
                continue
            if _is_old_news(intake, one.found.path, mission_id):
                continue
            named = (spelled.get(word) or _known_as(intake, word) for word in one.record.prerequisites)
            links = [Dependency(before, mission_id, NEEDED_BY) for before in named if before != mission_id]
            link_rows.replace_dependencies(intake.db, source, links)


def _is_old_news(intake: Intake, path: str, *mission_ids: str) -> bool:
    """Say whether a worktree that is new only holds HEAD's text of missions that others have (docs/sync.md, S7)."""
    known = intake.known_elsewhere
    return bool(known) and known.issuperset(mission_ids) and intake.origins.is_head(path)


def _known_as(intake: Intake, word: str) -> str:
    """Return the mission whose file spells its id so, else the word: a mission of this id may be added yet."""
    return mission_rows.id_of_file_id(intake.db, word) or word


def _fresh(intake: Intake, mission_id: str, group: List[Placed]) -> Mission:
    """Return the row of a new mission; if several records give a status, that of the backlog counts."""
    files_first = sorted(group, key=lambda one: one.record.kind)
    status = standard(_first(group, "status")) or QUEUED
    told = [one for one in group if "status" in one.record.fields]
    if status in (CURRENT, IN_PROGRESS) and any(is_elsewhere(intake, one, "status") for one in told):
        status = QUEUED  # a pointer of another branch
    mission = Mission(
        id=mission_id,
        name=_first(files_first, "name") or _name_of_file(group),
        status=status,
        completed_at=_first(group, "completed_at") or _time_of(intake, group, status),
        notes=_first(files_first, "notes"),
        sprint_id=intake.sprints.of(_first(files_first, "sprint"), _first(group, "sprint"), group[0].found.path),
        **_described(group, has_file=any(one.record.kind == "file" for one in group)),
    )
    for one in group:
        note_difference(intake, one, "status", status)
    return mission


def _time_of(intake: Intake, group: List[Placed], status: str) -> Optional[str]:
    """Return when a commit completed a mission that is new here; at a first import, history tells."""
    if status != COMPLETED or intake.origins.arriving.is_first:
        return None
    return next(filter(None, (statuses.completed(intake, one) for one in group)), None)


def _first(group: Iterable[Placed], field: str) -> Optional[str]:
    values = (one.record.fields[field].value for one in group if field in one.record.fields)
    return next((value for value in values if value), None)


def _name_of_file(group: List[Placed]) -> Optional[str]:
    alone = [one for one in group if one.record.kind == "file"]
    return name_from_path(alone[0].found.path, [alone[0].mission_id, alone[0].record.id]) if alone else None


def _described(group: List[Placed], *, has_file: bool) -> Dict[str, Any]:
    """Return what the records say beyond the synced fields; a row gives the objective of a mission without a file."""
    values: Dict[str, Any] = {}
    for one in reversed(group):
        if one.record.kind == "row":
            values["position"] = one.place
            if one.record.objective and not has_file:
                values["objective"] = one.record.objective
        elif one.record.whole:
            values.update(objective=one.record.objective, missing=one.record.missing)
    return values


def _update(intake: Intake, mission: Mission, group: List[Placed]) -> Mission:
    changes = _described(group, has_file=mission.missing is not None)
    for one in group:
        # a part that does not parse says nothing about a mission that is known (docs/sync.md, S4)
        if one.record.whole:
            compare_status(intake, mission, one, changes)
            compare_time(intake, mission, one, changes)
    for field in OWNED_BY_FILE:
        _index(intake, mission, group, field, changes)
    after = mission._replace(**changes)
    _tell_of_rows(intake, after, group)
    return after


def _tell_of_rows(intake: Intake, mission: Mission, group: List[Placed]) -> None:
    """Say that a name which was edited in a row changes nothing, where the mission's own file decides."""
    for one in group:
        before = intake.before.get((one.found.path, mission.id))
        value = one.record.fields["name"].value if one.record.kind == "row" and "name" in one.record.fields else None
        is_edited = before is not None and before.name is not None and value not in (None, before.name, mission.name)
        if is_edited and _file_has(intake, mission.id, group, "name"):
            told = (one.found.path, line_of(one.found.data, one.record, "name"), value, mission.id, mission.id)
            text = '%s:%d: "%s" stands as the name of %s in its row, but its own file decides. '
            text += 'To change it: cmosctl mission edit %s --name "..."'
            intake.report.notices.append(text % told)


def _index(intake: Intake, mission: Mission, group: List[Placed], field: str, changes: Dict[str, Any]) -> None:
    """Take a value that the files own; the mission's own file goes before a row of a backlog."""
    current = getattr(mission, rules.column(field))
    for one in sorted(group, key=lambda one: one.record.kind):
        if field not in one.record.fields or not one.record.whole:
            continue
        if _is_old_news(intake, one.found.path, mission.id):
            continue
        value = one.record.fields[field].value
        verdict = _verdict(intake, one, field, value, wanted=current)
        if verdict == rules.KEEP or (one.record.kind == "row" and _file_has(intake, mission.id, group, field)):
            continue
        if field == "sprint":
            value = intake.sprints.of(value, current, one.found.path)
        if value != current:
            if verdict == rules.TAKE and (one.found.path, mission.id) in intake.noted:
                issue_rows.close(intake.project, None, "conflict", mission_id=mission.id, field=field)
            changes[rules.column(field)] = value
            intake.report.indexed.append(FieldChange(mission.id, field, current, value, one.found.path))
        return


def _verdict(intake: Intake, one: Placed, field: str, value: Optional[str], *, wanted: Optional[str]) -> str:
    wish = intake.wishes.get((one.mission_id, field))
    before = intake.before.get((one.found.path, one.mission_id))
    verdict = rules.text(
        value,
        getattr(before, field) if before else None,
        has_base=before is not None,
        pending=wish.value if wish else None,
        is_pending=wish is not None,
    )
    if verdict == rules.CONFLICT:
        change = FieldChange(one.mission_id, field, wish.value if wish else wanted, value, one.found.path)
        issue_rows.drop_wish(intake.project, one.mission_id, field)
        issues.conflict(intake.project, change, line=one.record.line)
    elif verdict == rules.DONE:
        issue_rows.drop_wish(intake.project, one.mission_id, field)
    return verdict


def _file_has(intake: Intake, mission_id: str, group: List[Placed], field: str) -> bool:
    """Say whether the mission's own file has the field, whether it changed in this pass or not."""
    own = [one.record for one in group if one.record.kind == "file"]
    if own:
        return any(_gives(record, field) for record in own)
    live = sync_rows.live_records(intake.project, mission_id)
    return any(record.kind == "file" and getattr(record, field) for record in live)


def _gives(record: Record, field: str) -> bool:
    return field in record.fields and bool(record.fields[field].value)
