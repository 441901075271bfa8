"""What git tracks of a folder that no commit should hold; mostly without starting git."""

from __future__ import annotations

import os
from typing import Dict, List, Tuple

#: What was found in an index, by folder, and what that index was: the same one is not read twice.
_known: Dict[str, Tuple[Tuple[int, ...], List[str]]] = {}


def tracked(top: str, git_dir: str, inside: str) -> List[str]:
    """Return the files of a checkout that git tracks at or below a folder, in any spelling of its case.

    ``inside`` and the result are relative to ``top``, with slashes. Raises GitProblem.
    """
    index, place = os.path.join(git_dir, "index"), os.path.join(top, inside)
    try:
        info = os.stat(index)
    except OSError:
        return []  # nothing is tracked yet
    stamp = info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
    if _known.get(place, (None, []))[0] != stamp:
        _known[place] = stamp, _tracked(top, git_dir, inside)
    return _known[place][1]


def _tracked(top: str, git_dir: str, inside: str) -> List[str]:
    folds = _folds_case(top, inside)
    if not _may_hold(git_dir, inside, folds):
        return []
    # here: each command asks, and hardly ever has to ask git
    from cmos.vcs import plain

    listed = plain.run(top, "ls-files", "-z", "--", (":(top,icase,literal)" if folds else ":(top,literal)") + inside)
    return [os.fsdecode(path) for path in listed.split(b"\0") if path]


def _folds_case(top: str, inside: str) -> bool:
    """Say whether the file system knows the folder by other spellings too."""
    try:
        return os.path.samefile(os.path.join(top, inside), os.path.join(top, inside.swapcase()))
    except OSError:
        return False


def _may_hold(git_dir: str, inside: str, folds: bool) -> bool:
    """Say whether the index holds a path, or git must be asked because the path may not stand in it as a whole."""
    try:
        with open(os.path.join(git_dir, "index"), "rb") as file:
            data = file.read()
        is_split = any(name.startswith("sharedindex.") for name in os.listdir(git_dir))
    except OSError:
        return False
    # version 4 leaves out what a path shares with the one before
    if is_split or data[4:8] == b"\0\0\0\4":
        return True
    wanted = os.fsencode(inside)
    if folds:
        data, wanted = data.lower(), wanted.lower()
    return wanted + b"/" in data or wanted + b"\0" in data
