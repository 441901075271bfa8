"""Noting what is wrong with files: not valid, doubled, gone (SYNC.md S4 to S6)."""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Set, Tuple

from cmos.core.models import Issue
from cmos.services.sync.origin import Origins
from cmos.services.sync.passes import Pass
from cmos.services.sync.placing import Duplicate, Placed, Reading
from cmos.store import base, issues, noting
from cmos.store.base import BaseRecord

#: Issues of one kind that are noted of one file.
_MOST_ISSUES = 100


def note_problems(one: Pass, readings: Iterable[Reading], duplicates: Iterable[Duplicate]) -> None:
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
        for kind in ("quarantine", "duplicate", "drift", "waiting", "pending"):
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


def note_missing(
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
