"""An ordinary three-way merge by lines, as ``git merge-file`` makes it."""

from __future__ import annotations

import os
import subprocess
from tempfile import TemporaryDirectory
from typing import List, NamedTuple, Sequence

from cmos.core.errors import GitProblem

_NAMES = ("ours", "base", "theirs")


class Lines(NamedTuple):
    """What git made of three texts."""

    data: bytes
    conflicts: bool


def merge_lines(base: bytes, ours: bytes, theirs: bytes, *, size: int, labels: Sequence[str]) -> Lines:
    """Merge three texts; ``labels`` name ours, base and theirs in the markers, which are ``size`` long.

    What git does not merge (a binary file) stays as ours has it, as a conflict. Raises GitProblem.
    """
    with TemporaryDirectory(prefix="cmos-merge-") as folder:
        paths = [os.path.join(folder, name) for name in _NAMES]
        for path, data in zip(paths, (ours, base, theirs)):
            with open(path, "wb") as file:
                file.write(data)
        named = [part for label in labels for part in ("-L", label)]
        done = _run(["merge-file", "-p", "-q", "--marker-size=%d" % size, *named, *paths])
    # the exit code is the number of conflicts, and 128 or more if git cannot merge at all
    if done.returncode < 0 or done.returncode >= 128:
        return Lines(ours, True)
    return Lines(done.stdout, done.returncode > 0)


def _run(arguments: List[str]) -> subprocess.CompletedProcess[bytes]:
    # the environment stays as it is: a merge driver runs in the repository that it is asked about
    try:
        return subprocess.run(["git", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise GitProblem("git cannot be run", hint="install git and see that it is on the PATH") from error
