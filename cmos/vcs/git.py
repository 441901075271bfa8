"""Git through GitPython, imported only when git is really needed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator

from cmos.core.errors import GitProblem
from cmos.vcs import plain

if TYPE_CHECKING:
    from git import Repo


def create(folder: str) -> None:
    """Make a folder a repository with the branch main and an author of its own. Raises GitProblem."""
    with _git() as git, git.Repo.init(folder, initial_branch="main") as repo:
        _settings(repo)


def commit(folder: str, message: str) -> str:
    """Commit everything in the folder and return what git says. Raises GitProblem."""
    with opened(folder) as repo:
        repo.git.add("--all")
        return str(repo.git.commit("--message", message))


def changes(folder: str) -> str:
    """Return ``git diff --stat`` of what is not committed. Raises GitProblem."""
    with opened(folder) as repo:
        return str(repo.git.diff("--stat"))


def _settings(repo: Repo) -> None:
    with repo.config_writer() as config:
        config.set_value("user", "name", "cmos demo")
        config.set_value("user", "email", "demo@example.org")
        config.set_value("commit", "gpgsign", "false")
        config.set_value("core", "hooksPath", os.devnull)


@contextmanager
def opened(folder: str) -> Iterator[Repo]:
    """Give the repository at the top of a checkout, and close it. Raises GitProblem for whatever git says."""
    with _git() as git, git.Repo(folder) as repo:
        yield repo


@contextmanager
def _git() -> Iterator[Any]:
    for name in plain.LOCAL:
        os.environ.pop(name, None)
    try:
        import git
    except ImportError as error:
        raise GitProblem("git cannot be run", hint="install git and see that it is on the PATH") from error
    try:
        yield git
    except git.GitError as error:
        raise plain.problem("git", str(error)) from error
