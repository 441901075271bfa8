"""The one thing that event handlers do: say that something happened, and when."""

from __future__ import annotations

import threading
import time
from typing import FrozenSet, NamedTuple, Optional, Set

from cmos.core.watcher import CAP, QUIET

#: Paths that are kept of one burst.
_MOST = 50


class Burst(NamedTuple):
    """What happened since the last look."""

    events: int = 0
    #: Something happened to files, not only to the database.
    files: bool = False
    #: A folder came, went or moved: what is watched may no longer be what is there.
    folders: bool = False
    #: Files that it was about: where to look first. Empty where there were too many.
    paths: FrozenSet[str] = frozenset()


class Flag:
    """Raised by any thread, waited for by one. All times are seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._first: Optional[float] = None
        self._last = 0.0
        self._burst = Burst()
        self._paths: Set[str] = set()
        self.is_stopped = False

    def raise_(self, *, files: bool, folders: bool = False, path: str = "") -> None:
        """Note one event, and the file that it was about."""
        with self._changed:
            now = time.monotonic()
            if files or self._first is None:
                # a database that is written again and again puts no look at files off
                self._last = now
            events, some, moved, _ = self._burst
            self._burst = Burst(events + 1, some or files, moved or folders)
            if path and len(self._paths) <= _MOST:
                self._paths.add(path)
            if self._first is None:
                # later ones only move the moment that the waiting thread looks at again by itself
                self._first = now
                self._changed.notify_all()

    def stop(self) -> None:
        """End the waiting for good."""
        with self._changed:
            self.is_stopped = True
            self._changed.notify_all()

    def wait(self, until: float) -> Burst:
        """Wait until events came and have been quiet for a while, or until a moment; return what came."""
        with self._changed:
            while not self.is_stopped:
                due = until if self._first is None else min(until, self._last + QUIET, self._first + CAP)
                left = due - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            paths = frozenset(self._paths) if len(self._paths) <= _MOST else frozenset()
            burst, self._burst, self._first = self._burst._replace(paths=paths), Burst(), None
            self._paths.clear()
            return burst
