"""Statuses that are on their way: another branch or worktree of this repository has what is not merged here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.core.errors import GitProblem
from cmos.core.status import is_open
from cmos.git import objects, process
from cmos.git.checkout import head
from cmos.sync import rows as sync_rows
from cmos.sync.rules import same

if TYPE_CHECKING:
    from cmos.core.models import Issue
    from cmos.project.project import Workspace
    from cmos.sync.origin import Values

#: Branches that are looked at, those with the newest commits.
_MOST = 100


class Carried(NamedTuple):
    """A difference that a merge settles."""

    mission_id: str
    path: str
    #: The branch or worktree that has the database's status.
    by: str


def carried(ws: Workspace, found: Iterable[Issue]) -> List[Carried]:
    """Return which of some differences another branch or worktree explains."""
    waiting = [one for one in found if one.kind == "drift" and one.mission_id and not is_open(one.database_value)]
    waiting = [one for one in waiting if one.field == "status"]
    told = [(one, _worktree(ws, one)) for one in waiting]
    known = [Carried(one.mission_id or "", one.path, "worktree %s" % name) for one, name in told if name]
    rest = [one for one, name in told if not name]
    try:
        return known + (_on_branches(ws, rest) if rest else [])
    except GitProblem:
        return known


def _worktree(ws: Workspace, issue: Issue) -> Optional[str]:
    for worktree, _, status in sync_rows.statuses(ws.db, issue.mission_id or ""):
        if worktree != ws.layout.worktree and not ws.layout.has_lost(worktree) and same(status, issue.database_value):
            return "of the repository itself" if worktree == "." else worktree
    return None


def _on_branches(ws: Workspace, waiting: List[Issue]) -> List[Carried]:
    if ws.layout.repository is None:
        return []
    here = head(ws.layout.repository)
    # imported only where something differs
    from cmos.sync.origin import values

    branches = {sha: name for name, sha in _branches(ws) if sha != here.sha}
    places = {issue.path for issue in waiting}
    names = [(sha, path) for sha in branches for path in sorted(places) if "\n" not in path]
    texts = objects.contents(ws.layout.root, ["%s:./%s" % name for name in names])
    keys = [(issue, _key(ws, issue)) for issue in waiting]
    said: Dict[bytes, Values] = {}
    found: Dict[Tuple[str, str], Carried] = {}
    for (sha, path), text in zip(names, texts):
        if text is None:
            continue
        if text not in said:
            said[text] = values(text)
        for issue, key in keys:
            if issue.path == path and same(said[text].get(key, {}).get("status"), issue.database_value):
                mission_id = issue.mission_id or ""
                found.setdefault((mission_id, path), Carried(mission_id, path, "branch %s" % branches[sha]))
    return list(found.values())


def _branches(ws: Workspace) -> List[Tuple[str, str]]:
    tell = ("--sort=-committerdate", "--count=%d" % _MOST, "--format=%(refname:short) %(objectname)")
    lines = process.run(ws.layout.root, "for-each-ref", *tell, "refs/heads", "refs/remotes").decode("utf-8", "replace")
    return [(name, sha) for name, _, sha in (line.rpartition(" ") for line in lines.splitlines())]


def _key(ws: Workspace, issue: Issue) -> Tuple[str, str]:
    records = sync_rows.records_of(ws.db, ws.layout.worktree, [issue.path])
    return next(((one.file_id, one.kind) for one in records if one.mission_id == issue.mission_id), ("", ""))
