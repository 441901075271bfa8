"""Where git looks for hooks."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

from cmos.core.errors import GitProblem
from cmos.git import checkout, process


class Place(NamedTuple):
    """The hooks folder of a checkout, and what it lies in. Paths are absolute."""

    hooks: str
    common_dir: str
    #: The checkout's top folder; None for a bare repository.
    top: Optional[str]
    #: What core.hooksPath says; None when it is not set.
    configured: Optional[str]
    #: True where the hooks folder is a symbolic link; ``hooks`` is what it points to.
    is_link: bool

    @property
    def is_in_work_tree(self) -> bool:
        """True where the hooks are files of the project."""
        inside_git = _is_inside(self.hooks, self.common_dir)
        return self.top is not None and not inside_git and _is_inside(self.hooks, self.top)


def locate(folder: str) -> Place:
    """Ask git where the hooks of the checkout are that a folder is in. Raises GitProblem."""
    if checkout.find_checkout(folder) is None and checkout.has_git(folder):
        raise GitProblem(".git leads to the repository of another checkout: %s" % folder)
    try:
        common = os.fsdecode(process.run(folder, "rev-parse", "--path-format=absolute", "--git-common-dir"))[:-1]
    except GitProblem as problem:
        raise GitProblem(problem.message, hint=problem.hint or "go to a git repository, or: git init") from None
    top = _ask(folder, "rev-parse", "--show-toplevel")
    configured = _ask(folder, "config", "--get", "core.hooksPath")
    hooks = _ask(folder, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    # not made absolute by git, which would resolve it
    start = top or folder
    asked = os.path.join(start, _ask(start, "rev-parse", "--git-path", "hooks") or "")
    return Place(hooks or os.devnull, common, top, configured, os.path.islink(asked.rstrip("/")))


def _ask(folder: str, *arguments: str) -> Optional[str]:
    try:
        said = process.run(folder, *arguments)
    except GitProblem:
        return None  # not set, or not to be had in a bare repository
    return os.fsdecode(said)[:-1] or None


def _is_inside(path: str, folder: str) -> bool:
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
