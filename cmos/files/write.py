"""Writing files whole or not at all, and logs that stay small."""

from __future__ import annotations

import os
import time
from typing import Optional, Sequence

from cmos.core.text import visible
from cmos.files.exchange import NO_LINKS, temporary_for


def write_whole(path: str, data: bytes, *, follow: bool = True, mode: Optional[int] = None) -> None:
    """Write a file beside its place, to the disk, then put it there. Raises OSError.

    A link stays a link, and the file it points to is replaced; unless ``follow``, the link itself is.
    Without a ``mode`` the file gets what the umask leaves.
    """
    if follow:
        path = os.path.realpath(path)
    temporary = "%s.%d-%s.tmp" % (path, os.getpid(), os.urandom(4).hex())
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
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


#: Nanoseconds after which a pass no longer waits whether a file is still being written.
_SETTLED_NS = 2_000_000_000


def create_file(path: str, content: bytes) -> None:
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


#: Bytes that a log may have.
LIMIT = 256 * 1024


def append_log(path: str, text: str) -> None:
    """Add a text. Where nothing can be written, nothing is: a log is not worth a failure."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            size = file.tell()
        if size > LIMIT:
            _cut(path)
    except OSError:
        pass


def _cut(path: str) -> None:
    # in its place: a process that was started with the log as its stderr still writes to this very file
    with open(path, "r+b") as file:
        file.seek(-LIMIT // 2, os.SEEK_END)
        rest = file.read().partition(b"\n")[2]
        file.seek(0)
        file.write(rest)
        file.truncate()


def hook_log_path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "hooks.log")


def write_hook_log(common_dir: str, head: str, lines: Sequence[str]) -> None:
    """Add what one hook did."""
    told = [head, *("  " + visible(line) for line in lines)]
    append_log(hook_log_path(common_dir), "".join(line + "\n" for line in told))
