"""What this checkout did, as its reflog tells: which commits were made here, on what branch, in whose place."""

from __future__ import annotations

import os
import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from cmos.vcs.head import has_table, short
from cmos.vcs.repository import Repository

#: Bytes from the end: some 1,500 entries, and the newest one.
_TAIL = 262_144
_NEWEST = 4096
_ENTRIES = 1500
_LINE = re.compile(r"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [^\t]*\t(.*)")
_MOVE = re.compile(r"checkout: moving from (.+) to \S+$")
#: What makes a commit, as opposed to moving to one: "merge X: Fast-forward" and "rebase (start)" move.
_MAKING = re.compile(
    r"(commit|cherry-pick|revert|am)\b"
    r"|(merge|pull)\b.*: Merge made\b"
    r"|(rebase|pull)\b.*\((pick|continue|reword|edit|fixup|squash|merge)\):"
    r"|rebase: (?!checkout |fast-forward|aborting)"
)


#: What moves a branch forward, as opposed to setting it somewhere: these are how news arrives.
_FORWARD = re.compile(r"(pull|merge|commit|rebase|am|cherry-pick|revert|fetch|push|update by push)\b")


class Reflog(NamedTuple):
    #: Each commit made here, with the branch it was made on (None: on none, or unknown).
    made: Dict[str, Optional[str]]
    #: An amended commit's new id, with its old one.
    amended: Dict[str, str]
    #: The last entry: from where to where HEAD went.
    last: Tuple[str, str] = ("", "")


def read(repository: Repository, branch: Optional[str]) -> Optional[Reflog]:
    """Return what the reflog of a checkout tells; ``branch`` is where it is now. None when there is no reflog."""
    lines = _asked(repository) if has_table(repository) else _lines(repository)
    if not lines:
        return None
    found = Reflog({}, {}, (lines[-1][0], lines[-1][1]))
    here = short(branch)
    # from the end: where HEAD is now is known, where it was follows from the moves
    for old, new, what in reversed(lines):
        move = _MOVE.match(what)
        if move:
            here = None if re.fullmatch(r"[0-9a-f]{40,64}", move.group(1)) else move.group(1)
        elif _MAKING.match(what):
            found.made.setdefault(new, here)
            if what.startswith("commit (amend)"):
                found.amended.setdefault(new, old)
    return found


def read_newest(repository: Repository, branch: Optional[str], sha: str) -> Optional[Reflog]:
    """Return what the reflog tells of the commit just made: the quick way, for a hook."""
    lines = _lines(repository, tail=_NEWEST)
    old, new, what = lines[-1] if lines else ("", "", "")
    if new != sha or not _MAKING.match(what) or what.startswith("commit (amend)"):
        # what an amended commit was may be told by any entry before
        return read(repository, branch)
    return Reflog({sha: short(branch)}, {}, (old, new))


def forward(repository: Repository, branch: Optional[str]) -> Optional[List[Tuple[str, str]]]:
    """Return the last moves of the checked-out branch up to one that was no move forward, the newest first.

    Each is the commit before and the one after. With a detached HEAD, its own moves. None when there is no reflog.
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
        if not _FORWARD.match(what):
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
    found = (_LINE.match(line) for line in text.split("\n"))
    return [(match.group(1), match.group(2), match.group(3)) for match in found if match]


def _asked(repository: Repository, ref: str = "HEAD") -> List[Tuple[str, str, str]]:
    from cmos.vcs import plain

    walk = ("log", "-g", "--no-show-signature", "--max-count=%d" % _ENTRIES, "--format=%H%x09%gs", ref, "--")
    told = plain.ask(repository.top, *walk)
    entries = [line.partition("\t") for line in (told or "").split("\n")[::-1]]
    before = ["0" * 40, *(entry[0] for entry in entries)]
    return [(old, new, what) for old, (new, tab, what) in zip(before, entries) if tab]
