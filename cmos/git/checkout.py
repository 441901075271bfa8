"""The folders of a checkout and its repository, found by reading files, without starting git."""

from __future__ import annotations

import os
import re
from typing import Optional

from cmos.core.record import NamedTuple

_WORKTREE = r"^\s*worktree\s*=\s*(.+?)\s*$"


class Repository(NamedTuple):
    """One checkout. All paths are absolute."""

    #: The top folder of this checkout.
    top: str
    #: This checkout's own git folder, and the one that all worktrees share.
    git_dir: str
    common_dir: str
    #: The top folder of the main worktree; None where there is none (bare, separate git dir).
    main_top: Optional[str]

    @property
    def worktree(self) -> str:
        """The name of a linked worktree; a dot for the main one."""
        return "." if self.git_dir == self.common_dir else os.path.basename(self.git_dir)

    @property
    def is_rewriting(self) -> bool:
        """Whether a rebase or an ``am`` is under way, which may still be aborted."""
        return any(os.path.isdir(os.path.join(self.git_dir, name)) for name in ("rebase-merge", "rebase-apply"))


def find_checkout(start: str) -> Optional[Repository]:
    """Return the checkout that holds the folder, or None outside of git.

    A ``.git`` that leads to the repository of another checkout does not count: it came with an archive.
    """
    found = _nearest(start)
    return None if found is None or _is_of_another(found) else found


def has_git(start: str) -> bool:
    """Say whether a folder, or one above it, has a ``.git`` that leads to a repository."""
    return _nearest(start) is not None


def _nearest(start: str) -> Optional[Repository]:
    folder = os.path.abspath(start)
    git_dir = _git_dir(folder)
    while git_dir is None:
        if os.path.dirname(folder) == folder:
            return None
        folder = os.path.dirname(folder)
        git_dir = _git_dir(folder)
    return _repository(folder, git_dir)


def _is_of_another(found: Repository) -> bool:
    """Say whether the repository belongs to a checkout elsewhere that still exists."""
    own = found.main_top
    if os.path.islink(os.path.join(found.top, ".git")):
        own = os.path.dirname(os.path.realpath(found.git_dir))
    elif found.git_dir != found.common_dir:
        # git writes there where a linked worktree is
        back = read_text(os.path.join(found.git_dir, "gitdir")).strip()
        own = os.path.dirname(os.path.normpath(os.path.join(found.git_dir, back))) if back else None
    if own is None or own == found.top:
        return False
    there = _git_dir(own)
    same = there is not None and os.path.realpath(there) == os.path.realpath(found.git_dir)
    return same and not os.path.samefile(own, found.top)


def _git_dir(folder: str) -> Optional[str]:
    path = os.path.join(folder, ".git")
    if os.path.isdir(path):
        return path
    text = read_text(path)
    if not text.startswith("gitdir:"):
        return None
    target = os.path.normpath(os.path.join(folder, text[len("gitdir:") :].strip()))
    return target if os.path.isdir(target) else None


def _repository(top: str, git_dir: str) -> Repository:
    shared = read_text(os.path.join(git_dir, "commondir")).strip()
    common = os.path.normpath(os.path.join(git_dir, shared)) if shared else git_dir
    return Repository(top, git_dir, common, _main_top(top, git_dir, common))


def _main_top(top: str, git_dir: str, common: str) -> Optional[str]:
    if os.path.basename(common) == ".git":
        return os.path.dirname(common)
    # a submodule's git folder names its checkout; a bare one and --separate-git-dir do not
    named = re.search(_WORKTREE, read_text(os.path.join(common, "config")), re.MULTILINE)
    if named is None:
        return None
    main = os.path.normpath(os.path.join(common, named.group(1).strip('"')))
    # both must say so: a configuration alone may name anybody's folder
    back = _git_dir(main)
    return main if back is not None and os.path.realpath(back) == os.path.realpath(common) else None


def read_text(path: str, size: int = 100_000) -> str:
    """Return the beginning of one of git's files; empty when it cannot be read. A negative size: all of it."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(size)
    except (OSError, ValueError):
        return ""
