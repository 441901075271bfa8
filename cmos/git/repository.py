"""Git through GitPython: for `init`, `hook install|uninstall|status` and the demo.

Importing GitPython takes 56 to 80 ms, so everything that runs more often uses ``process``.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, Optional

from cmos.core.errors import GitProblem
from cmos.git import checkout, process

if TYPE_CHECKING:
    from git import Repo as Repo


@contextmanager
def open_repository(folder: str) -> Iterator[Repo]:
    """Open the repository of a folder, a bare one too, and close it at the end.

    Only the thread that opened it may use it. Raises GitProblem, also for errors of GitPython in between.
    """
    found = checkout.find_checkout(folder)
    if found is None and checkout.has_git(folder):
        raise GitProblem(".git leads to the repository of another checkout: %s" % folder)
    top = os.path.abspath(folder) if found is None else found.top
    with _library() as git, _opened(git, top, is_bare=found is None) as repo:
        repo.git.update_environment(**process.SETTINGS)
        # GitPython would follow core.worktree of a folder that merely looks like a repository
        repo.git.set_persistent_git_options(C=top)
        yield repo


def _opened(git: Any, top: str, *, is_bare: bool) -> Repo:
    from configparser import Error

    try:
        # a path is taken as it stands: "$HOME" in it is the name of a folder
        repo: Repo = git.Repo(top, search_parent_directories=is_bare, expand_vars=False)
    except (Error, PermissionError, UnicodeError) as error:
        raise GitProblem("the repository cannot be read: %s: %s" % (top, error)) from error
    return repo


def run(repo: Repo, command: str, *arguments: str) -> bytes:
    """Let GitPython run a git command and return what it prints. Raises GitProblem."""
    code, answer, said = getattr(repo.git, command)(
        *arguments,
        with_extended_output=True,
        with_exceptions=False,
        stdout_as_string=False,
        strip_newline_in_stdout=False,
        kill_after_timeout=process.TIMEOUT,
    )
    if code:
        raise process.problem("git %s" % command, said or "exit %d" % code)
    return bytes(answer)


def ask(repo: Repo, command: str, *arguments: str) -> Optional[str]:
    """Return what a git command prints, without its last newline; None when it fails or prints nothing."""
    try:
        return os.fsdecode(run(repo, command, *arguments))[:-1] or None
    except GitProblem:
        return None


def configure(repo: Repo, *arguments: str) -> bytes:
    """Read or change the repository's own configuration, as ``git config --local`` does. Raises GitProblem."""
    # config_writer would rewrite the whole file, and lose the user's comments and indentation
    return run(repo, "config", "--local", *arguments)


def create(folder: str) -> None:
    """Make a folder a repository with the branch main and an author of its own. Raises GitProblem."""
    values = ("user.name", "cmos demo"), ("user.email", "demo@example.org"), ("commit.gpgsign", "false")
    with _library() as git:
        git.Repo.init(folder, initial_branch="main", expand_vars=False).close()
    with open_repository(folder) as repo:
        for name, value in (*values, ("core.hooksPath", os.devnull)):
            configure(repo, name, value)


@contextmanager
def _library() -> Iterator[Any]:
    for name in process.LOCAL:
        os.environ.pop(name, None)
    try:
        import git
    except ImportError as error:
        raise process.missing() from error
    try:
        yield git
    except git.InvalidGitRepositoryError as error:
        raise GitProblem("not a git repository: %s" % error, hint="go to one, or: git init") from error
    except git.GitCommandNotFound as error:
        raise process.missing() from error
    except git.GitError as error:
        raise process.problem("git", str(error)) from error
