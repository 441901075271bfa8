"""What another branch or worktree has, and this one does not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.core.errors import GitProblem
from cmos.core.status import COMPLETED, is_open
from cmos.git import objects, process
from cmos.git.head import head
from cmos.sync import issue_rows
from cmos.sync import rows as sync_rows
from cmos.sync.rules import same

if TYPE_CHECKING:
    from cmos.core.models import Mission
    from cmos.core.report import Issue
    from cmos.project.project import Project
    from cmos.sync.origin import Values

#: Branches that are looked at, those with the newest commits.
_MOST = 100


class Carried(NamedTuple):
    """A difference that a merge settles."""

    mission_id: str
    path: str
    #: The branch or worktree that has the database's status.
    by: str


def carried(project: Project, found: Iterable[Issue]) -> List[Carried]:
    """Return which of some differences another branch or worktree explains."""
    waiting = [one for one in found if one.kind == "drift" and one.mission_id and not is_open(one.database_value)]
    waiting = [one for one in waiting if one.field == "status"]
    told = [(one, _worktree(project, one.mission_id or "", one.database_value)) for one in waiting]
    known = [Carried(one.mission_id or "", one.path, name) for one, name in told if name]
    rest = [one for one, name in told if not name]
    try:
        return known + (_on_branches(project, rest) if rest else [])
    except GitProblem:
        return known


def _worktree(project: Project, mission_id: str, status: Optional[str]) -> Optional[str]:
    """Return another worktree whose files have a status of a mission."""
    for worktree, _, value in sync_rows.statuses(project.db, mission_id):
        is_there = worktree != project.layout.worktree and not project.layout.has_lost(worktree)
        if is_there and same(value, status):
            return "worktree %s" % ("of the repository itself" if worktree == "." else worktree)
    return None


def _on_branches(project: Project, waiting: List[Issue]) -> List[Carried]:
    if project.layout.repository is None:
        return []
    here = head(project.layout.repository)
    # imported only where something differs
    from cmos.sync.origin import values

    branches = {sha: name for name, sha in _branches(project) if sha != here.sha}
    places = {issue.path for issue in waiting}
    names = [(sha, path) for sha in branches for path in sorted(places) if "\n" not in path]
    texts = objects.contents(project.layout.root, ["%s:./%s" % name for name in names])
    keys = [(issue, _key(project, issue)) for issue in waiting]
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


def _branches(project: Project) -> List[Tuple[str, str]]:
    tell = ("--sort=-committerdate", "--count=%d" % _MOST, "--format=%(refname:short) %(objectname)")
    lines = process.run(project.layout.root, "for-each-ref", *tell, "refs/heads", "refs/remotes").decode(
        "utf-8", "replace"
    )
    return [(name, sha) for name, _, sha in (line.rpartition(" ") for line in lines.splitlines())]


def _key(project: Project, issue: Issue) -> Tuple[str, str]:
    records = sync_rows.records_of(project, [issue.path])
    return next(((one.file_id, one.kind) for one in records if one.mission_id == issue.mission_id), ("", ""))


def unmerged(project: Project, missions: Iterable[Mission]) -> Dict[str, str]:
    """Return the branch or worktree that has each of some missions Completed, while the files here do not."""
    done = [one.id for one in missions if one.status == COMPLETED]
    if not done or project.layout.repository is None:
        return {}
    issues = issue_rows.open_issues(project.db, worktree=project.worktree, kinds=("drift",))
    found = {one.mission_id: one.by for one in carried(project, [one for one in issues if one.mission_id in done])}
    for id in done:
        if id not in found and not sync_rows.live_records(project, id):
            by = _worktree(project, id, COMPLETED) or _with_commit(project, id)
            found.update({id: by} if by else {})
    return found


def _with_commit(project: Project, mission_id: str) -> Optional[str]:
    """Return a branch with the mission's newest commit, if that is not on this one."""
    from cmos.history.record import commits_of_mission

    commits = commits_of_mission(project, mission_id)
    if not commits or any(one.on_branch is not False for one in commits):
        return None
    tell = ("--count=1", "--contains=%s" % commits[-1].sha, "--format=%(refname:short)", "refs/heads", "refs/remotes")
    name = process.ask(project.layout.root, "for-each-ref", *tell)
    return "branch %s" % name if name else None
