"""``cmosctl sync``: a pass on request, what it would do, and what other branches have already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from cmos.actions.act import Act, block, complete, start
from cmos.core.errors import CmosError, GitProblem
from cmos.core.models import Issue
from cmos.core.report import FieldChange, Report
from cmos.core.status import BLOCKED, COMPLETED, IN_PROGRESS, is_known, is_open, standard
from cmos.git import objects, process
from cmos.git.head import at_work, head
from cmos.history import record as history
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_mission
from cmos.sync import issue_rows, run
from cmos.sync import rows as sync_rows
from cmos.sync.arriving import Arriving, Key
from cmos.sync.issue_rows import Waiting
from cmos.sync.record import ask, write_status
from cmos.sync.rules import same

if TYPE_CHECKING:
    from cmos.project.project import Workspace
    from cmos.sync.origin import Values


#: Kinds of issues that mean that files and database are out of step. A file that somebody
#: deleted is no such thing: the row stays, and there is nothing to do.
OUT_OF_STEP = ("drift", "conflict", "quarantine", "duplicate", "pending", "brake")


class SyncOutcome(NamedTuple):
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


def reconcile(
    ws: Workspace, *, accept_status_by: Optional[str] = None, accept_mass_change: bool = False
) -> SyncOutcome:
    """Run a pass, whether or not it looks needed; with ``accept_status_by``, apply typed statuses in that name."""
    ws.accepts_status, all_history = accept_status_by is not None, ws.all_history
    with run.change(ws, accept_mass_change=accept_mass_change, retry=True) as db:
        if all_history:
            date_completions(ws, most=None)
        history.catch_up(ws, db)
    ws.accepts_status = False
    _tell_moved(ws)
    accepted = _accept(ws, accept_status_by) if accept_status_by else ()
    return _outcome(ws, accepted)


def write_back(ws: Workspace, ids: Sequence[str]) -> SyncOutcome:
    """Write the database's statuses into files that say another one; of all missions if none is named.

    Raises UnknownRecord for an id that is none.
    """
    with run.change(ws, retry=True) as db:
        write_status(ws, [find_mission(db, id).id for id in ids] or None)
    return _outcome(ws)


def _outcome(ws: Workspace, accepted: Tuple[str, ...] = ()) -> SyncOutcome:
    found = _open(ws)
    return SyncOutcome(ws.report, (), found, accepted, _behind_the_gate(ws), tuple(carried(ws, found)))


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


def preview(ws: Workspace) -> SyncOutcome:
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
    return SyncOutcome(ws.report, planned, open_issues, (), waiting, on_its_way)


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
            from cmos.actions.edit import set_status

            set_status(ws, mission_id, status, act)
        else:
            return "%s: %s is no status" % (mission_id, status)
    except CmosError as error:
        return "%s: %s" % (mission_id, error.message)
    return "%s is %s now" % (mission_id, status)


#: Branches that are looked at, those with the newest commits.
_MOST = 100


class Carried(NamedTuple):
    """A difference that a merge settles."""

    mission_id: str
    path: str
    #: The branch or worktree that has the database's status.
    by: str


def carried(ws: Workspace, found: Iterable[Issue]) -> List[Carried]:
    """Return which of some differences another branch or worktree explains."""
    waiting = [one for one in found if one.kind == "drift" and one.mission_id and not is_open(one.database_value)]
    waiting = [one for one in waiting if one.field == "status"]
    told = [(one, _worktree(ws, one)) for one in waiting]
    known = [Carried(one.mission_id or "", one.path, "worktree %s" % name) for one, name in told if name]
    rest = [one for one, name in told if not name]
    try:
        return known + (_on_branches(ws, rest) if rest else [])
    except GitProblem:
        return known


def _worktree(ws: Workspace, issue: Issue) -> Optional[str]:
    for worktree, _, status in sync_rows.statuses(ws.db, issue.mission_id or ""):
        if worktree != ws.layout.worktree and not ws.layout.has_lost(worktree) and same(status, issue.database_value):
            return "of the repository itself" if worktree == "." else worktree
    return None


def _on_branches(ws: Workspace, waiting: List[Issue]) -> List[Carried]:
    if ws.layout.repository is None:
        return []
    here = head(ws.layout.repository)
    # imported only where something differs
    from cmos.sync.origin import values

    branches = {sha: name for name, sha in _branches(ws) if sha != here.sha}
    places = {issue.path for issue in waiting}
    names = [(sha, path) for sha in branches for path in sorted(places) if "\n" not in path]
    texts = objects.contents(ws.layout.root, ["%s:./%s" % name for name in names])
    keys = [(issue, _key(ws, issue)) for issue in waiting]
    said: Dict[bytes, Values] = {}
    found: Dict[Tuple[str, str], Carried] = {}
    for (sha, path), text in zip(names, texts):
        if text is None:
            continue
        if text not in said:
            said[text] = values(text)
        for issue, key in keys:
            if issue.path == path and same(said[text].get(key, {}).get("status"), issue.database_value):
                mission_id = issue.mission_id or ""
                found.setdefault((mission_id, path), Carried(mission_id, path, "branch %s" % branches[sha]))
    return list(found.values())


def _branches(ws: Workspace) -> List[Tuple[str, str]]:
    tell = ("--sort=-committerdate", "--count=%d" % _MOST, "--format=%(refname:short) %(objectname)")
    lines = process.run(ws.layout.root, "for-each-ref", *tell, "refs/heads", "refs/remotes").decode("utf-8", "replace")
    return [(name, sha) for name, _, sha in (line.rpartition(" ") for line in lines.splitlines())]


def _key(ws: Workspace, issue: Issue) -> Tuple[str, str]:
    records = sync_rows.records_of(ws.db, ws.layout.worktree, [issue.path])
    return next(((one.file_id, one.kind) for one in records if one.mission_id == issue.mission_id), ("", ""))


#: Files whose history is asked for unless all of it is wanted.
MOST = 300


def date_completions(ws: Workspace, *, most: Optional[int] = MOST) -> None:
    """Give the time to completed missions that have none, by the history of at most so many files; a backlog is one.

    Inside ``run.change(ws)``. Trouble with git leaves them as they are.
    """
    if ws.layout.repository is None:
        return
    places = _places(ws)
    # a file of many missions goes first: one question answers for all of them
    paths = sorted(places, key=lambda path: (-len(places[path]), path))[:most]
    arriving = Arriving(ws.layout, ws.db, head(ws.layout.repository), most=most)
    try:
        texts = dict(zip(paths, objects.contents(ws.layout.root, ["HEAD:./%s" % path for path in paths])))
    except GitProblem:
        return
    from cmos.missionfile.reader import read

    arriving.contents = {path: (text, read(text)) for path, text in texts.items() if text is not None}
    times: Dict[str, str] = {}
    for number, path in enumerate(paths, 1):
        for mission_id, key in places[path]:
            brought = arriving.brought(path, key) if mission_id not in times else None
            if brought is not None:
                times[mission_id] = brought.ts
        if ws.commit_progress is not None:
            ws.commit_progress(number, len(paths))
    known = mission_rows.get_many(ws.db, times)
    mission_rows.update_many(ws.db, [known[one]._replace(completed_at=ts) for one, ts in times.items() if one in known])


def _places(ws: Workspace) -> Dict[str, List[Tuple[str, Key]]]:
    """Return where the files say Completed of missions without a time."""
    places: Dict[str, List[Tuple[str, Key]]] = {}
    for mission_id in mission_rows.without_time(ws.db, COMPLETED):
        for record in sync_rows.live_records(ws.db, ws.layout.worktree, mission_id):
            if same(record.status, COMPLETED):
                places.setdefault(record.path, []).append((mission_id, (record.file_id, record.kind)))
    return places
