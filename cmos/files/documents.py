"""The documents of a project: which files are there, and their text."""

from __future__ import annotations

import os
import stat
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from cmos.files.scan import Folder, Row, Stamp

#: The folders that are searched, and what their documents are.
FOLDERS = (("cmos/docs", "doc"), ("cmos/missions", "mission"), ("cmos/research", "research"))
#: Endings of the files that are read.
TEXTS = (".md", ".markdown", ".txt", ".rst", ".yaml", ".yml")
#: Bytes; a larger file is passed over.
LARGEST = 1_000_000
_TEMPLATES = "cmos/missions/templates/"


class Listing(NamedTuple):
    """What is in the folders, by stat alone. Paths are relative to the project, with slashes."""

    files: Dict[str, Stamp]
    #: Path and why it is not searched.
    passed_over: List[Tuple[str, str]]
    signature: bytes
    newest_ns: int


def listing(root: str) -> Listing:
    """Look at all documents of the project."""
    rows: List[Row] = []
    passed_over: List[Tuple[str, str]] = []
    seen: Set[Tuple[int, int]] = set()
    waiting = [folder for folder, _ in FOLDERS[::-1] if _enters(root, folder, passed_over, seen)]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(root, folder, passed_over):
            _look(root, folder, entry, rows, passed_over, waiting, seen)
    if not rows:
        return Listing({}, passed_over, b"", 0)
    rows.sort()
    whole = Folder.of(rows)
    return Listing({row[0]: Stamp(*row[1:]) for row in rows}, passed_over, whole.signature, whole.newest_ns)


def kind_of(path: str) -> str:
    """Return what kind of document a path is of."""
    if path.startswith(_TEMPLATES):
        return "template"
    return next((kind for folder, kind in FOLDERS if path.startswith(folder)), "doc")


def read_document(root: str, path: str) -> bytes:
    """Return a document's bytes; raises OSError."""
    with open(os.path.join(root, path), "rb") as file:
        return file.read(LARGEST + 1)


def text_of(data: bytes) -> Optional[str]:
    """Return the text of a document; None for what is no text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        return None
    return data.decode("utf-8-sig", "replace")


def _enters(root: str, folder: str, passed_over: List[Tuple[str, str]], seen: Set[Tuple[int, int]]) -> bool:
    """Say whether a folder is one to look into: inside of the project, and not looked into yet."""
    path = os.path.join(root, folder)
    try:
        info = os.stat(path)
    except OSError:
        if os.path.islink(path):
            passed_over.append((folder, "a symbolic link to nothing"))
        return False
    if not stat.S_ISDIR(info.st_mode) or (info.st_dev, info.st_ino) in seen:
        return False
    if os.path.islink(path) and not _is_inside(root, path):
        passed_over.append((folder, "a symbolic link out of the project"))
        return False
    seen.add((info.st_dev, info.st_ino))
    return True


def _is_inside(root: str, path: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(root) + os.sep)


def _entries(root: str, folder: str, passed_over: List[Tuple[str, str]]) -> Iterator[os.DirEntry[str]]:
    try:
        # through a descriptor: the kernel then walks no path for each file
        descriptor = os.open(os.path.join(root, folder), os.O_RDONLY)
    except OSError as error:
        passed_over.append((folder, "cannot be read: %s" % error.strerror))
        return
    try:
        with os.scandir(descriptor) as entries:
            yield from entries
    finally:
        os.close(descriptor)


def _look(
    root: str,
    folder: str,
    entry: os.DirEntry[str],
    rows: List[Row],
    passed_over: List[Tuple[str, str]],
    waiting: List[str],
    seen: Set[Tuple[int, int]],
) -> None:
    name = entry.name
    if name[0] == ".":
        return
    path = folder + "/" + name
    info = entry.stat(follow_symlinks=False)
    if stat.S_ISLNK(info.st_mode):
        target = _linked(root, path, passed_over)
        if target is None:
            return
        info = target
    if stat.S_ISDIR(info.st_mode):
        if _enters(root, path, passed_over, seen):
            waiting.append(path)
    elif not name.lower().endswith(TEXTS):
        if not name.endswith("~"):
            passed_over.append((path, "not Markdown, text or YAML"))
    elif not stat.S_ISREG(info.st_mode):
        passed_over.append((path, "not a regular file"))
    elif info.st_size > LARGEST:
        passed_over.append((path, "larger than 1 MB"))
    elif not _is_text(name):
        passed_over.append((path.encode("ascii", "backslashreplace").decode(), "a name that is not UTF-8"))
    else:
        rows.append((path, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino))


def _linked(root: str, path: str, passed_over: List[Tuple[str, str]]) -> Optional[os.stat_result]:
    """Return what a symbolic link leads to; None when it is not to be followed."""
    whole = os.path.join(root, path)
    try:
        info = os.stat(whole)
    except OSError:
        passed_over.append((path, "a symbolic link to nothing"))
        return None
    if not _is_inside(root, whole):
        passed_over.append((path, "a symbolic link out of the project"))
        return None
    return info


def _is_text(name: str) -> bool:
    # a name that is not UTF-8 comes with lone surrogates, which no database column takes
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
