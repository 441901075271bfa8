"""Which mission to work on now, and which one comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, AbstractSet, Iterable, List, Optional, Sequence, Tuple

from cmos.core.ids import same_sprint
from cmos.core.status import CURRENT, IN_PROGRESS

if TYPE_CHECKING:
    from cmos.core.models import Mission


def current(missions: Sequence[Mission], *, agent: Optional[str] = None) -> Optional[Mission]:
    """Return the mission to work on: one In Progress (the agent's own first), else the Current one."""
    ours = [m for m in missions if m.status == IN_PROGRESS and agent is not None and m.agent == agent]
    begun = [m for m in missions if m.status == IN_PROGRESS]
    return next(iter(ours + begun + [m for m in missions if m.status == CURRENT]), None)


def first_ready(
    queued: Iterable[Mission], waiting: AbstractSet[str], *, leaving: str = ""
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


def promotion_order(
    sprint: Optional[str], queued: Sequence[Optional[str]], order: Sequence[str]
) -> List[Optional[str]]:
    """Return the sprints that have queued missions: ``sprint`` first, then those after it, then those before.

    ``order`` lists all sprints; one that it lacks comes last.
    """
    rank = {name: place for place, name in enumerate(order)}
    here = next((rank[name] for name in order if same_sprint(name, sprint)), len(order))

    def key(name: Optional[str]) -> Tuple[int, int]:
        place = len(order) if name is None else rank.get(name, len(order))
        return (0 if same_sprint(name, sprint) else 1 if place >= here else 2, place)

    return sorted(queued, key=key)
