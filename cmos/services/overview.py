"""Where the project stands, at a glance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Tuple

from cmos.core.models import Mission, Session
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS, KNOWN
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.missions.find import next_queued
from cmos.project import rows as project_rows
from cmos.sync import issue_rows, run
from cmos.watch import daemon

if TYPE_CHECKING:
    from cmos.project.project import Workspace


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
    run.refresh(ws)
    lines = _sprint_lines(ws)
    mine, blocked = _split(ws)
    return Overview(
        _project_name(ws),
        _totals(lines),
        lines,
        mine,
        next_queued(ws.db, sprint=_sprint(ws, mine)),
        blocked,
        issue_rows.open_counts(ws.db, worktree=ws.layout.worktree),
        journal_rows.list_sessions(ws.db, limit=recent),
        *journal_rows.counts(ws.db),
        daemon.running(ws.layout),
    )


def _sprint_lines(ws: Workspace) -> List[SprintLine]:
    counts: Dict[Optional[str], Dict[str, int]] = {}
    for count in mission_rows.counts(ws.db):
        counts.setdefault(count.sprint_id, {})[count.status] = count.number
    known = {sprint.id: sprint for sprint in mission_rows.all_sprints(ws.db)}
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
    found = mission_rows.with_status(ws.db, IN_PROGRESS, CURRENT, BLOCKED)
    return [m for m in found if m.status != BLOCKED], [m for m in found if m.status == BLOCKED]


def _sprint(ws: Workspace, mine: List[Mission]) -> Optional[str]:
    return mine[0].sprint_id if mine else project_rows.get_state(ws.db, "current_sprint")


def _project_name(ws: Workspace) -> str:
    told = project_rows.get_state(ws.db, "project") or ""
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
