"""Whether the system watches all that it was asked to: past its limit watchdog leaves folders out without a word."""

from __future__ import annotations

import os
import time
from typing import Iterable, List, Tuple

ADVICE = "raise fs.inotify.max_user_%s (sysctl); until then the folder is looked at every few seconds"
_MOMENT = 0.05
_DESCRIPTORS = "/proc/self/fdinfo"


def unwatched(wanted: Iterable[Tuple[str, bool]]) -> int:
    """Return how many folders lack a watch: of each path and, where recursive, all folders below.

    0 where the system does not tell (only Linux does).
    """
    paths = list(wanted)
    missing = _missing(paths)
    if missing:
        # one that has just been made is watched a moment later
        time.sleep(_MOMENT)
        missing = min(missing, _missing(paths))
    return missing


def _missing(paths: List[Tuple[str, bool]]) -> int:
    held = _watches()
    return max(0, sum(_folders(path) if recursive else 1 for path, recursive in paths) - held) if held else 0


def _folders(path: str) -> int:
    return sum(1 for _ in os.walk(path))


def _watches() -> int:
    """Count the inotify watches of this process."""
    try:
        return sum(_watches_of(name) for name in os.listdir(_DESCRIPTORS))
    except OSError:
        return 0


def _watches_of(name: str) -> int:
    try:
        with open(os.path.join(_DESCRIPTORS, name), encoding="ascii", errors="replace") as file:
            return sum(line.startswith("inotify ") for line in file)
    except OSError:
        return 0  # closed meanwhile
