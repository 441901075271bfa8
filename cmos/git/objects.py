"""Files as git stores them: blobs, contents, changes, who wrote a line, what is tracked."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Optional, Sequence, Set, Tuple

from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.git import process


def blobs(folder: str, revision: str, inside: str) -> Dict[str, str]:
    """Return the blob ids of the files below ``inside`` in a commit, by path relative to the folder."""
    try:
        listing = process.run(folder, "ls-tree", "-r", "-z", "--end-of-options", revision, inside + "/")
    except GitProblem:
        return {}  # an unborn branch, or a commit that a shallow clone does not have
    found = {}
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        meta, _, path = line.partition("\t")
        if meta.count(" ") == 2:
            found[path] = meta.split(" ")[2]
    return found


def blob_ids(folder: str, paths: Sequence[str]) -> List[str]:
    """Return the blob ids that git would give the files as they are now, with its filters applied."""
    names = [path for path in paths if "\n" not in path]
    if not names:
        return []
    return process.run(folder, "hash-object", "--stdin-paths", stdin=_lines(names)).decode("ascii").split()


def contents(folder: str, blob_names: Iterable[str]) -> List[Optional[bytes]]:
    """Return the contents of blobs, given by id or as ``REVISION:./PATH``; None for what is not there."""
    names = list(blob_names)
    if not names:
        return []
    return _parse(process.run(folder, "cat-file", "--batch", stdin=_lines(names)), len(names))


def _lines(names: Iterable[str]) -> bytes:
    return os.fsencode("".join(name + "\n" for name in names))


def _parse(answer: bytes, count: int) -> List[Optional[bytes]]:
    found: List[Optional[bytes]] = []
    place = 0
    for _ in range(count):
        end = answer.index(b"\n", place)
        words = answer[place:end].split()
        place = end + 1
        if len(words) != 3 or words[1] != b"blob":
            found.append(None)
            continue
        size = int(words[2])
        found.append(answer[place : place + size])
        place += size + 1
    return found


class Change(NamedTuple):
    """A file that differs between two commits; a blob is None where one of them has no such file."""

    path: str
    old: Optional[str]
    new: Optional[str]


def differing(folder: str, old: str, new: str, inside: str) -> List[Change]:
    """Return how the files below ``inside`` changed between two commits. Raises GitProblem."""
    tell = ("-r", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative")
    return read_changes(process.run(folder, "diff-tree", *tell, old, new, "--", inside))


def changes(folder: str, commits: Sequence[str], inside: str, *, limit: int) -> List[Change]:
    """Return what each ancestor of some commits changed, newest first; ``^SHA`` excludes the ancestors of that one.

    What a merge discarded is included. ``limit`` is the number of commits. Raises GitProblem.
    """
    tell = ("--format=", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative")
    walk = ("log", "--full-history", *tell, "--ignore-missing", "--max-count=%d" % limit)
    return read_changes(process.run(folder, *walk, *commits, "--", inside))


def read_changes(answer: bytes) -> List[Change]:
    """Read what ``--raw -z`` prints; of a merge's parents, the first counts as old."""
    words = iter(os.fsdecode(answer).split("\0"))
    found = []
    for meta in words:
        parts = meta.strip("\n").split(" ")
        # as many colons as parents; the modes come before the blobs, the result after the parents
        parents = len(parts[0]) - len(parts[0].lstrip(":"))
        if parents:
            old, new = (blob if blob.strip("0") else None for blob in (parts[parents + 1], parts[2 * parents + 1]))
            found.append(Change(next(words, ""), old, new))
    return found


def is_behind(folder: str, sha: str, others: Sequence[str]) -> bool:
    """Say whether a commit is one of the others or an ancestor of one; False if git does not know it."""
    if sha in others:
        return True
    try:
        there = process.run(folder, "rev-list", "--max-count=1", "--ignore-missing", sha, "--not", *others, "--")
        return bool(others) and not there.strip()
    except GitProblem:
        return False


def nearest_ancestors(folder: str, sha: str, others: Sequence[str]) -> List[str]:
    """Return the commits at which the history of one commit branches off from that of others. Raises GitProblem."""
    walk = ("rev-list", "--boundary", "--ignore-missing", sha, "--not", *others, "--")
    lines = process.run(folder, *walk).decode("ascii").split() if others else []
    return [line[1:] for line in lines if line.startswith("-")]


def known_objects(folder: str, blobs: Iterable[str]) -> Set[str]:
    """Return those of the blobs that git has, in any commit, the index or a stash. Raises GitProblem."""
    stdin = _lines(blobs)
    lines = process.run(folder, "cat-file", "--batch-check", stdin=stdin).decode("ascii").splitlines() if stdin else []
    return {line.split(" ")[0] for line in lines if line.split(" ")[1:2] == ["blob"]}


def moved_to(folder: str, paths: Sequence[str]) -> List[str]:
    """Return the folders below this one in which some of the paths are tracked. Raises GitProblem."""
    if not paths:
        return []
    import glob

    listed = process.run(folder, "ls-files", "-z", "--", *(":(glob)**/" + glob.escape(path) for path in paths))
    found = listed.decode("utf-8", "surrogateescape").split("\0")
    places = (one[: -len(path) - 1] for path in paths for one in found if one.endswith("/" + path))
    return sorted(set(places))


def skipped(folder: str, paths: Sequence[str]) -> List[str]:
    """Return those of the files that have the skip-worktree bit."""
    if not paths:
        return []
    answer = process.run(folder, "ls-files", "-t", "-z", "--", *paths).decode("utf-8", "surrogateescape")
    return [line[2:] for line in answer.split("\0") if line.startswith("S ")]


def ignored(folder: str, paths: Sequence[str]) -> Set[str]:
    """Return those of the files that git is told to ignore and does not track; none where it does not answer."""
    found: Set[str] = set()
    for start in range(0, len(paths), _MANY):
        told = [":(literal)" + path for path in paths[start : start + _MANY]]
        try:
            answer = process.run(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", *told)
        except GitProblem:
            return set()
        found.update(answer.decode("utf-8", "surrogateescape").split("\0"))
    return found


#: For more lines than this git is asked about the whole file: so many arguments cost more than the work.
_MANY = 200


class Wrote(NamedTuple):
    """The commit that last changed a line."""

    sha: str
    #: When it was committed, in seconds since 1970, and by whom.
    time: int
    committer: str
    #: The line's number in that commit, from 1.
    line: int
    #: The commit before it that had the file, and the file's path from the checkout's top there.
    previous: Optional[Tuple[str, str]]


def wrote(folder: str, revision: str, path: str, lines: Iterable[int]) -> Dict[int, Wrote]:
    """Return who last changed each of the lines (from 1) of a file in a commit. Raises GitProblem."""
    some = sorted(set(lines))
    ranges = [] if len(some) > _MANY else [argument for one in some for argument in ("-L", "%d,%d" % (one, one))]
    answer = process.run(folder, "blame", "-w", "--line-porcelain", *ranges, revision, "--", path)
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
