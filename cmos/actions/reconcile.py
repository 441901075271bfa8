"""``cmosctl sync``: a pass on request, what it would do, and what other branches have already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence, Tuple

from cmos.actions.act import Act
from cmos.actions.elsewhere import issues
from cmos.core.errors import CmosError, GitProblem
from cmos.core.models import Options, Progress
from cmos.core.record import NamedTuple
from cmos.core.report import FieldChange, Issue, Report
from cmos.core.status import COMPLETED, is_known, standard
from cmos.git import objects
from cmos.git.head import activity, at_work, head
from cmos.history import record as history
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_mission
from cmos.project import rows as project_rows
from cmos.sync import issue_rows, run
from cmos.sync import rows as sync_rows
from cmos.sync.arriving import Arriving, Key
from cmos.sync.issue_rows import Waiting
from cmos.sync.plan import plan_files
from cmos.sync.record import ask, write_status
from cmos.sync.rules import same

if TYPE_CHECKING:
    from cmos.project.project import Project


#: Kinds of issues that mean that files and database are out of step. A file that somebody
#: deleted is no such thing: the row stays, and there is nothing to do.
OUT_OF_STEP = ("drift", "conflict", "quarantine", "duplicate", "pending", "brake")


class SyncOutcome(NamedTuple):
    """What a sync did, or would do."""

    report: Report
    #: Writes that a look found to be due.
    planned: Tuple[FieldChange, ...]
    #: Issues that are open afterwards and were not accepted as known, the newest first.
    issues: Tuple[Issue, ...]
    #: Proposals that were applied, with what came of it.
    accepted: Tuple[str, ...] = ()
    #: Writes that wait for git to finish.
    waiting: Tuple[Waiting, ...] = ()
    #: Open issues that a person has accepted as the project's past.
    known: Tuple[Issue, ...] = ()

    @property
    def is_in_step(self) -> bool:
        """True when files and database agree and nothing is left to say why they do not."""
        return self.report.is_empty and not (self.planned or self.waiting or self.out_of_step)

    @property
    def out_of_step(self) -> List[Issue]:
        return [issue for issue in self.issues if issue.kind in OUT_OF_STEP and not issue.carried_by]


def reconcile(
    project: Project,
    *,
    accept_status_by: Optional[str] = None,
    accept_mass_change: bool = False,
    all_history: bool = False,
    progress: Optional[Progress] = None,
) -> SyncOutcome:
    """Run a pass, whether or not it looks needed; with ``accept_status_by``, apply typed statuses in that name.

    ``progress`` is told of commits; with ``all_history`` old ones are logged too.
    """
    options = Options(
        accept_mass_change,
        accept_status_by is not None,
        retry=True,
        takes_history=not all_history,
        commit_progress=progress,
    )
    with run.change(project, options) as db:
        if all_history:
            date_completions(project, most=None, progress=progress)
        history.catch_up(project, db, everything=all_history, progress=progress)
    _tell_moved(project)
    accepted = _accept(project, accept_status_by) if accept_status_by else ()
    return _outcome(project, accepted)


def write_back(project: Project, ids: Sequence[str]) -> SyncOutcome:
    """Write the database's statuses into files that say another one; of all missions if none is named.

    Raises UnknownRecord for an id that is none.
    """
    with run.change(project, Options(retry=True)) as db:
        write_status(project, [find_mission(db, id).id for id in ids] or None)
    return _outcome(project)


def _outcome(project: Project, accepted: Tuple[str, ...] = ()) -> SyncOutcome:
    found, known = open_issues(project)
    return SyncOutcome(project.report, (), found, accepted, _behind_the_gate(project), known)


def _tell_moved(project: Project) -> None:
    if not os.path.isdir(project.layout.missions):
        from cmos.project.lost import moved_note

        project.notices += filter(None, [moved_note(project.layout, project.db)])


def _behind_the_gate(project: Project) -> Tuple[Waiting, ...]:
    what = at_work(project.layout.repository)
    if not what:
        return ()
    project.notices.append(
        "git is in the middle of %s: files are left alone until it is over" % activity(project.layout.repository, what)
    )
    return tuple(issue_rows.waiting(project))


def preview(project: Project) -> SyncOutcome:
    """Return what a pass would do. Nothing is written, neither to files nor to the database."""
    project.is_trial = True
    with run.begin(project) as one:
        plans = plan_files(project, one)
        found, known = open_issues(project)
        project.notices.clear()
        waiting = _behind_the_gate(project) if one.gate else ()
    planned = tuple(
        FieldChange(change.wish.mission_id, change.wish.field, change.before, change.wish.value, plan.path)
        for plan in plans
        for change in plan.changes
    )
    return SyncOutcome(project.report, planned, found, (), waiting, known)


def open_issues(project: Project) -> Tuple[Tuple[Issue, ...], Tuple[Issue, ...]]:
    """Return the open issues, the newest first: those that are news, and those that a person has accepted."""
    accepted = project_rows.known_problems(project.db)
    found = issues(project)[::-1]
    return tuple(i for i in found if i.mark not in accepted), tuple(i for i in found if i.mark in accepted)


def _accept(project: Project, agent: str) -> Tuple[str, ...]:
    """Apply the statuses that were typed by hand, through the lifecycle; put back what it refuses."""
    typed = [
        i
        for i in issue_rows.open_issues(project.db, worktree=project.layout.worktree, kinds=["proposal"])
        if i.mission_id
    ]
    wanted = {(issue.mission_id or "", standard(issue.file_value) or "") for issue in typed if issue.field == "status"}
    said = [_apply(project, mission_id, status, Act(agent, takes=True)) for mission_id, status in sorted(wanted)]
    with run.change(project) as db:
        for issue in issue_rows.open_issues(db, worktree=project.layout.worktree, kinds=["proposal"]):
            if issue.mission_id and issue.field in ("status", "completed_at"):
                ask(project, issue.mission_id)
    return tuple(said)


def _apply(project: Project, mission_id: str, status: str, act: Act) -> str:
    from cmos.actions.edit import Move, set_status

    if not is_known(status):
        return "%s: %s is no status" % (mission_id, status)
    try:
        set_status(project, mission_id, Move(status, "typed into the file by hand"), act)
    except CmosError as error:
        return "%s: %s" % (mission_id, error.message)
    return "%s is %s now" % (mission_id, status)


#: Files whose history is asked for unless all of it is wanted.
MOST = 300


def date_completions(project: Project, *, most: Optional[int] = MOST, progress: Optional[Progress] = None) -> None:
    """Give the time to completed missions that have none, by the history of at most so many files; a backlog is one.

    Inside ``run.change(project)``. Trouble with git leaves them as they are.
    """
    if project.layout.repository is None:
        return
    places = _places(project)
    # a file of many missions goes first: one question answers for all of them
    paths = sorted(places, key=lambda path: (-len(places[path]), path))[:most]
    arriving = Arriving(project, head(project.layout.repository), most=most)
    try:
        texts = dict(zip(paths, objects.contents(project.layout.root, ["HEAD:./%s" % path for path in paths])))
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
        if progress is not None:
            progress(number, len(paths))
    known = mission_rows.get_many(project.db, times)
    mission_rows.update_many(
        project.db, [known[one]._replace(completed_at=ts) for one, ts in times.items() if one in known]
    )


def _places(project: Project) -> Dict[str, List[Tuple[str, Key]]]:
    """Return where the files say Completed of missions without a time."""
    places: Dict[str, List[Tuple[str, Key]]] = {}
    for mission_id in mission_rows.without_time(project.db, COMPLETED):
        for record in sync_rows.live_records(project, mission_id):
            if same(record.status, COMPLETED):
                places.setdefault(record.path, []).append((mission_id, (record.file_id, record.kind)))
    return places
