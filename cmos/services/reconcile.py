"""``cmosctl sync``: a pass on request, or a look at what it would do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, List, NamedTuple, Optional, Sequence, Tuple

from cmos.core.errors import CmosError
from cmos.core.models import Issue
from cmos.core.report import FieldChange, Report
from cmos.core.status import BLOCKED, COMPLETED, IN_PROGRESS, is_known, standard
from cmos.git.checkout import at_work
from cmos.history import record as history
from cmos.missions.find import find_mission
from cmos.services import dating
from cmos.services.carrying import Carried, carried
from cmos.services.missions import Act, block, complete, start
from cmos.sync import issue_rows, run
from cmos.sync.issue_rows import Waiting
from cmos.sync.record import ask, write_status

if TYPE_CHECKING:
    from cmos.project.project import Workspace

#: Kinds of issues that mean that files and database are out of step. A file that somebody
#: deleted is no such thing: the row stays, and there is nothing to do.
OUT_OF_STEP = ("drift", "conflict", "quarantine", "duplicate", "pending", "brake")


class Outcome(NamedTuple):
    """What a sync did, or would do."""

    report: Report
    #: Writes that a look found to be due.
    planned: Tuple[FieldChange, ...]
    #: Issues that are open afterwards.
    issues: Tuple[Issue, ...]
    #: Proposals that were applied, with what came of it.
    accepted: Tuple[str, ...] = ()
    #: Writes that wait for git to finish.
    waiting: Tuple[Waiting, ...] = ()
    #: Differences that are on their way: a merge settles them.
    carried: Tuple[Carried, ...] = ()

    @property
    def is_in_step(self) -> bool:
        """True when files and database agree and nothing is left to say why they do not."""
        return self.report.is_empty and not (self.planned or self.waiting or self.out_of_step)

    @property
    def out_of_step(self) -> List[Issue]:
        on_its_way = {(one.mission_id, one.path) for one in self.carried}
        found = [issue for issue in self.issues if issue.kind in OUT_OF_STEP]
        return [one for one in found if one.kind != "drift" or (one.mission_id, one.path) not in on_its_way]


def reconcile(ws: Workspace, *, accept_status_by: Optional[str] = None, accept_mass_change: bool = False) -> Outcome:
    """Run a pass, whether or not it looks needed; with ``accept_status_by``, apply typed statuses in that name."""
    ws.accepts_status, all_history = accept_status_by is not None, ws.all_history
    with run.change(ws, accept_mass_change=accept_mass_change, retry=True) as db:
        if all_history:
            dating.date(ws, most=None)
        history.catch_up(ws, db)
    ws.accepts_status = False
    _tell_moved(ws)
    accepted = _accept(ws, accept_status_by) if accept_status_by else ()
    return _outcome(ws, accepted)


def write_back(ws: Workspace, ids: Sequence[str]) -> Outcome:
    """Write the database's statuses into files that say another one; of all missions if none is named.

    Raises UnknownRecord for an id that is none.
    """
    with run.change(ws, retry=True) as db:
        write_status(ws, [find_mission(db, id).id for id in ids] or None)
    return _outcome(ws)


def _outcome(ws: Workspace, accepted: Tuple[str, ...] = ()) -> Outcome:
    found = _open(ws)
    return Outcome(ws.report, (), found, accepted, _behind_the_gate(ws), tuple(carried(ws, found)))


def _tell_moved(ws: Workspace) -> None:
    if not os.path.isdir(ws.layout.missions):
        from cmos.project.lost import told_below

        ws.notices += filter(None, [told_below(ws.layout, ws.db)])


def _behind_the_gate(ws: Workspace) -> Tuple[Waiting, ...]:
    what = at_work(ws.layout.repository)
    if not what:
        return ()
    ws.notices.append(
        "git is in the middle of %s: files are left alone until it is over" % run.git_activity(ws.layout, what)
    )
    return tuple(issue_rows.waiting(ws.db, ws.layout.worktree))


def look(ws: Workspace) -> Outcome:
    """Return what a pass would do. Nothing is written, neither to files nor to the database."""
    ws.is_trial = True
    with run.begin(ws) as one:
        plans = run.plan_files(ws, one)
        open_issues = _open(ws)
        ws.notices.clear()
        waiting = _behind_the_gate(ws) if one.gate else ()
        on_its_way = tuple(carried(ws, open_issues))
    planned = tuple(
        FieldChange(change.wish.mission_id, change.wish.field, change.before, change.wish.value, plan.path)
        for plan in plans
        for change in plan.changes
    )
    return Outcome(ws.report, planned, open_issues, (), waiting, on_its_way)


def _open(ws: Workspace) -> Tuple[Issue, ...]:
    return tuple(issue_rows.open_issues(ws.db, worktree=ws.layout.worktree))


def _accept(ws: Workspace, agent: str) -> Tuple[str, ...]:
    """Apply the statuses that were typed by hand, through the lifecycle; put back what it refuses."""
    typed = [i for i in issue_rows.open_issues(ws.db, worktree=ws.layout.worktree, kinds=["proposal"]) if i.mission_id]
    wanted = {(issue.mission_id or "", standard(issue.file_value) or "") for issue in typed if issue.field == "status"}
    said = [_apply(ws, mission_id, status, Act(agent)) for mission_id, status in sorted(wanted)]
    with run.change(ws) as db:
        for issue in issue_rows.open_issues(db, worktree=ws.layout.worktree, kinds=["proposal"]):
            if issue.mission_id and issue.field in ("status", "completed_at"):
                ask(ws, issue.mission_id)
    return tuple(said)


def _apply(ws: Workspace, mission_id: str, status: str, act: Act) -> str:
    try:
        if status == COMPLETED:
            complete(ws, mission_id, act)
        elif status == IN_PROGRESS:
            start(ws, mission_id, act)
        elif status == BLOCKED:
            block(ws, mission_id, act, reason="typed into the file by hand")
        elif is_known(status):
            from cmos.services.editing import set_status

            set_status(ws, mission_id, status, act)
        else:
            return "%s: %s is no status" % (mission_id, status)
    except CmosError as error:
        return "%s: %s" % (mission_id, error.message)
    return "%s is %s now" % (mission_id, status)
