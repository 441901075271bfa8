"""The life of a watcher: wait, look, run a pass where one is due, until there is a reason to end."""

from __future__ import annotations

import gc
import os
import time
import warnings
from typing import Callable, Optional

from cmos import __version__, clock
from cmos.core.errors import CmosError
from cmos.db.lock import Instance, hold_instance
from cmos.project.layout import Layout, of_root
from cmos.watch import daemon
from cmos.watch.daemon import EVENTS, POLLING, SCAN, Burst, Flag, Watcher
from cmos.watch.events import Source
from cmos.watch.passes import Looked, Passes

#: Seconds until the next look: without events at least, and by how much more than a look takes; after
#: a write, for the last look at the file that was swapped out; and when something was in the way.
_POLL, _POLL_SHARE = 1.0, 50
_AFTER_WRITE = 0.1
_AGAIN = 0.25, 2.0
#: Looks in a row that find no worktree before the watcher ends: it may be about to come back.
_GONE = 3

Say = Callable[[str], None]


class Loop:
    """One watcher of one worktree, which holds the lock for it."""

    def __init__(self, layout: Layout, lock: Instance, *, flag: Flag, say: Say, idle: Optional[float]) -> None:
        self._layout = layout
        self._lock = lock
        self._flag = flag
        self._say = say
        #: Seconds without an event after which it ends; None for never.
        self._idle = idle
        self._source = Source(flag)
        self._passes = Passes()
        self._me = Watcher(os.getpid(), __version__, clock.now())
        self._told: Optional[Watcher] = None
        self._active = time.monotonic()
        self._wait = _AGAIN[0]
        self._gone = 0
        #: The coming look is one that nothing asked for.
        self._is_routine = False

    def run(self) -> str:
        """Watch until there is a reason to end, and return it."""
        try:
            pause = self._look(Burst())
            gc.collect()
            while True:
                burst = self._flag.wait(time.monotonic() + pause)
                why = self._end(burst)
                if why:
                    return why
                pause = self._look(burst)
        finally:
            self._source.close()
            self._passes.close()

    def _end(self, burst: Burst) -> str:
        if burst.events:
            self._active = time.monotonic()
        self._gone = 0 if os.path.isdir(self._layout.root) else self._gone + 1
        if not self._gone:
            # git may have come or gone, and with it the place of the lock
            self._layout = of_root(self._layout.root)
        if self._flag.is_stopped:
            return "stopped"
        if self._gone >= _GONE:
            return "the worktree is gone"
        if self._passes.is_outdated:
            return "the database has another schema now: start it again with the cmosctl of that schema"
        if not self._keeps_lock():
            return "another watcher has taken over"
        if self._idle is not None and time.monotonic() - self._active > self._idle:
            return "nothing happened for %d minutes" % (self._idle / 60)
        return ""

    def _keeps_lock(self) -> bool:
        """Hold the lock file that is there now: somebody may have cleaned the old one away."""
        path = daemon.places(self._layout).lock
        if self._gone or (self._lock.path == path and self._lock.is_in_place):
            return True
        if not os.path.isdir(os.path.dirname(path)):
            return True  # a folder made now would be in the way of whoever removes the worktree
        try:
            taken = hold_instance(path)
        except OSError:
            return True
        if taken is not None:
            self._lock.release()
            self._lock = taken
        return taken is not None

    def _look(self, burst: Burst) -> float:
        """Look, run a pass if one is due, and return the seconds until the next look."""
        if self._gone:
            return _AGAIN[1]
        began = time.monotonic()
        self._source.fit(self._layout, burst)
        looked = self._passes.look(self._layout, files=burst.files or not burst.events, hints=burst.paths)
        missed = self._is_routine and looked.passed and not burst.events and self._source.is_armed
        if missed:
            self._source.fit(self._layout, burst, missed=True)
        self._tell(looked, burst)
        pause = self._pause(looked, time.monotonic() - began, missed=missed)
        self._is_routine = pause == SCAN
        return min(pause, self._idle or SCAN)

    def _pause(self, looked: Looked, took: float, *, missed: bool) -> float:
        if self._passes.is_outdated:
            return 0.0
        if looked.wrote or missed:
            return _AFTER_WRITE
        if looked.is_hindered:
            self._wait = min(self._wait * 2, _AGAIN[1])
            return self._wait
        self._wait = _AGAIN[0]
        return SCAN if self._source.is_armed else max(_POLL, _POLL_SHARE * took)

    def _tell(self, looked: Looked, burst: Burst) -> None:
        for line in looked.lines:
            self._say(line)
        trouble = dict(looked.trouble, **({"events": self._source.trouble} if self._source.trouble else {}))
        for what, why in trouble.items():
            if self._me.trouble.get(what) != why:
                self._say("%s: %s" % (what, why))
        for what in sorted(set(self._me.trouble) - set(trouble)):
            self._say("%s: all is well again" % what)
        self._me = self._noted(looked, burst, trouble)
        # nothing is written where nothing happened
        if self._told is None or self._me._replace(looks=self._told.looks) != self._told:
            # where it cannot be written, people miss a line, and the watcher goes on
            self._told = self._me if daemon.describe(self._layout, self._me) else None

    def _noted(self, looked: Looked, burst: Burst, trouble: dict[str, str]) -> Watcher:
        me, now = self._me, clock.now()
        files = self._passes.files(self._layout) if looked.passed or not me.looks else None
        return me._replace(
            mode=EVENTS if self._source.is_armed else POLLING,
            files=me.files if files is None else files,
            last_event=now if burst.events else me.last_event,
            last_pass=now if looked.passed else me.last_pass,
            events=me.events + burst.events,
            looks=me.looks + looked.looked,
            passes=me.passes + looked.passed,
            writes=me.writes + looked.wrote,
            trouble=trouble,
        )


def run(layout: Layout, *, flag: Flag, say: Say, idle: Optional[float]) -> str:
    """Watch a project until stopped, and return why it ended; ``idle`` is in seconds.

    Raises CmosError when another watcher runs, FileProblem when its files cannot be written.
    """
    # a command lives for milliseconds and collects nothing; this one lives long
    gc.enable()
    # watchdog warns of a folder that went and came back before it had forgotten the first
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")
    lock = hold_instance(daemon.places(layout).lock)
    if lock is None:
        raise CmosError(
            "a watcher runs already (process %s)" % daemon.running(layout), hint="see: cmosctl watch status"
        )
    say("watching %s" % layout.missions)
    why = Loop(layout, lock, flag=flag, say=say, idle=idle).run()
    say("ended: %s" % why)
    return why
