"""What an action on one mission must know of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator, List, Optional

from cmos.core import choice
from cmos.core.status import CURRENT, IN_PROGRESS, QUEUED
from cmos.services.finding import sprint_ids
from cmos.store import missions, sprints

if TYPE_CHECKING:
    from cmos.core.lifecycle import Board
    from cmos.core.models import Mission
    from cmos.db.connection import Connection


def board(db: Connection, *, sprint: Optional[str] = None, finished: str = "", promote: bool = True) -> Board:
    """Return what an action must know; ``finished`` is taken as Completed, ``sprint`` is where promotion begins."""
    from cmos.core.lifecycle import Board

    queued = _queued(db, sprint) if promote else iter(())
    return Board(missions.with_status(db, IN_PROGRESS, CURRENT), queued, sprints.waiting(db, finished=finished))


def next_queued(db: Connection, *, sprint: Optional[str]) -> Optional[Mission]:
    """Return the mission that would be promoted after the work on a sprint."""
    return choice.first_ready(_queued(db, sprint), sprints.waiting(db))[0]


def _queued(db: Connection, sprint: Optional[str]) -> Iterator[Mission]:
    with_queued: List[Optional[str]] = missions.sprints_with(db, QUEUED)
    for one in choice.promotion_order(sprint, with_queued, sprint_ids(db)):
        yield from missions.of_sprint(db, one, QUEUED)
