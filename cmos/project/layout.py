"""Where the parts of a project are."""

from __future__ import annotations

import os
from typing import Iterator, Optional

from cmos.core.record import NamedTuple
from cmos.git import checkout
from cmos.git.checkout import Repository

DATABASE = "memory.db"
#: A folder named cmos is a project's only if it holds one of these (a package may be named so too).
_SIGNS = ("missions", "SESSIONS.jsonl", "PROJECT_CONTEXT.json")


class Layout(NamedTuple):
    """The absolute paths of one project as seen from one worktree."""

    #: The folder that holds ``cmos/``.
    root: str
    #: The folder ``.cmos``; linked worktrees share the main worktree's.
    home: str
    #: Key of the worktree in the database: a dot for the main one.
    worktree: str
    #: The checkout's git folders; None outside of git.
    repository: Optional[Repository]

    @property
    def database(self) -> str:
        return os.path.join(self.home, DATABASE)

    @property
    def missions(self) -> str:
        return os.path.join(self.root, "cmos", "missions")

    @property
    def aside(self) -> str:
        """Where files that a write swapped out are kept until they are checked once more."""
        return os.path.join(self.home, "aside")

    @property
    def copy(self) -> Optional[str]:
        """Where a copy of the database is kept, out of reach of ``git clean``; None outside of git."""
        if self.repository is None:
            return None
        top = self.repository.main_top
        inside = os.path.relpath(os.path.dirname(self.home), top) if top else "."
        folder = self.home if top is None else os.path.join(self.repository.common_dir, "cmos", inside)
        return os.path.normpath(os.path.join(folder, DATABASE + ".copy"))

    @property
    def contents(self) -> Optional[str]:
        """Where it is kept what contents of mission files say; None outside of git, which brings none back."""
        return os.path.join(self.repository.common_dir, "cmos", "contents.db") if self.repository is not None else None

    @property
    def lock(self) -> str:
        """The writer lock: in the common git folder, so that all worktrees take the same one."""
        if self.repository is not None:
            return os.path.join(self.repository.common_dir, "cmos.lock")
        return os.path.join(self.home, "lock")

    def has_lost(self, worktree: str) -> bool:
        """Say whether git no longer has a linked worktree of this name."""
        if self.repository is None or worktree == ".":
            return False
        return not os.path.isdir(os.path.join(self.repository.common_dir, "worktrees", worktree))


def at_top(start: str) -> Layout:
    """Return where a new project of this folder belongs: at the top of the checkout."""
    found = checkout.find_checkout(start)
    return _layout(found.top if found else os.path.abspath(start), found)


def nearest(start: str) -> Optional[Layout]:
    """Return the nearest project, by its database or its files: a database farther up does not own them."""
    found = checkout.find_checkout(start)
    for folder in _upwards(start, found):
        layout = _layout(folder, found)
        if os.path.lexists(layout.database) or has_signs(folder):
            return layout
    return None


def of_root(root: str) -> Layout:
    """Return the layout of a project whose folder is known, whether or not its database is there now."""
    return _layout(root, checkout.find_checkout(root))


def has_signs(folder: str) -> bool:
    """Say whether a folder holds the files of a project, with a database or without."""
    return any(os.path.exists(os.path.join(folder, "cmos", sign)) for sign in _SIGNS)


def _upwards(start: str, found: Optional[Repository]) -> Iterator[str]:
    folder = os.path.abspath(start)
    top = found.top if found else None
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if folder == top or parent == folder:
            return
        folder = parent


def _layout(root: str, found: Optional[Repository]) -> Layout:
    if found is None:
        return Layout(root, os.path.join(root, ".cmos"), ".", None)
    inside = os.path.relpath(root, found.top)
    if found.main_top is None:
        # no main worktree to hold the folder: the common git folder does
        home = os.path.join(found.common_dir, "cmos", inside)
    else:
        home = os.path.join(found.main_top, inside, ".cmos")
    return Layout(root, os.path.normpath(home), found.worktree, found)
