"""Checking the missions of a project, and one sprint or all of them as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterator, List, NamedTuple, Optional, Tuple

from cmos.core import audit as auditing
from cmos.core import verify
from cmos.core.audit import Audit
from cmos.core.models import Mission
from cmos.core.verify import Checked, Finding, Project
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_sprints
from cmos.store import odd_values, places
from cmos.sync import issue_rows, run

if TYPE_CHECKING:
    from cmos.project.project import Workspace
    from cmos.store.places import Place


class Lacking(NamedTuple):
    """A mission that is not fully described; ``missing`` is None when it has no file."""

    mission: Mission
    missing: Optional[Tuple[str, ...]]
    path: Optional[str]
    line: Optional[int]


def check(ws: Workspace) -> Checked:
    """Check all missions, links between them, and what sync could not settle."""
    run.refresh(ws)
    where = places.of_all(ws.db, ws.layout.worktree)
    project = _project(ws, where)._replace(odd=odd_values.find(ws.db))
    return Checked(len(project.missions), _with_lines(ws, verify.check(project), where))


def incomplete(ws: Workspace) -> List[Lacking]:
    """Return the missions that lack required fields, and the unfinished ones without a file."""
    run.refresh(ws)
    where = places.of_all(ws.db, ws.layout.worktree)
    lines = _Lines(ws, where)
    found = verify.incomplete(_project(ws, where))
    return [Lacking(m, m.missing, where[m.id].path if m.id in where else None, lines.of(m.id)) for m in found]


def audit(ws: Workspace, sprint: Optional[str] = None) -> Audit:
    """Look over a sprint, or all. Raises UnknownRecord for an unknown one."""
    run.refresh(ws)
    where = places.of_all(ws.db, ws.layout.worktree)
    wanted = find_sprints(ws.db, sprint) if sprint is not None else None
    found = auditing.audit(_project(ws, where), wanted, since=places.blocked_since(ws.db))
    return found._replace(findings=_with_lines(ws, list(found.findings), where))


def _project(ws: Workspace, where: Dict[str, Place]) -> Project:
    return Project(
        mission_rows.listing(ws.db),
        mission_rows.all_sprints(ws.db),
        mission_rows.dependencies(ws.db),
        issue_rows.open_issues(ws.db, worktree=ws.layout.worktree),
        {mission_id: place.path for mission_id, place in where.items()},
        list(_nameless(ws)),
    )


def _nameless(ws: Workspace) -> Iterator[Tuple[str, int]]:
    for path in places.without_mission(ws.db, ws.layout.worktree):
        from cmos.missionfile.reader import read, text_of

        contents = read((text_of(ws.layout.root, path) or "").encode("utf-8"))
        yield from ((path, line) for line in contents.nameless)


def _with_lines(ws: Workspace, findings: List[Finding], where: Dict[str, Place]) -> Tuple[Finding, ...]:
    lines = _Lines(ws, where)
    return tuple(
        one._replace(line=lines.of(one.mission_id)) if one.line is None and _in_own_file(one, where) else one
        for one in findings
    )


def _in_own_file(finding: Finding, where: Dict[str, Place]) -> bool:
    place = where.get(finding.mission_id or "")
    return place is not None and place.path == finding.path


class _Lines:
    """The lines on which missions begin in their files, each file read once."""

    def __init__(self, ws: Workspace, where: Dict[str, Place]) -> None:
        self.root = ws.layout.root
        self.where = where
        self.texts: Dict[str, Optional[str]] = {}

    def of(self, mission_id: Optional[str]) -> Optional[int]:
        from cmos.missionfile.reader import line_of, text_of

        place = self.where.get(mission_id or "")
        if place is None:
            return None
        if place.path not in self.texts:
            self.texts[place.path] = text_of(self.root, place.path)
        text = self.texts[place.path]
        return None if text is None else line_of(text, place.file_id)
