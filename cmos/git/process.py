"""Git as a process, or through GitPython, which takes 80 ms to import."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Sequence

from cmos.core.errors import GitProblem
from cmos.git import checkout

if TYPE_CHECKING:
    from git import Repo


#: Seconds that one call of git may take (docs/git.md, Hooks), and all such calls of a command together.
TIMEOUT = 5.0
ALL = 8.0
#: Seconds that slow calls have taken since the command began, and from how many on a call is slow.
_spent = 0.0
_SLOW = 0.5
#: What ``git rev-parse --local-env-vars`` lists, GIT_CONFIG_* excepted: inside a hook they
#: point at the repository that runs the hook, whatever folder one asks about.
LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)


def environment() -> Dict[str, str]:
    """Return the environment for git: about the folder it runs in, and without optional locks."""
    kept = {name: value for name, value in os.environ.items() if name not in LOCAL}
    # what a partial clone does not have is not fetched: no command of ours waits for a network
    kept.update(GIT_OPTIONAL_LOCKS="0", GIT_NO_LAZY_FETCH="1", LC_ALL="C")
    return kept


def begin() -> None:
    """Give git its whole time again: the watcher lives longer than a command."""
    global _spent
    _spent = 0.0


def run(folder: str, *arguments: str, stdin: Optional[bytes] = None, timeout: Optional[float] = None) -> bytes:
    """Run git in a folder and return what it prints; ``timeout`` is for calls that may be long. Raises GitProblem."""
    global _spent
    if timeout is not None:
        return _run(folder, arguments, stdin, timeout)
    if _spent >= ALL:
        raise GitProblem("git is too slow: it took %d seconds for one command" % _spent)
    began = time.monotonic()
    try:
        return _run(folder, arguments, stdin, min(TIMEOUT, ALL - _spent))
    finally:
        took = time.monotonic() - began
        _spent += took if took > _SLOW else 0.0


def _run(folder: str, arguments: Sequence[str], stdin: Optional[bytes], timeout: float) -> bytes:
    # here: most commands need no git
    import subprocess

    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**environment(), **_named(folder)},
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise GitProblem("git cannot be run", hint="install git and see that it is on the PATH") from error
    except subprocess.TimeoutExpired as error:
        raise GitProblem("git %s took longer than %d seconds" % (arguments[0], timeout)) from error
    if done.returncode:
        raise problem("git %s" % arguments[0], done.stderr.decode("utf-8", "replace") or "exit %d" % done.returncode)
    return done.stdout


def _named(folder: str) -> Dict[str, str]:
    """Return what tells git its repository where it would take a folder of the project for a bare one."""
    found = checkout.find_checkout(folder)
    if found is None:
        return {}
    place = os.path.abspath(folder)
    while place != found.top:
        if os.path.lexists(os.path.join(place, "HEAD")):
            return _told(found)
        place = os.path.dirname(place)
    return {}


def _told(found: checkout.Repository) -> Dict[str, str]:
    # whoever names a repository is not asked whether it may be trusted: git is asked first, where it looks itself
    run(found.top, "rev-parse", "--git-dir")
    return {"GIT_DIR": found.git_dir, "GIT_WORK_TREE": found.top}


def ask(folder: str, *arguments: str) -> Optional[str]:
    """Run git in a folder and return its answer; None when it has none."""
    try:
        return run(folder, *arguments).decode("utf-8", "replace").strip() or None
    except GitProblem:
        return None


def problem(who: str, said: str) -> GitProblem:
    """Return the error for what git said when it failed."""
    if "dubious ownership" in said:
        advice = [line.strip() for line in said.splitlines() if "safe.directory" in line]
        return GitProblem(
            "git does not trust this repository: it belongs to somebody else",
            hint="if you do: %s" % (advice[0] if advice else "git config --global --add safe.directory FOLDER"),
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return GitProblem("%s said: %s" % (who, lines[-1] if lines else "nothing"))


def create(folder: str) -> None:
    """Make a folder a repository with the branch main and an author of its own. Raises GitProblem."""
    with _git() as git, git.Repo.init(folder, initial_branch="main") as repo:
        _settings(repo)


def commit_index(folder: str, message: str) -> str:
    """Commit everything in the folder and return what git says. Raises GitProblem."""
    with open_repository(folder) as repo:
        repo.git.add("--all")
        return str(repo.git.commit("--message", message))


def diff_texts(folder: str) -> str:
    """Return ``git diff --stat`` of what is not committed. Raises GitProblem."""
    with open_repository(folder) as repo:
        return str(repo.git.diff("--stat"))


def _settings(repo: Repo) -> None:
    with repo.config_writer() as config:
        config.set_value("user", "name", "cmos demo")
        config.set_value("user", "email", "demo@example.org")
        config.set_value("commit", "gpgsign", "false")
        config.set_value("core", "hooksPath", os.devnull)


@contextmanager
def open_repository(folder: str) -> Iterator[Repo]:
    """Give the repository at the top of a checkout, and close it. Raises GitProblem for whatever git says."""
    with _git() as git, git.Repo(folder) as repo:
        yield repo


@contextmanager
def _git() -> Iterator[Any]:
    for name in LOCAL:
        os.environ.pop(name, None)
    try:
        import git
    except ImportError as error:
        raise GitProblem("git cannot be run", hint="install git and see that it is on the PATH") from error
    try:
        yield git
    except git.GitError as error:
        raise problem("git", str(error)) from error
