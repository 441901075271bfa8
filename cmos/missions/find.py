"""The missions and sprints that a person means, and the mission that comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Optional, Tuple

from cmos.core.errors import InvalidValue, UnknownRecord
from cmos.core.ids import nearest, same_sprint
from cmos.core.record import NamedTuple
from cmos.core.status import CURRENT, IN_PROGRESS, KNOWN, OVER, QUEUED
from cmos.missions import choice, link_rows
from cmos.missions import rows as mission_rows

if TYPE_CHECKING:
    from cmos.core.models import Mission
    from cmos.db.connection import Connection
    from cmos.missions.choice import Actor, Board
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
    """Return the id of a mission: the wanted one, else the one that the agent holds, else the Current one.

    None if there is none. Raises UnknownRecord.
    """
    if wanted is not None:
        return find_mission(db, wanted).id
    current = choice.current(mission_rows.with_status(db, IN_PROGRESS, CURRENT), agent=agent)
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


def mission_held(project: Project, by: Actor) -> Mission:
    """Return the one mission that the actor holds here. Raises InvalidValue when it holds none, or several."""
    mine = choice.held(mission_rows.with_status(project.db, IN_PROGRESS), by)
    if len(mine) == 1:
        return mine[0]
    if mine:
        names = " and ".join(one.id for one in mine)
        raise InvalidValue("%s holds %s here" % (by.agent, names), hint="name the one that is meant")
    raise InvalidValue(
        "%s holds no mission here" % by.agent, hint="name one, or take one first: cmosctl mission next --claim"
    )


class Place(NamedTuple):
    """Where a mission is written down: its own file, else its row in a backlog or a plan."""

    #: Relative to the project.
    path: str
    #: The id as it is spelled there.
    file_id: str
    #: Of the row, from 1; None for a file of its own.
    line: Optional[int] = None
    #: The text of the row.
    row: str = ""

    def __str__(self) -> str:
        return self.path if self.line is None else "%s:%d" % (self.path, self.line)


def place_of(project: Project, mission_id: str) -> Optional[Place]:
    """Return where a mission is written down in this worktree; None when it is nowhere."""
    found = mission_rows.place(project.db, project.worktree, mission_id)
    if found is None:
        return None
    path, file_id, kind = found
    if kind == "file":
        return Place(path, file_id)
    # not at the top: most missions have a file of their own
    from cmos.files.scan import mission_text
    from cmos.missionfile.sections import row_of

    return Place(path, file_id, *row_of(mission_text(project.layout.root, path) or "", file_id))


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
    return choice.Board(
        mission_rows.with_status(db, IN_PROGRESS, CURRENT), queued, link_rows.Waiting(db, finished=finished)
    )


def next_queued(db: Connection) -> Optional[Mission]:
    """Return the first Queued mission in the order of the list that waits for nothing; None if all wait."""
    chosen, waits = choice.first_ready(_queued(db, None), link_rows.Waiting(db))
    return None if waits else chosen


def _queued(db: Connection, sprint: Optional[str]) -> Iterator[Mission]:
    with_queued: List[Optional[str]] = mission_rows.sprints_with(db, QUEUED)
    for one in choice.promotion_order(sprint, with_queued, sprint_ids(db)):
        yield from mission_rows.of_sprint(db, one, QUEUED)


class Next(NamedTuple):
    """The mission to work on, or why there is none."""

    mission: Optional[Mission]
    place: Optional[Place] = None
    #: The missions that others have In Progress.
    others: Tuple[Mission, ...] = ()
    #: When none is free: the first that waits, and the unfinished missions that it waits for.
    first: Optional[Mission] = None
    waits_for: Tuple[Mission, ...] = ()
    #: When none is free: the number of missions of each status that there is.
    counts: Tuple[Tuple[str, int], ...] = ()

    @property
    def is_nothing_left(self) -> bool:
        """Whether there are missions, and all are Completed or Deferred."""
        return bool(self.counts) and all(status in OVER for status, _ in self.counts)


def next_mission(project: Project, by: Actor) -> Next:
    """Return the mission that the actor holds here, else the free one that comes next; as the database has them."""
    around = board(project.db)
    mine = choice.held(around.open, by)
    mission = mine[0] if mine else choice.first_free(around)
    if mission is None:
        return nothing_free(project.db)
    others = tuple(one for one in around.open if one.status == IN_PROGRESS and one not in mine)
    return Next(mission, place_of(project, mission.id), others)


def nothing_free(db: Connection) -> Next:
    """Explain why no mission is free: who holds what, what the first one waits for, and counts by status."""
    around = board(db)
    current = (one for one in around.open if one.status == CURRENT)
    first = next(current, None) or next(iter(around.queued), None)
    before = mission_rows.blockers(db, first.id) if first is not None else ()
    counts = tuple((status, n) for status, n in by_status(mission_rows.counts(db)).items() if n)
    others = tuple(one for one in around.open if one.status == IN_PROGRESS)
    return Next(None, None, others, first, tuple(before), counts)
