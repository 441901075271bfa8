"""Where a checkout stands, remembered from look to look."""

from __future__ import annotations

from typing import List

from cmos.core.errors import GitProblem
from cmos.db.connection import Connection
from cmos.git import branches
from cmos.git.checkout import Head, head, head_text
from cmos.project import rows as project_rows
from cmos.project.layout import Layout
from cmos.store import looks, scans

#: Commits that branches have left behind, from which on those that the present one leads back to are forgotten.
_MANY = 50


def has_moved(layout: Layout, db: Connection) -> bool:
    """Say whether the checkout stands at another commit, or on another branch, than at the last look."""
    return scans.head(db, layout.worktree) != head_text(layout.repository)


def to_read_again(layout: Layout, db: Connection) -> List[str]:
    """Return the kinds of issues whose files say more than before, although they did not change.

    What waited for a commit may be in one. On another branch the same contents may have arrived.
    """
    if not has_moved(layout, db):
        return []
    before = (scans.head(db, layout.worktree) or "").partition(" ")[2]
    has_switched = layout.repository is not None and before != (head(layout.repository).branch or "")
    return ["waiting", "drift"] if has_switched else ["waiting"]


def ref(now: Head, worktree: str) -> str:
    """Return the name under which looks at the present branch are remembered."""
    return now.branch or "HEAD %s" % worktree


def is_on_trunk(layout: Layout, db: Connection) -> bool:
    """Say whether the checkout is on the trunk: its files have the pointers."""
    return branches.is_on_trunk(layout.repository, first=project_rows.get_state(db, "trunk"))


def remember(layout: Layout, db: Connection) -> None:
    """Store that the present commit was looked at; inside a transaction."""
    if layout.repository is None or not has_moved(layout, db):
        return
    now = head(layout.repository)
    first = branches.branch_of_main(layout.repository) if project_rows.get_state(db, "trunk") is None else ""
    if first:
        project_rows.put_state(db, "trunk", first)
    scans.put_head(db, layout.worktree, now.text)
    if now.sha is None:
        return
    looks.put(db, ref(now, layout.worktree), now.sha)
    left = looks.left(db)
    if len(left) > _MANY:
        from cmos.history import walk

        try:
            looks.forget(db, set(left) - walk.outside(layout.root, [now.sha], left))
        except GitProblem:
            pass  # another look will do
