"""What another branch or worktree has, and this one does not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Tuple

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


def issues(project: Project, mission_id: Optional[str] = None) -> List[Issue]:
    """Return the open issues here, of one mission or of all; each difference with the branch that explains it."""
    found = issue_rows.open_issues(project.db, worktree=project.worktree, mission_id=mission_id)
    waiting = [one for one in found if one.kind == "drift" and one.field == "status" and one.mission_id]
    waiting = [one for one in waiting if not is_open(one.database_value)]
    if not waiting:
        return found
    try:
        there = _on_branches(project, waiting)
    except GitProblem:
        there = {}
    by = {id(one): there.get(_key(one)) or _worktree(project, *_key(one)[:2]) for one in waiting}
    return [one._replace(carried_by=by.get(id(one))) for one in found]


def _key(issue: Issue) -> Tuple[str, Optional[str], str]:
    return issue.mission_id or "", issue.database_value, issue.path


def _worktree(project: Project, mission_id: str, status: Optional[str]) -> Optional[str]:
    """Return another worktree whose files have a status of a mission."""
    for worktree, _, value in sync_rows.statuses(project.db, mission_id):
        is_there = worktree != project.layout.worktree and not project.layout.has_lost(worktree)
        if is_there and same(value, status):
            return "worktree %s" % ("of the repository itself" if worktree == "." else worktree)
    return None


def _on_branches(project: Project, waiting: List[Issue]) -> Dict[Tuple[str, Optional[str], str], str]:
    if project.layout.repository is None:
        return {}
    here = head(project.layout.repository)
    # imported only where something differs
    from cmos.sync.origin import values

    branches = {sha: name for name, sha in _branches(project) if sha != here.sha}
    places = {issue.path for issue in waiting}
    names = [(sha, path) for sha in branches for path in sorted(places) if "\n" not in path]
    texts = objects.contents(project.layout.root, ["%s:./%s" % name for name in names])
    records = sync_rows.records_of(project, sorted(places))
    spelled = {(one.path, one.mission_id): (one.file_id, one.kind) for one in records}
    said: Dict[bytes, Values] = {}
    found: Dict[Tuple[str, Optional[str], str], str] = {}
    for (sha, path), text in zip(names, texts):
        if text is None:
            continue
        if text not in said:
            said[text] = values(text)
        for issue in waiting:
            record = spelled.get((path, issue.mission_id or ""), ("", ""))
            if issue.path == path and same(said[text].get(record, {}).get("status"), issue.database_value):
                found.setdefault(_key(issue), "branch %s" % branches[sha])
    return found


def _branches(project: Project) -> List[Tuple[str, str]]:
    tell = ("--sort=-committerdate", "--count=%d" % _MOST, "--format=%(refname:short) %(objectname)")
    lines = process.run(project.layout.root, "for-each-ref", *tell, "refs/heads", "refs/remotes").decode(
        "utf-8", "replace"
    )
    return [(name, sha) for name, _, sha in (line.rpartition(" ") for line in lines.splitlines())]


def unmerged(project: Project, missions: Iterable[Mission], carried: Dict[str, str]) -> Dict[str, str]:
    """Return the branch or worktree that has each of some missions Completed, while the files here do not.

    ``carried`` says which one has the missions whose files here say otherwise.
    """
    done = [one.id for one in missions if one.status == COMPLETED]
    if not done or project.layout.repository is None:
        return {}
    found = {id: carried[id] for id in done if id in carried}
    for id in done:
        if id not in found and not sync_rows.live_records(project, id):
            by = _with_commit(project, id) or _worktree(project, id, COMPLETED)
            found.update({id: by} if by else {})
    return found


def _with_commit(project: Project, mission_id: str) -> Optional[str]:
    """Return a branch with the mission's newest commit, if that is not on this one."""
    from cmos.history.shown import commits_of_mission

    commits = commits_of_mission(project, mission_id)
    if not commits or any(one.on_branch is not False for one in commits):
        return None
    tell = ("--count=1", "--contains=%s" % commits[-1].sha, "--format=%(refname:short)", "refs/heads", "refs/remotes")
    name = process.ask(project.layout.root, "for-each-ref", *tell)
    return "branch %s" % name if name else None
