"""The writer lock: one process at a time may change the database or the files (SYNC.md S0)."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import contextmanager
from typing import Iterator, Optional

try:
    import fcntl
except ImportError:  # not POSIX: SQLite's own lock is then the only one
    fcntl = None  # type: ignore[assignment]

from cmos.core.errors import DatabaseProblem

#: Seconds that a command waits for its turn.
PATIENCE = 9.0
#: What a file system says that has no such locks.
_HAS_NONE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def writer_lock(path: str, *, patience: float = PATIENCE) -> Iterator[str]:
    """Hold the lock file at ``path``; raises DatabaseProblem when the wait exceeds ``patience`` seconds.

    SQLite's busy timeout alone is not fair between processes, and no polling is: whoever waits is
    woken by the system, in turn. The lock goes with the process, however it ends. Gives a line for the
    user where the file system has no locks, else an empty text.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as error:
        raise DatabaseProblem(
            "the project cannot be written: %s: %s" % (path, error.strerror),
            hint="check the permissions of the folder",
        ) from error
    try:
        line = _acquire(descriptor, path, patience)
        yield line
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: str, patience: float) -> str:
    if fcntl is None:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HAS_NONE:
            return "the file system of %s has no locks: two commands at once may have to be repeated" % path
        if not _wait(descriptor, patience):
            raise _busy(descriptor, patience) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    return ""


def _wait(descriptor: int, patience: float) -> bool:
    """Wait for the lock for some seconds; say whether it is ours now.

    In a thread, since a call that blocks has no limit. Whoever gives up leaves it behind: when it gets the
    lock, it closes what holds it.
    """
    if patience <= 0:
        return False
    own, has_it = os.dup(descriptor), threading.Event()

    def take() -> None:
        try:
            fcntl.flock(own, fcntl.LOCK_EX)
            has_it.set()
        except OSError:
            pass
        finally:
            os.close(own)

    threading.Thread(target=take, daemon=True).start()
    return has_it.wait(patience)


def _busy(descriptor: int, patience: float) -> DatabaseProblem:
    holder = _holder(descriptor)
    who = "process %d has it" % holder if holder else "another cmosctl has it"
    hint = "try again in a moment" + ("; to see what it does: ps -p %d" % holder if holder else "")
    return DatabaseProblem("the database is busy: after %g seconds %s still" % (patience, who), hint=hint)


def _holder(descriptor: int) -> Optional[int]:
    """Return the number of the process that the lock file names, if there is such a process."""
    try:
        holder = int(os.pread(descriptor, 20, 0))
        os.kill(holder, 0)
    except PermissionError:
        return holder
    except (OSError, ValueError):
        return None
    return holder
