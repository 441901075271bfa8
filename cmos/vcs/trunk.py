"""The trunk: the branch, or the few, whose files say what comes next and who is at it."""

from __future__ import annotations

import os
import re
from typing import List, Optional, Tuple

from cmos.vcs import plain
from cmos.vcs.head import commit_of, head, short, symbolic
from cmos.vcs.repository import Repository

_ORIGIN = "refs/remotes/origin/"
_USUAL = ("main", "master", "trunk")
_SECTION = re.compile(r"^\s*\[\s*(cmos\s*\]|include)", re.IGNORECASE | re.MULTILINE)
#: Set where configuration comes by other ways than files.
_BY_ENVIRONMENT = ("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS")


def names(repository: Repository, *, first: Optional[str] = None) -> Tuple[str, ...]:
    """Return the names of the trunk's branches.

    ``git config cmos.trunk``, else what ``origin/HEAD`` names, else the only one of main, master and trunk,
    else ``first``: the main worktree's branch when the project began.
    """
    told = _configured(repository)
    if told:
        return told
    origin = symbolic(repository, _ORIGIN + "HEAD") or ""
    if origin.startswith(_ORIGIN):
        return (origin[len(_ORIGIN) :],)
    usual = [name for name in _USUAL if commit_of(repository, "refs/heads/" + name)]
    return tuple(usual) if len(usual) == 1 else (first,) if first else ()


def is_here(repository: Optional[Repository], *, first: Optional[str] = None) -> bool:
    """Say whether a checkout is on the trunk. Outside of git there is nothing else; a detached HEAD is not on it."""
    if repository is None:
        return True
    branch = short(head(repository).branch)
    trunk = names(repository, first=first)
    return bool(branch) and (branch in trunk or not trunk)


def branch_of_main(repository: Repository) -> str:
    """Return the branch that the main worktree is on; empty where it is on none."""
    return short(head(repository._replace(git_dir=repository.common_dir)).branch) or ""


def tips(repository: Repository, *, but: str, first: Optional[str] = None) -> List[str]:
    """Return the commits that the trunk and what it follows are at, those of the branch ``but`` left out."""
    wanted = []
    for name in names(repository, first=first):
        upstream = plain.ask(repository.top, "rev-parse", "--symbolic-full-name", "--verify", "--quiet", name + "@{u}")
        wanted += [one for one in ("refs/heads/" + name, upstream or _ORIGIN + name) if one != but]
    found = plain.ask(repository.top, "for-each-ref", "--format=%(objectname)", *wanted) if wanted else None
    return (found or "").split()


def _configured(repository: Repository) -> Tuple[str, ...]:
    # to ask git costs more than the files: nearly nobody sets it
    texts = (_read(path) for path in _config_files(repository))
    if not any(name in os.environ for name in _BY_ENVIRONMENT) and not any(map(_SECTION.search, texts)):
        return ()
    return tuple((plain.ask(repository.top, "config", "--get-all", "cmos.trunk") or "").split())


def _config_files(repository: Repository) -> List[str]:
    home = os.path.expanduser("~")
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    own = os.environ.get("GIT_CONFIG_GLOBAL")
    everywhere = [own] if own is not None else [os.path.join(home, ".gitconfig"), os.path.join(base, "git", "config")]
    return [os.path.join(repository.common_dir, "config"), os.path.join(repository.git_dir, "config.worktree"),
            *everywhere, "/etc/gitconfig"]  # fmt: skip


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(100_000)
    except OSError:
        return ""
