"""One pass of the sync: files into the database, in the order of docs/sync.md, section 3."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Optional, Set, Tuple, Union

from cmos.core.status import CURRENT, IN_PROGRESS, QUEUED
from cmos.missionfile.records import SYNCED, Contents
from cmos.missions import choice
from cmos.missions import rows as mission_rows
from cmos.missions.find import board
from cmos.sync import issue_rows, issues, rules
from cmos.sync import rows as sync_rows
from cmos.sync import survey as surveys
from cmos.sync.identify import Placed, Reading, place
from cmos.sync.intake import take_in
from cmos.sync.issues import note_missing, note_problems
from cmos.sync.origin import Origins
from cmos.sync.passes import Intake, Pass
from cmos.sync.record import point_to_current
from cmos.sync.rows import GONE, BaseFile, BaseRecord
from cmos.sync.survey import Found

#: Files of one pass from which on it is worth asking what is known of their contents.
_MANY = 20


def take_files(one: Pass) -> None:
    """Take in what changed on disk. Runs in a transaction, under the writer lock."""
    readings = _read(one)
    before = _before(one, readings)
    origins = Origins(one.project, (reading.found for reading in readings))
    one.project.report.brake = _brake(one, readings, before, origins)
    if one.project.report.brake:
        one.project.report.notices.append(one.project.report.brake)
        return
    placed, duplicates = place(one.project, readings, one.survey.gone)
    origins.arriving.contents = {found.path: (found.data, contents) for found, contents in readings}
    intake = Intake(one, before, origins)
    moved = _carry_over(intake, placed, before, one.survey.gone)
    take_in(intake, readings, placed)
    note_problems(one, readings, duplicates)
    note_missing(one, readings, before, placed, moved, origins)
    _remember(one, readings, placed, before)
    sync_rows.drop_records(one.project, moved)
    surveys.remember_look(one.project)
    arrived = [change for change in one.project.report.indexed if change.field == "status" and change.after is not None]
    for change in arrived:
        issues.follow(one.project, change.mission_id, change.after or "", but=None)
    issues.close_agreed(one.project)
    if intake.elsewhere:
        one.project.report.notices.append(_told_elsewhere(origins, intake.elsewhere))
    if arrived:
        _leave_one_current(one, {change.mission_id for change in arrived})
        _promote(one, arrived[-1].mission_id)
    point_to_current(one.project.db)


def _told_elsewhere(origins: Origins, ids: List[str]) -> str:
    some = list(dict.fromkeys(ids))
    names = ", ".join(some[:3]) + (" and %d more" % (len(some) - 3) if len(some) > 3 else "")
    where = origins.arriving.place
    return "%s the files have another status of %s; the database's stays; see: cmosctl sync" % (where, names)


def _leave_one_current(one: Pass, arrived: Set[str]) -> None:
    """Queue what arrived as Current, in its row only, where another mission is Current: it waits its turn."""
    current = mission_rows.with_status(one.project.db, CURRENT)
    kept = next((mission for mission in current if mission.id not in arrived), next(iter(current), None))
    back = [mission._replace(status=QUEUED) for mission in current if mission.id in arrived and mission != kept]
    mission_rows.update_many(one.project.db, back)


def _promote(one: Pass, last: str) -> None:
    """Make the next mission Current, in its row only, if what arrived left none Current or In Progress."""
    if mission_rows.with_status(one.project.db, CURRENT, IN_PROGRESS):
        return
    left = mission_rows.get(one.project.db, last)
    around = board(one.project.db, sprint=left.sprint_id if left else None)
    chosen, _ = choice.first_ready(around.queued, around.waiting)
    if chosen is not None:
        mission_rows.update_many(one.project.db, [chosen._replace(status=CURRENT)])
        one.project.report.notices.append("%s is Current now: it comes next" % chosen.id)


def _read(one: Pass) -> List[Reading]:
    from cmos.missionfile.reader import read

    files = one.survey.changed + _doubtful(one)
    if len(files) >= _MANY:
        from cmos.sync import content_rows

        known = content_rows.known(one.project, [found.hash for found in files])
    else:
        known = {}
    news: Dict[str, Contents] = {}
    readings = []
    for number, found in enumerate(files, 1):
        contents = known.get(found.hash)
        if contents is None:
            contents = news[found.hash] = read(found.data)
        readings.append(Reading(found, contents))
        if one.options.progress is not None:
            one.options.progress(number, len(files))
    if len(news) >= _MANY:
        content_rows.keep(one.project, news)
    return readings


def _doubtful(one: Pass) -> List[Found]:
    """Re-read files that lost a duplicate-id contest, or whose commit may have come: the answer may be another now."""
    present = {found.path for found in one.survey.changed} | set(one.survey.gone)
    kinds = ["duplicate", *surveys.to_read_again(one.project)]
    paths = {issue.path for issue in issue_rows.open_issues(one.project.db, worktree=one.project.worktree, kinds=kinds)}
    found = []
    for path in sorted(paths - present):
        if os.path.isfile(os.path.join(one.project.layout.root, path)):
            found.append(surveys.read(one.project, path, sync_rows.hash_of(one.project, path)))
    return found


def _before(one: Pass, readings: Iterable[Reading]) -> List[BaseRecord]:
    known = [reading.found.path for reading in readings if reading.found.before is not None]
    return sync_rows.records_of(one.project, known + one.survey.gone)


def _brake(one: Pass, readings: List[Reading], before: List[BaseRecord], origins: Origins) -> str:
    """Say why so much is gone that a person has to look first; empty when all is well (docs/sync.md, S9)."""
    if one.options.accept_mass_change or not before:
        return ""
    records = ((reading.found.path, record) for reading in readings for record in reading.contents.records)
    still = {(path, record.id) for path, record in records if record.whole}
    ids = {file_id for _, file_id in still}
    lost = {r.mission_id for r in before if (r.path, r.file_id) not in still and r.file_id not in ids}
    lost -= {r.mission_id for r in before if (r.path, r.file_id) in still}
    if not lost:
        return ""
    alive = sync_rows.live_missions(one.project)
    if rules.too_much(alive, len(lost)):
        # a branch without the files is no accident; files that no commit ever had are
        gone = {path for path in one.survey.gone if origins.explains(path)} | origins.left_out(one.survey.gone)
        lost -= {r.mission_id for r in before if r.path in gone}
    if not rules.too_much(alive, len(lost)):
        return ""
    return (
        "%d of %d missions are missing or not readable at once: nothing was changed. "
        "If that is meant: cmosctl sync --accept-mass-change" % (len(lost), alive)
    )


def _carry_over(
    intake: Intake, placed: Iterable[Placed], before: Iterable[BaseRecord], gone: Iterable[str]
) -> Set[Tuple[str, str]]:
    """Move the base of a mission with its file; return the places (path, mission id) that it left."""
    absent = set(gone)
    left = {record.mission_id: record for record in before if record.kind == "file" and record.path in absent}
    moved = set()
    for one in placed:
        record = left.get(one.mission_id)
        if record is not None and one.record.kind == "file" and one.found.path not in absent:
            intake.before.setdefault((one.found.path, one.mission_id), record)
            intake.report.renamed.append("%s -> %s" % (record.path, one.found.path))
            moved.add((record.path, one.mission_id))
    return moved


def _remember(one: Pass, readings: List[Reading], placed: List[Placed], before: List[BaseRecord]) -> None:
    """Make the base follow what was taken in."""
    here = {(p.found.path, p.mission_id) for p in placed if p.record.whole}
    whole = {reading.found.path for reading in readings if not reading.contents.faults}
    sync_rows.drop_records(
        one.project, [(r.path, r.mission_id) for r in before if r.path in whole and _spot(r) not in here]
    )
    known = {_spot(record) for record in before}
    # a part that is no longer valid keeps its last values
    stored = [p for p in placed if p.record.whole or _spot(p) not in known]
    sync_rows.put_records(one.project, [_base_record(p) for p in stored])
    files = [reading.found for reading in readings] + one.survey.touched
    sync_rows.put_files(one.project, [BaseFile(f.path, f.hash, *f.stamp, f.checked_ns) for f in files])
    sync_rows.put_files(one.project, [BaseFile(path, GONE, 0, 0, 0, 0, 0) for path in one.survey.gone])
    folders = sync_rows.signatures(one.project)
    folders.update((name, (signature, one.survey.checked_ns)) for name, signature in one.survey.signatures.items())
    for name in one.survey.stale:
        folders.pop(name, None)
    sync_rows.put_signatures(one.project, folders)


def _spot(record: Union[Placed, BaseRecord]) -> Tuple[str, str]:
    path = record.found.path if isinstance(record, Placed) else record.path
    return path, record.mission_id


def _base_record(placed: Placed) -> BaseRecord:
    record = placed.record
    return BaseRecord(
        path=placed.found.path,
        mission_id=placed.mission_id,
        file_id=record.id,
        kind=record.kind,
        link=record.link,
        **{field: _value(placed, field) for field in SYNCED},
    )


def _value(placed: Placed, field: str) -> Optional[str]:
    found = placed.record.fields.get(field)
    return found.value if found else None
