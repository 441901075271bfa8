"""Events of the file system, by watchdog: hints that something changed, never what."""

from __future__ import annotations

import errno
import logging
import os
import time
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Tuple, Type

from cmos.core.record import NamedTuple
from cmos.watch.daemon import SCAN

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

    from cmos.project.layout import Layout
    from cmos.watch.daemon import Burst, Flag


#: So many events at once may have been more than the kernel keeps, some of them about folders.
_FLOOD = 1000
#: Seconds until the second try to arm; each later one takes twice as long.
_SOON = 0.5
#: Errors that say that the system has no more watches to give.
_FULL = (errno.ENOSPC, errno.EMFILE, errno.ENOMEM)


class Watched(NamedTuple):
    """A folder that is watched."""

    path: str
    recursive: bool
    #: Names of entries that count; empty for all.
    names: Tuple[str, ...] = ()
    #: It holds the database, not files of the project.
    database: bool = False


class Source:
    """The watches of one project: armed, checked, and armed anew when they no longer fit."""

    def __init__(self, flag: Flag) -> None:
        self._flag = flag
        self._observer: Optional[BaseObserver] = None
        #: The folders that are watched, with what tells one folder from another.
        self._armed: Dict[Watched, Tuple[int, int]] = {}
        self._log = _Overflows(flag)
        self._tried = 0.0
        #: Seconds until it is tried again: soon at first, a folder may have gone while it was asked for.
        self._patience = _SOON
        #: Why there are no events; empty when there are.
        self.trouble = ""

    @property
    def is_armed(self) -> bool:
        return self._observer is not None

    def fit(self, layout: Layout, burst: Burst, *, missed: bool = False) -> None:
        """Arm the watches unless those that are armed are right; ``missed``: a change came without an event."""
        if self.trouble and time.monotonic() - self._tried < min(self._patience, SCAN):
            return
        wanted = {one: _identity(one.path) for one in _wanted(layout)}
        fits = self._armed == wanted and self._is_alive()
        if fits and not (burst.folders or burst.events >= _FLOOD or missed or self.trouble):
            return
        self.close()
        self._tried = time.monotonic()
        self.trouble = self._arm(list(wanted))
        if self.trouble:
            self._patience = min(self._patience * 2, SCAN)
        else:
            self._armed, self._patience = wanted, _SOON

    def close(self) -> None:
        """End all watches and their threads."""
        observer, self._observer, self._armed = self._observer, None, {}
        if observer is not None:
            observer.stop()
            if observer.is_alive():
                observer.join()
        self._log.close()

    def _is_alive(self) -> bool:
        observer = self._observer
        return observer is not None and observer.is_alive() and all(one.is_alive() for one in observer.emitters)

    def _arm(self, wanted: List[Watched]) -> str:
        """Start watching; return why that is not possible."""
        from watchdog.observers import Observer

        self._log.open()
        try:
            self._observer = observer = Observer()
            for one in wanted:
                kinds = _kinds(one)
                observer.schedule(_handler(self._flag, one), one.path, recursive=one.recursive, event_filter=kinds)
            observer.start()
        except OSError as error:
            self.close()
            return _told(error)
        left_out = unwatched([(one.path, one.recursive) for one in wanted])
        if left_out:
            self.close()
            return "the system watches %d folders less than there are: %s" % (left_out, ADVICE % "watches")
        return ""


class _Overflows(logging.Handler):
    """Raises the flag when watchdog only logs that events were lost."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(logging.WARNING)
        self._flag = flag
        self._logger = logging.getLogger("watchdog")

    def open(self) -> None:
        self._logger.addHandler(self)
        # and not on the terminal
        self._logger.propagate = False

    def close(self) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._flag.raise_(files=True, folders=True)


def _wanted(layout: Layout) -> List[Watched]:
    """Return what is to be watched: the missions, what brings their folder back, and the database."""
    database = os.path.basename(layout.database)
    outer = os.path.dirname(layout.missions)
    all_of_them = [
        Watched(layout.missions, True),
        Watched(outer, False, (os.path.basename(layout.missions),)),
        Watched(layout.root, False, (os.path.basename(outer),)),
        Watched(layout.home, False, (database, database + "-wal"), database=True),
    ]
    return [one for one in all_of_them if os.path.isdir(one.path)]


def _identity(path: str) -> Tuple[int, int]:
    try:
        info = os.stat(path)
    except OSError:
        return (0, 0)
    return info.st_dev, info.st_ino


def _kinds(watched: Watched) -> List[Type[FileSystemEvent]]:
    """Return the kinds of events that count: not those of reading, which we and every ``git status`` cause."""
    from watchdog import events

    acts = [events.FileCreatedEvent, events.FileDeletedEvent, events.FileModifiedEvent, events.FileMovedEvent]
    if watched.database:
        # SQLite opens for writing whatever it reads: closing says nothing
        return acts
    # a file that may be read or written again; up to watchdog 6 that is a modification
    attributes = [getattr(events, "FileAttribEvent", events.FileModifiedEvent)]
    folders = [events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent]
    return [*acts, events.FileClosedEvent, *attributes, *folders]


def _handler(flag: Flag, watched: Watched):  # type: ignore[no-untyped-def]
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in ("opened", "closed_no_write"):
                return
            path = _text(event.dest_path) or _text(event.src_path)
            if not watched.names or os.path.basename(path) in watched.names:
                moved = event.is_directory and event.event_type != "modified"
                flag.raise_(files=not watched.database, folders=moved, path=path if watched.recursive else "")

    return Handler()


def _text(path: object) -> str:
    return os.fsdecode(path) if isinstance(path, (str, bytes)) else ""


def _told(error: OSError) -> str:
    if error.errno in _FULL:
        what = "instances" if error.errno == errno.EMFILE else "watches"
        return "the system has no watches left (%s): %s" % (error.strerror, ADVICE % what)
    return "no events: %s" % (error.strerror or error)


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
