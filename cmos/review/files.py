"""Checking mission files by themselves: no project, no database, nothing written."""

from __future__ import annotations

import os
from functools import partial
from typing import List, Optional, Sequence, Tuple

from cmos.files.scan import is_mission_file
from cmos.missionfile.reader import SIZE_LIMIT, decode, read
from cmos.missionfile.tree import position
from cmos.review.rules import ERROR, Checked, Finding, check_contents


def check_files(paths: Sequence[str]) -> Checked:
    """Check the mission files among some paths.

    Passed over: what is gone, is no file of a missions folder, or is one that sync does not read either.
    """
    found: List[Finding] = []
    missions = 0
    for path in paths:
        if is_read(path):
            number, findings = _check(path)
            missions += number
            found += (one._replace(path=path) for one in findings)
    return Checked(missions, tuple(found))


def is_read(path: str) -> bool:
    """Say whether sync would read a path: below ``cmos/missions``, not a template, hidden, or a link."""
    parts = os.path.abspath(path).split(os.sep)
    starts = [n for n in range(2, len(parts)) if parts[n - 2 : n] == ["cmos", "missions"]]
    return bool(starts) and is_mission_file(parts[starts[-1] :]) and not os.path.islink(path)


def _check(path: str) -> Tuple[int, List[Finding]]:
    """Return how many missions a file holds and what is wrong with it."""
    try:
        data = _bytes(path)
    except OSError as error:
        return 0, [Finding("unreadable", ERROR, "cannot be read: %s" % error.strerror)]
    if data is None:
        return 0, []
    contents = read(data)
    # the text once more, only for the places of what is wrong
    findings = check_contents(contents, partial(position, decode(data).text))
    return len({record.id for record in contents.records}), findings


def _bytes(path: str) -> Optional[bytes]:
    """Return what a file holds, as far as it is ever read; None if it is gone or no file."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        return None
