"""One pass of the sync: files into the database, in the order of SYNC.md section 3."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Optional, Set, Tuple, Union

from cmos.core import decide
from cmos.core.issue import Issue
from cmos.core.records import SYNCED
from cmos.services.recording import point_to_current
from cmos.services.sync import noticing
from cmos.services.sync import survey as surveys
from cmos.services.sync.intake import Intake, take_in
from cmos.services.sync.origin import Origins
from cmos.services.sync.passes import Pass
from cmos.services.sync.placing import Duplicate, Placed, Reading, place
from cmos.services.sync.sprinting import Sprints
from cmos.services.sync.survey import Found
from cmos.store import base, issues, noting, pending, scans
from cmos.store.base import GONE, BaseFile, BaseRecord

#: Issues of one kind that are noted of one file.
_MOST_ISSUES = 100


def run(one: Pass) -> None:
    """Take in what changed on disk. Runs in a transaction, under the writer lock."""
    readings = _read(one)
    before = _before(one, readings)
    origins = Origins(one.layout, one.db, (reading.found for reading in readings))
    one.report.brake = _brake(one, readings, before, origins)
    if one.report.brake:
        one.report.notices.append(one.report.brake)
        return
    placed, duplicates = place(one.db, one.worktree, readings, one.survey.gone)
    intake = Intake(
        one.db,
        one.worktree,
        one.now,
        one.report,
        {(record.path, record.mission_id): record for record in before},
        {(wish.mission_id, wish.field): wish for wish in pending.wishes(one.db, one.worktree)},
        {(issue.path, issue.mission_id) for issue in issues.open_issues(one.db, worktree=one.worktree)},
        Sprints(one.db),
        origins,
        one.accepts_status,
    )
    moved = _carry_over(intake, placed, before, one.survey.gone)
    take_in(intake, readings, placed)
    _note_problems(one, readings, duplicates)
    _note_missing(one, readings, before, placed, moved, origins)
    _remember(one, readings, placed, before)
    base.drop_records(one.db, one.worktree, moved)
    origins.remember()
    for change in one.report.indexed:
        if change.field == "status" and change.after is not None:
            noticing.follow(one.db, change.mission_id, change.after, but=None, now=one.now)
    point_to_current(one.db)


def _read(one: Pass) -> List[Reading]:
    from cmos.files.reader import read

    files = one.survey.changed + _doubtful(one)
    readings = []
    for number, found in enumerate(files, 1):
        readings.append(Reading(found, read(found.data)))
        if one.progress is not None:
            one.progress(number, len(files))
    return readings


def _doubtful(one: Pass) -> List[Found]:
    """Read files again that another file kept from being linked: the other may be gone now."""
    present = {found.path for found in one.survey.changed} | set(one.survey.gone)
    paths = {issue.path for issue in issues.open_issues(one.db, worktree=one.worktree, kinds=["duplicate"])}
    found = []
    for path in sorted(paths - present):
        if os.path.isfile(os.path.join(one.layout.root, path)):
            found.append(surveys.read(one.layout, path, base.hash_of(one.db, one.worktree, path)))
    return found


def _before(one: Pass, readings: Iterable[Reading]) -> List[BaseRecord]:
    known = [reading.found.path for reading in readings if reading.found.before is not None]
    return base.records_of(one.db, one.worktree, known + one.survey.gone)


def _brake(one: Pass, readings: List[Reading], before: List[BaseRecord], origins: Origins) -> str:
    """Say why so much is gone that a person must look first; empty when all is well (SYNC.md S9)."""
    if one.accept_mass_change or not before:
        return ""
    records = ((reading.found.path, record) for reading in readings for record in reading.contents.records)
    still = {(path, record.id) for path, record in records if record.whole}
    ids = {file_id for _, file_id in still}
    lost = {r.mission_id for r in before if (r.path, r.file_id) not in still and r.file_id not in ids}
    lost -= {r.mission_id for r in before if (r.path, r.file_id) in still}
    if not lost:
        return ""
    alive = base.live_missions(one.db, one.worktree)
    if decide.too_much(alive, len(lost)):
        # a branch without the folder is no accident; what no commit has ever had is
        gone = {path for path in one.survey.gone if origins.explains(path)} | origins.left_out(one.survey.gone)
        lost -= {r.mission_id for r in before if r.path in gone}
    if not decide.too_much(alive, len(lost)):
        return ""
    return (
        "%d of %d missions are missing or not readable at once: nothing was changed. "
        "If that is meant: cmosctl sync --accept-mass-change" % (len(lost), alive)
    )


def _carry_over(
    intake: Intake, placed: Iterable[Placed], before: Iterable[BaseRecord], gone: Iterable[str]
) -> Set[Tuple[str, str]]:
    """Let a mission's base move with its file; return the places (path, mission id) that moved away."""
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


def _note_problems(one: Pass, readings: Iterable[Reading], duplicates: Iterable[Duplicate]) -> None:
    for reading in readings:
        path = reading.found.path
        for kind in ("quarantine", "duplicate"):
            noting.close(one.db, one.worktree, kind, path=path, now=one.now)
        for number, fault in enumerate(reading.contents.faults):
            where = "line %d, column %d: %s" % (fault.line, fault.column, fault.cause)
            _quarantine(one, path, where, line=fault.line, field=str(number))
        if reading.contents.faults and reading.found.hash != reading.found.before:
            _say_invalid(one, reading)
    for path in one.survey.gone:
        for kind in ("quarantine", "duplicate", "drift", "pending"):
            noting.close(one.db, one.worktree, kind, path=path, now=one.now)
    by_path: Dict[str, List[Duplicate]] = {}
    for duplicate in duplicates:
        by_path.setdefault(duplicate.placed.found.path, []).append(duplicate)
    for doubled in by_path.values():
        _note_duplicates(one, doubled)
    _note_odd(one)


def _say_invalid(one: Pass, reading: Reading) -> None:
    first, more = reading.contents.faults[0], len(reading.contents.faults) - 1
    one.report.quarantined.append(reading.found.path)
    one.report.notices.append(
        "%s:%d:%d: %s%s; what it says is left as it is"
        % (reading.found.path, first.line, first.column, first.cause, " (and %d more)" % more if more else "")
    )


def _note_odd(one: Pass) -> None:
    odd = dict(one.survey.scan.odd + one.survey.unread)
    for issue in issues.open_issues(one.db, worktree=one.worktree, kinds=["quarantine"]):
        if issue.field == "odd" and issue.path not in odd:
            noting.close(one.db, one.worktree, "quarantine", path=issue.path, now=one.now)
    for path, why in odd.items():
        if _quarantine(one, path, why, field="odd"):
            one.report.quarantined.append(path)
            one.report.notices.append("%s: %s; it is passed over" % (path, why))


def _quarantine(one: Pass, path: str, why: str, *, field: str, line: Optional[int] = None) -> bool:
    issue = Issue("quarantine", path, why, line=line, field=field, worktree=one.worktree)
    return noting.note(one.db, issue, now=one.now)


def _note_duplicates(one: Pass, doubled: List[Duplicate]) -> None:
    """Note what of one file is passed over: an issue for each id, and one line for all of them."""
    each = {(placed.mission_id, placed.record.id): (placed, holder) for placed, holder in reversed(doubled)}
    firsts = list(each.values())[::-1]
    is_new = [_duplicate(one, placed, holder) for placed, holder in firsts[:_MOST_ISSUES]]
    placed, holder = firsts[is_new.index(True) if True in is_new else 0]
    if True in is_new and placed.found.hash != placed.found.before:
        more = len(doubled) - 1
        what = "this one is passed over" if not more else "it and %d more like it are passed over" % more
        told = (placed.found.path, placed.record.line, placed.mission_id, holder, what)
        one.report.notices.append("%s:%d: %s stands in %s already; %s" % told)


def _duplicate(one: Pass, placed: Placed, holder: str) -> bool:
    path, record = placed.found.path, placed.record
    issue = Issue(
        "duplicate",
        path,
        "%s stands in %s already" % (placed.mission_id, holder),
        line=record.line,
        mission_id=placed.mission_id,
        field=record.id,
        worktree=one.worktree,
    )
    return noting.note(one.db, issue, now=one.now)


def _note_missing(
    one: Pass,
    readings: Iterable[Reading],
    before: Iterable[BaseRecord],
    placed: Iterable[Placed],
    moved: Set[Tuple[str, str]],
    origins: Origins,
) -> None:
    """Mark missions whose file is gone; their rows stay (SYNC.md S6)."""
    here = {(p.found.path, p.mission_id) for p in placed}
    whole = {reading.found.path for reading in readings if not reading.contents.faults}
    for _, mission_id in here:
        noting.close(one.db, one.worktree, "missing", mission_id=mission_id, now=one.now)
    for record in before:
        spot = (record.path, record.mission_id)
        if record.kind != "file" or spot in moved or spot in here or _stands_elsewhere(one, record):
            continue
        if record.path in whole or record.path in one.survey.gone:
            _missing(one, record, origins)


def _stands_elsewhere(one: Pass, record: BaseRecord) -> bool:
    live = base.live_records(one.db, one.worktree, record.mission_id)
    return any(r.kind == "file" and r.path != record.path and r.path not in one.survey.gone for r in live)


def _missing(one: Pass, record: BaseRecord, origins: Origins) -> None:
    why = "the file is gone" if record.path in one.survey.gone else "the file does not have it any more"
    explained = record.path in one.survey.gone and not origins.has(record.path)
    if explained:
        why = "this branch does not have the file"
    elif record.path in one.survey.gone and record.path in origins.left_out(one.survey.gone):
        explained, why = True, "git is told to leave the file out (sparse checkout)"
    issue = Issue("missing", record.path, why, mission_id=record.mission_id, worktree=one.worktree)
    if noting.note(one.db, issue, now=one.now) and not explained:
        one.report.missing.append(record.mission_id)
        one.report.notices.append("%s: %s; mission %s keeps its row" % (record.path, why, record.mission_id))


def _remember(one: Pass, readings: List[Reading], placed: List[Placed], before: List[BaseRecord]) -> None:
    """Make the base follow what was taken in."""
    here = {(p.found.path, p.mission_id) for p in placed if p.record.whole}
    whole = {reading.found.path for reading in readings if not reading.contents.faults}
    base.drop_records(
        one.db, one.worktree, [(r.path, r.mission_id) for r in before if r.path in whole and _spot(r) not in here]
    )
    known = {_spot(record) for record in before}
    # a part that stopped being valid keeps what it last said
    stored = [p for p in placed if p.record.whole or _spot(p) not in known]
    base.put_records(one.db, one.worktree, [_base_record(p) for p in stored])
    base.put_seen(one.db, [(p.found.hash, p.mission_id, _value(p, "status")) for p in placed])
    files = [reading.found for reading in readings] + one.survey.touched
    base.put_files(one.db, one.worktree, [BaseFile(f.path, f.hash, *f.stamp, f.checked_ns) for f in files])
    base.put_files(one.db, one.worktree, [BaseFile(path, GONE, 0, 0, 0, 0, 0) for path in one.survey.gone])
    for name in one.survey.stale:
        scans.drop_signature(one.db, one.worktree, name)
    for name, signature in one.survey.signatures.items():
        scans.put_signature(one.db, one.worktree, name, signature, one.survey.checked_ns)


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
