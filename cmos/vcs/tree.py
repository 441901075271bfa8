"""What git holds of files: blobs of a commit, contents, and what git would store."""

from __future__ import annotations

import glob
from typing import Dict, Iterable, List, Mapping, Optional, Sequence

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


def earlier(folder: str, revision: str, present: Mapping[str, str], *, limit: int) -> Dict[str, List[str]]:
    """Return the blobs that led to the present ones of a commit, by path, newest first.

    All paths in one walk. ``limit`` is the number of blobs of a path, and of the commits per path.
    """
    # by words: a file name that looks like a pattern is a file name
    walk = ("--literal-pathspecs", "log", "--format=", "--raw", "-c", "-z", "--no-abbrev", "--no-renames", "--relative")
    stdin = "".join(line + "\n" for line in (revision, "--", *present)).encode("utf-8", "surrogateescape")
    try:
        answer = plain.run(folder, *walk, "--max-count=%d" % (limit * len(present)), "--stdin", stdin=stdin)
    except GitProblem:
        return {}
    chains = _chains(answer.decode("utf-8", "surrogateescape"), present)
    return {path: chain[1 : limit + 1] for path, chain in chains.items()}


def _chains(answer: str, present: Mapping[str, str]) -> Dict[str, List[str]]:
    """Follow each path from blob to blob; what a merge discarded led to nothing and is left out."""
    chains: Dict[str, List[str]] = {path: [] for path in present}
    led = {path: {blob} for path, blob in present.items()}
    words = iter(answer.split("\0"))
    for meta in words:
        path = next(words, "") if meta.startswith(":") else ""
        # as many colons as parents: their modes and the result's come first, then their blobs and its blob
        parents = len(meta) - len(meta.lstrip(":"))
        *before, after = meta.split(" ")[parents + 1 : 2 * parents + 2] or [""]
        if after in led.get(path, ()):
            led[path].update(before)
            if after.strip("0"):
                chains[path].append(after)
    return chains


def moved_to(folder: str, paths: Sequence[str]) -> List[str]:
    """Return the folders below one that hold some tracked files by the same paths. Raises GitProblem."""
    if not paths:
        return []
    listed = plain.run(folder, "ls-files", "-z", "--", *(":(glob)**/" + glob.escape(path) for path in paths))
    found = listed.decode("utf-8", "surrogateescape").split("\0")
    places = (one[: -len(path) - 1] for path in paths for one in found if one.endswith("/" + path))
    return sorted(set(places))


def skipped(folder: str, paths: Sequence[str]) -> List[str]:
    """Return those of the files that have the skip-worktree bit."""
    if not paths:
        return []
    answer = plain.run(folder, "ls-files", "-t", "-z", "--", *paths).decode("utf-8", "surrogateescape")
    return [line[2:] for line in answer.split("\0") if line.startswith("S ")]
