"""Missions as they are: a list of them, or all that is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NamedTuple, Optional, Sequence

from cmos.core.errors import InvalidValue
from cmos.core.models import Decision, Dependency, Fact, Issue, Mission, Session
from cmos.core.status import KNOWN, is_known, standard
from cmos.history.record import MissionCommit, commits_of_mission
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_mission, find_sprints, path_of
from cmos.sync import issue_rows, run

if TYPE_CHECKING:
    from cmos.project.project import Workspace


class Details(NamedTuple):
    """All that is known of a mission."""

    mission: Mission
    path: Optional[str]
    #: The file's text.
    text: Optional[str]
    sessions: List[Session]
    commits: List[MissionCommit]
    #: Links at either end, as given.
    dependencies: List[Dependency]
    issues: List[Issue]
    decisions: List[Decision]
    facts: List[Fact]


def listing(ws: Workspace, *, sprint: Optional[str] = None, statuses: Sequence[str] = ()) -> List[Mission]:
    """Return missions in backlog order, of a sprint and of some statuses.

    Raises InvalidValue for a status that is none of the six and that no mission has.
    """
    run.refresh(ws)
    wanted = [standard(status) or status for status in statuses] or None
    found = mission_rows.listing(ws.db, sprints=find_sprints(ws.db, sprint) if sprint else None, statuses=wanted)
    unknown = [word for word in wanted or () if not is_known(word)]
    if unknown and not found:
        raise InvalidValue("no mission has the status %s" % unknown[0], hint="the six: %s" % ", ".join(KNOWN))
    return found


def show(ws: Workspace, wanted: str) -> Details:
    """Return all that is known of a mission."""
    run.refresh(ws)
    mission = find_mission(ws.db, wanted)
    path = path_of(ws, mission.id)
    return Details(
        mission,
        path,
        text_in(ws, path),
        journal_rows.list_sessions(ws.db, journal_rows.SessionFilter(mission_id=mission.id)),
        commits_of_mission(ws, mission.id),
        mission_rows.dependencies(ws.db, mission.id),
        issue_rows.open_issues(ws.db, worktree=ws.layout.worktree, mission_id=mission.id),
        journal_rows.decisions(ws.db, mission_id=mission.id),
        journal_rows.facts(ws.db, mission_id=mission.id),
    )


def text_in(ws: Workspace, path: Optional[str]) -> Optional[str]:
    """Return the text of a file of the project; None without one that can be read."""
    if path is None:
        return None
    from cmos.missionfile.reader import text_of

    return text_of(ws.layout.root, path)
