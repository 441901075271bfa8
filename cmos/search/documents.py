"""The documents of a project: which files are there, and their text."""

from __future__ import annotations

import os
import stat
from stat import S_ISREG
from typing import TYPE_CHECKING, Iterator, List, Optional, Set, Tuple

from cmos.core.record import NamedTuple
from cmos.files.scan import Folder, Row, is_text, stamp

if TYPE_CHECKING:
    from cmos.search.chunks import Chunk

#: The folders that are searched, and what their documents are.
FOLDERS = (("cmos/docs", "doc"), ("cmos/missions", "mission"), ("cmos/research", "research"))
#: Endings of the files that are read.
TEXTS = (".md", ".markdown", ".txt", ".rst", ".yaml", ".yml")
#: Bytes; a larger file is passed over.
LARGEST = 1_000_000
_TEMPLATES = "cmos/missions/templates/"


class PassedOver(NamedTuple):
    """Something that is not searched."""

    path: str
    why: str


class Listing(NamedTuple):
    """What is in the folders, by stat alone. Paths are relative to the project, with slashes."""

    rows: List[Row]
    passed_over: List[PassedOver]
    signature: bytes
    newest_ns: int


def listing(root: str) -> Listing:
    """List all documents of the project."""
    walk = _Walk(root)
    for folder, _ in FOLDERS:
        walk.visit(folder)
    walk.visit_others()
    while walk.waiting:
        walk.list_folder(walk.waiting.pop())
    if not walk.rows:
        return Listing([], walk.passed_over, b"", 0)
    walk.rows.sort()
    whole = Folder.of(walk.rows)
    return Listing(walk.rows, walk.passed_over, whole.signature, whole.newest_ns)


def is_beside(path: str) -> bool:
    """Say whether a document stands in none of the usual folders, so that git may have been told to ignore it."""
    return not any(path.startswith(folder + "/") for folder, _ in FOLDERS)


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


class _Walk:
    """One walk through the folders; each is listed once, however many symbolic links lead to it."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.rows: List[Row] = []
        self.passed_over: List[PassedOver] = []
        self.waiting: List[str] = []
        self._entered: Set[Tuple[int, int]] = set()

    def list_folder(self, folder: str) -> None:
        try:
            # through a descriptor: the kernel then walks no path for each file
            descriptor = os.open(os.path.join(self.root, folder), os.O_RDONLY)
        except OSError as error:
            self.passed_over.append(PassedOver(folder, "cannot be read: %s" % error.strerror))
            return
        try:
            with os.scandir(descriptor) as entries:
                self._list(folder + "/", entries)
        finally:
            os.close(descriptor)

    def _list(self, start: str, entries: Iterator[os.DirEntry[str]]) -> None:
        # each search goes through here once for each file: the many that are documents come first
        add = self.rows.append
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            if name.endswith(TEXTS) and name.isascii():
                try:
                    info = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # an editor, or git, was faster
                if S_ISREG(info.st_mode) and info.st_size <= LARGEST:
                    add((start + name, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino))
                    continue
            self.visit(start + name)

    def visit_others(self) -> None:
        """Add what a project keeps in ``cmos`` beside the usual folders; what is no text there is nobody's loss."""
        known = {folder.rpartition("/")[2] for folder, _ in FOLDERS} | {"db"}
        try:
            with os.scandir(os.path.join(self.root, "cmos")) as entries:
                names = sorted(entry.name for entry in entries if entry.is_dir() or entry.name.endswith(TEXTS))
        except OSError:
            return
        for name in names:
            if name not in known and not name.startswith("."):
                self.visit("cmos/" + name)

    def visit(self, path: str) -> None:
        """Add a folder to those to list, or a document to the rows; anything else is passed over."""
        if not is_text(path):
            shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
            self.passed_over.append(PassedOver(shown, "a name that is not UTF-8"))
            return
        full = os.path.join(self.root, path)
        try:
            info = os.stat(full)
        except OSError:
            if os.path.islink(full):
                self.passed_over.append(PassedOver(path, "a symbolic link to nothing"))
            return
        if stat.S_ISDIR(info.st_mode) and (info.st_dev, info.st_ino) in self._entered:
            return
        why = self._why_not(full, info)
        if why:
            self.passed_over.append(PassedOver(path, why))
        elif stat.S_ISDIR(info.st_mode):
            self._entered.add((info.st_dev, info.st_ino))
            self.waiting.append(path)
        else:
            self.rows.append((path, *stamp(info)))

    def _why_not(self, full: str, info: os.stat_result) -> str:
        """Return why a path is not searched; empty if it is."""
        if os.path.islink(full) and not os.path.realpath(full).startswith(os.path.realpath(self.root) + os.sep):
            return "a symbolic link out of the project"
        if stat.S_ISDIR(info.st_mode):
            return ""
        if not full.lower().endswith(TEXTS):
            return "not Markdown, text or YAML"
        if not stat.S_ISREG(info.st_mode):
            return "not a regular file"
        return "larger than 1 MB" if info.st_size > LARGEST else ""


def split_document(path: str, text: str) -> List[Chunk]:
    """Split a document by its headings, or by its fields if it is YAML."""
    from cmos.search.chunks import plain_text, split_markdown, stem

    text = plain_text(text)
    if path.lower().endswith((".yaml", ".yml")):
        from cmos.search.yaml_fields import split_yaml

        return split_yaml(text, path)
    return split_markdown(text.split("\n"), name=stem(path))
