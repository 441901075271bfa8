"""``cmosctl db init|migrate|recover|export|import`` and ``cmosctl export``: the database as a whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Iterator, List, Optional

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, UsageError, argument, command, option
from cmos.cli.base.options import here, json_option, open_here
from cmos.transfer.export import CONFLICT, LEFT, STAYS, TAKEN

if TYPE_CHECKING:
    from cmos.core.report import Difference, ImportReport
    from cmos.setup.recover import Recovered


_TO_FILE = "Write to this file instead of stdout."
output_option = option("--output", "-o", "output_path", metavar="FILE", help=_TO_FILE)


@command()
@output_option
@json_option
def backlog(output_path: Optional[str], as_json: bool) -> None:
    """Write the missions as a backlog.yaml."""
    from cmos.transfer import export

    with open_here() as project:
        deliver(export.export_backlog(project), output_path, as_json=as_json)


@command()
@output_option
@json_option
def sessions(output_path: Optional[str], as_json: bool) -> None:
    """Write the session log as a SESSIONS.jsonl."""
    from cmos.transfer import export

    with open_here() as project:
        deliver(export.export_sessions(project), output_path, as_json=as_json)


@command()
@option("--output", "-o", "folder", metavar="DIR", help="The folder to write to; .cmos/export unless given.")
@json_option
def export_all(folder: Optional[str], as_json: bool) -> None:
    """Write everything: backlog.yaml, SESSIONS.jsonl, decisions.json, facts.json, state.json."""
    from cmos.transfer import export

    with open_here() as project:
        paths = export.export_all(project, folder)
    if as_json:
        output.print_json({"paths": paths})
        return
    for path in paths:
        output.show(output.clean(path))


def deliver(text: str, path: Optional[str], *, as_json: bool) -> None:
    """Write a text to stdout byte for byte, or to a file; as JSON the text or the file's path."""
    if path is not None:
        from cmos.transfer.export import write_text

        write_text(path, text)
        if as_json:
            output.print_json({"path": path, "text": None})
        else:
            output.say("Wrote %s." % path)
    elif as_json:
        output.print_json({"path": None, "text": text})
    elif sys.stdout.isatty():
        sys.stdout.write(output.clean(text, lines=True))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))


#: Ids that one line names.
_SHOWN = 50


@command()
@json_option
def init(as_json: bool) -> None:
    """Create the database with its tables, and nothing else (`cmosctl init` does all that a project needs)."""
    from cmos.setup.setup import create_database

    created = create_database(here())
    if as_json:
        output.print_json(created)
    elif created.is_new:
        output.show("Created %s." % output.clean(created.path))
        rest = ", ".join((*created.left_out, "the history of git"))
        output.say("it is empty; to take in %s: cmosctl init" % rest)
    else:
        output.show("%s is there already." % output.clean(created.path))


@command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the database to the newest schema, after making a copy of it."""
    from cmos.clock import now
    from cmos.setup.setup import migrate_database

    migrated = migrate_database(here(), now=now())
    if as_json:
        output.print_json(migrated)
    elif migrated.backup:
        output.show("Migrated. The database as it was: %s" % output.clean(migrated.backup))
    else:
        output.show("Nothing to migrate.")


@command()
@json_option
def recover(as_json: bool) -> None:
    """Rebuild a damaged or missing database from what can be read of it, its copy, the files and the history.

    The damaged files are kept. Prints what came back, by name, and from where.
    """
    from cmos.clock import now
    from cmos.setup.recover import recover

    done = recover(here(), now=now())
    if as_json:
        output.print_json(done)
        return
    for line in _recovered(done):
        output.show(output.clean(line))


def _recovered(done: Recovered) -> Iterator[str]:
    yield ("Rebuilt: %s" if done.was_needed else "%s is in order.") % done.database
    for found in done.found:
        rows = ", ".join("%d of %s" % (number, table) for table, number in found.rows.items())
        yield "from %s: %s" % (found.source, rows or "nothing more")
        if found.missions:
            yield "  missions: %s" % _some(found.missions)
    if done.setup is None:
        return
    added = ["%d of %s" % (number, table) for table, number in done.setup.imported.added.items() if number]
    yield "from the files: %s" % (", ".join(added) or "nothing more")
    if done.setup.registered:
        yield "  missions: %s" % _some(done.setup.registered)
    if done.setup.logged is not None:
        yield "from git: %d commits" % done.setup.logged.new
    yield "What was there before is in %s." % done.kept


def _some(ids: List[str]) -> str:
    rest = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (", and %d more (--json names all)" % rest if rest > 0 else "")


@command()
@option("-c", "--command", "sql", metavar="SQL", help="Run these statements and print their rows.")
@json_option
def shell(sql: Optional[str], as_json: bool) -> None:
    """Open the database with sqlite3, or with a small shell of cmosctl's own where there is no sqlite3."""
    from cmos.cli import shell
    from cmos.setup.setup import database_path

    path = database_path(here())
    if sql is not None:
        shell.run_once(path, sql, as_json=as_json)
    elif as_json:
        raise UsageError("--json needs -c SQL")
    else:
        shell.interact(path)


@command()
@argument("format", metavar="[yaml|json]", type=Choice(("yaml", "json")), default="yaml")
@output_option
@json_option
def export_database(format: str, output_path: Optional[str], as_json: bool) -> None:
    """Write everything that the database holds as YAML or JSON; `db import` restores all of it."""
    from cmos.transfer import transfer

    with open_here() as project:
        deliver(transfer.export_database(project, format), output_path, as_json=as_json)


@command()
@argument("path", metavar="FILE")
@option("--dry-run", is_flag=True, help="Change nothing; show what would be imported.")
@option("--replace", "replaces", is_flag=True, help="Where a mission differs, the file wins.")
@json_option
def import_file(path: str, dry_run: bool, replaces: bool, as_json: bool) -> None:
    """Import what `db export` or `export all` wrote, a backlog.yaml, a SESSIONS.jsonl or a context file.

    What is missing here is added, and nothing twice. A mission that was edited in an export changes here as by a
    command, unless it changed here too. Where a file that no export wrote differs, the difference is shown and left.
    """
    from cmos.clock import now
    from cmos.transfer import transfer

    with open_here() as project:
        project.is_trial = dry_run
        report = transfer.import_path(project, path, now=now(), replaces=replaces)
        if as_json:
            output.print_json(report)
        else:
            print_report(report)


def print_report(report: ImportReport) -> None:
    """Print what an import did: a line for each table, then what needs attention."""
    counters = (report.added, report.changed, report.unchanged)
    rows = [(table, *(str(counter[table]) for counter in counters)) for table in report.tables()]
    for line in output.columns(rows, heads=("TABLE", "ADDED", "CHANGED", "THERE ALREADY")) if rows else ():
        output.show(line)
    for one in report.differences:
        output.show(output.clean(_difference(one)))
    if any(one.what == LEFT and not one.why for one in report.differences):
        output.say("These differences were left; to take what the file says: --replace")
    for remark in report.remarks:
        output.say("%s:%d: taken, but: %s" % (remark.path, remark.line, remark.why))
    for leftover in report.leftovers:
        place = leftover.path if leftover.line is None else "%s:%d" % (leftover.path, leftover.line)
        output.say("%s: not taken: %s" % (place, leftover.why))
    if report.leftovers:
        output.say("What could not be taken is kept: cmosctl sync shows it.")


def _difference(one: Difference) -> str:
    values = "%s here, %s in the file" % (one.here or "nothing", one.file or "nothing")
    texts = {
        TAKEN: "%s -> %s" % (one.here or "nothing", one.file or "nothing"),
        STAYS: "%s, as when it was written: stays" % values,
        CONFLICT: "%s: both changed since it was written" % values,
        LEFT: "%s: left%s" % (values, one.why and ", %s" % one.why),
    }
    return "%s %s: %s" % (one.mission_id, one.field.replace("sprint_id", "sprint"), texts[one.what])
