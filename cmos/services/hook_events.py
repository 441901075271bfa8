"""What git's hooks do for the log. Each returns lines for the user, and raises CmosError like any command."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

from cmos.db import connection
from cmos.db.lock import writer_lock
from cmos.git import branches
from cmos.history import record as history
from cmos.history import rows as history_rows
from cmos.history import walk
from cmos.history.naming import Ids, coming_ids, naming
from cmos.missions import rows as mission_rows
from cmos.project.trust import opened
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.git.checkout import Head
    from cmos.history.naming import Commit
    from cmos.history.record import Context, Pairs
    from cmos.project.layout import Layout

#: Seconds that git may be kept waiting for the database (GIT.md, section 2).
PATIENCE = 2.0


def on_commit(layout: Layout) -> List[str]:
    """post-commit: log the commit that HEAD is at. Reads no file of the project and writes none."""
    repository = layout.repository
    # the commits of a rebase are logged when it ends: it may yet be aborted
    if repository is None or repository.is_rewriting:
        return []
    here = walk.where(repository)
    if here.sha is None:
        return []
    lines: List[str] = []
    with opened(layout, patience=PATIENCE, notices=lines) as db:
        if history_rows.session_key(db, here.sha) is None:
            commit = walk.read_one(repository.top, here.sha)
            with writer_lock(layout.lock, patience=PATIENCE) as line, connection.immediate(db):
                lines += [line] if line else []
                _log(layout, db, here, commit)
    return lines


def on_merge(layout: Layout) -> List[str]:
    """post-merge: take in what arrived, files and commits."""
    from cmos.project.project import open_layout

    with open_layout(layout, patience=PATIENCE) as ws:
        ws.passes_over = "MERGE_HEAD"
        with run.change(ws) as db:
            history.catch_up(ws, db)
        return ws.notices


def on_rewrite(layout: Layout, pairs: Pairs) -> List[str]:
    """post-rewrite: let each new commit have the session of the old one.

    Without pairs (pre-commit passes none on) the history tells, when the rebase is over.
    """
    from cmos.project.project import open_layout

    with open_layout(layout, patience=PATIENCE) as ws:
        if pairs and all(history_rows.session_key(ws.db, new) is not None for _, new in pairs):
            return []
        with writer_lock(layout.lock, patience=PATIENCE), connection.immediate(ws.db):
            history.catch_up(ws, ws.db, pairs=pairs)
        return ws.notices


def _log(layout: Layout, db: Connection, here: Head, commit: Commit) -> None:
    assert layout.repository is not None and here.sha is not None
    told = branches.read_newest(layout.repository, here.branch, here.sha)
    # only where ids count: each of all missions is looked for in the text
    text = "\n".join((*naming(commit.message, commit.subject), here.branch or ""))
    named = mission_rows.maybe_named(db, text)
    ids = Ids([*named, *coming_ids(commit.files)])
    context = history.prepare(layout, db, [here.sha], here.branch, told, ids=ids, at_work=layout.worktree)
    history.log(context, commit)
    if _follows(history_rows.head(db, layout.worktree), context, commit):
        history_rows.put_head(db, layout.worktree, commit.sha, here.branch)


def _follows(seen: Optional[str], context: Context, commit: Commit) -> bool:
    """Say whether there is nothing between what was seen last and this commit; else the next command looks."""
    if seen is None or len(commit.parents) > 1:
        return False
    told = context.reflog
    before = told.last[0] if told is not None and told.last[1] == commit.sha else "".join(commit.parents)
    return seen == before or (not seen and not commit.parents)
