"""The place of each hook: what is there, and whether cmosctl may write to it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Iterator, List, Optional, Sequence

from cmos.core.record import NamedTuple
from cmos.git.repository import ask, run
from cmos.hooks import backups
from cmos.hooks import block as hook_block
from cmos.hooks.backups import HookFile
from cmos.hooks.block import LEGACY, NAMES, RUNS_LEGACY

if TYPE_CHECKING:
    from cmos.git.repository import Repo

INSTALLED = "installed"
OUTDATED = "outdated"
ABSENT = "absent"
REFUSED = "refused"

#: Where lefthook is told what to run; husky has a file for each hook, above the folder that git looks in.
_LEFTHOOK = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml")
_HUSKY = "/.husky/_"


class Spot(NamedTuple):
    """The file for cmosctl's lines in one hook, and what is known about it."""

    name: str
    #: Where the block is or belongs, and all names that the file may have.
    path: str
    names: Sequence[str]
    file: Optional[HookFile]
    #: The owner of the hook that git runs; empty when git runs none.
    runs: str
    #: Why cmosctl must not write there; empty when it may.
    barred: str
    #: Whether the tool that owns the hook is configured to call cmosctl.
    is_set_up: bool = False

    @property
    def block(self) -> Optional[bytes]:
        return hook_block.find(self.file.content) if self.file else None

    @property
    def owner(self) -> str:
        """The owner of the file; empty when there is none."""
        return hook_block.owner(hook_block.strip(self.file.content)) if self.file and self.file.content else ""

    @property
    def state(self) -> str:
        if self.block and not self.barred:
            return INSTALLED if hook_block.is_current(self.block, self.name) else OUTDATED
        if self.is_set_up or (self.file and hook_block.is_called(self.file.content, self.name)):
            return INSTALLED
        return REFUSED if self.barred else ABSENT

    @property
    def note(self) -> str:
        """A remark for the user; empty when all is well."""
        if self.state == REFUSED:
            return self.barred
        called = hook_block.called(self.block) if self.block else None
        if called and not os.access(called, os.X_OK):
            return "%s is gone; the hook looks for cmosctl on the PATH" % called
        return "an older cmosctl wrote it: cmosctl hook install" if self.state == OUTDATED else ""


def spots(place: HooksPlace) -> List[Spot]:
    """Inspect each hook. Raises FileProblem."""
    why = _barred_folder(place)
    return [_spot(place, name, why) for name in NAMES]


def _spot(place: HooksPlace, name: str, why: str) -> Spot:
    path = os.path.join(place.hooks, name)
    names = (path, path + LEGACY)
    file = backups.read(path)
    runs = _runs(file)
    if runs in RUNS_LEGACY and not why and file and not file.is_link:
        legacy = backups.read(names[1])
        return Spot(name, names[1], names, legacy, runs, _barred(legacy))
    if runs and place.hooks.endswith(_HUSKY):
        runs = "husky"
    return Spot(name, path, names, file, runs, why or _barred(file), _is_set_up(place, name, runs))


def _is_set_up(place: HooksPlace, name: str, runs: str) -> bool:
    if runs == "husky":
        files = [os.path.join(os.path.dirname(place.hooks), name)]
    elif runs == "lefthook" and place.top is not None:
        files = [os.path.join(place.top, one) for one in _LEFTHOOK]
    else:
        return False
    found = filter(None, map(backups.read, files))
    return any(hook_block.is_called(one.content, name) for one in found)


def _runs(file: Optional[HookFile]) -> str:
    if file is None or not file.is_executable:
        return ""
    own = hook_block.strip(file.content)
    return "cmosctl" if own == hook_block.SHEBANG and own != file.content else hook_block.owner(own)


def _barred(file: Optional[HookFile]) -> str:
    """Say why a block must not go into a file; empty when it may."""
    if file is None:
        return ""
    if file.is_link:
        return "it is a symbolic link"
    if not file.is_executable:
        return "it is not executable: git does not run it, and must not start to"
    owner = hook_block.owner(hook_block.strip(file.content))
    if owner == "sh":
        return ""
    return "it belongs to %s" % owner if owner in hook_block.TOOLS else "it is not a shell script (%s)" % owner


def _barred_folder(place: HooksPlace) -> str:
    """Say why the hooks folder must not be written to; empty when it may."""
    if place.is_link:
        return "the hooks folder is a symbolic link"
    if place.is_in_work_tree:
        tool = "; husky has it" if ".husky" in place.hooks.split("/") else ""
        return "the hooks folder is part of the project%s" % tool
    if os.path.lexists(place.hooks) and not os.path.isdir(place.hooks):
        return "core.hooksPath names no folder: git runs no hooks here"
    return ""


class HooksPlace(NamedTuple):
    """The hooks folder of a checkout and the folders around it. Paths are absolute."""

    hooks: str
    common_dir: str
    #: The checkout's top folder; None for a bare repository.
    top: Optional[str]
    #: What core.hooksPath says; None when it is not set.
    configured: Optional[str]
    #: True where the hooks folder is a symbolic link; ``hooks`` is what it points to.
    is_link: bool

    @property
    def is_in_work_tree(self) -> bool:
        """True where the hooks are files of the project."""
        inside_git = _is_inside(self.hooks, self.common_dir)
        return self.top is not None and not inside_git and _is_inside(self.hooks, self.top)


def locate_hooks(repo: Repo, folder: str) -> HooksPlace:
    """Ask git where it looks for hooks. Raises GitProblem."""
    common = run(repo, "rev-parse", "--path-format=absolute", "--git-common-dir")
    # a bare repository has no top
    top = ask(repo, "rev-parse", "--show-toplevel")
    configured = ask(repo, "config", "--get", "core.hooksPath")
    hooks = ask(repo, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    # git resolves links in what it makes absolute
    asked = os.path.join(top or folder, ask(repo, "rev-parse", "--git-path", "hooks") or "")
    return HooksPlace(hooks or os.devnull, os.fsdecode(common)[:-1], top, configured, os.path.islink(asked.rstrip("/")))


def _is_inside(path: str, folder: str) -> bool:
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


NAME = "cmosctl"
# caches of uv, pipx, pre-commit and prek: files there vanish without notice
_FLEETING = re.compile(
    r"/(?:archive-v\d+|environments-v\d+|builds-v\d+|\.cache/pipx|pipx/\.cache|py_env-[^/]+|prek/hooks)/"
)


def find(started_as: str, search_path: str) -> Optional[str]:
    """Return the absolute path of the console script that started this process, else of one on the PATH.

    Links are not resolved: a shim of pipx or uv stays in place when its target moves.
    None when there is none outside of a cache.
    """
    for path in _candidates(started_as, search_path):
        if os.path.isfile(path) and os.access(path, os.X_OK) and not _is_fleeting(path):
            return os.path.abspath(path)
    return None


def _candidates(started_as: str, search_path: str) -> Iterator[str]:
    if os.path.basename(started_as) == NAME and os.sep in started_as:
        yield started_as
    for folder in filter(None, search_path.split(os.pathsep)):
        yield os.path.join(folder, NAME)


def _is_fleeting(path: str) -> bool:
    return any(_FLEETING.search(seen) for seen in (os.path.abspath(path), os.path.realpath(path)))
