"""Locks: the writer lock of a project (docs/sync.md, S0), and one that a process holds for its life."""

from __future__ import annotations

import errno
import os
import time
from contextlib import contextmanager
from typing import Iterator, Optional

from cmos.core.errors import DatabaseProblem

try:
    import fcntl
except ImportError:  # not POSIX: SQLite's own lock is then the only one
    fcntl = None  # type: ignore[assignment]


#: Seconds that a command waits for its turn.
PATIENCE = 9.0
#: Errors of a file system without such locks.
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
    """Wait for the lock for some seconds; say whether we have it.

    In a thread, since a call that blocks has no limit. Whoever gives up leaves it behind: when it gets the
    lock, it closes what holds it.
    """
    import threading  # hardly any command waits

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
    """Return the id of the process that the lock file names, if it exists."""
    try:
        holder = int(os.pread(descriptor, 20, 0))
        os.kill(holder, 0)
    except PermissionError:
        return holder
    except (OSError, ValueError):
        return None
    return holder


try:
    import fcntl
except ImportError:  # not POSIX: whether one runs is then not known
    fcntl = None  # type: ignore[assignment]

#: Seconds to ask for the lock: a process that only checks it shares it for a moment.
_PATIENCE = 0.5
_PAUSE = 0.01


class Instance:
    """The held lock file. The lock ends with the process, however that ends."""

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @property
    def is_in_place(self) -> bool:
        """False if the lock file was removed or replaced: another process may hold the new one."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        except OSError:
            return False

    def release(self) -> None:
        os.close(self._descriptor)


def hold_instance(path: str) -> Optional[Instance]:
    """Take the lock and write the process's id into the file; None when another process holds it. Raises OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    limit = time.monotonic() + _PATIENCE
    while not _take(descriptor, shared=False):
        if time.monotonic() > limit:
            os.close(descriptor)
            return None
        time.sleep(_PAUSE)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, b"%d\n" % os.getpid())
    return Instance(path, descriptor)


def instance_holder(path: str) -> Optional[int]:
    """Return the id of the process that holds the lock; None when none does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        # shared: two processes that check at once must not take each other for a watcher
        if _take(descriptor, shared=True):
            return None
        return int(os.read(descriptor, 20) or b"0") or None
    except ValueError:
        return None
    finally:
        os.close(descriptor)


def _take(descriptor: int, *, shared: bool) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
