"""Swapping a file's content without losing a save that races with it (docs/sync.md, S8).

The new content is written beside the file and the two change places in one step, so what
was really there comes out and can be compared: if it is not what was read, the two change
back. An editor that still holds the old file open writes into what came out; that is put
aside and read once more later.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from contextlib import contextmanager
from typing import Iterator, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.files.scan import TEMPORARY, Stamp, digest, open_folder, read_regular, stamp

#: A write of ours is stamped this much in the past: no real write has that stamp, so an
#: edit within the same tick of the clock is still told from ours.
_BACKDATE_NS = 30_000_000
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
#: What link() raises where the file system has no hard links.
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
#: The ending under which the old file lies for a moment.
OLD = ".old"


class Changed(Exception):
    """The file was not what had been read: somebody saved in between. ``texts`` are to be kept."""

    def __init__(self, texts: Tuple[bytes, ...] = ()) -> None:
        super().__init__("the file changed")
        self.texts = texts


def why_not(path: str) -> str:
    """Say why a file must never be written; empty when it may be."""
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return "a symbolic link"
    if not stat.S_ISREG(info.st_mode):
        return "not a regular file"
    if info.st_nlink > 1:
        return "a file with more than one hard link"
    if not info.st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        return "a read-only file"
    return ""


def temporary_for(path: str) -> str:
    """Return the path of a temporary file beside ``path``, unknown to anybody else."""
    return os.path.join(os.path.dirname(path), "%s%d-%s.tmp" % (TEMPORARY, os.getpid(), os.urandom(4).hex()))


class Written(NamedTuple):
    """A write that happened."""

    stamp: Stamp
    #: What a late writer had put into the old file by then; None if nobody did.
    late: Optional[bytes] = None


def exchange(path: str, content: bytes, *, old_hash: str, temporary: str, aside: str) -> Written:
    """Give the file new content if it still has the old one.

    ``aside`` is a folder for what came out. Raises Changed when the file was not what
    ``old_hash`` says, with the file as its last writer left it; OSError as the disk does.
    """
    try:
        ours = _write(temporary, content, like=path)
        _swap(temporary, path)
    except BaseException:
        _unlink(temporary)
        raise
    _check(path, temporary, old_hash=old_hash, new_hash=digest(content))
    # the time of change is new since the swap; all else is as we wrote it, so that a save
    # which comes right now is not taken for ours
    written = Written(ours._replace(ctime_ns=os.stat(path).st_ctime_ns), _put_aside(temporary, aside, old_hash))
    _sync_folder(os.path.dirname(path))
    return written


def _write(temporary: str, content: bytes, *, like: str) -> Stamp:
    info = os.lstat(like)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, stat.S_IMODE(info.st_mode))
        if (info.st_uid, info.st_gid) != (os.geteuid(), os.getegid()):
            _give(descriptor, info)
        past = time.time_ns() - _BACKDATE_NS
        os.utime(descriptor, ns=(past, past))
        os.fsync(descriptor)
        return stamp(os.fstat(descriptor))


def _give(descriptor: int, info: os.stat_result) -> None:
    try:
        os.fchown(descriptor, info.st_uid, info.st_gid)
    except OSError:
        pass  # not ours to give: the file then belongs to who wrote it, as with any editor


def _check(path: str, came_out: str, *, old_hash: str, new_hash: str) -> None:
    if _hash(came_out) == old_hash:
        return
    # somebody saved between our reading and the swap: theirs goes back in place
    _swap(came_out, path)
    ours = leftover(came_out)
    _unlink(came_out)
    # ... and if somebody saved once more over our content, that text is not lost either
    raise Changed(() if ours is None or digest(ours) == new_hash else (ours,))


def _hash(path: str) -> str:
    # a link that took the place of the file is not what was read, wherever it leads
    found = leftover(path)
    return "" if found is None else digest(found)


def _swap(one: str, other: str) -> None:
    if _rename_exchange(one, other):
        return
    # no such call here: keep the old file's inode under another name, then replace
    old = one + OLD
    try:
        os.link(other, old)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        _move_away(other, old)
    os.replace(one, other)
    os.rename(old, one)


def _move_away(path: str, old: str) -> None:
    """Give a file another name, and keep its own for us: there are no hard links either."""
    os.rename(path, old)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # somebody has saved by now: theirs stays, and what was there before is not lost
        text = read_regular(old)
        os.unlink(old)
        raise Changed((text,)) from None


def put_back(path: str, temporary: str) -> None:
    """Give a file back the name that a crash took from it. Raises OSError."""
    if os.path.lexists(temporary + OLD) and not (os.path.lexists(path) and os.path.getsize(path)):
        os.replace(temporary + OLD, path)


def _rename_exchange(one: str, other: str) -> bool:
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), other)


def _put_aside(temporary: str, aside: str, expected: str) -> Optional[bytes]:
    try:
        put_aside(temporary, aside, expected)
        return None
    except OSError:
        # another file system: wait here for the late writer instead
        time.sleep(LATE_NS / 1e9)
        late = read_regular(temporary)
        _unlink(temporary)
        return None if digest(late) == expected else late


def leftover(temporary: str) -> Optional[bytes]:
    """Return the content of a temporary file that a crash left, None if there is none."""
    try:
        return read_regular(temporary)
    except FileNotFoundError:
        return None
    except OSError as error:
        if os.path.isfile(temporary) and not os.path.islink(temporary):
            raise error
        return None  # no file of ours


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


#: Nanoseconds for which such a file is left to a late writer.
LATE_NS = 50_000_000
#: The hash of what was swapped out, and something random: nothing else in the folder is ours.
_NAME = r"[0-9a-f]{40}\.[0-9a-f]{8}"


def put_aside(path: str, aside: str, content_hash: str) -> None:
    """Move a file to the folder, made if need be. Raises OSError."""
    os.makedirs(aside, exist_ok=True)
    with _opened(aside) as folder:
        os.rename(path, "%s.%s" % (content_hash, os.urandom(4).hex()), dst_dir_fd=folder)


def is_empty(aside: str) -> bool:
    """Say whether nothing of ours lies in the folder."""
    try:
        return not any(re.fullmatch(_NAME, name) for name in os.listdir(aside))
    except OSError:
        return True


def lies_aside(aside: str) -> List[str]:
    """Return the paths of the files whose last look is due."""
    now = time.time_ns()
    try:
        with _opened(aside) as folder:
            names = [name for name in os.listdir(folder) if re.fullmatch(_NAME, name) and _is_due(name, folder, now)]
    except OSError:
        return []
    return [os.path.join(aside, name) for name in names]


def _is_due(name: str, folder: int, now: int) -> bool:
    try:
        # rename set ctime; a clock that was set back must not keep things for ever
        return abs(now - os.stat(name, dir_fd=folder, follow_symlinks=False).st_ctime_ns) > LATE_NS
    except FileNotFoundError:
        # asked without the lock: the process that holds it has just removed it
        return False


def late_content(path: str) -> Optional[bytes]:
    """Return what a late writer left in a file that lies aside; None when nobody wrote. Raises OSError."""
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
