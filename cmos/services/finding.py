"""Finding the record that a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

from cmos.core import choice
from cmos.core.errors import UnknownRecord
from cmos.core.ids import nearest, same_sprint
from cmos.core.status import CURRENT, IN_PROGRESS
from cmos.store import missions

if TYPE_CHECKING:
    from cmos.core.models import Mission
    from cmos.db.connection import Connection
    from cmos.project.project import Workspace


def find_mission(db: Connection, wanted: str) -> Mission:
    """Return the mission of an id: as written, else in other case, else as its file spells it.

    Raises UnknownRecord, with the ids that look most like it.
    """
    mission = missions.get(db, wanted)
    if mission is None:
        mission = _otherwise(db, wanted)
    if mission is None:
        raise UnknownRecord("there is no mission %s" % wanted, hint=_suggestion(db, wanted))
    return mission


def mission_meant(db: Connection, wanted: Optional[str], *, agent: Optional[str]) -> Optional[str]:
    """Return the id of a mission: the wanted one, else the one that is open, the agent's own first; None if none is.

    Raises UnknownRecord.
    """
    if wanted is not None:
        return find_mission(db, wanted).id
    current = choice.current(missions.with_status(db, IN_PROGRESS, CURRENT), agent=agent)
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
    from cmos.store import sprints

    listed = [sprint.id for sprint in sprints.all_sprints(db)]
    counted = {count.sprint_id: None for count in missions.counts(db)}
    return listed + [one for one in counted if one is not None and one not in set(listed)]


def path_of(ws: Workspace, mission_id: str) -> Optional[str]:
    """Return the path of the mission's own file, relative to the project; None when it has none here."""
    return missions.path(ws.db, ws.layout.worktree, mission_id)


def _otherwise(db: Connection, wanted: str) -> Optional[Mission]:
    folded = [one for one in missions.all_ids(db) if one.casefold() == wanted.casefold()]
    other = folded[0] if len(folded) == 1 else missions.id_of_file_id(db, wanted)
    return missions.get(db, other) if other is not None else None


def _suggestion(db: Connection, wanted: str) -> str:
    close = nearest(wanted, missions.all_ids(db))
    if close:
        return "did you mean %s?" % " or ".join(close)
    return "see all of them: cmosctl mission list"
