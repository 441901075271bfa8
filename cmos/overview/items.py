"""How a briefing tells a mission, a session, a decision or a fact: as JSON, its texts cut to their length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, Optional

from cmos import clock
from cmos.core.text import shorten

if TYPE_CHECKING:
    from cmos.core.models import Entry, Fact, Mission, Session

#: Bytes of a summary or a reason.
WORDS = 300


def id_of(mission: Optional[Mission]) -> Optional[Dict[str, Any]]:
    return shorten({"id": mission.id}, 20) if mission is not None else None


def brief(mission: Optional[Mission]) -> Optional[Dict[str, Any]]:
    if mission is None:
        return None
    names = ("id", "name", "sprint_id", "status", "agent", "started_at", "blocked_reason", "notes", "objective")
    return dict(_fields(mission, names), objective=shorten(mission.objective or "", WORDS))


def short(mission: Optional[Mission]) -> Any:
    if mission is None:
        return None
    return shorten(_fields(mission, ("id", "name", "status", "agent", "started_at", "blocked_reason")), WORDS)


def _fields(mission: Mission, names: Iterable[str]) -> Dict[str, Any]:
    return _present({name: getattr(mission, name) for name in names})


def session(session: Session) -> Any:
    names = ("ts", "mission_id", "action", "agent", "summary")
    return shorten({name: getattr(session, name) for name in names}, WORDS)


def note(entry: Entry, why: str) -> Any:
    # whole, or counted among those that are cut
    told: Dict[str, Any] = {"ts": entry.ts, "mission_id": entry.mission_id}
    if entry.type == "decision":
        told.update(title=entry.text, rationale=entry.rationale)
    else:
        told.update(kind=entry.kind, content=entry.text)
    return {key: value for key, value in dict(told, because=why).items() if value is not None}


def question(fact: Fact) -> Dict[str, Any]:
    return _present({"id": fact.id, "mission_id": fact.mission_id, "content": fact.content})


def holder(mission: Mission, signs: Dict[str, str], now: str) -> Any:
    """Return a mission that is in progress, with who has it and for how long nothing was heard of it."""
    age = clock.age(signs.get(mission.id) or mission.started_at, now)
    return shorten(_present({**short(mission), "worktree": mission.worktree, "last_sign": age}), WORDS)


def _present(fields: Dict[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
