"""A watcher seen from outside: started, stopped, and what it says of itself."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, List, Optional, Sequence, Set

from cmos import __version__
from cmos.core.errors import FileProblem
from cmos.core.record import NamedTuple
from cmos.db import lock
from cmos.git import process
from cmos.project.layout import Layout

if TYPE_CHECKING:
    import subprocess


class Places(NamedTuple):
    """Files of one project's watcher, in the git folder of its worktree. Absolute paths."""

    lock: str
    #: What it says of itself, as JSON.
    state: str
    log: str


def places(layout: Layout) -> Places:
    """Return where the watcher of a worktree keeps its things; outside of git, beside the database."""
    if layout.repository is None:
        folder = layout.home
    else:
        inside = os.path.relpath(layout.root, layout.repository.top)
        folder = os.path.normpath(os.path.join(layout.repository.git_dir, "cmos", inside))
    return Places(*(os.path.join(folder, "watch." + name) for name in ("lock", "json", "log")))


def running(layout: Layout) -> Optional[int]:
    """Return the process id of the watcher of this worktree; None when none runs."""
    return next(filter(None, (lock.instance_holder(one.lock) for one in _all_places(layout))), None)


def _all_places(layout: Layout) -> List[Places]:
    """Return where its things are, and where they are while it has not noticed that there is a repository now."""
    return [places(layout), *([places(layout._replace(repository=None))] if layout.worktree == "." else [])]


def described(layout: Layout) -> Optional[Watcher]:
    """Return what the watcher that runs, or else the last one, said of itself; None when it said nothing."""
    import json

    pid = running(layout)
    for one in _all_places(layout):
        try:
            with open(one.state, encoding="utf-8") as file:
                found = from_plain(json.load(file))
        except (OSError, ValueError):
            continue
        # where the disk is full, the one that runs could not replace what the last one said
        if found is not None and pid in (None, found.pid):
            return found
    return None


def note_line(log: str, line: str) -> None:
    """Add a line to the log, unless its folder has gone with the worktree."""
    from cmos.files import write as file_write

    if os.path.isdir(os.path.dirname(log)):
        file_write.append_log(log, line + "\n")


def describe(layout: Layout, watcher: Watcher) -> bool:
    """Store what a watcher says of itself, and say whether that was possible."""
    import json

    from cmos.core.text import plain
    from cmos.files.write import write_whole

    try:
        write_whole(places(layout).state, json.dumps(plain(watcher), indent=2).encode("utf-8"), follow=False)
    except OSError:
        return False
    return True


#: Seconds without an event before a look, and the longest that a look waits while events keep coming.
QUIET = 0.2
CAP = 2.0
#: Seconds between looks that nothing asked for.
SCAN = 30.0

EVENTS, POLLING = "events", "polling"


class Watcher(NamedTuple):
    """A watcher as it describes itself in a file, for people: the lock alone says whether it runs.

    Times are in UTC, ISO 8601.
    """

    pid: int
    version: str
    since: str
    #: ``events``, or ``polling`` where the system gives no events.
    mode: str = EVENTS
    #: Mission files that it knows.
    files: int = 0
    last_event: Optional[str] = None
    last_pass: Optional[str] = None
    events: int = 0
    looks: int = 0
    passes: int = 0
    #: Values that it wrote into files.
    writes: int = 0
    #: What keeps it from its work, by what it is about.
    trouble: Dict[str, str] = {}


def from_plain(found: Any) -> Optional[Watcher]:
    """Return the watcher that an object describes; None for anything else."""
    names = Watcher._fields
    if not isinstance(found, dict) or not {"pid", "version", "since"} <= set(found):
        return None
    if not isinstance(found["pid"], int) or not isinstance(found.get("trouble", {}), dict):
        return None
    return Watcher(**{name: value for name, value in found.items() if name in names})


#: Seconds that a start may take: the first pass of a large project is part of it.
_START = 60.0
#: Seconds that a watcher has to end by itself: it may be waiting for the database.
_STOP = 15.0
_ENDING = 5.0
_PAUSE = 0.02


def start(layout: Layout, command: Sequence[str]) -> Optional[int]:
    """Start a watcher with a command line and return its process id once it watches; None when one runs already.

    One of another version is replaced. Raises FileProblem when it does not come up.
    """
    import subprocess

    if running(layout) is not None:
        known = described(layout)
        if known is None or known.version == __version__:
            return None
        stop(layout)
    os.makedirs(os.path.dirname(places(layout).log), exist_ok=True)
    with open(places(layout).log, "ab") as log:
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
        known = described(layout)
        if known is not None and known.pid == child.pid:
            return child.pid
        if child.poll() is not None:
            if running(layout) is not None:
                return None  # another start was faster
            break
        time.sleep(_PAUSE)
    if running(layout) == child.pid:
        return child.pid  # on a full disk it can say nothing of itself
    raise FileProblem("the watcher did not come up", hint="see why: cmosctl watch run")


def stop(layout: Layout) -> Optional[int]:
    """End the watcher and return its process id once it is gone; None when none runs.

    One that does not end by itself is killed: it leaves nothing that needs cleaning up.
    """
    import signal

    pid = running(layout)
    if pid is None:
        return None
    # a stopped process ends only when it goes on
    for sign, patience in ((signal.SIGTERM, 0.0), (signal.SIGCONT, _STOP), (signal.SIGKILL, _STOP)):
        if running(layout) != pid:
            return pid
        if not _is_watcher(pid):
            # a process that is ending has no command line any more, and still the lock for a moment
            if _is_gone(layout, pid, _ENDING):
                return pid
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
        import subprocess

        asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], stdout=subprocess.PIPE, check=False)
        words = asked.stdout.split()
    return (b"watch", b"run") in zip(words, words[1:])


def _is_gone(layout: Layout, pid: int, patience: float) -> bool:
    limit = time.monotonic() + patience
    while running(layout) == pid:
        if time.monotonic() >= limit:
            return False
        time.sleep(_PAUSE)
    return True


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
