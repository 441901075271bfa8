"""Which commit wrote a line, wherever its file stood then."""

from __future__ import annotations

from typing import Dict, Iterable, NamedTuple, Optional, Tuple

from cmos.vcs import plain

#: From this many lines on git is asked about the whole file: it has more arguments to read than work to do.
_MANY = 200


class Wrote(NamedTuple):
    """The commit that wrote a line as it now is."""

    sha: str
    #: When it was committed, in seconds since 1970, and by whom.
    time: int
    committer: str
    #: The line's number in that commit, from 1.
    line: int
    #: The commit before it that had the file, and the file's path from the checkout's top there.
    previous: Optional[Tuple[str, str]]


def wrote(folder: str, revision: str, path: str, lines: Iterable[int]) -> Dict[int, Wrote]:
    """Return by line, from 1, of a file in a commit, who wrote it. Raises GitProblem."""
    some = sorted(set(lines))
    ranges = [] if len(some) > _MANY else [argument for one in some for argument in ("-L", "%d,%d" % (one, one))]
    answer = plain.run(folder, "blame", "-w", "--line-porcelain", *ranges, revision, "--", path)
    wanted, found = set(some), {}
    told: Dict[str, str] = {}
    sha, line, place = "", 0, 0
    for text in answer.decode("utf-8", "replace").split("\n"):
        if text.startswith("\t"):
            if place in wanted:
                before = told["previous"].split(" ", 1) if "previous" in told else None
                previous = (before[0], before[1]) if before else None
                found[place] = Wrote(sha, int(told["committer-time"]), told["committer"], line, previous)
            told = {}
        elif not told:
            sha, first, second = text.split(" ")[:3] if text.count(" ") >= 2 else ("", "0", "0")
            line, place, told = int(first), int(second), {"sha": sha}
        else:
            name, _, value = text.partition(" ")
            told[name] = value
    return found
