"""Writing a file so that whoever looks sees the old content or the new, never half of it."""

from __future__ import annotations

import os


def write_whole(path: str, data: bytes, *, follow: bool = True) -> None:
    """Write a file beside its place, to the disk, then put it there. Raises OSError.

    A link stays a link, and the file it points to is replaced; unless ``follow``, the link itself is.
    """
    if follow:
        path = os.path.realpath(path)
    temporary = "%s.%d-%s.tmp" % (path, os.getpid(), os.urandom(4).hex())
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # it was never made, or is already in its place
