"""Git as a plain process: for hooks and nearly all commands."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import IO, Dict, Iterator, Optional, Sequence

from cmos.core.errors import GitProblem
from cmos.git import checkout

#: Seconds that one call of git may take (docs/git.md, Hooks), and all such calls of a command together.
TIMEOUT = 5.0
ALL = 8.0
#: Seconds that slow calls have taken since the command began, and the seconds that make a call slow.
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


#: Without optional locks, and without waiting: not for a network that could bring what a partial clone
#: does not have, and not for a person.
SETTINGS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def environment() -> Dict[str, str]:
    """Return an environment in which git looks at the folder it runs in."""
    return {**{name: value for name, value in os.environ.items() if name not in LOCAL}, **SETTINGS}


def begin() -> None:
    """Start counting git's time anew: the watcher lives longer than a command."""
    global _spent
    _spent = 0.0


def run(folder: str, *arguments: str, stdin: Optional[bytes] = None, timeout: Optional[float] = None) -> bytes:
    """Run git in a folder and return its output; pass ``timeout`` for calls that may take long. Raises GitProblem."""
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
        raise missing() from error
    except subprocess.TimeoutExpired as error:
        raise GitProblem("git %s took longer than %d seconds" % (arguments[0], timeout)) from error
    _check(arguments[0], done.returncode, done.stderr)
    return done.stdout


def stream(folder: str, *arguments: str, stdin: IO[bytes]) -> Iterator[bytes]:
    """Yield git's output as it comes, for answers too long to hold. Raises GitProblem."""
    import subprocess
    from tempfile import TemporaryFile

    with TemporaryFile() as errors:
        try:
            child = subprocess.Popen(
                ["git", *arguments],
                cwd=folder,
                env={**environment(), **_named(folder)},
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        except FileNotFoundError as error:
            raise missing() from error
        with child:
            assert child.stdout is not None
            yield from iter(partial(child.stdout.read, 65_536), b"")
            code = child.wait()
        errors.seek(0)
        _check(arguments[0], code, errors.read())


def _check(command: str, code: int, errors: bytes) -> None:
    if code:
        raise problem("git %s" % command, errors.decode("utf-8", "replace") or "exit %d" % code)


def _named(folder: str) -> Dict[str, str]:
    """Return the variables that name the repository, where git would take a folder of the project for a bare one."""
    found = checkout.find_checkout(folder)
    if found is None:
        return {}
    place = os.path.abspath(folder)
    while place != found.top:
        if os.path.lexists(os.path.join(place, "HEAD")):
            return _naming_variables(found)
        place = os.path.dirname(place)
    return {}


def _naming_variables(found: checkout.Repository) -> Dict[str, str]:
    # git does not check the owner of a repository that it is given by name: let it find this one once, and check
    run(found.top, "rev-parse", "--git-dir")
    return {"GIT_DIR": found.git_dir, "GIT_WORK_TREE": found.top}


def ask(folder: str, *arguments: str) -> Optional[str]:
    """Run git in a folder and return its answer; None when it has none."""
    try:
        return run(folder, *arguments).decode("utf-8", "replace").strip() or None
    except GitProblem:
        return None


def missing() -> GitProblem:
    """Return the error for a git that is not there."""
    return GitProblem("git cannot be run", hint="install git and see that it is on the PATH")


def problem(who: str, said: str) -> GitProblem:
    """Return the error for a failed command of git, from its error output."""
    if "dubious ownership" in said:
        advice = [line.strip() for line in said.splitlines() if "safe.directory" in line]
        return GitProblem(
            "git does not trust this repository: it belongs to somebody else",
            hint="if you do: %s" % (advice[0] if advice else "git config --global --add safe.directory FOLDER"),
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return GitProblem("%s said: %s" % (who, lines[-1] if lines else "nothing"))
