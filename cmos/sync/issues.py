"""Issues of a pass: broken, duplicate and missing files, differences, conflicts, and the lines that tell the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Set, Tuple

from cmos.core.ids import nearest
from cmos.core.models import Mission
from cmos.core.record import NamedTuple
from cmos.core.report import FieldChange, Issue
from cmos.core.status import BLOCKED, COMPLETED, IN_PROGRESS, KNOWN, is_known, standard
from cmos.missions import rows as mission_rows
from cmos.sync import issue_rows
from cmos.sync import rows as sync_rows
from cmos.sync.identify import Duplicate, Placed, Reading
from cmos.sync.origin import Origins
from cmos.sync.passes import Pass
from cmos.sync.rows import BaseRecord
from cmos.sync.rules import alike, column

if TYPE_CHECKING:
    from cmos.project.project import Project


#: The text of an issue, by its kind and, for some kinds, its case. ``note`` fills in the values.
WHY = {
    "drift": "the file says {file}, the database {database}",
    "drift elsewhere": "{place} the file says {file}, the database {database}",
    "waiting": "the file says {file}, the database {database}; it counts once it is committed",
    "proposal": "typed by hand and put back",
    "conflict": "the file was edited too: its text stays",
    "conflict through git": "{file} came through git, here it is {database}",
    "pending": "not written: {reason}",
    "quarantine": "{reason}",
    "duplicate": "{mission_id} stands in {holder} already",
    "missing": "the file is gone",
    "missing part": "the file does not have it any more",
    "missing branch": "this branch does not have the file",
    "missing sparse": "git is told to leave the file out (sparse checkout)",
}


class Noted(NamedTuple):
    """The text of an issue that was noted, and whether it is new."""

    why: str
    is_new: bool


def note(
    project: Project,
    case: str,
    path: str,
    mission_id: Optional[str] = None,
    field: Optional[str] = None,
    *,
    line: Optional[int] = None,
    file: Optional[str] = None,
    database: Optional[str] = None,
    worktree: Optional[str] = None,
    **values: str,
) -> Noted:
    """Note an open issue. ``case`` is a key of WHY; its first word is the kind. ``values`` appear in the text only."""
    why = WHY[case].format(file=file, database=database or "nothing", mission_id=mission_id, **values)
    kind, where = case.partition(" ")[0], project.worktree if worktree is None else worktree
    issue = Issue(kind, path, why, line, mission_id, field, file, database, worktree=where)
    return Noted(why, issue_rows.note(project, issue))


#: The kinds of issues about a value that differs between file and database.
_DIFFER = ("drift", "waiting")


def close_difference(project: Project, path: str, mission_id: str, field: str, *, but: str = "") -> None:
    """Close the issues that say that file and database differ."""
    for kind in _DIFFER:
        if kind != but:
            issue_rows.close(project, project.worktree, kind, path=path, mission_id=mission_id, field=field)


def settled(project: Project, worktree: str, path: str, mission_id: str, field: str) -> None:
    """Close the issues about a value on which file and database agree again."""
    for kind in (*_DIFFER, "pending", "conflict"):
        issue_rows.close(project, worktree, kind, path=path, mission_id=mission_id, field=field)


def close_agreed(project: Project) -> None:
    """Close the issues about statuses and times on which file and database agree, for whatever reason (I20)."""
    here = project.worktree
    for issue in issue_rows.open_issues(project.db, worktree=here, kinds=(*_DIFFER, "conflict")):
        field, mission_id = issue.field or "", issue.mission_id
        is_here = issue.worktree == here and field in ("status", "completed_at")
        if is_here and mission_id and _is_agreed(project, issue, mission_id, field):
            issue_rows.close(project, here, issue.kind, path=issue.path, mission_id=mission_id, field=field)


def _is_agreed(project: Project, issue: Issue, mission_id: str, field: str) -> bool:
    mission = mission_rows.get(project.db, mission_id)
    records = sync_rows.live_records(project, mission_id)
    here = [getattr(record, field) for record in records if record.path == issue.path]
    # a conflict concerns the mission: if its file is gone, the other files count
    values = here or ([getattr(record, field) for record in records] if issue.kind == "conflict" else [])
    database = getattr(mission, field) if mission else None
    return all(value is None or alike(value, database) for value in values)


def follow(project: Project, mission_id: str, status: str, *, but: Optional[str]) -> None:
    """Note the worktrees whose files now differ from the status, except ``but``, whose files are being written."""
    for worktree, path, value in sync_rows.statuses(project.db, mission_id):
        if worktree == but:
            continue
        if alike(value, status):
            settled(project, worktree, path, mission_id, "status")
            continue
        note(project, "drift", path, mission_id, "status", worktree=worktree, file=value, database=status)


def proposal(project: Project, change: FieldChange, *, line: int) -> None:
    """Record a hand-typed value of a field that the database owns, and name the command that would set it."""
    record_proposal(project, change, line=line)
    told = (change.path, line, change.before, change.field, change.mission_id, change.after or "empty")
    text = '%s:%d: "%s" stands as the %s of %s, and no command set it; it stays %s. %s'
    project.report.notices.append(text % (*told, _advice(project, change)))


def record_proposal(project: Project, change: FieldChange, *, line: int) -> None:
    """Keep a hand-typed value, which lost."""
    about = (change.path, change.mission_id, change.field)
    note(project, "proposal", *about, line=line, file=change.before, database=change.after)


def _advice(project: Project, change: FieldChange) -> str:
    if change.field != "status":
        return "Commands set it."
    wanted = standard(change.before) or ""
    if not is_known(wanted):
        close = nearest(change.before or "", KNOWN, limit=1)
        return "It is no status that cmos knows%s" % ("; did you mean %s?" % close[0] if close else ".")
    command = _command(mission_rows.get(project.db, change.mission_id) or Mission(change.mission_id), wanted)
    return "To change it: cmosctl mission %s (or: cmosctl sync --accept-status)" % command


def _command(mission: Mission, wanted: str) -> str:
    """Return the command of the lifecycle that gives a mission a status, whoever runs it."""
    from shlex import quote

    id, reason = quote(mission.id), ' --reason "..."' if wanted == BLOCKED else ""
    verb = {COMPLETED: "complete", IN_PROGRESS: "start", BLOCKED: "block"}.get(wanted)
    if verb is None or mission.status == COMPLETED:
        return "edit %s --status %s%s" % (id, quote(wanted), reason)
    return "%s %s%s%s" % (verb, id, reason, " --take" if mission.status == IN_PROGRESS and mission.agent else "")


def conflict(project: Project, change: FieldChange, *, line: Optional[int]) -> None:
    """Record a value that a command set and that lost against an edit of the file."""
    about = (change.path, change.mission_id, change.field)
    note(project, "conflict", *about, line=line, file=change.after, database=change.before)
    project.report.conflicts.append(change)
    project.report.notices.append(
        '%s: the %s of %s was edited in the file too: the file\'s "%s" stays, "%s" is kept '
        "(cmosctl mission show %s)"
        % (change.path, change.field, change.mission_id, change.after, change.before, change.mission_id)
    )


#: The most duplicate issues that one file gets.
_MOST_ISSUES = 100


def note_problems(one: Pass, readings: Iterable[Reading], duplicates: Iterable[Duplicate]) -> None:
    for reading in readings:
        path = reading.found.path
        for kind in ("quarantine", "duplicate"):
            issue_rows.close(one.project, one.project.worktree, kind, path=path)
        for number, fault in enumerate(reading.contents.faults):
            where = "line %d, column %d: %s" % (fault.line, fault.column, fault.cause)
            note(one.project, "quarantine", path, line=fault.line, field=str(number), reason=where)
        if reading.contents.faults and reading.found.hash != reading.found.before:
            _say_invalid(one, reading)
    for path in one.survey.gone:
        for kind in ("quarantine", "duplicate", "drift", "waiting", "pending"):
            issue_rows.close(one.project, one.project.worktree, kind, path=path)
    by_path: Dict[str, List[Duplicate]] = {}
    for duplicate in duplicates:
        by_path.setdefault(duplicate.placed.found.path, []).append(duplicate)
    for doubled in by_path.values():
        _note_duplicates(one, doubled)
    _note_odd(one)


def _say_invalid(one: Pass, reading: Reading) -> None:
    first, more = reading.contents.faults[0], len(reading.contents.faults) - 1
    one.project.report.quarantined.append(reading.found.path)
    one.project.report.notices.append(
        "%s:%d:%d: %s%s; what it says is left as it is"
        % (reading.found.path, first.line, first.column, first.cause, " (and %d more)" % more if more else "")
    )


def _note_odd(one: Pass) -> None:
    odd = dict(one.survey.scan.odd + one.survey.unread)
    for issue in issue_rows.open_issues(one.project.db, worktree=one.project.worktree, kinds=["quarantine"]):
        if issue.field == "odd" and issue.path not in odd:
            issue_rows.close(one.project, one.project.worktree, "quarantine", path=issue.path)
    for path, why in odd.items():
        if note(one.project, "quarantine", path, field="odd", reason=why).is_new:
            one.project.report.quarantined.append(path)
            one.project.report.notices.append("%s: %s; it is passed over" % (path, why))


def _note_duplicates(one: Pass, doubled: List[Duplicate]) -> None:
    """Note the records of one file that are ignored: an issue for each id, and one line for all."""
    each = {(placed.mission_id, placed.record.id): (placed, holder) for placed, holder in reversed(doubled)}
    firsts = list(each.values())[::-1]
    is_new = [_duplicate(one, placed, holder) for placed, holder in firsts[:_MOST_ISSUES]]
    placed, holder = firsts[is_new.index(True) if True in is_new else 0]
    if True in is_new and placed.found.hash != placed.found.before:
        more = len(doubled) - 1
        what = "this one is passed over" if not more else "it and %d more like it are passed over" % more
        told = (placed.found.path, placed.record.line, placed.mission_id, holder, what)
        one.project.report.notices.append("%s:%d: %s stands in %s already; %s" % told)


def _duplicate(one: Pass, placed: Placed, holder: str) -> bool:
    path, record = placed.found.path, placed.record
    noted = note(one.project, "duplicate", path, placed.mission_id, record.id, line=record.line, holder=holder)
    return noted.is_new


def note_missing(
    one: Pass,
    readings: Iterable[Reading],
    before: Iterable[BaseRecord],
    placed: Iterable[Placed],
    moved: Set[Tuple[str, str]],
    origins: Origins,
) -> None:
    """Mark missions whose file is gone; their rows stay (docs/sync.md, S6)."""
    here = {(p.found.path, p.mission_id) for p in placed}
    whole = {reading.found.path for reading in readings if not reading.contents.faults}
    for _, mission_id in here:
        issue_rows.close(one.project, one.project.worktree, "missing", mission_id=mission_id)
    for record in before:
        spot = (record.path, record.mission_id)
        if record.kind != "file" or spot in moved or spot in here or _stands_elsewhere(one, record):
            continue
        if record.path in whole or record.path in one.survey.gone:
            _missing(one, record, origins)


def _stands_elsewhere(one: Pass, record: BaseRecord) -> bool:
    live = sync_rows.live_records(one.project, record.mission_id)
    return any(r.kind == "file" and r.path != record.path and r.path not in one.survey.gone for r in live)


def _missing(one: Pass, record: BaseRecord, origins: Origins) -> None:
    case = "missing" if record.path in one.survey.gone else "missing part"
    if case == "missing" and not origins.has(record.path):
        case = "missing branch"
    elif case == "missing" and record.path in origins.left_out(one.survey.gone):
        case = "missing sparse"
    noted = note(one.project, case, record.path, record.mission_id)
    if noted.is_new and case in ("missing", "missing part"):
        one.project.report.missing.append(record.mission_id)
        told = (record.path, noted.why, record.mission_id)
        one.project.report.notices.append("%s: %s; mission %s keeps its row" % told)


class Lost(NamedTuple):
    """A text or value that lost. The database keeps it for good."""

    #: When it lost.
    ts: Optional[str]
    #: Where it was typed.
    path: str
    text: str
    #: For a value: its mission and field, and the value that stayed.
    mission_id: Optional[str] = None
    field: Optional[str] = None
    stayed: Optional[str] = None


def lost_texts(project: Project, mission_id: Optional[str] = None, path: Optional[str] = None) -> List[Lost]:
    """Return the texts and values that lost, the newest last: all, or those of one mission and its file."""
    found = [
        Lost(one.ts, one.path, (sync_rows.text_content(project.db, one.hash) or b"").decode("utf-8", "replace"))
        for one in sync_rows.list_texts(project.db, sync_rows.LOST)
        if mission_id is None or one.path == path
    ]
    found += [_lost(project, issue) for issue in issue_rows.lost_values(project.db, mission_id)]
    return sorted(found, key=lambda one: one.ts or "")


def _lost(project: Project, issue: Issue) -> Lost:
    """Return the value of a closed issue that lost: the file's, or of a conflict the one that is not used."""
    file, database = issue.file_value, issue.database_value
    mission = mission_rows.get(project.db, issue.mission_id or "") if issue.kind == "conflict" else None
    if mission is not None and getattr(mission, column(issue.field or ""), None) == file:
        file, database = database, file
    return Lost(issue.closed_at, issue.path, file or "", issue.mission_id, issue.field, database)
