"""The commits of a mission, as a person is shown them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, Optional, Set

from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.history import rows as history_rows
from cmos.history.rows import Line

if TYPE_CHECKING:
    from cmos.project.project import Project


class MissionCommit(NamedTuple):
    """One commit of a mission; if it was rewritten, its present version."""

    sha: str
    subject: str
    author: str
    ts: str
    #: Whether it is in HEAD's history; None if git cannot tell.
    on_branch: Optional[bool]


def commits_of_mission(project: Project, mission_id: str) -> List[MissionCommit]:
    """Return the commits of a mission in the order they were logged. Asks git only if there are any."""
    lines = history_rows.of_mission(project.db, mission_id)
    if not lines:
        return []
    missing = _missing(project, lines)
    chosen: Dict[str, MissionCommit] = {}
    for line in lines:
        on_branch = None if missing is None else line.sha not in missing
        before = chosen.get(line.session_key)
        # of the versions of a commit, the one on the branch counts, else the newest
        if before is None or on_branch or not before.on_branch:
            chosen[line.session_key] = MissionCommit(line.sha, line.subject, line.author, line.ts, on_branch)
    return list(chosen.values())


def _missing(project: Project, lines: List[Line]) -> Optional[Set[str]]:
    from cmos.history import walk

    repository = project.layout.repository
    if repository is None:
        return None
    try:
        here = walk.where(repository)
        return walk.outside(repository.top, [here.sha], [line.sha for line in lines]) if here.sha else None
    except GitProblem:
        return None
