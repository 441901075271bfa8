"""Putting cmosctl's part into git's hooks or configuration, and taking it out again without a trace."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Tuple

from cmos.core.errors import GitProblem, NotAProject
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

#: Where cmosctl's part may be.
FILES = "files"
CONFIG = "config"


class Hook(NamedTuple):
    """One hook, and what was done with it."""

    name: str
    #: Where cmosctl's part is, or would be: a file, or a section of git's config.
    path: str
    #: installed | outdated | absent | refused
    state: str
    #: Whose the hook is that git runs: cmosctl, sh, pre-commit and so on; empty when git runs none.
    runs: str
    #: written | added | updated | restored | removed | taken out; empty when nothing was done.
    done: str = ""
    note: str = ""
    #: What to put in by hand, and where, when it is refused.
    where: str = ""
    lines: str = ""


class Hooks(NamedTuple):
    """The hooks of a checkout."""

    #: Where git looks for them, and what core.hooksPath says.
    folder: str
    configured: Optional[str]
    #: Where cmosctl's part is: in files or in git's config.
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
    """Put cmosctl's part into each hook: into files that take it, or into git's configuration.

    Without a method the one that is in use stays. Raises GitProblem, FileProblem.
    """
    with open_repository(start) as repo:
        place = locate_hooks(repo, start)
        memory = Memory(place.common_dir)
        if (method or _method(repo)) == CONFIG:
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
    """Give each hook back as it was. Raises GitProblem, FileProblem."""
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
    """Say of each hook what is there. Raises GitProblem, FileProblem."""
    with open_repository(start) as repo:
        return _hooks(repo, locate_hooks(repo, start), {}, command)


def _hooks(repo: Repo, place: HooksPlace, done: Dict[str, Done], command: Optional[str]) -> Hooks:
    configured = _configured_commands(repo)
    hooks = [
        _configured(repo, spot, done.get(spot.name, NOTHING))
        if spot.name in configured
        else _hook(spot, done.get(spot.name, NOTHING), command)
        for spot in spots(place)
    ]
    merges = place.top is not None and driver.is_registered(repo)
    return Hooks(place.hooks, place.configured, _method(repo), merges, hooks)


def _method(repo: Repo) -> str:
    return CONFIG if _configured_commands(repo) else FILES


def _configured(repo: Repo, spot: Spot, done: Done) -> Hook:
    # a newer git may have been there when it was put in
    is_run = _runs_configured(repo)
    note = "" if is_run else "this git does not run it: cmosctl hook install --method files"
    return Hook(spot.name, "hook.cmosctl-" + spot.name, INSTALLED if is_run else OUTDATED, spot.runs, done.what, note)


def _remember_project(start: str) -> None:
    """Note the project of a folder: git starts hooks at the checkout's top, and a project may be further down."""
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
    # a block that somebody put in by other means, or one that knows a path where we know none
    return spot.block is None or command is None or spot.block == lines.encode("utf-8", "surrogateescape")


def _is_by_hand(spot: Spot, memory: Memory) -> bool:
    """Say whether it is a script as it ships, put there by a copy, core.hooksPath or init.templateDir."""
    as_shipped = spot.file is not None and spot.file.content == hook_block.script(spot.name).encode()
    return as_shipped and not any(map(memory.get, spot.names))


def _before(spot: Spot, memory: Memory) -> Optional[HookFile]:
    """Return what an uninstall has to give back."""
    if spot.file is None or spot.block is None:
        return spot.file
    record = memory.match(spot.names, spot.file)
    if record is not None and (record.before is None or memory.before(record)):
        return memory.before(record)
    # changed since, or the copy is lost: what is there now without our lines is the user's
    own = hook_block.strip(spot.file.content)
    return None if own == hook_block.SHEBANG else spot.file._replace(content=own)


def _uninstall(spot: Spot, memory: Memory) -> Done:
    if spot.file is None or spot.block is None:
        return NOTHING
    if spot.barred:
        return Done("", "its lines were put in by hand: take them out by hand (%s)" % spot.barred)
    if _is_by_hand(spot, memory):
        return Done("", "it was put there by hand: take it away by hand")
    before = _before(spot, memory)
    as_left = memory.match(spot.names, spot.file) is not None
    if before is None:
        backups.remove(spot.path)
    else:
        backups.write(spot.path, before.content, before.mode)
    memory.forget(*spot.names)
    if as_left:
        return Done("restored" if before else "removed")
    return Done("taken out", "the hook was changed since: only cmosctl's lines were taken out")


#: The first git that runs hooks of its configuration.
SINCE = (2, 54)
_SECTION = "hook.cmosctl-"
_KEY = re.compile(r"hook\.cmosctl-(%s)\.(event|command)\n" % "|".join(NAMES))


def _runs_configured(repo: Repo) -> bool:
    return repo.git.version_info >= SINCE


def _configured_commands(repo: Repo) -> Dict[str, str]:
    """Return the command of each hook of ours that is in git's configuration. Raises GitProblem."""
    return {name: value for name, key, value in _entries(repo) if key == "command"}


def _configure(repo: Repo, command: Optional[str]) -> Dict[str, Done]:
    """Make git run each hook from its configuration. Raises GitProblem, also for a git that would not run them."""
    if not _runs_configured(repo):
        hint = "without it: cmosctl hook install --method files"
        raise GitProblem("hooks in the configuration take git %d.%d or newer" % SINCE, hint=hint)
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
    """Take cmosctl's keys out of git's configuration, and no others. Raises GitProblem."""
    for name, key in {(name, key) for name, key, _ in _entries(repo)}:
        configure(repo, "--unset-all", _SECTION + "%s.%s" % (name, key))


def _entries(repo: Repo) -> List[Tuple[str, str, str]]:
    """Return hook, key and value of all that is ours."""
    listed = configure(repo, "--list", "-z").decode("utf-8", "surrogateescape").split("\0")
    found = [(_KEY.match(entry), entry) for entry in listed]
    return [(key.group(1), key.group(2), entry[key.end() :]) for key, entry in found if key]
