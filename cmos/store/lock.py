"""The writer lock: one process at a time may change the database or the files (SYNC.md S0)."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import Iterator

try:
    import fcntl
except ImportError:  # not POSIX: SQLite's own lock is then the only one
    fcntl = None  # type: ignore[assignment]

from cmos.core.errors import DatabaseProblem

#: Seconds that a command waits for its turn.
PATIENCE = 9.0
_PAUSE = 0.003


@contextmanager
def writer_lock(path: str, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file at ``path``; raises DatabaseProblem when the wait exceeds ``patience`` seconds.

    SQLite's busy timeout alone is not fair between processes; with a lock file around
    each transaction all get their turn. The lock goes with the process, however it ends.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as error:
        raise DatabaseProblem(
            "the project cannot be written: %s: %s" % (path, error.strerror),
            hint="check the permissions of the folder",
        ) from error
    try:
        _acquire(descriptor, patience)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, patience: float) -> None:
    if fcntl is None:
        return
    limit = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > limit:
                raise DatabaseProblem(
                    "the database is busy: another cmosctl has been at work for %d seconds" % patience,
                    hint="try again in a moment",
                ) from None
            time.sleep(_PAUSE)
