"""A lock that one process holds for its life: how it is known that one runs (SYNC.md section 4)."""

from __future__ import annotations

import os
import time
from typing import Optional

try:
    import fcntl
except ImportError:  # not POSIX: whether one runs is then not known
    fcntl = None  # type: ignore[assignment]

#: Seconds for which the lock is asked for: whoever only looks shares it for a moment.
_PATIENCE = 0.5
_PAUSE = 0.01


class Instance:
    """The lock file, held. It goes with the process, however that ends."""

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @property
    def is_in_place(self) -> bool:
        """False when the lock file was removed or replaced: another process may then hold the one that is there."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        except OSError:
            return False

    def release(self) -> None:
        os.close(self._descriptor)


def hold(path: str) -> Optional[Instance]:
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


def holder(path: str) -> Optional[int]:
    """Return the id of the process that holds the lock; None when none does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        # shared: two who look at once must not take each other for a watcher
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
