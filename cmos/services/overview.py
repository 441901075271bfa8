"""Where the project stands: for people at a glance, for agents within a budget."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Tuple

from cmos.core import choice
from cmos.core.budget import fit, shorten
from cmos.core.mission import Mission
from cmos.core.plain import plain
from cmos.core.session import Session
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS, KNOWN
from cmos.services import watcher
from cmos.services.boards import next_queued
from cmos.store import issues, memory, missions, sessions, sprints, state

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace

#: The newest sessions, decisions and facts that ``context`` considers.
_NEWEST = 30
#: Finished sprints that it names; of the others it gives the number.
_FINISHED = 2
#: Characters of a summary, a rationale or a reason in ``context``.
_WORDS = 300


class SprintLine(NamedTuple):
    """A sprint in numbers."""

    sprint_id: Optional[str]
    title: Optional[str]
    done: int
    total: int
    #: Status to number of missions.
    counts: Dict[str, int]

    @property
    def is_finished(self) -> bool:
        return self.total > 0 and self.done + self.counts.get(DEFERRED, 0) == self.total

    @property
    def is_at_work(self) -> bool:
        return bool(self.counts.get(IN_PROGRESS) or self.counts.get(CURRENT))


class Overview(NamedTuple):
    """What ``status`` shows."""

    project: str
    #: Status to number of missions.
    totals: Dict[str, int]
    sprints: List[SprintLine]
    #: In Progress and Current, in order.
    open: List[Mission]
    #: The first Queued one that is ready.
    next: Optional[Mission]
    blocked: List[Mission]
    #: Kind to number of open issues.
    issues: Dict[str, int]
    recent_sessions: List[Session]
    decisions: int
    facts: int
    #: The process id of the watcher of this worktree.
    watcher: Optional[int]


def overview(ws: Workspace, *, recent: int = 5) -> Overview:
    """Return where the project stands."""
    ws.refresh()
    lines = _sprint_lines(ws)
    mine, blocked = _split(ws)
    return Overview(
        _project_name(ws),
        _totals(lines),
        lines,
        mine,
        next_queued(ws.db, sprint=_sprint(ws, mine)),
        blocked,
        issues.open_counts(ws.db, worktree=ws.layout.worktree),
        sessions.listing(ws.db, limit=recent),
        *memory.counts(ws.db),
        watcher.running(ws.layout),
    )


def context(ws: Workspace, *, agent: str, budget: int) -> Dict[str, Any]:
    """Return the project's state for an agent as one JSON object of at most ``budget`` tokens.

    Its size does not depend on the number of finished missions.
    """
    seen = overview(ws, recent=_NEWEST)
    active = choice.current([m for m in seen.open if m.status == IN_PROGRESS], agent=agent)
    fixed = {
        "generated_at": ws.now,
        "project": seen.project,
        "active_mission": _brief(active),
        "current_mission": _brief(next((m for m in seen.open if m.status == CURRENT), None)),
        "next_mission": _brief(seen.next),
        "mission_totals": seen.totals,
        "finished_sprints": sum(line.is_finished for line in seen.sprints),
        "open_issues": seen.issues,
    }
    others = [m for m in seen.open if m.status == IN_PROGRESS and m is not active]
    return fit(fixed, [("in_progress", _briefs(others)), *_lists(ws, seen)], budget=budget)


def _lists(ws: Workspace, seen: Overview) -> List[Tuple[str, List[Any]]]:
    unfinished = [line for line in seen.sprints if not line.is_finished]
    finished = [line for line in seen.sprints if line.is_finished][::-1]
    return [
        ("blocked", _briefs(seen.blocked)),
        ("sprints", plain(unfinished + finished[:_FINISHED])),
        ("recent_sessions", [_session(one) for one in reversed(seen.recent_sessions)]),
        ("decisions", _newest(memory.decisions(ws.db, limit=_NEWEST))),
        ("facts", _newest([one for one in memory.facts(ws.db, limit=_NEWEST) if one.kind != "status"])),
    ]


def _brief(mission: Optional[Mission]) -> Optional[Dict[str, Any]]:
    if mission is None:
        return None
    names = ("id", "name", "sprint_id", "status", "objective", "agent", "started_at", "blocked_reason", "notes")
    return {name: getattr(mission, name) for name in names if getattr(mission, name) is not None}


def _briefs(found: List[Mission]) -> List[Any]:
    return [shorten(_brief(mission), _WORDS) for mission in found]


def _session(session: Session) -> Any:
    names = ("ts", "mission_id", "action", "agent", "summary")
    return shorten({name: getattr(session, name) for name in names}, _WORDS)


def _newest(rows: List[Any]) -> List[Any]:
    found = [{key: value for key, value in plain(row).items() if key not in ("key", "id")} for row in reversed(rows)]
    return [shorten(row, _WORDS) for row in found]


def _sprint_lines(ws: Workspace) -> List[SprintLine]:
    counts: Dict[Optional[str], Dict[str, int]] = {}
    for count in missions.counts(ws.db):
        counts.setdefault(count.sprint_id, {})[count.status] = count.number
    known = {sprint.id: sprint for sprint in sprints.all_sprints(ws.db)}
    lines = []
    for one in [*known, *(other for other in counts if other not in known)]:
        of = counts.get(one, {})
        title = known[one].title if one in known else None
        lines.append(SprintLine(one, title, of.get(COMPLETED, 0), sum(of.values()), of))
    return lines


def _totals(lines: List[SprintLine]) -> Dict[str, int]:
    totals: Dict[str, int] = dict.fromkeys(KNOWN, 0)
    for line in lines:
        for status, number in line.counts.items():
            totals[status] = totals.get(status, 0) + number
    return dict(totals, total=sum(totals.values()))


def _split(ws: Workspace) -> Tuple[List[Mission], List[Mission]]:
    found = missions.with_status(ws.db, IN_PROGRESS, CURRENT, BLOCKED)
    return [m for m in found if m.status != BLOCKED], [m for m in found if m.status == BLOCKED]


def _sprint(ws: Workspace, mine: List[Mission]) -> Optional[str]:
    return mine[0].sprint_id if mine else state.get(ws.db, "current_sprint")


def _project_name(ws: Workspace) -> str:
    told = state.get(ws.db, "project") or ""
    if told.startswith("{"):
        # a PROJECT_CONTEXT.json describes the project with more than its name
        told = _name_in(told)
    return told or os.path.basename(ws.layout.root)


def _name_in(described: str) -> str:
    import json

    try:
        name = json.loads(described).get("name")
    except (ValueError, RecursionError):
        return ""  # an import brings whatever was there
    return name if isinstance(name, str) else ""
