"""Which mission comes next: of those that an agent holds, of those that are free, and after one is done."""

from __future__ import annotations

from typing import Container, Dict, Iterable, List, Optional, Sequence, Tuple

from cmos.core.ids import same_sprint
from cmos.core.models import Dependency, Mission
from cmos.core.record import NamedTuple
from cmos.core.status import CURRENT, IN_PROGRESS


class Actor(NamedTuple):
    """Who acts, and where. Agent and worktree find a claim again."""

    agent: str
    #: The name of the worktree in the database.
    worktree: Optional[str] = None
    #: Which run of the agent this is, where the environment says so.
    run: Optional[str] = None
    #: Act on a mission although another agent holds it.
    takes: bool = False


class Board(NamedTuple):
    """What an action must know about the other missions. With nothing queued, nothing is promoted."""

    #: The missions In Progress and Current, in backlog order.
    open: Tuple[Mission, ...] = ()
    #: The Queued missions in the order of promotion; consumed no further than needed.
    queued: Iterable[Mission] = ()
    #: The ids that an unfinished mission blocks.
    waiting: Container[str] = frozenset()


def held(missions: Iterable[Mission], by: Actor) -> List[Mission]:
    """Return the missions that the actor holds in this worktree."""
    return [m for m in missions if m.status == IN_PROGRESS and (m.agent, m.worktree) == (by.agent, by.worktree)]


def first_free(board: Board) -> Optional[Mission]:
    """Return the mission that a claim takes: a Current one, else the first Queued one; none that waits for another."""
    for mission in board.open:
        if mission.status == CURRENT and mission.id not in board.waiting:
            return mission
    return next((mission for mission in board.queued if mission.id not in board.waiting), None)


def current(missions: Sequence[Mission], *, agent: Optional[str] = None) -> Optional[Mission]:
    """Return the mission that is worked on: of one agent its own In Progress, else any; else the Current one."""
    begun = [m for m in missions if m.status == IN_PROGRESS and agent in (None, m.agent)]
    return next(iter(begun + [m for m in missions if m.status == CURRENT]), None)


def first_ready(
    queued: Iterable[Mission], waiting: Container[str], *, leaving: str = ""
) -> Tuple[Optional[Mission], bool]:
    """Return the first mission that waits for nothing, else the first of all, and whether it waits.

    ``leaving`` is passed over; the queue is read no further than needed.
    """
    first = None
    for mission in queued:
        if mission.id == leaving:
            continue
        if mission.id not in waiting:
            return mission, False
        first = first or mission
    return first, True


def way(links: Iterable[Dependency], first: str, last: str) -> Tuple[str, ...]:
    """Return missions from ``first`` to ``last`` of which each waits for the one before; empty without such a way."""
    after: Dict[str, List[str]] = {}
    for link in links:
        if link.blocks:
            after.setdefault(link.from_id, []).append(link.to_id)
    ways: List[Tuple[str, ...]] = [(first,)]
    seen = {first}
    for one in ways:  # grows while it is walked
        if one[-1] == last:
            return one
        ways += [(*one, to) for to in after.get(one[-1], ()) if to not in seen]
        seen.update(after.get(one[-1], ()))
    return ()


def promotion_order(
    sprint: Optional[str], queued: Sequence[Optional[str]], order: Sequence[str]
) -> List[Optional[str]]:
    """Return the sprints that have queued missions: ``sprint`` first, then those after it, then those before.

    ``order`` lists all sprints; one that it lacks comes after them. Without ``sprint``, the order is
    that of the list. Missions without a sprint come last.
    """
    rank = {name: place for place, name in enumerate(order)}
    here = next((rank[name] for name in order if same_sprint(name, sprint)), 0 if sprint is None else len(order))

    def key(name: Optional[str]) -> Tuple[int, int]:
        if name is None:
            return (3, 0)
        place = rank.get(name, len(order))
        return (0 if same_sprint(name, sprint) else 1 if place >= here else 2, place)

    return sorted(queued, key=key)
