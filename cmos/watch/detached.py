"""A watcher that runs by itself: started, and stopped by the process id that its lock names."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import Optional, Sequence

from cmos import __version__
from cmos.core.errors import FileProblem
from cmos.git import process
from cmos.project.layout import Layout
from cmos.services import watcher

#: Seconds that a start may take: the first pass of a large project is part of it.
_START = 60.0
#: Seconds that a watcher has to end by itself: it may be waiting for the database.
_STOP = 15.0
_PAUSE = 0.02


def start(layout: Layout, command: Sequence[str]) -> Optional[int]:
    """Start a watcher with a command line and return its process id once it watches; None when one runs already.

    One of another version is replaced. Raises FileProblem when it does not come up.
    """
    if watcher.running(layout) is not None:
        known = watcher.described(layout)
        if known is None or known.version == __version__:
            return None
        stop(layout)
    os.makedirs(os.path.dirname(watcher.places(layout).log), exist_ok=True)
    with open(watcher.places(layout).log, "ab") as log:
        child = subprocess.Popen(
            command,
            cwd=layout.root,
            env={name: value for name, value in os.environ.items() if name not in process.LOCAL},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    return _came_up(layout, child)


def _came_up(layout: Layout, child: subprocess.Popen[bytes]) -> Optional[int]:
    limit = time.monotonic() + _START
    while time.monotonic() < limit:
        known = watcher.described(layout)
        if known is not None and known.pid == child.pid:
            return child.pid
        if child.poll() is not None:
            if watcher.running(layout) is not None:
                return None  # another start was faster
            break
        time.sleep(_PAUSE)
    if watcher.running(layout) == child.pid:
        return child.pid  # on a full disk it can say nothing of itself
    raise FileProblem("the watcher did not come up", hint="see why: cmosctl watch run")


def stop(layout: Layout) -> Optional[int]:
    """End the watcher and return its process id once it is gone; None when none runs.

    One that does not end by itself is killed: it leaves nothing that needs cleaning up.
    """
    pid = watcher.running(layout)
    if pid is None:
        return None
    # a stopped process ends only when it goes on
    for sign, patience in ((signal.SIGTERM, 0.0), (signal.SIGCONT, _STOP), (signal.SIGKILL, _STOP)):
        if watcher.running(layout) != pid:
            return pid
        if not _is_watcher(pid):
            told = "what holds the watcher's lock is no watcher of this system: process %d" % pid
            raise FileProblem(told, hint="it may run in a container: stop it there")
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return pid
        if _is_gone(layout, pid, patience):
            return pid
    raise FileProblem("the watcher (process %d) does not end" % pid)


def _is_watcher(pid: int) -> bool:
    """Say whether a process is a watcher by its command line: the number may be one of another pid namespace."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        if os.path.isdir("/proc/self"):
            return False
        asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], stdout=subprocess.PIPE, check=False)
        words = asked.stdout.split()
    return (b"watch", b"run") in zip(words, words[1:])


def _is_gone(layout: Layout, pid: int, patience: float) -> bool:
    limit = time.monotonic() + patience
    while watcher.running(layout) == pid:
        if time.monotonic() >= limit:
            return False
        time.sleep(_PAUSE)
    return True
