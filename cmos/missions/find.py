"""The missions and sprints that a person means, and the mission that comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from cmos.core.errors import UnknownRecord
from cmos.core.ids import nearest, same_sprint
from cmos.core.status import CURRENT, IN_PROGRESS, KNOWN, QUEUED
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.project import rows as project_rows

if TYPE_CHECKING:
    from cmos.core.models import Mission
    from cmos.db.connection import Connection
    from cmos.missions.lifecycle import Board
    from cmos.missions.rows import SprintCount
    from cmos.project.project import Project


def find_mission(db: Connection, wanted: str) -> Mission:
    """Return the mission of an id: as written, else in other case, else as its file spells it.

    Raises UnknownRecord, with the ids that look most like it.
    """
    mission = mission_rows.get(db, wanted)
    if mission is None:
        mission = _by_other_spelling(db, wanted)
    if mission is None:
        raise UnknownRecord("there is no mission %s" % wanted, hint=_suggestion(db, wanted))
    return mission


def mission_meant(db: Connection, wanted: Optional[str], *, agent: Optional[str]) -> Optional[str]:
    """Return the id of a mission: the wanted one, else the one that is open, the agent's own first; None if none is.

    Raises UnknownRecord.
    """
    if wanted is not None:
        return find_mission(db, wanted).id
    current = lifecycle.current(mission_rows.with_status(db, IN_PROGRESS, CURRENT), agent=agent)
    return current.id if current else None


def find_sprints(db: Connection, wanted: str) -> List[str]:
    """Return the ids of a sprint: ``2``, ``Sprint 2`` and ``sprint-02`` are one.

    Raises UnknownRecord when neither a backlog nor a mission names it.
    """
    known = sprint_ids(db)
    found = [one for one in known if one == wanted] or [
        one for one in known if same_sprint(one, wanted) or one.casefold() == wanted.casefold()
    ]
    if not found:
        names = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        raise UnknownRecord("there is no sprint %s" % wanted, hint="the sprints: %s" % (names or "none yet"))
    return found


def sprint_ids(db: Connection) -> List[str]:
    """Return all sprints in order: those that a backlog lists, then those that only missions name."""
    listed = [sprint.id for sprint in mission_rows.all_sprints(db)]
    counted = {count.sprint_id: None for count in mission_rows.counts(db)}
    return listed + [one for one in counted if one is not None and one not in set(listed)]


def by_status(counts: Iterable[SprintCount]) -> Dict[str, int]:
    """Return the number of missions by status, in the order of a mission's life; a known status may have 0."""
    totals = dict.fromkeys(KNOWN, 0)
    for count in counts:
        totals[count.status] = totals.get(count.status, 0) + count.number
    return totals


def path_of(project: Project, mission_id: str) -> Optional[str]:
    """Return the path of the mission's own file, relative to the project; None when it has none here."""
    return mission_rows.path(project.db, project.layout.worktree, mission_id)


def _by_other_spelling(db: Connection, wanted: str) -> Optional[Mission]:
    folded = [one for one in mission_rows.all_ids(db) if one.casefold() == wanted.casefold()]
    other = folded[0] if len(folded) == 1 else mission_rows.id_of_file_id(db, wanted)
    return mission_rows.get(db, other) if other is not None else None


def _suggestion(db: Connection, wanted: str) -> str:
    close = nearest(wanted, mission_rows.all_ids(db))
    if close:
        return "did you mean %s?" % " or ".join(close)
    return "see all of them: cmosctl mission list"


def board(db: Connection, *, sprint: Optional[str] = None, finished: str = "", promote: bool = True) -> Board:
    """Return what an action must know; ``finished`` is taken as Completed, ``sprint`` is where promotion begins."""
    queued = _queued(db, sprint) if promote else iter(())
    return lifecycle.Board(
        mission_rows.with_status(db, IN_PROGRESS, CURRENT), queued, mission_rows.waiting(db, finished=finished)
    )


def next_queued(db: Connection, *, sprint: Optional[str]) -> Optional[Mission]:
    """Return the mission that would be promoted after the work on a sprint."""
    return lifecycle.first_ready(_queued(db, sprint), mission_rows.waiting(db))[0]


def _queued(db: Connection, sprint: Optional[str]) -> Iterator[Mission]:
    with_queued: List[Optional[str]] = mission_rows.sprints_with(db, QUEUED)
    for one in lifecycle.promotion_order(sprint, with_queued, sprint_ids(db)):
        yield from mission_rows.of_sprint(db, one, QUEUED)


class Next(NamedTuple):
    """The mission to work on, or why there is none."""

    mission: Optional[Mission]
    #: Of its file, relative to the project.
    path: Optional[str] = None
    #: When nothing is open: the first Queued mission that is ready, else the first of all.
    first: Optional[Mission] = None
    #: True when ``first`` waits for an unfinished mission, as all in the queue then do.
    waits: bool = False
    #: When nothing is open: the number of missions of each status that there is.
    counts: Tuple[Tuple[str, int], ...] = ()


def next_mission(project: Project, *, agent: str) -> Next:
    """Return the mission In Progress (the agent's own first), else the Current one; as the database has them."""
    mission = lifecycle.current(mission_rows.with_status(project.db, IN_PROGRESS, CURRENT), agent=agent)
    return Next(mission, path_of(project, mission.id)) if mission is not None else nothing_open(project.db)


def nothing_open(db: Connection) -> Next:
    """Explain why no mission is open: the next queued one, and counts by status."""
    first = next_queued(db, sprint=project_rows.get_state(db, "current_sprint"))
    waits = first is not None and first.id in mission_rows.waiting(db)
    counts = tuple((status, n) for status, n in by_status(mission_rows.counts(db)).items() if n)
    return Next(None, first=first, waits=waits, counts=counts)
