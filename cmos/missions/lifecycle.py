"""The lifecycle of missions: what each action changes, and what it logs.

No command leaves two missions Current: an action that makes one Current does so
only when nothing is open, or puts the other one back in the queue.
"""

from __future__ import annotations

from typing import AbstractSet, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from cmos.core.errors import InvalidValue, NeedsPerson
from cmos.core.ids import same_sprint
from cmos.core.models import Fact, Mission, Session
from cmos.core.status import ACTION_OF, BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS, QUEUED, standard

_BY_SQL = "was set in the database"


class Board(NamedTuple):
    """What an action must know about the other missions. With nothing queued, nothing is promoted."""

    #: The missions In Progress and Current, in backlog order.
    open: Tuple[Mission, ...] = ()
    #: The Queued missions in the order of promotion; consumed no further than needed.
    queued: Iterable[Mission] = ()
    #: The ids that an unfinished mission blocks.
    waiting: AbstractSet[str] = frozenset()


class Outcome(NamedTuple):
    """The result of an action. Nothing changes when ``already`` is true."""

    mission: Mission
    #: The new versions of all missions that change, the target first.
    changed: Tuple[Mission, ...] = ()
    session: Optional[Session] = None
    promoted: Optional[Mission] = None
    warnings: Tuple[str, ...] = ()
    already: bool = False
    #: Records a status set by hand: no action of a session stands for that.
    fact: Optional[Fact] = None


def complete(target: Mission, board: Board, *, now: str, agent: str, notes: Optional[str] = None) -> Outcome:
    """Complete a mission and make the next queued one Current.

    Nothing is promoted while another mission is open: completing an old mission out of
    order must not leave two of them current. A mission that is Completed and has its time
    is left as it is; one that came without a time gets it.
    """
    if target.status == COMPLETED and target.completed_at:
        return Outcome(target, already=True)
    done = target._replace(status=COMPLETED, completed_at=now, blocked_reason=None)
    if notes is not None:
        done = done._replace(notes=notes)
    session = _session("complete", target, done, now=now, agent=agent)._replace(summary=notes or target.name)
    return _promoting(done, session, board)


def block(target: Mission, board: Board, *, now: str, agent: str, reason: str) -> Outcome:
    """Block a mission, keep the reason, and make the next queued one Current if nothing else is open.

    Raises NeedsPerson for a Completed mission, InvalidValue for an empty reason.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidValue("a mission is blocked for a reason", hint='say why: --reason "..."')
    if target.status == COMPLETED:
        raise _finished(target)
    if target.status == BLOCKED and target.blocked_reason == reason:
        return Outcome(target, already=True)
    stuck = target._replace(status=BLOCKED, blocked_reason=reason, agent=None, completed_at=None)
    session = _session("blocked", target, stuck, now=now, agent=agent)._replace(summary=reason)
    return _promoting(stuck, session, board)


def start(target: Mission, board: Board, *, now: str, agent: str) -> Outcome:
    """Start a mission: mark it In Progress under the agent's name.

    Another mission that is Current stays Current: it is what comes next. A Blocked one starts
    again; its reason stays in the log. Raises NeedsPerson for a Completed mission and for one
    that another agent works on.
    """
    if target.status == COMPLETED:
        raise _finished(target)
    if target.status == IN_PROGRESS and target.agent == agent:
        return Outcome(target, already=True)
    if target.status == IN_PROGRESS and target.agent:
        raise NeedsPerson(
            "%s is In Progress: %s has had it since %s" % (target.id, target.agent, target.started_at or "long ago"),
            hint="take another one: cmosctl mission next --claim; to release this one: "
            "cmosctl mission edit %s --status Queued" % target.id,
        )
    taken = target._replace(status=IN_PROGRESS, agent=agent, started_at=now, blocked_reason=None, completed_at=None)
    text = "%s waits for a mission that is not Completed; see: cmosctl mission show %s" % (target.id, target.id)
    session = _session("start", target, taken, now=now, agent=agent)
    return Outcome(taken, (taken,), session, warnings=(text,) if target.id in board.waiting else ())


def claim(board: Board, *, now: str, agent: str) -> Optional[Outcome]:
    """Start the first mission that is ready: the Current one, else the first Queued one that waits for nothing.

    None when none is ready.
    """
    for mission in board.open:
        if mission.status == CURRENT:
            return start(mission, board, now=now, agent=agent)
    for mission in board.queued:
        if mission.id not in board.waiting:
            return start(mission, board, now=now, agent=agent)
    return None


def move(target: Mission, board: Board, *, status: str, now: str, agent: str) -> Outcome:
    """Set a mission to Queued, Current or Deferred by hand; the claim on it ends.

    Making one Current puts any other Current one back in the queue. Nothing is promoted:
    whoever sets a status by hand decides what comes next.
    """
    if status not in (QUEUED, CURRENT, DEFERRED):
        raise InvalidValue("a mission is not moved to %r by hand" % status)
    if target.status == status:
        return Outcome(target, already=True)
    moved = target._replace(status=status, agent=None, started_at=None, completed_at=None, blocked_reason=None)
    back = _others_back(target, board) if status == CURRENT else ()
    return Outcome(moved, (moved, *back), fact=move_fact(target, moved, now=now, agent=agent))


def adopt(row: Mission, was: str, *, now: str) -> Outcome:
    """Follow a status that somebody set with SQL, as a command with that status would have left the mission.

    ``row`` is the mission as it stands now. Nothing is refused or promoted: it has happened already.
    """
    status = standard(row.status) or QUEUED
    after = row._replace(status=status)
    if status == COMPLETED:
        after = after._replace(completed_at=row.completed_at or now, blocked_reason=None)
    elif status == BLOCKED:
        after = after._replace(blocked_reason=row.blocked_reason or _BY_SQL, agent=None, completed_at=None)
    elif status == IN_PROGRESS:
        after = after._replace(started_at=now, completed_at=None, blocked_reason=None)
    else:
        after = after._replace(agent=None, started_at=None, completed_at=None, blocked_reason=None)
    before = row._replace(status=was, completed_at=row.completed_at if was == COMPLETED else None)
    if status not in ACTION_OF:
        return Outcome(after, (after,), fact=move_fact(before, after, now=now, agent="sql"))
    session = _session(ACTION_OF[status], before, after, now=now, agent="sql")
    return Outcome(after, (after,), session._replace(summary="%s %s" % (status, _BY_SQL), origin="sql"))


def _promoting(left: Mission, session: Session, board: Board) -> Outcome:
    if any(mission.id != left.id for mission in board.open):
        return Outcome(left, (left,), session)
    chosen, waits = first_ready(board.queued, board.waiting, leaving=left.id)
    if chosen is None:
        return Outcome(left, (left,), session)
    promoted = chosen._replace(status=CURRENT)
    text = "every queued mission waits for another; %s was taken because it is the first" % chosen.id
    return Outcome(left, (left, promoted), _noting(session, promoted), promoted, (text,) if waits else ())


def _others_back(target: Mission, board: Board) -> Tuple[Mission, ...]:
    others = (m for m in board.open if m.status == CURRENT and m.id != target.id)
    return tuple(mission._replace(status=QUEUED) for mission in others)


def _session(action: str, before: Mission, after: Mission, *, now: str, agent: str) -> Session:
    # what the row no longer says must be in the log: notes, reasons and times that a person gave
    kept = {"was": before.status}
    for name in ("notes", "blocked_reason", "completed_at"):
        value = getattr(before, name)
        if value and value != getattr(after, name):
            kept["%s_before" % name] = value
    return Session(action, before.id, agent, summary=before.name, details=_json(kept), ts=now)


def _noting(session: Session, promoted: Mission) -> Session:
    import json

    details = json.loads(session.details or "{}")
    return session._replace(details=_json(dict(details, promoted=promoted.id)))


def move_fact(before: Mission, after: Mission, *, now: str, agent: str) -> Fact:
    """Return what is kept of a status that was set by hand."""
    text = "%s set from %s to %s by %s" % (before.id, before.status, after.status, agent)
    if before.completed_at:
        text += "; it had been completed at %s" % before.completed_at
    if before.blocked_reason:
        text += "; it had been blocked: %s" % before.blocked_reason
    return Fact(text, kind="status", mission_id=before.id, ts=now)


def _finished(target: Mission) -> NeedsPerson:
    when = " since %s" % target.completed_at if target.completed_at else ""
    return NeedsPerson(
        "%s is Completed%s" % (target.id, when),
        hint="to open it again: cmosctl mission edit %s --status Queued" % target.id,
    )


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


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
