"""What stands where a hook belongs, and whether cmosctl may write there."""

from __future__ import annotations

import os
from typing import List, NamedTuple, Optional, Sequence

from cmos.core import hook_block
from cmos.core.hook_block import LEGACY, RUNS_LEGACY
from cmos.core.hook_call import NAMES
from cmos.files import hook_files
from cmos.files.hook_files import HookFile
from cmos.vcs.hooks import Place

INSTALLED = "installed"
OUTDATED = "outdated"
ABSENT = "absent"
REFUSED = "refused"

#: Where lefthook is told what to run; husky has a file for each hook, above the folder that git looks in.
_LEFTHOOK = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml")
_HUSKY = "/.husky/_"


class Spot(NamedTuple):
    """One hook: the file for cmosctl's part, and what there is to know of it."""

    name: str
    #: Where the block is or belongs, and all names that the file may have.
    path: str
    names: Sequence[str]
    file: Optional[HookFile]
    #: Whose the hook is that git runs; empty when git runs none.
    runs: str
    #: Why cmosctl must not write there; empty when it may.
    barred: str
    #: Whether the tool that has the hook is set up to call cmosctl.
    is_set_up: bool = False

    @property
    def block(self) -> Optional[bytes]:
        return hook_block.find(self.file.content) if self.file else None

    @property
    def owner(self) -> str:
        """Whose the file is; empty when there is none."""
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
        """What a person should know of it; empty when all is as it should be."""
        if self.state == REFUSED:
            return self.barred
        called = hook_block.called(self.block) if self.block else None
        if called and not os.access(called, os.X_OK):
            return "%s is gone; the hook looks for cmosctl on the PATH" % called
        return "an older cmosctl wrote it: cmosctl hook install" if self.state == OUTDATED else ""


def spots(place: Place) -> List[Spot]:
    """Look at each hook. Raises FileProblem."""
    why = _barred_folder(place)
    return [_spot(place, name, why) for name in NAMES]


def _spot(place: Place, name: str, why: str) -> Spot:
    path = os.path.join(place.hooks, name)
    names = (path, path + LEGACY)
    file = hook_files.read(path)
    runs = _runs(file)
    if runs in RUNS_LEGACY and not why and file and not file.is_link:
        legacy = hook_files.read(names[1])
        return Spot(name, names[1], names, legacy, runs, _barred(legacy))
    if runs and place.hooks.endswith(_HUSKY):
        runs = "husky"
    return Spot(name, path, names, file, runs, why or _barred(file), _is_set_up(place, name, runs))


def _is_set_up(place: Place, name: str, runs: str) -> bool:
    if runs == "husky":
        told = [os.path.join(os.path.dirname(place.hooks), name)]
    elif runs == "lefthook" and place.top is not None:
        told = [os.path.join(place.top, one) for one in _LEFTHOOK]
    else:
        return False
    found = filter(None, map(hook_files.read, told))
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


def _barred_folder(place: Place) -> str:
    """Say why nothing must be written into the hooks folder; empty when something may."""
    if place.is_link:
        return "the hooks folder is a symbolic link"
    if place.is_in_work_tree:
        tool = "; husky has it" if ".husky" in place.hooks.split("/") else ""
        return "the hooks folder is part of the project%s" % tool
    if os.path.lexists(place.hooks) and not os.path.isdir(place.hooks):
        return "core.hooksPath names no folder: git runs no hooks here"
    return ""
