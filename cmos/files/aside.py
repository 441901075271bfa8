"""The last look at files that a write swapped out: a late writer may still have had them open."""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from typing import Iterator, List, Optional

from cmos.files.regular import open_folder, read_regular
from cmos.files.scan import digest

#: Nanoseconds for which such a file is left to a late writer.
LATE_NS = 50_000_000
#: The hash of what was swapped out, and something random: nothing else in the folder is ours.
_NAME = re.compile(r"([0-9a-f]{40})\.[0-9a-f]{8}")


def put_aside(path: str, aside: str, content_hash: str) -> None:
    """Move a file to the folder, made if need be. Raises OSError."""
    os.makedirs(aside, exist_ok=True)
    with _opened(aside) as folder:
        os.rename(path, "%s.%s" % (content_hash, os.urandom(4).hex()), dst_dir_fd=folder)


def is_empty(aside: str) -> bool:
    """Say whether nothing of ours lies in the folder."""
    try:
        return not any(map(_NAME.fullmatch, os.listdir(aside)))
    except OSError:
        return True


def lies_aside(aside: str) -> List[str]:
    """Return the paths of what may be looked at a last time now."""
    now = time.time_ns()
    try:
        with _opened(aside) as folder:
            names = [name for name in os.listdir(folder) if _NAME.fullmatch(name) and _is_due(name, folder, now)]
    except OSError:
        return []
    return [os.path.join(aside, name) for name in names]


def _is_due(name: str, folder: int, now: int) -> bool:
    try:
        # rename set ctime; a clock that was set back must not keep things for ever
        return abs(now - os.stat(name, dir_fd=folder, follow_symlinks=False).st_ctime_ns) > LATE_NS
    except FileNotFoundError:
        # asked without the lock: the process that holds it has just looked and removed it
        return False


def look_aside(path: str) -> Optional[bytes]:
    """Return what a late writer left in a file; None when nobody wrote. Raises OSError."""
    folder, name = os.path.split(path)
    with _opened(folder) as descriptor:
        content = read_regular(name, folder=descriptor)
    return None if digest(content) == name.split(".")[0] else content


def remove(path: str) -> None:
    """Remove a file, of a folder that is no link; one that is gone is no error. Raises OSError."""
    folder, name = os.path.split(path)
    try:
        with _opened(folder) as descriptor:
            os.unlink(name, dir_fd=descriptor)
    except FileNotFoundError:
        pass


@contextmanager
def _opened(path: str) -> Iterator[int]:
    # by descriptor: a link that takes the folder's place leads nowhere
    descriptor = open_folder(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
