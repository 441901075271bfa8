"""The reflog of a branch, and which branches are the trunk."""

from __future__ import annotations

import os
import re
from typing import Dict, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.git import process
from cmos.git.checkout import Repository, read_text
from cmos.git.head import commit_of, has_table, head, short, symbolic

#: Bytes from the end: some 1,500 entries, and the newest one.
_TAIL = 262_144
_NEWEST = 4096
_ENTRIES = 1500
_LINE = r"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [^\t]*\t(.*)"
_MOVE = r"checkout: moving from (.+) to \S+$"
#: What makes a commit, as opposed to moving to one: "merge X: Fast-forward" and "rebase (start)" move.
_MAKING = (
    r"(commit|cherry-pick|revert|am)\b"
    r"|(merge|pull)\b.*: Merge made\b"
    r"|(rebase|pull)\b.*\((pick|continue|reword|edit|fixup|squash|merge)\):"
    r"|rebase: (?!checkout |fast-forward|aborting)"
)


#: What moves a branch forward, as opposed to setting it somewhere: these are how news arrives.
_FORWARD = r"(pull|merge|commit|rebase|am|cherry-pick|revert|fetch|push|update by push)\b"


class Reflog(NamedTuple):
    #: Each commit made here, with the branch it was made on (None: on none, or unknown).
    made: Dict[str, Optional[str]]
    #: An amended commit's new id, with its old one.
    amended: Dict[str, str]
    #: The last entry: from where to where HEAD went.
    last: Tuple[str, str] = ("", "")


def read_reflog(repository: Repository, branch: Optional[str]) -> Optional[Reflog]:
    """Read the reflog of a checkout that is on ``branch`` now. None when there is no reflog."""
    lines = _asked(repository) if has_table(repository) else _lines(repository)
    if not lines:
        return None
    found = Reflog({}, {}, (lines[-1][0], lines[-1][1]))
    here = short(branch)
    # from the end: where HEAD is now is known, where it was follows from the moves
    for old, new, what in reversed(lines):
        move = re.match(_MOVE, what)
        if move:
            here = None if re.fullmatch(r"[0-9a-f]{40,64}", move.group(1)) else move.group(1)
        elif re.match(_MAKING, what):
            found.made.setdefault(new, here)
            if what.startswith("commit (amend)"):
                found.amended.setdefault(new, old)
    return found


def read_newest(repository: Repository, branch: Optional[str], sha: str) -> Optional[Reflog]:
    """Read what the reflog says about the commit just made: the quick way, for a hook."""
    lines = _lines(repository, tail=_NEWEST)
    old, new, what = lines[-1] if lines else ("", "", "")
    if new != sha or not re.match(_MAKING, what) or what.startswith("commit (amend)"):
        # any earlier entry may say which commit was amended
        return read_reflog(repository, branch)
    return Reflog({sha: short(branch)}, {}, (old, new))


def forward_moves(repository: Repository, branch: Optional[str]) -> Optional[List[Tuple[str, str]]]:
    """Return the last moves of the checked-out branch, newest first, back to one that was not forward.

    Each is a pair of commits: before and after. A detached HEAD has moves of its own. None when there is no reflog.
    """
    moves: List[Tuple[str, str]] = []
    if has_table(repository):
        lines = _asked(repository, branch or "HEAD")
    else:
        folder = repository.common_dir if branch else repository.git_dir
        lines = _lines_of(os.path.join(folder, "logs", *(branch or "HEAD").split("/")))
    if not lines:
        return None
    for old, new, what in reversed(lines):
        if not re.match(_FORWARD, what):
            break
        moves.append((old, new))
    return moves


def _lines(repository: Repository, *, tail: int = _TAIL) -> List[Tuple[str, str, str]]:
    return _lines_of(os.path.join(repository.git_dir, "logs", "HEAD"), tail=tail)


def _lines_of(path: str, *, tail: int = _TAIL) -> List[Tuple[str, str, str]]:
    try:
        with open(path, "rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - tail, 0))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    found = (re.match(_LINE, line) for line in text.split("\n"))
    return [(match.group(1), match.group(2), match.group(3)) for match in found if match]


def _asked(repository: Repository, ref: str = "HEAD") -> List[Tuple[str, str, str]]:
    walk = ("log", "-g", "--no-show-signature", "--max-count=%d" % _ENTRIES, "--format=%H%x09%gs", ref, "--")
    told = process.ask(repository.top, *walk)
    entries = [line.partition("\t") for line in (told or "").split("\n")[::-1]]
    before = ["0" * 40, *(entry[0] for entry in entries)]
    return [(old, new, what) for old, (new, tab, what) in zip(before, entries) if tab]


_ORIGIN = "refs/remotes/origin/"
_USUAL = ("main", "master", "trunk")
_SECTION = r"(?im)^\s*\[\s*(cmos\s*\]|include)"
#: Set where configuration comes by other ways than files.
_BY_ENVIRONMENT = ("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS")


def trunk_names(repository: Repository, *, first: Optional[str] = None) -> Tuple[str, ...]:
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


def is_on_trunk(repository: Optional[Repository], *, first: Optional[str] = None) -> bool:
    """Say whether a checkout is on the trunk: always outside of git, never with a detached HEAD."""
    if repository is None:
        return True
    branch = short(head(repository).branch)
    trunk = trunk_names(repository, first=first)
    return bool(branch) and (branch in trunk or not trunk)


def branch_of_main(repository: Repository) -> str:
    """Return the branch of the main worktree; empty when it is on none."""
    return short(head(repository._replace(git_dir=repository.common_dir)).branch) or ""


def trunk_tips(repository: Repository, *, but: str, first: Optional[str] = None) -> List[str]:
    """Return the tips of the trunk and of its upstream, except those of the branch ``but``."""
    wanted = []
    for name in trunk_names(repository, first=first):
        upstream = process.ask(
            repository.top, "rev-parse", "--symbolic-full-name", "--verify", "--quiet", name + "@{u}"
        )
        wanted += [ref for ref in ("refs/heads/" + name, upstream or _ORIGIN + name) if ref != but]
    found = process.ask(repository.top, "for-each-ref", "--format=%(objectname)", *wanted) if wanted else None
    return (found or "").split()


def _configured(repository: Repository) -> Tuple[str, ...]:
    # asking git costs more than reading its files, and hardly anybody sets it
    texts = (read_text(path) for path in _config_files(repository))
    if not any(name in os.environ for name in _BY_ENVIRONMENT) and not any(re.search(_SECTION, text) for text in texts):
        return ()
    return tuple((process.ask(repository.top, "config", "--get-all", "cmos.trunk") or "").split())


def _config_files(repository: Repository) -> List[str]:
    home = os.path.expanduser("~")
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    own = os.environ.get("GIT_CONFIG_GLOBAL")
    everywhere = [own] if own is not None else [os.path.join(home, ".gitconfig"), os.path.join(base, "git", "config")]
    return [os.path.join(repository.common_dir, "config"), os.path.join(repository.git_dir, "config.worktree"),
            *everywhere, "/etc/gitconfig"]  # fmt: skip
