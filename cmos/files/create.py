"""Creating a file that was not there, whole or not at all."""

from __future__ import annotations

import os
import time

from cmos.files.exchange import NO_LINKS, temporary_for

#: Nanoseconds after which a pass no longer waits whether a file is still being written.
_SETTLED_NS = 2_000_000_000


def create(path: str, content: bytes) -> None:
    """Create a file with its content, and its folder. Raises FileExistsError, OSError.

    Nobody ever sees a part of it, and it takes the place of nothing.
    """
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    temporary = temporary_for(path)
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            # a new file that nobody else can be writing: stamped as settled, it is read without a wait
            past = time.time_ns() - _SETTLED_NS
            os.utime(file.fileno(), ns=(past, past))
            os.fsync(file.fileno())
        _give_name(temporary, path)
    finally:
        try:
            os.unlink(temporary)
        except FileNotFoundError:
            pass
    _sync_folder(folder)


def _give_name(temporary: str, path: str) -> None:
    # a link, unlike a rename, fails when somebody has made a file of that name
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        # claims the name; between this and the rename the file is empty, which says nothing
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        os.replace(temporary, path)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some file systems cannot
    finally:
        os.close(descriptor)
