"""What one does with missions: see what is next, take it, finish it, list, look closer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Sequence, Tuple

from cmos.core import lifecycle
from cmos.core.errors import InvalidValue
from cmos.core.lifecycle import Outcome
from cmos.core.models import Decision, Dependency, Fact, Issue, Mission, Session
from cmos.core.status import COMPLETED, CURRENT, IN_PROGRESS, KNOWN, is_known, standard
from cmos.services.finding import find_mission, find_sprints, path_of
from cmos.services.recording import board, record
from cmos.store import issues, memory, missions, sessions, sprints, state

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace
    from cmos.store.connection import Connection


class Act(NamedTuple):
    """Who does something, and what is said with it."""

    agent: str
    #: Of the session; the log has a line of its own when there is none.
    summary: Optional[str] = None
    notes: Optional[str] = None
    promote: bool = True


class Next(NamedTuple):
    """The mission to work on, or why there is none."""

    mission: Optional[Mission]
    #: Of its file, relative to the project.
    path: Optional[str] = None
    #: The first Queued one, when nothing is open.
    ready: Optional[Mission] = None
    #: How many missions wait, are blocked and so on, when nothing is open.
    counts: Tuple[Tuple[str, int], ...] = ()


class Details(NamedTuple):
    """All that is known of a mission."""

    mission: Mission
    path: Optional[str]
    #: The file's text.
    text: Optional[str]
    sessions: List[Session]
    #: Links at either end, as given.
    dependencies: List[Dependency]
    issues: List[Issue]
    decisions: List[Decision]
    facts: List[Fact]


def next_mission(ws: Workspace, *, agent: str) -> Next:
    """Return the mission In Progress (the agent's own first), else the Current one."""
    ws.refresh()
    mission = lifecycle.current(missions.with_status(ws.db, IN_PROGRESS, CURRENT), agent=agent)
    if mission is not None:
        return Next(mission, path_of(ws, mission.id))
    return nothing_open(ws.db)


def nothing_open(db: Connection) -> Next:
    """Return what there is instead of a mission that is open."""
    ready = lifecycle.ready(board(db, sprint=state.get(db, "current_sprint")))
    totals: Dict[str, int] = dict.fromkeys(KNOWN, 0)
    for count in missions.counts(db):
        totals[count.status] = totals.get(count.status, 0) + count.number
    return Next(None, ready=ready, counts=tuple((status, n) for status, n in totals.items() if n))


def claim(ws: Workspace, act: Act) -> Optional[Outcome]:
    """Take up the first mission that is ready; None when none is."""
    with ws.change() as db:
        outcome = lifecycle.claim(board(db, sprint=state.get(db, "current_sprint")), now=ws.now, agent=act.agent)
        return record(ws, outcome, summary=act.summary) if outcome else None


def start(ws: Workspace, wanted: str, act: Act) -> Outcome:
    """Take a mission up."""
    with ws.change() as db:
        outcome = lifecycle.start(find_mission(db, wanted), board(db), now=ws.now, agent=act.agent)
        return record(ws, outcome, summary=act.summary)


def complete(ws: Workspace, wanted: str, act: Act) -> Outcome:
    """Complete a mission and promote the next one."""
    with ws.change() as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, finished=target.id, promote=act.promote)
        outcome = lifecycle.complete(target, around, now=ws.now, agent=act.agent, notes=act.notes)
        return record(ws, outcome, summary=act.summary)


def block(ws: Workspace, wanted: str, act: Act, *, reason: str) -> Outcome:
    """Block a mission and promote the next one."""
    with ws.change() as db:
        target = find_mission(db, wanted)
        around = board(db, sprint=target.sprint_id, promote=act.promote)
        outcome = lifecycle.block(target, around, now=ws.now, agent=act.agent, reason=reason)
        return record(ws, outcome, summary=act.summary)


def listing(ws: Workspace, *, sprint: Optional[str] = None, statuses: Sequence[str] = ()) -> List[Mission]:
    """Return missions in backlog order, of a sprint and of some statuses.

    Raises InvalidValue for a status that is none of the six and that no mission has.
    """
    ws.refresh()
    wanted = [standard(status) or status for status in statuses] or None
    found = missions.listing(ws.db, sprints=find_sprints(ws.db, sprint) if sprint else None, statuses=wanted)
    unknown = [word for word in wanted or () if not is_known(word)]
    if unknown and not found:
        raise InvalidValue("no mission has the status %s" % unknown[0], hint="the six: %s" % ", ".join(KNOWN))
    return found


def show(ws: Workspace, wanted: str) -> Details:
    """Return all that is known of a mission."""
    ws.refresh()
    mission = find_mission(ws.db, wanted)
    path = path_of(ws, mission.id)
    return Details(
        mission,
        path,
        _text(ws, path),
        sessions.listing(ws.db, sessions.Wanted(mission_id=mission.id)),
        sprints.dependencies(ws.db, mission.id),
        issues.open_issues(ws.db, worktree=ws.layout.worktree, mission_id=mission.id),
        memory.decisions(ws.db, mission_id=mission.id),
        memory.facts(ws.db, mission_id=mission.id),
    )


def waits_for(db: Connection, mission_id: str) -> List[str]:
    """Return the unfinished missions that block this one."""
    links = [link for link in sprints.dependencies(db, mission_id) if link.to_id == mission_id]
    blocking = [link.from_id for link in links if (link.type or "").casefold() == "blocks"]
    known = missions.get_many(db, blocking)
    return [one for one in blocking if one in known and known[one].status != COMPLETED and one != mission_id]


def _text(ws: Workspace, path: Optional[str]) -> Optional[str]:
    if path is None:
        return None
    from cmos.files.look import text_of

    return text_of(ws.layout.root, path)
