"""Reading and writing hook files, and a backup of what was there before."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from typing import Dict, List, Optional, Sequence

from cmos.core.errors import FileProblem
from cmos.core.record import NamedTuple
from cmos.files import write as file_write

MODE = 0o755


class HookFile(NamedTuple):
    """A hook file as it is on disk."""

    content: bytes
    mode: int
    is_link: bool = False

    @property
    def is_executable(self) -> bool:
        return bool(self.mode & 0o111)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class Record(NamedTuple):
    """What stood in a hook's place before the block, and what the block made of it."""

    #: SHA-256 and mode of what we wrote.
    after: str
    after_mode: int
    #: SHA-256 and mode of what was there; None when there was nothing.
    before: Optional[str] = None
    before_mode: int = 0


def read(path: str) -> Optional[HookFile]:
    """Return the hook at a path; None when there is none. Raises FileProblem."""
    is_link = os.path.islink(path)
    try:
        with open(path, "rb") as file:
            return HookFile(file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode), is_link)
    except FileNotFoundError:
        return HookFile(b"", 0o777, True) if is_link else None
    except NotADirectoryError:
        return None  # core.hooksPath names a file
    except OSError as error:
        raise _problem(path, error) from error


def write(path: str, content: bytes, mode: int) -> None:
    """Write a hook file, whole or not at all. Raises FileProblem."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # the umask has no say in what git must be able to run
        file_write.write_whole(path, content, follow=False, mode=mode)
    except OSError as error:
        raise _problem(path, error) from error


def remove(path: str) -> None:
    """Remove a hook file. Raises FileProblem."""
    try:
        os.unlink(path)
    except OSError as error:
        raise _problem(path, error) from error


class Memory:
    """The backups of all hooks, in a folder of the common git folder."""

    def __init__(self, common_dir: str) -> None:
        self.common_dir = common_dir
        self.folder = os.path.join(common_dir, "cmos")
        self.copies = os.path.join(self.folder, "hooks.before")
        self.index = os.path.join(self.folder, "hooks.json")
        #: Hooks folders that were not there before.
        self.made: List[str] = []
        self.records = self._load()

    def get(self, path: str) -> Optional[Record]:
        return self.records.get(self._key(path))

    def keep(self, path: str, names: Sequence[str], before: Optional[HookFile], after: HookFile) -> None:
        """Back up a hook before it is overwritten; replaces earlier records of its names. Raises FileProblem."""
        if before is not None:
            write(self._copy(before.sha256), before.content, 0o600)
        folder = os.path.dirname(path)
        if not os.path.isdir(folder) and folder not in self.made:
            self.made.append(folder)
        for name in names:
            self.records.pop(self._key(name), None)
        old = (before.sha256, before.mode) if before else (None, 0)
        self.records[self._key(path)] = Record(after.sha256, after.mode, *old)
        self._save()

    def before(self, record: Record) -> Optional[HookFile]:
        """Return the hook that was there; None when its copy is lost or damaged."""
        found = read(self._copy(record.before)) if record.before else None
        return found._replace(mode=record.before_mode) if found and found.sha256 == record.before else None

    def forget(self, *paths: str) -> None:
        """Forget a hook, under all its names. Raises FileProblem."""
        found = [self.records.pop(self._key(path), None) for path in paths]
        if any(found):
            self._save()

    def match(self, paths: Sequence[str], file: HookFile) -> Optional[Record]:
        """Return the record of a hook that is still as we wrote it, under any of its names."""
        found = [record for record in map(self.get, paths) if record]
        return next((record for record in found if (record.after, record.after_mode) == (file.sha256, file.mode)), None)

    def _key(self, path: str) -> str:
        # below the common folder the key is relative: a repository may be moved
        inside = os.path.relpath(path, self.common_dir)
        return path if inside.startswith("..") else inside

    def _copy(self, sha256: str) -> str:
        return os.path.join(self.copies, sha256)

    def _load(self) -> Dict[str, Record]:
        found = read(self.index)
        try:
            document = json.loads(found.content) if found else {"hooks": {}, "made": []}
            self.made = list(map(str, document["made"]))
            return {str(key): Record(*value) for key, value in document["hooks"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}  # damaged: uninstall then removes only the blocks

    def _save(self) -> None:
        if self.records:
            hooks = {key: list(value) for key, value in self.records.items()}
            document = {"version": 1, "hooks": hooks, "made": self.made}
            write(self.index, json.dumps(document, indent=1).encode("utf-8"), 0o644)
        else:
            self._clear()

    def _clear(self) -> None:
        """Leave nothing of ours behind."""
        for folder in self.made:
            remove_empty(folder)
        names = os.listdir(self.copies) if os.path.isdir(self.copies) else []
        for path in [
            *(os.path.join(self.copies, name) for name in names),
            self.index,
            file_write.hook_log_path(self.common_dir),
        ]:
            if os.path.lexists(path):
                remove(path)
        for folder in (self.copies, self.folder):
            remove_empty(folder)


def remove_empty(folder: str) -> None:
    """Remove a folder if nothing is in it."""
    try:
        os.rmdir(folder)
    except OSError:
        pass  # it does not exist, or holds somebody else's files


def _problem(path: str, error: OSError) -> FileProblem:
    return FileProblem("%s: %s" % (path, error.strerror), hint="check the permissions there")
