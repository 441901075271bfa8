"""Takes over the database of an older tool of this workflow: what has a place here, and what has none is named."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple

from cmos.core.errors import InvalidValue
from cmos.core.ids import check_id
from cmos.core.models import Decision, Dependency, Fact, Mission, Sprint
from cmos.core.report import ImportReport
from cmos.core.status import BLOCKED, COMPLETED, QUEUED, standard
from cmos.core.text import dumps, loads
from cmos.journal import rows as journal_rows
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.sync import issues
from cmos.sync.identify import Sprints
from cmos.transfer import old_rows
from cmos.transfer.json_text import Unreadable
from cmos.transfer.old_rows import Rows
from cmos.transfer.session_log import read_session

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project

#: Where such a tool keeps it.
PLACE = "cmos/db/cmos.sqlite"
HEADER = b"SQLite format 3\0"
_TAKEN = (
    "missions", "sprints", "mission_dependencies", "session_events", "sessions", "contexts", "strategic_decisions",
)  # fmt: skip


def import_old_store(project: Project, path: str, full: str, report: ImportReport, *, is_first: bool) -> List[str]:
    """Take over the file's rows, and return the contexts that it holds, as JSON; inside ``run.change(project)``.

    What is there stays, but on the first import: then a status of this database goes before that of a backlog.
    """
    try:
        tables = old_rows.read(full)
    except Unreadable as problem:
        report.leave(path, None, "cannot be read: %s" % problem.why)
        return []
    report.paths.append(path)
    known = Sprints(project.db)
    _sprints(project.db, known, tables.get("sprints", []), report)
    for row in tables.get("missions", []):
        _mission(project, known, path, row, report, is_first)
    _links(project.db, tables.get("mission_dependencies", []), report)
    for row in tables.get("session_events", []):
        raw = dumps({name: _plain(value) for name, value in row.items() if name != "raw_event"})
        key = "import:" + hashlib.sha256(raw.encode("utf-8")).hexdigest()
        session = read_session(loads(raw), raw=raw, key=key)
        is_new = not journal_rows.has_event(project.db, session)
        report.count("sessions", is_new and journal_rows.add_session(project.db, session) is not None)
    for decision, fact in _learned(tables):
        if decision is not None:
            report.count("decisions", journal_rows.add_decision(project.db, decision) is not None)
        if fact is not None:
            report.count("facts", journal_rows.add_fact(project.db, fact) is not None)
    for name, rows in tables.items():
        if rows and name not in _TAKEN:
            report.leave(path, None, "the table %s has no place here (%d rows)" % (name, len(rows)))
    return [text for row in tables.get("contexts", []) for text in [_text(row, "content", "data", "value")] if text]


def _sprints(db: Connection, known: Sprints, rows: Rows, report: ImportReport) -> None:
    before = {sprint.id for sprint in mission_rows.all_sprints(db)}
    told = [
        Sprint(id, _text(row, "title", "name"), _text(row, "focus"), _text(row, "status"))
        for row in rows
        for id in [_text(row, "id", "sprint_id")]
        if id
    ]
    if not before:
        known.listed(told)
    for sprint in told:
        report.count("sprints", known.of(sprint.id, None, "") not in before)


def _mission(
    project: Project, known: Sprints, path: str, row: Dict[str, Any], report: ImportReport, is_first: bool
) -> None:
    id = _text(row, "id", "mission_id") or ""
    try:
        check_id(id)
    except InvalidValue as error:
        report.leave(path, None, "a mission: %s" % error.message, dumps({"id": id}))
        return
    before = mission_rows.get(project.db, id)
    status = standard(_text(row, "status")) or QUEUED
    done = _text(row, "completed_at", "completedAt") if status == COMPLETED else None
    report.count("missions", before is None)
    if before is None:
        sprint = known.of(_text(row, "sprint_id", "sprint"), None, "")
        objective, notes = _text(row, "objective"), _text(row, "notes")
        new = Mission(id, sprint, _text(row, "name", "title"), objective=objective, notes=notes)
        mission_rows.insert_many(project.db, [_with_status(new, status, done)], now=project.now)
    elif is_first and before.status != status:
        mission_rows.update_many(project.db, [_with_status(before, status, done or before.completed_at)])
        issues.follow(project, id, status, but=None)


def _with_status(mission: Mission, status: str, completed_at: Optional[str]) -> Mission:
    reason = "said in an import" if status == BLOCKED else None
    at = completed_at if status == COMPLETED else None
    return mission._replace(status=status, completed_at=at, blocked_reason=reason, agent=None)


def _links(db: Connection, rows: Rows, report: ImportReport) -> None:
    held, own = link_rows.dependencies(db), link_rows.dependencies(db, source="")
    new: List[Dependency] = []
    for row in rows:
        ends = _text(row, "from_id", "from"), _text(row, "to_id", "to")
        link = Dependency(ends[0] or "", ends[1] or "", _text(row, "type") or "Blocks")
        is_new = all(ends) and link not in held and link not in new
        report.count("dependencies", is_new)
        new += [link] if is_new else []
    if new:
        link_rows.replace_dependencies(db, "", own + new)


def _learned(tables: Mapping[str, Rows]) -> Iterable[Tuple[Optional[Decision], Optional[Fact]]]:
    """Yield the strategic decisions, and what sessions captured: decisions, and facts of other kinds."""
    for row in tables.get("strategic_decisions", []):
        title = _text(row, "decision", "title", "content")
        if title:
            yield _decision(title, _text(row, "rationale"), _text(row, "created_at", "ts")), None
    for row in tables.get("sessions", []):
        for capture in _captures(row):
            kind, content = _text(capture, "category", "kind"), _text(capture, "content", "text")
            ts = _text(capture, "timestamp", "ts") or _text(row, "started_at", "created_at")
            if content and kind == "decision":
                yield _decision(content, _text(capture, "context"), ts), None
            elif content:
                yield None, Fact(content, kind, ts=ts, key=_key("fact", kind, content))


def _captures(row: Mapping[str, Any]) -> List[Dict[str, Any]]:
    try:
        found = loads(_text(row, "captures") or "[]")
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _decision(title: str, rationale: Optional[str], ts: Optional[str]) -> Decision:
    return Decision(title, rationale, ts=ts, key=_key("decision", title, rationale))


def _key(*parts: Optional[str]) -> str:
    return "import:" + hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "replace")).hexdigest()


def _text(row: Mapping[str, Any], *names: str) -> Optional[str]:
    """Return the first text under some columns that is not empty."""
    values = (_plain(row.get(name)) for name in names)
    return next((str(value) for value in values if value not in (None, "")), None)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
