"""``cmosctl sync``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Dict, Iterable, Optional, Tuple

from cmos.cli.base.declare import UsageError, argument, command, option
from cmos.cli.base.lines import lost_lines
from cmos.cli.base.options import agent_option, json_option, open_here, who
from cmos.cli.base.output import clean, print_json, progress_bar, show

if TYPE_CHECKING:
    from cmos.actions.reconcile import SyncOutcome
    from cmos.core.report import FieldChange, Issue, Logged


@command()
@argument("mission_ids", metavar="[ID...]", nargs=-1)
@option("--write-status", is_flag=True, help="Write the database's status into files that say otherwise.")
@option("--check", is_flag=True, help="Change nothing; exit code 1 if anything is out of step.")
@option("--dry-run", is_flag=True, help="Change nothing; show what a sync would do.")
@option("--accept-status", is_flag=True, help="Apply statuses that were typed into files by hand.")
@option("--accept-mass-change", is_flag=True, help="Continue although most missions are missing or unreadable.")
@option("--all-history", is_flag=True, help="Log every commit of the history, not only the newest.")
@option("--accept-known", is_flag=True, help="Take what is out of step now, and what verify finds, as the past.")
@option("--known", is_flag=True, help="Also show what was accepted as the past.")
@option("--log", is_flag=True, help="Change nothing; show texts and values that were overruled; all are kept.")
@agent_option
@json_option
def sync(
    mission_ids: Tuple[str, ...],
    write_status: bool,
    check: bool,
    dry_run: bool,
    accept_status: bool,
    accept_mass_change: bool,
    all_history: bool,
    accept_known: bool,
    known: bool,
    log: bool,
    agent: Optional[str],
    as_json: bool,
) -> int:
    """Bring mission files and database in step, and show what is not.

    Every command does this first, so you never have to run it.
    """
    from cmos.actions.reconcile import preview, reconcile, write_back

    if mission_ids and not write_status:
        raise UsageError("IDs need --write-status")
    others = (check, dry_run, accept_status, accept_known, accept_mass_change, all_history)
    for name, is_given in (("--log", log), ("--write-status", write_status)):
        if is_given and sum((log, write_status, *others)) > 1:
            raise UsageError("%s cannot be combined with other options" % name)
    if log:
        return _show_lost(as_json)
    looking = check or dry_run
    if looking and (accept_status or accept_known or accept_mass_change or all_history):
        raise UsageError("--check and --dry-run change nothing: leave out --accept-... and --all-history")
    with open_here() as project, progress_bar("Reading commits") as progress:
        if looking:
            outcome = preview(project)
        elif write_status:
            outcome = write_back(project, mission_ids)
        else:
            by = who(agent) if accept_status else None
            outcome = reconcile(
                project,
                accept_status_by=by,
                accept_mass_change=accept_mass_change,
                all_history=all_history,
                progress=progress,
            )
            if accept_known:
                from cmos.review import check as checks

                checks.accept_known(project, (*outcome.issues, *outcome.known))
                outcome = outcome._replace(issues=(), known=(*outcome.issues, *outcome.known))
        if as_json:
            print_json({**_document(outcome), "commits": project.report.logged})
        else:
            _print_commits(project.report.logged)
            _print(outcome, looking=looking, shows_known=known)
    if check:
        return 0 if outcome.is_in_step else 1
    return 1 if outcome.report.brake else 0


def _show_lost(as_json: bool) -> int:
    from cmos.sync.issues import lost_texts

    with open_here() as project:
        found = lost_texts(project)
    if as_json:
        print_json(found)
        return 0
    for line in lost_lines(found):
        show(line)
    if not found:
        show("nothing was lost")
    return 0


def _print_commits(logged: Optional[Logged]) -> None:
    if logged is not None and logged.new:
        show("logged %d commit%s" % (logged.new, "" if logged.new == 1 else "s"))


def _document(outcome: SyncOutcome) -> Dict[str, object]:
    report = outcome.report
    return {
        "in_step": outcome.is_in_step,
        "registered": report.registered,
        "indexed": report.indexed,
        "put_back": report.put_back,
        "written": report.written,
        "planned": outcome.planned,
        "conflicts": report.conflicts,
        "renamed": report.renamed,
        "missing": report.missing,
        "brake": report.brake or None,
        "accepted": outcome.accepted,
        "waiting": outcome.waiting,
        "issues": outcome.issues,
        "known": outcome.known,
        "carried": [
            {"mission_id": one.mission_id, "path": one.path, "by": one.carried_by}
            for one in outcome.issues
            if one.carried_by
        ],
    }


def _print(outcome: SyncOutcome, *, looking: bool, shows_known: bool) -> None:
    report = outcome.report
    _list("would register" if looking else "registered", report.registered)
    _changes("would index" if looking else "indexed", report.indexed)
    _changes("would write" if looking else "wrote", outcome.planned if looking else report.written)
    _list("moved", report.renamed)
    for line in outcome.accepted:
        show(clean(line))
    for wish in outcome.waiting:
        told = (wish.field, wish.mission_id, _shown(wish.value), wish.since)
        show(clean("waits for git: %s of %s -> %s, since %s" % told))
    for issue in (*outcome.issues, *(outcome.known if shows_known else ())):
        show(clean("%-10s %s: %s" % (issue.kind, issue.spot.place, _told(issue))))
    if outcome.known and not shows_known:
        show("%d known: cmosctl sync --known" % len(outcome.known))
    if outcome.is_in_step:
        show("in step")


def _list(verb: str, items: Iterable[str]) -> None:
    some = list(items)
    if some:
        cut = ", ".join(some[:8]) + (" and %d more" % (len(some) - 8) if len(some) > 8 else "")
        show("%s %d: %s" % (verb, len(some), clean(cut)))


def _changes(verb: str, changes: Iterable[FieldChange]) -> None:
    for change in changes:
        text = "%s: %s of %s: %s -> %s"
        values = (_shown(change.before), _shown(change.after))
        show("%s %s" % (verb, clean(text % (change.path, change.field, change.mission_id, *values))))


def _shown(value: Optional[str]) -> str:
    text = " ".join((value or "nothing").split())
    return text if len(text) <= 60 else text[:57] + "..."


def _told(issue: Issue) -> str:
    """Return what is wrong, about which value of which mission, and which values there are."""
    cause = issue.cause
    if issue.mission_id and issue.kind not in ("quarantine", "duplicate"):
        cause = "%s: %s" % (" ".join(filter(None, (issue.mission_id, issue.field))), cause)
    if not issue.carried_by and issue.kind == "drift" and issue.field == "status" and issue.mission_id:
        cause += "; to write the database's: cmosctl sync --write-status %s" % shlex.quote(issue.mission_id)
    if issue.kind in ("proposal", "conflict"):
        cause += ' (the file said "%s", the database "%s")' % (_shown(issue.file_value), _shown(issue.database_value))
    return cause
