"""What is wrong with missions and mission files: the rules of ``mission verify`` and ``mission incomplete``."""

from __future__ import annotations

from shlex import quote
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from cmos.core.ids import nearest
from cmos.core.models import NEEDED_BY, Dependency, Mission, Sprint
from cmos.core.record import NamedTuple
from cmos.core.report import Issue
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, KNOWN, QUEUED, is_known, standard
from cmos.core.text import mark
from cmos.missionfile.records import Contents, Record

ERROR = "error"
WARNING = "warning"
NO_ID = "it reads like a mission but has no id; give it one, such as missionId: B1.5"

#: What kind of issue is how bad. A kind that is not here is a warning.
_ISSUES = {"quarantine": ERROR, "duplicate": ERROR, "conflict": ERROR, "brake": ERROR}


class Finding(NamedTuple):
    """One thing that is wrong. The message says what to do about it."""

    #: A stable name of the rule.
    code: str
    #: ``error`` or ``warning``.
    severity: str
    message: str
    mission_id: Optional[str] = None
    sprint_id: Optional[str] = None
    #: Relative to the project; of files that were named, as it was given.
    path: Optional[str] = None
    line: Optional[int] = None
    column: Optional[int] = None

    @property
    def mark(self) -> str:
        """What it is known again by: not its line, which moves with the text above it."""
        return mark("finding", self.code, self.mission_id, self.path, self.message)


class Checked(NamedTuple):
    """What ``verify`` found."""

    #: How many missions were looked at.
    missions: int
    findings: Tuple[Finding, ...]
    #: What a person has accepted as the project's past.
    known: Tuple[Finding, ...] = ()

    def number(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)


class Inventory(NamedTuple):
    """What the rules look at."""

    missions: Sequence[Mission]
    sprints: Sequence[Sprint] = ()
    dependencies: Sequence[Dependency] = ()
    issues: Sequence[Issue] = ()
    #: Mission id to the path of its own file.
    paths: Mapping[str, str] = {}
    #: Path and line of what reads like a mission but has no id.
    nameless: Sequence[Tuple[str, int]] = ()
    #: What stands in the database where it does not belong.
    odd: Sequence[OddValue] = ()


def check(inventory: Inventory) -> List[Finding]:
    """Return what is wrong with a project's missions, errors first, else in backlog order."""
    findings: List[Finding] = []
    for mission in inventory.missions:
        path = inventory.paths.get(mission.id)
        findings += [one._replace(path=path, sprint_id=mission.sprint_id) for one in _of_mission(mission)]
        if _has_no_file(mission, inventory):
            text = "%s has no mission file" % mission.id
            findings.append(Finding("no-file", WARNING, text, mission.id, mission.sprint_id))
    findings += _two_current(inventory)
    findings += _links(inventory)
    findings += _cycles(inventory)
    findings += [_of_issue(issue) for issue in inventory.issues]
    findings += map(_of_odd, inventory.odd)
    findings += [Finding("no-id", ERROR, NO_ID, path=path, line=line) for path, line in inventory.nameless]
    home = {mission.id: mission.sprint_id for mission in inventory.missions}
    findings = [one._replace(sprint_id=one.sprint_id or home.get(one.mission_id or "")) for one in findings]
    return sorted(findings, key=lambda one: one.severity != ERROR)


def incomplete(inventory: Inventory) -> List[Mission]:
    """Return the missions whose file lacks required fields, and the unfinished ones that have no file.

    Of a file that does not parse nobody can tell; it is a finding of its own.
    """
    return [m for m in inventory.missions if m.missing or _has_no_file(m, inventory)]


def _has_no_file(mission: Mission, inventory: Inventory) -> bool:
    return mission.missing is None and mission.status != COMPLETED and mission.id not in inventory.paths


def _of_mission(mission: Mission) -> Iterator[Finding]:
    id, finished = mission.id, mission.status == COMPLETED
    if mission.missing:
        text = "%s lacks %s" % (id, ", ".join(mission.missing))
        yield Finding("incomplete", WARNING if finished else ERROR, text + _fill_in(mission), id)
    if not is_known(mission.status):
        text = "%s has the status %r, which is none of: %s; set one: cmosctl mission edit %s --status %s"
        close = (nearest(mission.status, KNOWN, limit=1) or [QUEUED])[0]
        yield Finding("invalid-status", ERROR, text % (id, mission.status, ", ".join(KNOWN), id, quote(close)), id)
    if finished and not mission.completed_at:
        text = "%s is Completed without a time; to give it the present one: cmosctl mission complete %s"
        yield Finding("completed-without-time", WARNING, text % (id, id), id)
    if mission.completed_at and not finished and is_known(mission.status):
        text = "%s is %s but has a completion time, %s; if it is done: cmosctl mission complete %s"
        yield Finding("time-without-completion", WARNING, text % (id, mission.status, mission.completed_at, id), id)
    if mission.status == BLOCKED and not mission.why_blocked:
        text = '%s is Blocked without a reason; say why: cmosctl mission block %s --reason "..."'
        yield Finding("blocked-without-reason", WARNING, text % (id, id), id)


def _fill_in(mission: Mission) -> str:
    if mission.status == COMPLETED or not mission.missing:
        return ""
    # the others likewise, and without an option all of them in an editor
    first = mission.missing[0]
    option = "--add" if first in ("successCriteria", "deliverables") else "--set"
    return "; fill in: cmosctl mission edit %s %s %s=TEXT" % (mission.id, option, first)


def _two_current(inventory: Inventory) -> Iterator[Finding]:
    current = [mission for mission in inventory.missions if mission.status == CURRENT]
    if len(current) < 2:
        return
    for mission in current[1:]:
        text = "%s is Current, and so is %s; keep one: cmosctl mission edit %s --status Queued"
        text = text % (mission.id, current[0].id, mission.id)
        yield Finding("two-current", ERROR, text, mission.id, mission.sprint_id, inventory.paths.get(mission.id))


def _links(inventory: Inventory) -> Iterator[Finding]:
    known = {mission.id for mission in inventory.missions}
    for link in inventory.dependencies:
        told = "%s %s %s" % (link.from_id, link.type or "->", link.to_id)
        for end in sorted({link.from_id, link.to_id} - known if link.type != NEEDED_BY else ()):
            other = link.to_id if end == link.from_id else link.from_id
            text = "the dependency %s names %s, which is no mission; mend it in the backlog" % (told, end)
            yield Finding("unknown-dependency", WARNING, text, other if other in known else None)
        if link.from_id == link.to_id and link.from_id in known:
            yield Finding("self-dependency", WARNING, "the dependency %s is of a mission on itself" % told, link.to_id)


def _cycles(inventory: Inventory) -> Iterator[Finding]:
    for ring in rings(inventory):
        text = "%s wait for each other, so none is ever ready; take one of the links between them out of the files"
        yield Finding("cycle", ERROR, text % " and ".join(ring), ring[0])


def blockers(inventory: Inventory) -> Dict[str, Set[str]]:
    """Return, for each unfinished mission that waits, the unfinished missions that block it."""
    unfinished = {mission.id for mission in inventory.missions if mission.status != COMPLETED}
    found: Dict[str, Set[str]] = {}
    for link in inventory.dependencies:
        if link.blocks and link.from_id != link.to_id and link.from_id in unfinished and link.to_id in unfinished:
            found.setdefault(link.to_id, set()).add(link.from_id)
    return found


def rings(inventory: Inventory) -> List[Tuple[str, ...]]:
    """Return the groups of missions that wait for each other, each in backlog order."""
    before = blockers(inventory)
    after: Dict[str, Set[str]] = {}
    for one, others in before.items():
        for other in others:
            after.setdefault(other, set()).add(one)
    place = {mission.id: number for number, mission in enumerate(inventory.missions)}
    # Kosaraju: what is reached backwards, in the order of finishing forwards, is a ring
    seen: Set[str] = set()
    groups = [_finished(one, after, seen) for one in reversed(_all_finished(before))]
    found = [tuple(sorted(group, key=lambda one: place[one])) for group in groups if len(group) > 1]
    return sorted(found, key=lambda ring: place[ring[0]])


def _all_finished(links: Mapping[str, Set[str]]) -> List[str]:
    seen: Set[str] = set()
    return [one for start in sorted(links) for one in _finished(start, links, seen)]


def _finished(start: str, links: Mapping[str, Set[str]], seen: Set[str]) -> List[str]:
    """Return what is reached from a mission and not seen yet, the deepest first."""
    done: List[str] = []
    path = [(start, iter(sorted(links.get(start, ()))))] if start not in seen else []
    seen.add(start)
    while path:
        rest = path[-1][1]
        deeper = next((other for other in rest if other not in seen), None)
        if deeper is None:
            done.append(path.pop()[0])
        else:
            seen.add(deeper)
            path.append((deeper, iter(sorted(links.get(deeper, ())))))
    return done


def _of_odd(odd: OddValue) -> Finding:
    """Say where an odd value is, what comes of it and what helps; a row that nothing names is an error."""
    row, them = ("1 row", "it") if odd.rows == 1 else ("%d rows" % odd.rows, "them")
    value = "no %s" % odd.column if odd.what == MISSING else "%s as its %s" % (odd.what, odd.column)
    told = "%s of the table %s: %s" % (row, odd.table, value)
    told += "; every command passes %s over" % them if odd.in_key else "; commands read %s as well as can be" % them
    aim = "to see it" if odd.mend.startswith("SELECT") else "to mend it"
    told += '; %s: cmosctl db shell -c "%s"' % (aim, odd.mend)
    code, severity = ("nameless-row", ERROR) if odd.in_key else ("odd-value", WARNING)
    return Finding(code, severity, told, odd.name)


def _of_issue(issue: Issue) -> Finding:
    code = "unsettled-%s" % issue.kind if issue.kind not in _ISSUES else issue.kind
    severity = _ISSUES.get(issue.kind, WARNING)
    told, column = issue.spot.cause, issue.spot.column
    if issue.mission_id and issue.mission_id not in told:
        told = "%s: %s" % (issue.mission_id, told)
    if issue.kind == "proposal":
        told += "; to say yes: cmosctl sync --accept-status"
    return Finding(code, severity, told, issue.mission_id, path=issue.path or None, line=issue.line, column=column)


#: From a character of the text to its line and column.
Position = Callable[[int], Tuple[int, int]]


def check_contents(contents: Contents, position: Position) -> List[Finding]:
    """Return what is wrong with a file, in the order of its lines; the path is left to the caller."""
    findings = [
        Finding("quarantine", ERROR, fault.cause, line=fault.line, column=fault.column) for fault in contents.faults
    ]
    findings += _twice(contents)
    findings += [Finding("no-id", ERROR, NO_ID, line=line, column=1) for line in contents.nameless]
    for record in contents.records:
        # of a part that does not parse nobody knows what it was to say
        if record.whole:
            findings += _of_record(record, position)
    return sorted(findings, key=lambda one: (one.line or 0, one.column or 0))


def _of_record(record: Record, position: Position) -> Iterator[Finding]:
    status = record.fields.get("status")
    if status is not None and status.value and not is_known(standard(status.value) or ""):
        text = "%s has the status %r, which is none of: %s" % (record.id, status.value, ", ".join(KNOWN))
        line, column = position(status.start)
        yield Finding("invalid-status", ERROR, text, record.id, line=line, column=column)
    if record.missing:
        text = "%s lacks %s" % (record.id, ", ".join(record.missing))
        yield Finding("incomplete", WARNING, text, record.id, line=record.line, column=1)


def _twice(contents: Contents) -> Iterator[Finding]:
    """Yield ids that stand twice: in two documents, or in two rows. A document and its row are one mission."""
    seen: Set[Tuple[str, str]] = set()
    for record in contents.records:
        key = (record.id, record.kind)
        if key in seen:
            text = "%s is in this file already, further up" % record.id
            yield Finding("duplicate", ERROR, text, record.id, line=record.line, column=1)
        seen.add(key)


#: What may be wrong with a value.
MISSING, BLOB, NOT_UTF8, NO_NUMBER = "missing", "a BLOB", "not UTF-8", "no number"


class OddValue(NamedTuple):
    """One kind of odd value in one column."""

    table: str
    column: str
    what: str
    #: How many rows have it.
    rows: int
    #: A condition, as SQL, that the first of them meets.
    where: str
    #: The rows' key; every command passes them over.
    in_key: bool
    #: What the first of them is called.
    name: Optional[str] = None

    @property
    def mend(self) -> str:
        """A statement that mends it or, where nobody can know what it was to say, shows it."""
        if self.what == MISSING:
            return "UPDATE %s SET %s = 'B9.9' WHERE %s" % (self.table, self.column, self.where)
        if self.what == BLOB:
            column = self.column
            sql = "UPDATE %s SET %s = CAST(%s AS TEXT) WHERE typeof(%s) = 'blob'"
            return sql % (self.table, column, column, column)
        return "SELECT %s FROM %s WHERE %s" % (self.column, self.table, self.where)
