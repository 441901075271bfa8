"""Reading a whole file that a person names, or that stands where projects keep one."""

from __future__ import annotations

import os
import stat
from typing import Optional

#: Bytes. Logs and context files; exports of the whole database may be larger.
LARGEST = 64_000_000


class Unreadable(Exception):
    """Why a file cannot be read."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_whole(path: str, *, largest: int = LARGEST) -> Optional[bytes]:
    """Return the bytes of a file; None when there is no such name. Raises Unreadable.

    A pipe or a device is refused, not waited for.
    """
    try:
        return _read(path, largest)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(path):
            raise Unreadable("a link to a file that is not there") from None
        return None
    except (OSError, ValueError) as error:
        raise Unreadable((getattr(error, "strerror", None) or str(error)).lower()) from None


def _read(path: str, largest: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            raise Unreadable("a folder, not a file")
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable("not a regular file")
        if info.st_size > largest:
            raise Unreadable("%d bytes; at most %d are read" % (info.st_size, largest))
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(largest + 1)[:largest]
    finally:
        os.close(descriptor)
