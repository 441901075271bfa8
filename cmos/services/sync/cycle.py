"""A pass within a workspace: recover, take in, plan, write, record."""

from __future__ import annotations

from typing import TYPE_CHECKING, List

from cmos import clock
from cmos.core.errors import FileProblem
from cmos.db import connection
from cmos.files import exchange
from cmos.git.checkout import at_work
from cmos.missions import rows as mission_rows
from cmos.services import behind
from cmos.services.sync import by_sql, gate, standing, writing
from cmos.services.sync.passes import Pass
from cmos.services.sync.planning import Plan, Planner
from cmos.services.sync.survey import Survey, survey, survey_folder
from cmos.store import issues, pending, scans

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def is_due(ws: Workspace) -> bool:
    """Say whether there is anything to do: a closer look than ``is_quiet``."""
    waits = scans.is_waiting(ws.db, ws.layout.worktree) or mission_rows.is_set_by_sql(ws.db)
    waits = waits or bool(exchange.lies_aside(ws.layout.aside))
    behind_git = standing.has_moved(ws.layout, ws.db) or behind.is_due(ws.layout, ws.db)
    return waits or behind_git or not survey(ws.layout, ws.db).is_quiet


def take_in(ws: Workspace, *, accept_mass_change: bool = False) -> Pass:
    """Recover and take the files in; inside a transaction, under the lock.

    The files are read only now, under the lock: a copy read earlier may be older than the
    base that another process has just stored, and would look like an edit.
    """
    by_sql.take(ws)
    what = at_work(ws.layout.repository, but=ws.passes_over)
    if what:
        return Pass(ws.layout, ws.db, Survey.nothing(), ws.report, ws.now, gate=what)
    if not ws.is_trial:
        writing.put_back(ws.layout, ws.db)
    looked = survey(ws.layout, ws.db)
    ws.report.unreadable = list(looked.scan.unreadable)
    one = Pass(ws.layout, ws.db, looked, ws.report, ws.now, accept_mass_change, ws.progress)
    one = one._replace(accepts_status=ws.accepts_status)
    ws.leftovers = writing.recover(ws.layout, ws.db, looked.scan.strays, ws.report, now=ws.now)
    if looked.has_changes or _is_to_be_read_again(one):
        # imported only where something changed
        from cmos.services.sync.engine import run

        run(one)
    else:
        standing.remember(ws.layout, ws.db)
    # after the files: a commit may speak of a mission that they have just brought
    if ws.takes_history and behind.is_due(ws.layout, ws.db):
        from cmos.history import record as history

        history.catch_up(ws, ws.db)
    return one


def _is_to_be_read_again(one: Pass) -> bool:
    kinds = standing.to_read_again(one.layout, one.db)
    return bool(kinds) and bool(issues.open_issues(one.db, worktree=one.worktree, kinds=kinds))


def register(one: Pass, path: str) -> None:
    """Take in a file that the command has just made; inside the transaction of ``run.change(ws)``."""
    from cmos.services.sync.engine import run

    if one.gate:
        return
    folder = path.rpartition("/")[0]
    run(one._replace(survey=survey_folder(one.layout, one.db, folder, one.survey.scan)))


def plan(ws: Workspace, one: Pass, *, retry: bool = False) -> List[Plan]:
    """Plan the writes; inside the same transaction."""
    ws.notices += ws.report.notices
    ws.report.notices.clear()
    if one.gate and pending.wishes(ws.db, ws.layout.worktree):
        what = gate.told(ws.layout, one.gate)
        ws.notices.append("git is in the middle of %s: the files follow when it is over" % what)
    if one.report.brake or one.gate:
        return []
    return Planner(ws.layout, ws.db, notices=ws.notices, now=ws.now).plan(retry=retry or one.survey.has_changes)


def write(ws: Workspace, one: Pass, plans: List[Plan]) -> bool:
    """Write the planned files and record it; say whether a file had changed under a write."""
    for path in ws.leftovers:
        exchange.remove(path)
    ws.leftovers.clear()
    if not plans:
        return False
    outcomes = writing.carry_out(ws.layout, plans)
    with connection.immediate(ws.db):
        ws.report.written += writing.record(
            ws.layout, ws.db, outcomes, one.survey.scan, now=ws.now, now_ns=clock.now_ns()
        )
    for outcome in outcomes:
        if outcome.error:
            hint = "the change is safe in the database; once that is mended: cmosctl sync"
            ws.fail(FileProblem(outcome.error, hint=hint))
    return any(outcome.stamp is None and not outcome.error for outcome in outcomes)
