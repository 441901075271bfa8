"""Taking over what people kept by hand: session logs and context files."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Optional, Tuple

from cmos.core.report import ImportReport, Remark
from cmos.files.scan import leads_out
from cmos.journal import rows as journal_rows
from cmos.project import rows as project_rows
from cmos.sync import issue_rows
from cmos.transfer import context_file, session_log
from cmos.transfer.export import session_line
from cmos.transfer.json_text import Unreadable, read_whole
from cmos.transfer.old_store import PLACE, import_old_store

if TYPE_CHECKING:
    from cmos.core.models import Session
    from cmos.db.connection import Connection
    from cmos.project.project import Project

#: Where projects keep their logs, the oldest habit first: the order of the log is the order of import.
LOGS = ("SESSIONS.jsonl", "cmos/SESSIONS.jsonl")
#: Where they keep their context; for the project's state the first one counts.
CONTEXTS = (
    "cmos/PROJECT_CONTEXT.json",
    "PROJECT_CONTEXT.json",
    "cmos/context/MASTER_CONTEXT.json",
    "cmos/MASTER_CONTEXT.json",
)

#: Characters of a text that are kept when it cannot be taken; the file itself is never touched.
_KEPT = 1_000_000


def sources(root: str) -> Tuple[str, ...]:
    """Return the files and folders of a project that there is something to take in from."""
    places = ("cmos/missions", *LOGS, *CONTEXTS, PLACE)
    return tuple(place for place in places if os.path.lexists(os.path.join(root, *place.split("/"))))


def import_project_files(project: Project, db: Connection, *, now: str, is_first: bool = False) -> ImportReport:
    """Import the logs, the context files and an older tool's database; inside ``run.change(project)``.

    A file that cannot be read is a leftover like a line that cannot: nothing here stops an import.
    """
    report = ImportReport()
    for path in LOGS:
        data = _read(project.layout.root, path, report)
        if data is not None:
            import_sessions(db, path, data, report)
    for path in CONTEXTS:
        data = _read(project.layout.root, path, report)
        if data is not None:
            import_context(db, path, data, report)
    full = os.path.join(project.layout.root, *PLACE.split("/"))
    if leads_out(project.layout.root, full):
        report.leave(PLACE, None, "not read: a link out of the project")
    elif os.path.lexists(full):
        import_store(project, PLACE, full, report, now=now, is_first=is_first)
    keep_leftovers(db, report, now=now)
    return report


def import_store(
    project: Project, path: str, full: str, report: ImportReport, *, now: str, is_first: bool = False
) -> None:
    """Take over an older tool's database with its contexts; inside ``run.change(project)``."""
    for text in import_old_store(project, path, full, report, is_first=is_first):
        try:
            import_context(project.db, path, text.encode("utf-8"), report)
        except Unreadable as problem:
            report.leave(path, problem.line, "a context: %s" % problem.why)


def _read(root: str, path: str, report: ImportReport) -> Optional[bytes]:
    full = os.path.join(root, *path.split("/"))
    if leads_out(root, full):
        report.leave(path, None, "not read: a link out of the project")
        return None
    try:
        data = read_whole(full)
    except Unreadable as problem:
        report.leave(path, None, "cannot be read: %s" % problem.why)
        return None
    return data


def import_sessions(db: Connection, path: str, data: bytes, report: ImportReport) -> None:
    """Add the sessions of a log file that the database does not have.

    A line that an export made of a recorded session is known by its text.
    """
    report.paths.append(path)
    log = session_log.parse(data)
    exported = Counter(session_line(session) for session in journal_rows.each_session(db) if not _from_log(session.key))
    history = Counter(_event(one) for one in journal_rows.each_session(db) if (one.key or "").startswith("history:"))
    for entry in log.entries:
        line, event = session_line(entry.session), _event(entry.session)
        if exported[line] > 0 or history[event] > 0:
            if exported[line] > 0:
                exported[line] -= 1
            else:
                history[event] -= 1
            report.count("sessions", False)
            continue
        added = journal_rows.add_session(db, entry.session) is not None
        report.count("sessions", added)
        if entry.remark:
            report.remarks.append(Remark(path, entry.line, entry.remark))
    for unread in log.unread:
        why = unread.cause if unread.column == 1 else "%s (column %d)" % (unread.cause, unread.column)
        report.leave(path, unread.line, why, unread.raw[:_KEPT])


def _event(session: Session) -> Tuple[Optional[str], ...]:
    """Return what a session of a context's history and the line of a log about the same have in common."""
    return (session.mission_id, session.ts, session.action)


def _from_log(key: Optional[str]) -> bool:
    return key is not None and key.startswith("import:")


def import_context(db: Connection, path: str, data: bytes, report: ImportReport) -> None:
    """Add the decisions, facts and session history of a context file that the database does not have.

    What has no date of its own has none: it is not new. State that is set is not touched.
    """
    report.paths.append(path)
    contents = context_file.parse(data)
    for decision in contents.decisions:
        report.count("decisions", journal_rows.add_decision(db, decision) is not None)
    for fact in contents.facts:
        report.count("facts", journal_rows.add_fact(db, fact) is not None)
    _import_history(db, contents, report)
    for key, value in _state(contents):
        report.count("project_state", project_rows.put_new_state(db, key, value))
    for problem in contents.problems:
        report.leave(path, problem.line, problem.cause, problem.raw[:_KEPT])


def _import_history(db: Connection, contents: context_file.ContextContents, report: ImportReport) -> None:
    # all looked up before the first is added: the history may hold two of one second
    known = [journal_rows.has_event(db, session) for session in contents.sessions]
    for session, is_known in zip(contents.sessions, known):
        report.count("sessions", not is_known and journal_rows.add_session(db, session) is not None)


def _state(contents: context_file.ContextContents) -> Tuple[Tuple[str, str], ...]:
    pairs = (
        ("project", contents.project),
        ("current_sprint", contents.current_sprint),
        ("current_mission", contents.current_mission),
    )
    return tuple((key, value) for key, value in pairs if value is not None)


def keep_leftovers(db: Connection, report: ImportReport, *, now: str) -> None:
    """Record what could not be taken as issues, each once however often it is imported; close what was mended."""
    for leftover in report.leftovers:
        issue_rows.add_leftovers(db, leftover, now=now)
    for path in report.paths:
        issue_rows.close_mended_leftovers(db, path, report.leftovers, now=now)
