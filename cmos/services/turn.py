"""Whose turn it is: the mission to work on now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, NamedTuple, Optional, Tuple

from cmos.core import choice
from cmos.core.status import CURRENT, IN_PROGRESS, KNOWN
from cmos.services.finding import path_of
from cmos.store import missions

if TYPE_CHECKING:
    from cmos.core.mission import Mission
    from cmos.services.workspace import Workspace
    from cmos.store.connection import Connection


class Next(NamedTuple):
    """The mission to work on, or why there is none."""

    mission: Optional[Mission]
    #: Of its file, relative to the project.
    path: Optional[str] = None
    #: The first Queued one, when nothing is open.
    ready: Optional[Mission] = None
    #: How many missions wait, are blocked and so on, when nothing is open.
    counts: Tuple[Tuple[str, int], ...] = ()


def next_mission(ws: Workspace, *, agent: str) -> Next:
    """Return the mission In Progress (the agent's own first), else the Current one."""
    ws.refresh()
    mission = choice.current(missions.with_status(ws.db, IN_PROGRESS, CURRENT), agent=agent)
    if mission is not None:
        return Next(mission, path_of(ws, mission.id))
    return nothing_open(ws.db)


def nothing_open(db: Connection) -> Next:
    """Return what there is instead of a mission that is open."""
    from cmos.services.boards import next_queued
    from cmos.store import state

    ready = next_queued(db, sprint=state.get(db, "current_sprint"))
    totals: Dict[str, int] = dict.fromkeys(KNOWN, 0)
    for count in missions.counts(db):
        totals[count.status] = totals.get(count.status, 0) + count.number
    return Next(None, ready=ready, counts=tuple((status, n) for status, n in totals.items() if n))
