"""Git at work: waiting for a moment, and saying what stands in the way (SYNC.md S1)."""

from __future__ import annotations

import os
import time
from typing import Optional

from cmos.git.checkout import BRIEF, at_work
from cmos.project.layout import Layout

#: How often, and for how many seconds each time, a command waits for git's lock to go.
_MOMENTS = 25
_MOMENT = 0.02
#: Seconds after which nobody waits for a lock: no command of git takes so long unless a person is asked.
_STALE = 60.0


def wait(layout: Layout, *, but: str = "") -> None:
    """Wait a moment for a command of git that is about to end; before the writer lock is taken, not under it."""
    for _ in range(_MOMENTS):
        if at_work(layout.repository, but=but) != BRIEF or (_age(layout) or 0) > _STALE:
            return
        time.sleep(_MOMENT)


def told(layout: Layout, what: str) -> str:
    """Return what git is in the middle of, for a message: a lock that is old is named."""
    age = _age(layout) if what == BRIEF else None
    if age is None or age < _STALE:
        return what
    minutes = "%d minute%s" % (age / 60, "" if age < 120 else "s")
    return "%s (%s is %s old: if no git runs here, remove it)" % (what, _lock(layout), minutes)


def _age(layout: Layout) -> Optional[float]:
    try:
        return time.time() - os.lstat(_lock(layout)).st_mtime
    except OSError:
        return None


def _lock(layout: Layout) -> str:
    return os.path.join(layout.repository.git_dir if layout.repository else layout.root, "index.lock")
