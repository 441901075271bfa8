"""Moving everything between databases and files: ``db export`` and ``db import``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Tuple, Union

from cmos.core.errors import DatabaseProblem, FileProblem
from cmos.core.report import ImportReport
from cmos.core.schema import NEWEST
from cmos.db.connection import schema_version
from cmos.files.scan import leads_out
from cmos.missions import rows as mission_rows
from cmos.project.lost import keep_copy
from cmos.sync import run
from cmos.sync.record import point_to_current
from cmos.transfer import dump, dump_write
from cmos.transfer import rows as transfer_rows
from cmos.transfer.backlog import Told, import_backlog, take
from cmos.transfer.dump import BadRow, Dump, Row, Value
from cmos.transfer.export import FIELDS, digest
from cmos.transfer.json_text import Unreadable, decode_bytes, read_whole, text_of
from cmos.transfer.logs import import_context, import_sessions, import_store, keep_leftovers
from cmos.transfer.old_store import HEADER
from cmos.transfer.rows import ADDED, CHANGED, Restorer

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project

FORMATS = {"json": dump_write.to_json, "yaml": dump_write.to_yaml}
_IS_DUMP = re.compile(rb"""(?:\A\s*\{\s*|^)["']?cmos_export["']?\s*:""", re.MULTILINE)
_SECTIONS = frozenset(("project", "working_memory", "ai_instructions"))
_CONTEXT_NAME = re.compile(r".*context.*\.json", re.IGNORECASE)

#: Of a mission's row in an export: what it was when that was written.
_DIGEST = "digest"
#: What ``import_path`` takes.
_HINT = (
    "what can be imported: an export of the database, a backlog.yaml, a SESSIONS.jsonl, a PROJECT_CONTEXT.json, "
    "a cmos.sqlite, or a folder that `cmosctl export all` wrote"
)


def export_database(project: Project, format: str) -> str:
    """Return everything that the database holds as one text; ``json`` or ``yaml``."""
    run.refresh(project)
    with transfer_rows.snapshot(project.db):
        return "".join(
            FORMATS[format](Dump(schema_version(project.db), map(_with_digests, transfer_rows.everything(project.db))))
        )


def _with_digests(table: Tuple[str, Iterable[Row]]) -> Tuple[str, Iterable[Row]]:
    name, rows = table
    return name, ({**row, _DIGEST: _digest(row)} for row in rows) if name == "missions" else rows


def _digest(row: Row) -> str:
    return digest({name: row.get(name) for name in FIELDS})


def import_path(project: Project, path: str, *, now: str, replaces: bool = False) -> ImportReport:
    """Import a file of any kind that cmos knows, or a folder that ``export all`` wrote.

    What is there stays, but for missions edited in an export; with ``replaces``, what the file says of one counts.
    Raises FileProblem for a file that cannot be read or is none of these.
    """
    if leads_out(project.layout.root, path) and not leads_out(project.layout.root, os.path.dirname(path) or "."):
        raise FileProblem("%s is a link out of the project" % path, hint="name the file that it leads to")
    # what an import changes can be taken back by hand
    if not project.is_trial:
        project.notices += keep_copy(project.layout, project.db, every=0)
    if os.path.isdir(path):
        return _import_folder(project, path, now=now, replaces=replaces)
    data = _read(path)
    if data.startswith(HEADER):
        report = ImportReport()
        with run.change(project) as db:
            import_store(project, path, path, report, now=now)
            keep_leftovers(db, report, now=now)
        return report
    if _is_dump(data):
        return _import_dump(project, path, data, now=now, replaces=replaces)
    if path.lower().endswith((".yaml", ".yml")):
        return import_backlog(project, path, data, now=now, replaces=replaces)
    return _import_records(project, {path: data}, now=now)


def _read(path: str) -> bytes:
    try:
        data = read_whole(path, largest=dump.LARGEST)
    except Unreadable as problem:
        raise FileProblem("%s cannot be read: %s" % (path, problem.why), hint=_HINT) from None
    if data is None:
        raise FileProblem("there is no file %s" % path, hint=_HINT)
    return data


def _is_dump(data: bytes) -> bool:
    return _IS_DUMP.search(data[:4096].replace(b"\xef\xbb\xbf", b"", 1)) is not None


def _import_dump(project: Project, path: str, data: bytes, *, now: str, replaces: bool) -> ImportReport:
    read = _dump_of(path, data)
    if read.schema > NEWEST:
        raise DatabaseProblem(
            "%s was made with schema %d; this cmosctl knows schemas up to %d" % (path, read.schema, NEWEST),
            hint="install a newer cmosctl",
        )
    report = ImportReport(path)
    with run.change(project) as db:
        for table, rows in read.tables:
            if table == "missions":
                rows = _import_missions(project, path, rows, report, replaces)
            _restore(db, path, table, rows, report)
        keep_leftovers(db, report, now=now)
    return report


def _import_missions(
    project: Project, path: str, rows: Iterable[Union[Row, BadRow]], report: ImportReport, replaces: bool
) -> List[Union[Row, BadRow]]:
    """Compare the missions that are here, and return the rows of those that are not."""
    missing: List[Union[Row, BadRow]] = []
    told: List[Told] = []
    for row in rows:
        if isinstance(row, BadRow):
            missing.append(row)
            continue
        exported = row.pop(_DIGEST, None)
        mission = mission_rows.get(project.db, str(row.get("id")))
        if mission is None:
            missing.append(row)
            continue
        values = {name: _text(row[name]) for name in FIELDS if name in row}
        digests = _text(exported), _digest(row), digest({name: getattr(mission, name) for name in FIELDS})
        told.append(Told(mission.id, values, *digests))
    take(project, told, report, replaces=replaces, path=path)
    return missing


def _text(value: Value) -> Optional[str]:
    return value if value is None or isinstance(value, str) else str(value)


def _dump_of(path: str, data: bytes) -> Dump:
    try:
        return dump.read(text_of(data))
    except Unreadable as problem:
        raise _unusable(path, problem) from None


def _unusable(path: str, problem: Unreadable) -> FileProblem:
    place = path if problem.line is None else "%s:%d" % (path, problem.line)
    return FileProblem("%s: %s" % (place, problem.why), hint="nothing was imported")


def _restore(
    db: Connection,
    path: str,
    table: str,
    rows: Iterable[Union[Row, BadRow]],
    report: ImportReport,
    *,
    replaces: bool = False,
) -> None:
    restorer = Restorer(db, table, replaces=replaces)
    for row in rows:
        if isinstance(row, BadRow):
            report.leave(path, None, "%s: %s" % (table, row.why), row.raw)
            continue
        outcome = restorer.put(row)
        if outcome.what:
            counter = {ADDED: report.added, CHANGED: report.changed}.get(outcome.what, report.unchanged)
            counter[table] += 1
        elif outcome.why:
            report.leave(path, None, "%s: %s" % (table, outcome.why), dump_write.row_json(row))


def _import_folder(project: Project, folder: str, *, now: str, replaces: bool) -> ImportReport:
    """Import the files of ``export all`` that a folder holds."""
    names = ["SESSIONS.jsonl", *dump_write.TABLES]
    paths = [os.path.join(folder, name) for name in ["backlog.yaml", *names]]
    found = {path: _read(path) for path in paths if os.path.lexists(path)}
    if not found:
        raise FileProblem("%s holds nothing to import" % folder, hint=_HINT)
    report = ImportReport()
    plan = found.pop(paths[0], None)
    if plan is not None:
        report.extend(import_backlog(project, paths[0], plan, now=now, replaces=replaces))
    if found:
        report.extend(_import_records(project, found, now=now))
    return report


def _import_records(project: Project, found: Dict[str, bytes], *, now: str) -> ImportReport:
    report = ImportReport()
    with run.change(project) as db:
        for path, data in found.items():
            _import_record_file(db, path, data, report, now=now)
        # the state says too which mission is current, as of then
        point_to_current(db)
        keep_leftovers(db, report, now=now)
    return report


def _import_record_file(db: Connection, path: str, data: bytes, report: ImportReport, *, now: str) -> None:
    name = os.path.basename(path)
    try:
        if name.lower().endswith(".jsonl"):
            import_sessions(db, path, data, report)
        elif name in dump_write.TABLES:
            report.paths.append(path)
            table = dump_write.TABLES[name]
            _restore(db, path, table, dump_write.rows_of(data, table), report, replaces=True)
        elif _CONTEXT_NAME.fullmatch(name) or _looks_like_context(data):
            decode_bytes(data)
            import_context(db, path, data, report)
        else:
            raise FileProblem("%s is nothing that can be imported" % path, hint=_HINT)
    except Unreadable as problem:
        raise _unusable(path, problem) from None


def _looks_like_context(data: bytes) -> bool:
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    found = decode_bytes(data)
    return isinstance(found, dict) and not _SECTIONS.isdisjoint(found)
