"""The missions folder by stat alone (docs/sync.md, S2), and reading files that are what they seem."""

from __future__ import annotations

import errno
import marshal
import os
import stat
from stat import S_ISREG
from typing import Dict, List, Optional, Sequence, Tuple

from cmos.core.ids import FOLDER, parts
from cmos.core.record import NamedTuple

try:
    # hashlib loads OpenSSL, which costs each command 4 ms
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

#: Nanoseconds that a file must be older than a look at it for the look to be sure: the
#: clock that stamps files moves in steps of up to 10 ms.
RACY_NS = 20_000_000
TEMPORARY = ".cmos-"
_ENDINGS = (".yaml", ".yml")
#: The folder whose files are to be copied, not read.
_TEMPLATES = "templates"
#: The signature under this name is of everything that is no mission file.
ODD = ""

#: name, size, mtime_ns, ctime_ns, inode
Row = Tuple[str, int, int, int, int]


class Stamp(NamedTuple):
    """Size and identity of a file; times in nanoseconds since 1970."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def stamp(info: os.stat_result) -> Stamp:
    return Stamp(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


class Folder(NamedTuple):
    """The mission files of one folder."""

    #: Its rows, by marshal: most scans need none, and thousands of tuples cost more to keep than to make.
    packed: bytes
    signature: bytes
    newest_ns: int

    @classmethod
    def of(cls, rows: List[Row]) -> Folder:
        # version 2 has no back references: equal values give equal bytes
        packed = marshal.dumps(rows, 2)
        return cls(packed, blake2b(packed, digest_size=16).digest(), max([row[2] for row in rows]))

    @property
    def rows(self) -> List[Row]:
        rows: List[Row] = marshal.loads(self.packed)
        return rows


class Scan(NamedTuple):
    """What is in the missions folder. Paths are relative to the project, with slashes."""

    folders: Dict[str, Folder]
    #: What is named like a mission file and is none: path and why.
    odd: List[Tuple[str, str]]
    #: Folders that could not be read.
    unreadable: List[str]
    #: Temporary files of ours that a crash left behind.
    strays: List[str]
    exists: bool

    def odd_signature(self) -> bytes:
        content = (sorted(self.odd), sorted(self.unreadable), self.exists)
        return blake2b(marshal.dumps(content, 2), digest_size=16).digest()


def scan(root: str, inside: str = "cmos/missions") -> Scan:
    """Return the state of every mission file below ``inside`` of the project ``root``, by stat.

    Templates, hidden files, editors' back-up files and symbolic links are passed over.
    """
    result = Scan({}, [], [], [], os.path.isdir(os.path.join(root, inside)))
    waiting = [inside] if result.exists else []
    while waiting:
        folder = waiting.pop()
        rows = _rows(root, folder, result, waiting)
        if rows:
            result.folders[folder] = Folder.of(rows)
    return result


def scan_folder(root: str, folder: str) -> Folder:
    """Scan the mission files of one folder alone."""
    return Folder.of(_rows(root, folder, Scan({}, [], [], [], True), []))


def _rows(root: str, folder: str, result: Scan, waiting: List[str]) -> List[Row]:
    rows: List[Row] = []
    try:
        # through a descriptor: the kernel then walks no path for each file
        descriptor = os.open(os.path.join(root, folder), os.O_RDONLY)
        entries = os.scandir(descriptor)
    except OSError as error:
        result.unreadable.append(folder)
        result.odd.append((folder, "the folder cannot be read: %s" % error.strerror))
        return rows
    try:
        for entry in entries:
            name = entry.name
            if name.endswith(_ENDINGS) and name[0] != "." and (name.isascii() or is_text(name)):
                try:
                    info = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # an editor, or git, was faster
                if S_ISREG(info.st_mode):
                    rows.append((name, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino))
                    continue
            _other(entry, root, folder, result, waiting)
    finally:
        entries.close()
        os.close(descriptor)
    rows.sort()
    return rows


def is_text(name: str) -> bool:
    """Say whether a name is UTF-8."""
    # one that is not comes with lone surrogates, which no database column takes
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _other(entry: os.DirEntry[str], root: str, folder: str, result: Scan, waiting: List[str]) -> None:
    name = entry.name
    path = folder + "/" + name
    if name.startswith(TEMPORARY) and entry.is_file(follow_symlinks=False):
        result.strays.append(path)
    elif name.startswith("."):
        return
    elif not is_text(name):
        result.odd.append((path.encode("ascii", "backslashreplace").decode(), "a name that is not UTF-8"))
    elif entry.is_symlink():
        if name.endswith(_ENDINGS):
            there = os.path.exists(os.path.join(root, path))
            result.odd.append((path, "a symbolic link is not followed" if there else "a symbolic link to nothing"))
    elif entry.is_dir(follow_symlinks=False):
        if name.endswith(_ENDINGS):
            result.odd.append((path, "a folder, not a mission file"))
        if name != _TEMPLATES:
            waiting.append(path)
    elif name.endswith(_ENDINGS):
        result.odd.append((path, "not a regular file"))


def digest(data: bytes) -> str:
    """Return the content hash that the database knows a file by."""
    return blake2b(data, digest_size=20).hexdigest()


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


def is_mission_file(names: Sequence[str]) -> bool:
    """Say whether a scan reads a file; ``names`` are those of its path below ``cmos/missions``."""
    is_hidden = any(name.startswith(".") for name in names)
    return names[-1].endswith(_ENDINGS) and _TEMPLATES not in names[:-1] and not is_hidden


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


def mission_text(root: str, path: str) -> Optional[str]:
    """Return the text of a mission file; None when it cannot be read. Bytes that are not UTF-8 are replaced."""
    full = mission_file(root, path)
    try:
        return None if full is None else read_regular(full).decode("utf-8-sig", "replace")
    except OSError:
        return None
