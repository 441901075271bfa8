"""Logs the commits of the repository: each once, even if it is rewritten."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from cmos.core.agents import GIT_HOOK
from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.core.report import Logged
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, IN_PROGRESS
from cmos.git import branches
from cmos.git.branches import Reflog
from cmos.git.head import Head, short
from cmos.history import rows as history_rows
from cmos.history import walk
from cmos.history.naming import Commit, Ids, named, spoken_of, touches
from cmos.history.rewrites import Rewritten
from cmos.missions import rows as mission_rows
from cmos.project.layout import Layout

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project


#: How many commits the first look at a repository logs, and a later one.
RECENT = 200
MOST = 5000

#: Pairs of an old and a new commit, as git gives them to post-rewrite.
Pairs = Sequence[Tuple[str, str]]


class Context(NamedTuple):
    """The facts that logging a commit depends on."""

    db: Connection
    ids: Ids
    #: The branch that HEAD is on, without ``refs/heads/``.
    branch: Optional[str]
    reflog: Optional[Reflog]
    rewritten: Rewritten
    #: The worktree that the commits were made in; None for older ones.
    at_work: Optional[str]
    #: Skip commits that name no mission: before the project existed they say nothing about it.
    only_named: bool = False
    #: The project's folder, relative to the top of the checkout.
    inside: str = "."


def catch_up(
    project: Project,
    db: Connection,
    *,
    pairs: Pairs = (),
    everything: bool = False,
    progress: Optional[Callable[[int, int], None]] = None,
) -> Logged:
    """Log the commits that lead to HEAD and are not logged yet; in the caller's transaction.

    The first look takes the newest ones only, unless ``everything`` is wanted. During a rebase nothing is
    taken, except at its end, with the ``pairs`` that git tells. Trouble with git is a notice.
    """
    repository = project.layout.repository
    if repository is None or (repository.is_rewriting and not pairs):
        return Logged()
    try:
        here = walk.where(repository)
        if here.sha is None or (here.sha == history_rows.head(db, project.layout.worktree) and not everything):
            _note_unborn(project.layout, db, here)
            return Logged()
        return _catch_up(project, db, here, pairs, everything, progress)
    except GitProblem as problem:
        project.notices.append("the history could not be read: %s" % problem.message)
        return Logged()


def _catch_up(
    project: Project,
    db: Connection,
    here: Head,
    pairs: Pairs,
    everything: bool,
    progress: Optional[Callable[[int, int], None]],
) -> Logged:
    assert here.sha is not None and project.layout.repository is not None
    is_first = not history_rows.was_looked_at(db)
    told = branches.read_reflog(project.layout.repository, here.branch)
    heads = [here.sha] if is_first else [here.sha, *_left_behind(project.layout, db, told, here)]
    waiting, left = _waiting(project.layout, db, heads, limit=None if everything else RECENT if is_first else MOST)
    found = Logged(left=left)
    if waiting:
        is_old = is_first or everything
        ids, at_work = Ids(mission_rows.all_ids(db)), None if is_old else project.layout.worktree
        context = prepare(project.layout, db, heads, here.branch, told, ids=ids, pairs=pairs, at_work=at_work)
        context = context._replace(only_named=is_first and not everything)
        found = _log_all(project, context, waiting, progress)._replace(left=left)
    if left:
        project.notices.append(_told(found))
    if everything:
        history_rows.drop_floors(db)
    elif left or is_first:
        # commits that were left out stay out, even when HEAD goes back and returns
        history_rows.put_floor(db, here.sha)
    history_rows.put_head(db, project.layout.worktree, here.sha)
    project.report.logged = found
    return found


def _note_unborn(layout: Layout, db: Connection, here: Head) -> None:
    """Store that there was no commit yet: those that come are new, not history."""
    if here.sha is None and history_rows.head(db, layout.worktree) is None:
        history_rows.put_head(db, layout.worktree, "")


def _left_behind(layout: Layout, db: Connection, told: Optional[branches.Reflog], here: Head) -> List[str]:
    """Return the tips of branches that got commits here and were left before anybody looked."""
    assert layout.repository is not None
    if told is None:
        return []
    logged = history_rows.known(db, list(told.made))
    branches = {branch for sha, branch in told.made.items() if branch and sha not in logged}
    return walk.tips(layout.repository.top, sorted(branches - {short(here.branch)}))


def _waiting(layout: Layout, db: Connection, heads: Sequence[str], *, limit: Optional[int]) -> Tuple[List[str], int]:
    """Return the commits to log, the oldest first, and how many older ones are left out."""
    assert layout.repository is not None
    seen = [] if limit is None else history_rows.heads(db) + history_rows.floors(db)
    reachable = walk.reachable(layout.repository.top, heads, without=seen)
    logged = history_rows.known(db, reachable)
    waiting = [one for one in reachable if one not in logged]
    if limit is None:
        return waiting[::-1], 0
    return waiting[:limit][::-1], max(len(waiting) - limit, 0)


def prepare(
    layout: Layout,
    db: Connection,
    heads: Sequence[str],
    branch: Optional[str],
    told: Optional[branches.Reflog],
    *,
    ids: Ids,
    pairs: Pairs = (),
    at_work: Optional[str] = None,
) -> Context:
    """Collect the facts for logging the history of some heads."""
    assert layout.repository is not None
    old: Dict[str, List[str]] = {}
    for before, after in [*pairs, *((before, after) for after, before in (told.amended if told else {}).items())]:
        old.setdefault(after, []).append(before)
    rewritten = Rewritten(db, layout.repository.top, heads, old)
    inside = os.path.relpath(layout.root, layout.repository.top).replace(os.sep, "/")
    return Context(db, ids, short(branch), told, rewritten, at_work, inside=inside)


def _log_all(
    project: Project, context: Context, waiting: Sequence[str], progress: Optional[Callable[[int, int], None]]
) -> Logged:
    assert project.layout.repository is not None
    done = new = 0
    for batch in _batches(walk.read(project.layout.repository.top, waiting)):
        context.rewritten.look_at(batch)
        new += sum(log(context, commit) for commit in batch)
        done += len(batch)
        if progress is not None:
            progress(done, len(waiting))
    return Logged(new, 0 if context.only_named else done - new)


def _batches(found: Iterator[Commit]) -> Iterator[List[Commit]]:
    while True:
        batch = list(islice(found, 50))
        if not batch:
            return
        yield batch


def log(context: Context, commit: Commit) -> bool:
    """Log a commit; False if it is a rewritten version of a logged one."""
    key = context.rewritten.session_of(commit)
    if key is not None:
        of_message = named(commit.message, commit.subject, context.ids)
        history_rows.put(context.db, commit, key, of_message or history_rows.missions_of(context.db, key))
        return False
    if not touches(commit, context.inside) and not named(commit.message, commit.subject, context.ids):
        return False  # of another project in the repository
    branch, worktree = _circumstances(context, commit.sha)
    here = at_work(context.db, worktree) if worktree else ()
    spoken = spoken_of(commit, context.ids, branch=branch, at_work=here)
    if context.only_named and not spoken:
        return False
    key = "commit:%s" % commit.sha
    mission_id, details = spoken[0] if spoken else None, _details(commit, spoken, branch or context.branch)
    history_rows.put_commit(context.db, commit, key, mission_id=mission_id, agent=GIT_HOOK, details=details)
    history_rows.put(context.db, commit, key, spoken)
    if worktree:
        # this commit holds the work on missions that were done here
        mission_rows.leave(context.db, worktree, COMPLETED, BLOCKED)
    return True


def _circumstances(context: Context, sha: str) -> Tuple[Optional[str], Optional[str]]:
    """Return branch and worktree of a commit made in this checkout; for any other commit both are unknown."""
    if context.reflog is None:
        return context.branch, context.at_work
    if sha not in context.reflog.made:
        return None, None
    return context.reflog.made[sha], context.at_work


def _details(commit: Commit, spoken: Sequence[str], branch: Optional[str]) -> str:
    import json

    details = {
        "sha": commit.sha,
        "author": commit.author,
        "subject": commit.subject,
        "branch": branch,
        "files": commit.files,
        "file_count": commit.file_count,
        "missions": spoken,
        **({"merge": True} if len(commit.parents) > 1 else {}),
    }
    return json.dumps(details, ensure_ascii=False)


def at_work(db: Connection, worktree: str) -> Tuple[str, ...]:
    """Return the missions of a commit that names none and was made in a worktree.

    Those that were done here since the last commit, else the one claimed here, else the only one In
    Progress of which nobody knows where, else the Current one.
    """
    done = mission_rows.of_worktree(db, worktree, COMPLETED, BLOCKED)
    claimed = done or mission_rows.of_worktree(db, worktree, IN_PROGRESS)[-1:]
    if claimed:
        return tuple(claimed)
    begun = mission_rows.of_worktree(db, None, IN_PROGRESS)
    current = mission_rows.first(db, CURRENT)
    return (begun[0],) if len(begun) == 1 else (current,) if current else ()


def _told(found: Logged) -> str:
    return "logged %d of the newest commits; %d older ones are left: cmosctl sync --all-history" % (
        found.new + found.rewritten,
        found.left,
    )
