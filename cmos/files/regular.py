"""Reading files that are what they seem: no link, no pipe. What comes with a clone may be either."""

from __future__ import annotations

import errno
import os
import stat
from typing import Optional

from cmos.core.ids import FOLDER, parts

#: Follows no link in the last part of a path, and does not wait for the other end of a pipe.
_AS_IT_IS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str, flags: int = os.O_RDONLY, *, folder: Optional[int] = None) -> int:
    """Open a file and return its descriptor; ``folder`` is that of the folder a bare name is in.

    Raises OSError, also for what is no regular file.
    """
    descriptor = os.open(path, flags | _AS_IT_IS | getattr(os, "O_CLOEXEC", 0), 0o666, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return descriptor


def read_regular(path: str, *, folder: Optional[int] = None) -> bytes:
    """Return the bytes of a file. Raises OSError, also for what is no regular file."""
    with open(open_regular(path, folder=folder), "rb") as file:
        return file.read()


def open_folder(path: str) -> int:
    """Open a folder that is no link and return its descriptor. Raises OSError."""
    return os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _AS_IT_IS | getattr(os, "O_CLOEXEC", 0))


def leads_out(root: str, path: str) -> bool:
    """Say whether a path ends outside of the folder ``root``, links followed."""
    top = os.path.realpath(root)
    return not (os.path.realpath(path) + os.sep).startswith(top.rstrip(os.sep) + os.sep)


def mission_file(root: str, path: object) -> Optional[str]:
    """Return the full path of a mission file that the database names; None for what is none or is behind a link."""
    names = parts(path)
    if names is None:
        return None
    place = os.path.join(root, *FOLDER.split("/"))
    for name in names[:-1]:
        place = os.path.join(place, name)
        if os.path.islink(place):
            return None
    return os.path.join(place, names[-1])
