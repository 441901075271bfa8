"""The last look at files that a write swapped out: a late writer may still have had them open."""

from __future__ import annotations

import os
import time
from typing import List, NamedTuple, Optional

from cmos.files.scan import digest

#: Nanoseconds for which such a file is left to a late writer.
LATE_NS = 50_000_000


class Aside(NamedTuple):
    """Something that was swapped out and has lain aside long enough for a last look."""

    path: str
    #: What a late writer left there; None when nobody wrote.
    late: Optional[bytes]


def lies_aside(aside: str) -> List[str]:
    """Return the paths of what may be looked at a last time now."""
    try:
        names = os.listdir(aside)
    except OSError:
        return []
    now = time.time_ns()
    paths = [os.path.join(aside, name) for name in names]
    return [path for path in paths if _is_due(path, now)]


def _is_due(path: str, now: int) -> bool:
    try:
        # rename set ctime; a clock that was set back must not keep things for ever
        return abs(now - os.stat(path).st_ctime_ns) > LATE_NS
    except FileNotFoundError:
        # asked without the lock: the process that holds it has just looked and removed it
        return False


def look_aside(path: str) -> Aside:
    with open(path, "rb") as file:
        content = file.read()
    expected = os.path.basename(path).split(".")[0]
    return Aside(path, None if digest(content) == expected else content)
