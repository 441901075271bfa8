"""The commits of a mission, and which of them the present branch holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Set

from cmos.core.errors import GitProblem
from cmos.store import commits
from cmos.store.commits import Line

if TYPE_CHECKING:
    from cmos.project.project import Workspace


class MissionCommit(NamedTuple):
    """One commit of a mission; of a rewritten one what it is now."""

    sha: str
    subject: str
    author: str
    ts: str
    #: Whether HEAD's history holds it; None when git cannot tell.
    on_branch: Optional[bool]


def of_mission(ws: Workspace, mission_id: str) -> List[MissionCommit]:
    """Return the commits of a mission in the order they were logged. Asks git only if there are any."""
    lines = commits.of_mission(ws.db, mission_id)
    if not lines:
        return []
    missing = _missing(ws, lines)
    chosen: Dict[str, MissionCommit] = {}
    for line in lines:
        on_branch = None if missing is None else line.sha not in missing
        before = chosen.get(line.session_key)
        # of a commit and its rewritten versions the one that is on the branch, else the newest
        if before is None or on_branch or not before.on_branch:
            chosen[line.session_key] = MissionCommit(line.sha, line.subject, line.author, line.ts, on_branch)
    return list(chosen.values())


def _missing(ws: Workspace, lines: List[Line]) -> Optional[Set[str]]:
    from cmos.vcs import history

    repository = ws.layout.repository
    if repository is None:
        return None
    try:
        here = history.where(repository)
        return history.outside(repository.top, [here.sha], [line.sha for line in lines]) if here.sha else None
    except GitProblem:
        return None
