"""Where the project stands, its missions, and all that is known of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Sequence, Tuple

from cmos.core.errors import InvalidValue
from cmos.core.record import NamedTuple
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS, KNOWN, OVER, QUEUED, is_known, standard
from cmos.core.text import loads
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.missions.find import by_status, find_mission, find_sprints, next_queued, place_of
from cmos.project import rows as project_rows
from cmos.sync import run

# what `next` does not need is imported in the functions that do
if TYPE_CHECKING:
    from cmos.core.models import Decision, Dependency, Fact, Mission, Session
    from cmos.core.report import Issue
    from cmos.history.shown import MissionCommit
    from cmos.missions.find import Place
    from cmos.missions.rows import SprintCount
    from cmos.project.project import Project


class SprintLine(NamedTuple):
    """A sprint in numbers."""

    sprint_id: Optional[str]
    title: Optional[str]
    done: int
    total: int
    #: Status to number of missions.
    counts: Dict[str, int]

    @property
    def is_finished(self) -> bool:
        return self.total > 0 and self.done + self.counts.get(DEFERRED, 0) == self.total

    @property
    def is_at_work(self) -> bool:
        return bool(self.counts.get(IN_PROGRESS) or self.counts.get(CURRENT))


class Overview(NamedTuple):
    """What ``status`` shows."""

    project: str
    #: Status to number of missions.
    totals: Dict[str, int]
    sprints: List[SprintLine]
    #: In Progress and Current, in order.
    open: List[Mission]
    #: The first Queued one that is ready.
    next: Optional[Mission]
    blocked: List[Mission]
    #: The missions that wait for each of them.
    waiting: Dict[str, List[str]]
    #: The time of the newest session or commit of each mission that is in progress.
    last_signs: Dict[str, str]
    #: Kind to number of open issues that are news and that no merge settles.
    issues: Dict[str, int]
    #: The missions that another branch or worktree has Completed, Blocked or Deferred, and the files here do not.
    not_merged_here: List[Dict[str, str]]
    recent_sessions: List[Session]
    decisions: int
    facts: int
    #: The process id of the watcher of this worktree.
    watcher: Optional[int]

    @property
    def is_work_left(self) -> bool:
        return self.totals["total"] > sum(self.totals[word] for word in OVER)


def overview(project: Project, *, recent: int = 5) -> Overview:
    """Return where the project stands."""
    from cmos.journal import rows as journal_rows
    from cmos.watch import daemon

    run.refresh(project)
    counts = mission_rows.counts(project.db)
    totals = by_status(counts)
    mine, blocked = _split(project)
    counted, carried = _issues(project)
    return Overview(
        _project_name(project),
        dict(totals, total=sum(totals.values())),
        sprint_lines(project, counts),
        mine,
        next_queued(project.db),
        blocked,
        _grouped(one[:2] for one in link_rows.holds(project.db, [one.id for one in (*mine, *blocked)])),
        last_signs(project, mine),
        counted,
        carried,
        journal_rows.list_sessions(project.db, limit=recent),
        *journal_rows.counts(project.db),
        daemon.running(project.layout),
    )


def _issues(project: Project) -> Tuple[Dict[str, int], List[Dict[str, str]]]:
    """Return how many issues of each kind are open and not known, and which missions a merge brings."""
    from cmos.sync import issue_rows

    accepted = project_rows.known_problems(project.db)
    counts = issue_rows.open_counts(project.db, worktree=project.worktree)
    if not accepted and "drift" not in counts:
        return counts, []
    from cmos.actions.elsewhere import issues

    found = [one for one in issues(project) if one.mark not in accepted]
    kinds = [one.kind for one in found if not one.carried_by]
    # a mission may stand in a file and in a row
    there = dict.fromkeys((one.mission_id or "", one.carried_by) for one in found if one.carried_by)
    told = [{"mission_id": id, "by": by or ""} for id, by in there]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}, told


def _grouped(pairs: Iterable[Tuple[str, str]]) -> Dict[str, List[str]]:
    groups: Dict[str, List[str]] = {}
    for one, other in pairs:
        groups.setdefault(one, []).append(other)
    return groups


def sprint_lines(project: Project, counts: Optional[Sequence[SprintCount]] = None) -> List[SprintLine]:
    """Return the sprints in their order, missions without one last."""
    counts = mission_rows.counts(project.db) if counts is None else counts
    numbers: Dict[Optional[str], Dict[str, int]] = {}
    for count in counts:
        numbers.setdefault(count.sprint_id, {})[count.status] = count.number
    known = {sprint.id: sprint for sprint in mission_rows.all_sprints(project.db)}
    lines = []
    others = sorted((one for one in numbers if one not in known), key=lambda one: one is None)
    for one in [*known, *others]:
        of = numbers.get(one, {})
        title = known[one].title if one in known else None
        lines.append(SprintLine(one, title, of.get(COMPLETED, 0), sum(of.values()), of))
    return lines


def _split(project: Project) -> Tuple[List[Mission], List[Mission]]:
    found = mission_rows.with_status(project.db, IN_PROGRESS, CURRENT, BLOCKED)
    return [m for m in found if m.status != BLOCKED], [m for m in found if m.status == BLOCKED]


def _project_name(project: Project) -> str:
    told = project_rows.get_state(project.db, "project") or ""
    if told.startswith("{"):
        # a PROJECT_CONTEXT.json describes the project with more than its name
        told = _name_in(told)
    # a linked worktree has a name of its own, which is not the project's
    return told or os.path.basename(os.path.dirname(project.layout.home)) or os.path.basename(project.layout.root)


def _name_in(described: str) -> str:
    try:
        name = loads(described).get("name")
    except ValueError:
        return ""  # an import brings whatever was there
    return name if isinstance(name, str) else ""


class Details(NamedTuple):
    """All that is known of a mission."""

    mission: Mission
    place: Optional[Place]
    #: The branch or worktree that has it Completed, if the files here do not.
    not_merged_here: Optional[str]
    #: Of its file, or of its row.
    text: Optional[str]
    sessions: List[Session]
    commits: List[MissionCommit]
    #: Links at either end, as given.
    dependencies: List[Dependency]
    issues: List[Issue]
    decisions: List[Decision]
    facts: List[Fact]


def list_missions(
    project: Project,
    *,
    sprint: Optional[str] = None,
    statuses: Sequence[str] = (),
    ready: bool = False,
    blocked: bool = False,
    agent: Optional[str] = None,
    limit: Optional[int] = None,
    is_all: bool = False,
) -> List[Mission]:
    """Return missions in backlog order: of a sprint, of some statuses, free, stuck, or held by an agent.

    Dropped ones only with ``is_all`` or when statuses are given. Raises InvalidValue for a status that is
    none of the six and that no mission has.
    """
    run.refresh(project)
    wanted = [standard(status) or status for status in statuses] or None
    found = mission_rows.listing(
        project.db, sprints=find_sprints(project.db, sprint) if sprint else None, statuses=wanted
    )
    unknown = [word for word in wanted or () if not is_known(word)]
    if unknown and not found:
        raise InvalidValue("no mission has the status %s" % unknown[0], hint="the six: %s" % ", ".join(KNOWN))
    if ready or blocked:
        waiting = link_rows.waiting(project.db)
        begins = {one.id for one in found if one.status in (QUEUED, CURRENT) and one.id not in waiting}
        stuck = {one.id for one in found if one.status in (QUEUED, CURRENT, BLOCKED)} - begins
        found = [one for one in found if (not ready or one.id in begins) and (not blocked or one.id in stuck)]
    if not (is_all or statuses):
        found = [one for one in found if not one.is_dropped]
    if agent is not None:
        found = [one for one in found if one.status == IN_PROGRESS and one.agent == agent]
    return found[:limit]


def waits_for(project: Project) -> Dict[str, List[str]]:
    """Return the unfinished missions that each open mission waits for."""
    return _grouped((one.to_id, one.from_id) for one in link_rows.holds(project.db))


def last_signs(project: Project, missions: Sequence[Mission]) -> Dict[str, str]:
    """Return the time of the newest session or commit of each of the missions that is in progress."""
    from cmos.journal import rows as journal_rows

    return journal_rows.last_signs(project.db, [one.id for one in missions if one.status == IN_PROGRESS])


def show(project: Project, wanted: str) -> Details:
    """Return all that is known of a mission."""
    from cmos.actions.elsewhere import issues, unmerged
    from cmos.history.shown import commits_of_mission
    from cmos.journal import rows as journal_rows

    run.refresh(project)
    mission = find_mission(project.db, wanted)
    place = place_of(project, mission.id)
    found = issues(project, mission.id)
    carried = {one.mission_id or "": one.carried_by for one in found if one.carried_by}
    return Details(
        mission,
        place,
        unmerged(project, [mission], carried).get(mission.id),
        text_at(project, place),
        journal_rows.list_sessions(project.db, journal_rows.SessionFilter(mission_id=mission.id)),
        commits_of_mission(project, mission.id),
        link_rows.dependencies(project.db, mission.id),
        found,
        journal_rows.decisions(project.db, mission_id=mission.id),
        journal_rows.facts(project.db, mission_id=mission.id),
    )


def text_at(project: Project, place: Optional[Place]) -> Optional[str]:
    """Return the text of a mission's file or row; None without one that can be read."""
    if place is None or place.line is not None:
        return place.row if place else None
    from cmos.files.scan import mission_text

    return mission_text(project.layout.root, place.path)
