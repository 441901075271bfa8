"""What git holds of files: blobs of a commit, contents, and what git would store."""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Sequence

from cmos.core.errors import GitProblem
from cmos.vcs import plain


def blobs(folder: str, revision: str, inside: str) -> Dict[str, str]:
    """Return the blob ids of the files below ``inside`` in a commit, by path relative to the folder."""
    try:
        listing = plain.run(folder, "ls-tree", "-r", "-z", "--end-of-options", revision, inside + "/")
    except GitProblem:
        return {}  # an unborn branch, or a commit that a shallow clone does not have
    found = {}
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        meta, _, path = line.partition("\t")
        if meta.count(" ") == 2:
            found[path] = meta.split(" ")[2]
    return found


def blob_ids(folder: str, paths: Sequence[str]) -> List[str]:
    """Return the ids that git would give the files as they are now, its filters applied."""
    names = [path for path in paths if "\n" not in path]
    if not names:
        return []
    stdin = "".join(path + "\n" for path in names).encode("utf-8", "surrogateescape")
    return plain.run(folder, "hash-object", "--stdin-paths", stdin=stdin).decode("ascii").split()


def contents(folder: str, blob_names: Iterable[str]) -> List[Optional[bytes]]:
    """Return the contents of blobs, given by id or as ``REVISION:./PATH``; None for what is not there."""
    names = list(blob_names)
    if not names:
        return []
    stdin = "".join(name + "\n" for name in names).encode("utf-8", "surrogateescape")
    return _parse(plain.run(folder, "cat-file", "--batch", stdin=stdin), len(names))


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


def is_forward(folder: str, old: str, new: str) -> bool:
    """Say whether a commit is an ancestor of another; False if git does not know one of them."""
    try:
        return plain.run(folder, "rev-list", "--count", "--max-count=1", old, "^" + new, "--").strip() == b"0"
    except GitProblem:
        return False


def touching(folder: str, revision: str, path: str, *, limit: int) -> List[str]:
    """Return the newest commits up to ``revision`` that touched a file, newest first."""
    try:
        answer = plain.run(folder, "rev-list", "--max-count=%d" % limit, "--end-of-options", revision, "--", path)
    except GitProblem:
        return []
    return answer.decode("ascii").split()


def skipped(folder: str, paths: Sequence[str]) -> List[str]:
    """Return those of the files that have the skip-worktree bit."""
    if not paths:
        return []
    answer = plain.run(folder, "ls-files", "-t", "-z", "--", *paths).decode("utf-8", "surrogateescape")
    return [line[2:] for line in answer.split("\0") if line.startswith("S ")]
