"""Installing cmosctl's lines in git's hooks or configuration, and removing them without a trace."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from cmos.core.errors import GitProblem, NotAProject
from cmos.core.record import NamedTuple
from cmos.git import checkout
from cmos.git.repository import configure, open_repository
from cmos.hooks import backups, run
from cmos.hooks import block as hook_block
from cmos.hooks.backups import MODE, HookFile, Memory
from cmos.hooks.block import NAMES, advise
from cmos.hooks.spots import INSTALLED, OUTDATED, REFUSED, HooksPlace, Spot, locate_hooks, spots
from cmos.merge import driver
from cmos.project.project import find_project

if TYPE_CHECKING:
    from cmos.git.repository import Repo

#: Where cmosctl's lines may be.
FILES = "files"
CONFIG = "config"


class Hook(NamedTuple):
    """One hook, and what was done to it."""

    name: str
    #: Where cmosctl's lines are, or would be: a file, or a section of git's config.
    path: str
    #: installed | outdated | absent | refused
    state: str
    #: The owner of the hook that git runs: cmosctl, sh, pre-commit and so on; empty when git runs none.
    runs: str
    #: written | added | updated | restored | removed | taken out; empty when nothing was done.
    done: str = ""
    note: str = ""
    #: The lines to add by hand, and where, when it is refused.
    where: str = ""
    lines: str = ""


class Hooks(NamedTuple):
    """The hooks of a checkout."""

    #: Where git looks for them, and what core.hooksPath says.
    folder: str
    configured: Optional[str]
    #: Where cmosctl's lines are: in files or in git's config.
    method: str
    #: Whether git merges mission files with cmosctl.
    merge_driver: bool
    hooks: List[Hook]

    @property
    def is_refused(self) -> bool:
        return any(hook.state == REFUSED for hook in self.hooks)

    @property
    def is_complete(self) -> bool:
        return self.merge_driver and all(hook.state == INSTALLED for hook in self.hooks)


class Done(NamedTuple):
    what: str
    note: str = ""


NOTHING = Done("")


def is_in_git(start: str) -> bool:
    return checkout.find_checkout(start) is not None


def install(start: str, *, command: Optional[str], method: Optional[str] = None) -> Hooks:
    """Install cmosctl's lines for each hook, in files that take them or in git's configuration.

    The default is the method in use. Raises GitProblem, FileProblem.
    """
    with open_repository(start) as repo:
        place = locate_hooks(repo, start)
        memory = Memory(place.common_dir)
        if method == CONFIG or (method is None and _configured_commands(repo)):
            done = _configure(repo, command)
            for spot in spots(place):
                _uninstall(spot, memory)
        else:
            _unconfigure(repo)
            done = {spot.name: _install(spot, memory, command) for spot in spots(place)}
        if place.top is not None:
            driver.register(repo, command=command or "cmosctl")
        _remember_project(start)
        return _hooks(repo, place, done, command)


def uninstall(start: str) -> Hooks:
    """Restore each hook as it was. Raises GitProblem, FileProblem."""
    with open_repository(start) as repo:
        place = locate_hooks(repo, start)
        memory = Memory(place.common_dir)
        configured = _configured_commands(repo)
        _unconfigure(repo)
        done = {spot.name: _uninstall(spot, memory) for spot in spots(place)}
        done.update((name, Done("removed")) for name in configured)
        if place.top is not None:
            driver.unregister(repo)
        return _hooks(repo, place, done, None)


def hook_status(start: str, *, command: Optional[str] = None) -> Hooks:
    """Describe each hook. Raises GitProblem, FileProblem."""
    with open_repository(start) as repo:
        return _hooks(repo, locate_hooks(repo, start), {}, command)


def _hooks(repo: Repo, place: HooksPlace, done: Dict[str, Done], command: Optional[str]) -> Hooks:
    configured = _configured_commands(repo)
    hooks = []
    for spot in spots(place):
        what = done.get(spot.name, NOTHING)
        hooks.append(_configured(repo, spot, what) if spot.name in configured else _hook(spot, what, command))
    merges = place.top is not None and driver.is_registered(repo)
    return Hooks(place.hooks, place.configured, CONFIG if configured else FILES, merges, hooks)


def _configured(repo: Repo, spot: Spot, done: Done) -> Hook:
    # it may have been installed with a newer git
    is_run = _runs_configured(repo)
    note = "" if is_run else "this git does not run it: cmosctl hook install --method files"
    return Hook(spot.name, "hook.cmosctl-" + spot.name, INSTALLED if is_run else OUTDATED, spot.runs, done.what, note)


def _remember_project(start: str) -> None:
    """Remember where the project is: git starts hooks at the checkout's top, and a project may be further down."""
    try:
        layout = find_project(start)
    except NotAProject:
        return
    if layout.repository is not None:
        run.add_project(layout.repository.common_dir, os.path.relpath(layout.root, layout.repository.top))


def _hook(spot: Spot, done: Done, command: Optional[str]) -> Hook:
    hook = Hook(spot.name, spot.path, spot.state, spot.runs, done.what, done.note or spot.note)
    if spot.state != REFUSED:
        return hook
    exists = spot.file is not None
    where, lines = advise(spot.name, spot.path, runs=spot.owner, exists=exists, command=command)
    return hook._replace(where=where, lines=lines)


def _install(spot: Spot, memory: Memory, command: Optional[str]) -> Done:
    lines = hook_block.block(spot.name, command)
    if spot.barred or (spot.state == INSTALLED and _is_as_good(spot, lines, command)) or _is_by_hand(spot, memory):
        return NOTHING
    before = _before(spot, memory)
    content = hook_block.insert(before.content if before else hook_block.SHEBANG, lines)
    after = HookFile(content, spot.file.mode if spot.file else MODE)
    memory.keep(spot.path, spot.names, before, after)
    backups.write(spot.path, after.content, after.mode)
    return Done("updated" if spot.block else "added" if before else "written")


def _is_as_good(spot: Spot, lines: str, command: Optional[str]) -> bool:
    # a line that somebody wrote, or a block with a path where we have none
    return spot.block is None or command is None or spot.block == lines.encode("utf-8", "surrogateescape")


def _is_by_hand(spot: Spot, memory: Memory) -> bool:
    """Say whether it is one of our scripts, put there by hand: a copy, core.hooksPath or init.templateDir."""
    as_shipped = spot.file is not None and spot.file.content == hook_block.script(spot.name).encode()
    return as_shipped and not any(map(memory.get, spot.names))


def _before(spot: Spot, memory: Memory) -> Optional[HookFile]:
    """Return the hook that uninstall has to restore; None when there was none."""
    if spot.file is None or spot.block is None:
        return spot.file
    record = memory.match(spot.names, spot.file)
    if record is not None and (record.before is None or memory.before(record)):
        return memory.before(record)
    # it was changed since, or the copy is lost: all but our lines is the user's
    own = hook_block.strip(spot.file.content)
    return None if own == hook_block.SHEBANG else spot.file._replace(content=own)


def _uninstall(spot: Spot, memory: Memory) -> Done:
    if spot.file is None or spot.block is None:
        return NOTHING
    if spot.barred:
        return Done("", "its lines were added by hand: remove them by hand (%s)" % spot.barred)
    if _is_by_hand(spot, memory):
        return Done("", "it was put there by hand: remove it by hand")
    before = _before(spot, memory)
    as_left = memory.match(spot.names, spot.file) is not None
    if before is None:
        backups.remove(spot.path)
    else:
        backups.write(spot.path, before.content, before.mode)
    memory.forget(*spot.names)
    if as_left:
        return Done("restored" if before else "removed")
    return Done("taken out", "the hook was changed since: only cmosctl's lines were removed")


#: The first git that runs hooks from its configuration.
SINCE = (2, 54)
_SECTION = "hook.cmosctl-"
_KEY = re.compile(r"hook\.cmosctl-(%s)\.(event|command)\n" % "|".join(NAMES))


def _runs_configured(repo: Repo) -> bool:
    return repo.git.version_info >= SINCE


def _configured_commands(repo: Repo) -> Dict[str, str]:
    """Return our commands in git's configuration, by hook. Raises GitProblem."""
    return {name: value for name, key, value in _entries(repo) if key == "command"}


def _configure(repo: Repo, command: Optional[str]) -> Dict[str, Done]:
    """Make git run each hook from its configuration. Raises GitProblem, also when git is too old for that."""
    if not _runs_configured(repo):
        hint = "for an older git: cmosctl hook install --method files"
        raise GitProblem("hooks in the configuration need git %d.%d or newer" % SINCE, hint=hint)
    done: Dict[str, Done] = {}
    before = _configured_commands(repo)
    for name in NAMES:
        line = hook_block.line(name, command)
        if before.get(name) != line:
            for key, value in (("event", name), ("command", line)):
                configure(repo, "--replace-all", _SECTION + "%s.%s" % (name, key), value)
            done[name] = Done("updated" if name in before else "written")
    return done


def _unconfigure(repo: Repo) -> None:
    """Remove cmosctl's keys, and no others, from git's configuration. Raises GitProblem."""
    for name, key in {(name, key) for name, key, _ in _entries(repo)}:
        configure(repo, "--unset-all", _SECTION + "%s.%s" % (name, key))


def _entries(repo: Repo) -> List[Tuple[str, str, str]]:
    """Return hook, key and value of each entry of ours."""
    listed = configure(repo, "--list", "-z").decode("utf-8", "surrogateescape").split("\0")
    found = [(_KEY.match(entry), entry) for entry in listed]
    return [(key.group(1), key.group(2), entry[key.end() :]) for key, entry in found if key]
