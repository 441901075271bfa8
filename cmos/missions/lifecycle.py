"""The lifecycle of missions: what each action changes, and what it logs.

No command leaves two missions Current: an action that makes one Current does so
only when nothing is open, or puts the other one back in the queue.
"""

from __future__ import annotations

from typing import Optional, Tuple

from cmos.core.agents import HUMAN
from cmos.core.errors import InvalidValue, NeedsPerson
from cmos.core.models import Fact, Mission, Session
from cmos.core.record import NamedTuple
from cmos.core.status import ACTION_OF, BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS, QUEUED, standard
from cmos.missions.choice import Actor, Board, first_free, first_ready, held

_BY_SQL = "was set in the database"


_SQL = Actor("sql")


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
    #: The ids of the missions that waited for this one alone.
    ready: Tuple[str, ...] = ()


def complete(target: Mission, board: Board, *, now: str, by: Actor, notes: Optional[str] = None) -> Outcome:
    """Complete a mission and make the next queued one Current.

    Nothing is promoted while another mission is open: completing an old mission out of
    order must not leave two of them current. A mission that is Completed and has its time
    is left as it is; one that came without a time gets it. Raises NeedsPerson for one that
    another agent holds, unless the actor takes it.
    """
    if target.status == COMPLETED and target.completed_at:
        return Outcome(target, already=True)
    warnings = _holders(target, by)
    done = target._replace(status=COMPLETED, completed_at=now, blocked_reason=None)
    if notes is not None:
        done = done._replace(notes=notes)
    session = _session("complete", target, done, now=now, by=by)._replace(summary=notes or target.name)
    return _promoting(Outcome(done, (done,), session, warnings=warnings), board)


def block(target: Mission, board: Board, *, now: str, by: Actor, reason: str) -> Outcome:
    """Block a mission, keep the reason, and make the next queued one Current if nothing else is open.

    Raises NeedsPerson for a Completed mission and for one that another agent holds, InvalidValue
    for an empty reason.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidValue("a mission is blocked for a reason", hint='say why: --reason "..."')
    if target.status == COMPLETED:
        raise _finished(target)
    if target.status == BLOCKED and target.blocked_reason == reason:
        return Outcome(target, already=True)
    warnings = _holders(target, by)
    stuck = target._replace(status=BLOCKED, blocked_reason=reason, agent=None, completed_at=None)
    session = _session("blocked", target, stuck, now=now, by=by)._replace(summary=reason)
    return _promoting(Outcome(stuck, (stuck,), session, warnings=warnings), board)


def drop(target: Mission, board: Board, *, now: str, by: Actor, reason: str) -> Outcome:
    """Give a mission up: it is Deferred, with the reason as the mark of it, and no list shows it unasked.

    Raises NeedsPerson for a Completed mission and for one that another agent holds, InvalidValue
    for an empty reason.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidValue("a mission is dropped for a reason", hint='say why: --reason "..."')
    if target.status == COMPLETED:
        raise _finished(target)
    if target.is_dropped and target.blocked_reason == reason:
        return Outcome(target, already=True)
    warnings = _holders(target, by)
    gone = target._replace(status=DEFERRED, agent=None, started_at=None, completed_at=None, blocked_reason=reason)
    fact = move_fact(target, gone, now=now, by=by)
    fact = fact._replace(content="%s; dropped: %s" % (fact.content, reason))
    return _promoting(Outcome(gone, (gone,), warnings=warnings, fact=fact), board)


def start(target: Mission, board: Board, *, now: str, by: Actor) -> Outcome:
    """Start a mission: mark it In Progress under the agent's name.

    Another mission that is Current stays Current: it is what comes next. A Blocked one starts
    again; its reason stays in the log. A claim of the same agent in another worktree stays there
    unless the actor takes it. Raises NeedsPerson for a Completed mission and for one that another
    agent holds, unless the actor takes it.
    """
    if target.status == COMPLETED:
        raise _finished(target)
    warnings = _holders(target, by)
    is_own = target.status == IN_PROGRESS and target.agent == by.agent
    if is_own and (not by.takes or target.worktree == by.worktree):
        return Outcome(target, already=True, warnings=warnings)
    taken = target._replace(
        status=IN_PROGRESS,
        agent=by.agent,
        worktree=by.worktree,
        started_at=now,
        blocked_reason=None,
        completed_at=None,
    )
    if target.id in board.waiting:
        warnings += (
            "%s waits for a mission that is not Completed; see: cmosctl mission show %s" % (target.id, target.id),
        )
    session = _session("start", target, taken, now=now, by=by)
    return Outcome(taken, (taken,), session, warnings=warnings)


def claim(board: Board, *, now: str, by: Actor, another: bool = False) -> Optional[Outcome]:
    """Return the mission that the actor holds here, else start the first that is free; None when none is.

    With ``another``, a further one is started although the actor holds one.
    """
    mine = held(board.open, by)
    if mine and not another:
        return Outcome(mine[0], already=True)
    mission = first_free(board)
    return start(mission, board, now=now, by=by) if mission is not None else None


def release(target: Mission, board: Board, *, now: str, by: Actor) -> Outcome:
    """Give a claim back: the mission is Current if no other is, else Queued.

    Raises NeedsPerson for a mission that is Completed, Blocked or Deferred, and for one that another
    agent holds, unless the actor takes it.
    """
    if target.status == COMPLETED:
        raise _finished(target)
    if target.status in (QUEUED, CURRENT):
        return Outcome(target, already=True)
    if target.status != IN_PROGRESS:
        raise NeedsPerson(
            "%s is %s: nobody holds it" % (target.id, target.status),
            hint="to queue it again: cmosctl mission edit %s --status Queued" % target.id,
        )
    warnings = _holders(target, by)
    is_alone = all(mission.status != CURRENT for mission in board.open)
    outcome = move(target, board, status=CURRENT if is_alone else QUEUED, now=now, by=by)
    return outcome._replace(warnings=warnings)


def move(target: Mission, board: Board, *, status: str, now: str, by: Actor) -> Outcome:
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
    return Outcome(moved, (moved, *back), fact=move_fact(target, moved, now=now, by=by))


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
        return Outcome(after, (after,), fact=move_fact(before, after, now=now, by=_SQL))
    session = _session(ACTION_OF[status], before, after, now=now, by=_SQL)
    return Outcome(after, (after,), session._replace(summary="%s %s" % (status, _BY_SQL), origin="sql"))


def _holders(target: Mission, by: Actor) -> Tuple[str, ...]:
    """Return a warning when somebody else holds a mission. Raises NeedsPerson if this actor may not act on it.

    A person may always act; so may whoever takes it, and everyone where the claim came through git.
    """
    if target.status != IN_PROGRESS or not target.agent:
        return ()
    since = "since %s" % (target.started_at or "long ago")
    if target.agent == by.agent:
        if target.worktree in (None, by.worktree):
            return ()
        return ("%s was taken in another worktree, %s, %s" % (target.id, target.worktree, since),)
    if by.takes or by.agent == HUMAN:
        return ("%s was held by %s %s" % (target.id, target.agent, since),)
    raise NeedsPerson(
        "%s is In Progress: %s has had it %s" % (target.id, target.agent, since),
        hint="take a free one: cmosctl mission next --claim; or take this one over: "
        "cmosctl mission start %s --take" % target.id,
    )


def _promoting(alone: Outcome, board: Board) -> Outcome:
    """Make the next queued mission Current, unless another is open."""
    left = alone.mission
    if any(mission.id != left.id for mission in board.open):
        return alone
    chosen, waits = first_ready(board.queued, board.waiting, leaving=left.id)
    if chosen is None:
        return alone
    promoted = chosen._replace(status=CURRENT)
    text = "every queued mission waits for another; %s was taken because it is the first" % chosen.id
    return alone._replace(
        changed=(left, promoted),
        session=_noting(alone.session, promoted) if alone.session else None,
        promoted=promoted,
        warnings=(*alone.warnings, text) if waits else alone.warnings,
    )


def _others_back(target: Mission, board: Board) -> Tuple[Mission, ...]:
    others = (m for m in board.open if m.status == CURRENT and m.id != target.id)
    return tuple(mission._replace(status=QUEUED) for mission in others)


def _session(action: str, before: Mission, after: Mission, *, now: str, by: Actor) -> Session:
    # what the row no longer says must be in the log: notes, reasons and times that a person gave
    kept = {"was": before.status}
    for name in ("notes", "blocked_reason", "completed_at"):
        value = getattr(before, name)
        if value and value != getattr(after, name):
            kept["%s_before" % name] = value
    if before.status == IN_PROGRESS and before.agent and before.agent != by.agent:
        kept["taken_from"] = before.agent
    if action == "start" and by.run:
        kept["run"] = by.run
    return Session(action, before.id, by.agent, summary=before.name, details=_json(kept), ts=now)


def _noting(session: Session, promoted: Mission) -> Session:
    import json

    details = json.loads(session.details or "{}")
    return session._replace(details=_json(dict(details, promoted=promoted.id)))


def move_fact(before: Mission, after: Mission, *, now: str, by: Actor) -> Fact:
    """Return what is kept of a status that was set by hand."""
    text = "%s set from %s to %s by %s" % (before.id, before.status, after.status, by.agent)
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
