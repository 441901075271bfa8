"""Putting cmosctl's part into git's hooks or configuration, and taking it out again without a trace."""

from __future__ import annotations

import os
import re
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple

from cmos.core.errors import GitProblem, NotAProject
from cmos.git import checkout, process
from cmos.hooks import backups, run
from cmos.hooks import block as hook_block
from cmos.hooks.backups import MODE, HookFile, Memory
from cmos.hooks.block import NAMES, advise
from cmos.hooks.spots import INSTALLED, OUTDATED, REFUSED, HooksPlace, Spot, locate_hooks, spots
from cmos.merge import driver
from cmos.project.project import find_project

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
    place = locate_hooks(start)
    memory = Memory(place.common_dir)
    if (method or _method(start)) == CONFIG:
        done = _configure(start, command)
        for spot in spots(place):
            _uninstall(spot, memory)
    else:
        unregister_in_config(start)
        done = {spot.name: _install(spot, memory, command) for spot in spots(place)}
    if place.top is not None:
        driver.register(start, command=command or "cmosctl")
    _remember_project(start)
    return _told(start, place, done, command)


def uninstall(start: str) -> Hooks:
    """Give each hook back as it was. Raises GitProblem, FileProblem."""
    place = locate_hooks(start)
    memory = Memory(place.common_dir)
    configured = registered_in_config(start)
    unregister_in_config(start)
    done = {spot.name: _uninstall(spot, memory) for spot in spots(place)}
    done.update((name, Done("removed")) for name in configured)
    if place.top is not None:
        driver.unregister(start)
    return _told(start, place, done, None)


def hook_status(start: str, *, command: Optional[str] = None) -> Hooks:
    """Say of each hook what is there. Raises GitProblem, FileProblem."""
    return _told(start, locate_hooks(start), {}, command)


def _told(start: str, place: HooksPlace, done: Dict[str, Done], command: Optional[str]) -> Hooks:
    configured = registered_in_config(start)
    hooks = [
        _configured(start, spot, done.get(spot.name, NOTHING))
        if spot.name in configured
        else _hook(spot, done.get(spot.name, NOTHING), command)
        for spot in spots(place)
    ]
    merges = place.top is not None and driver.is_registered(start)
    return Hooks(place.hooks, place.configured, CONFIG if configured else FILES, merges, hooks)


def _method(start: str) -> str:
    return CONFIG if registered_in_config(start) else FILES


def _configure(start: str, command: Optional[str]) -> Dict[str, Done]:
    before = registered_in_config(start)
    wanted = {name: hook_block.line(name, command) for name in NAMES}
    new = {name: line for name, line in wanted.items() if before.get(name) != line}
    register_in_config(start, new)
    return {name: Done("updated" if name in before else "written") for name in new}


def _configured(start: str, spot: Spot, done: Done) -> Hook:
    # a newer git may have been there when it was put in
    is_run = are_run(start)
    note = "" if is_run else "this git does not run it: cmosctl hook install --method files"
    return Hook(spot.name, "hook.cmosctl-" + spot.name, INSTALLED if is_run else OUTDATED, spot.runs, done.what, note)


def _remember_project(start: str) -> None:
    """Note the project of a folder: git starts hooks at the checkout's top, and a project may be further down."""
    try:
        layout = find_project(start)
    except NotAProject:
        return
    if layout.repository is not None:
        run.add(layout.repository.common_dir, os.path.relpath(layout.root, layout.repository.top))


def _hook(spot: Spot, done: Done, command: Optional[str]) -> Hook:
    told = Hook(spot.name, spot.path, spot.state, spot.runs, done.what, done.note or spot.note)
    if spot.state != REFUSED:
        return told
    exists = spot.file is not None
    where, lines = advise(spot.name, spot.path, runs=spot.owner, exists=exists, command=command)
    return told._replace(where=where, lines=lines)


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


#: The first git that runs them.
SINCE = (2, 54)
_SECTION = "hook.cmosctl-"
_KEY = re.compile(r"hook\.cmosctl-(%s)\.(event|command)\n" % "|".join(NAMES))


def are_run(folder: str) -> bool:
    """Say whether this git runs hooks from its configuration. Raises GitProblem."""
    found = re.search(rb"(\d+)\.(\d+)", process.run(folder, "version"))
    return found is not None and (int(found.group(1)), int(found.group(2))) >= SINCE


def registered_in_config(folder: str) -> Dict[str, str]:
    """Return the command of each hook of ours that is configured. Raises GitProblem."""
    return {name: value for name, key, value in _entries(folder) if key == "command"}


def register_in_config(folder: str, commands: Mapping[str, str]) -> None:
    """Make git run a command for each hook. Raises GitProblem, also for a git that would not run them."""
    if not are_run(folder):
        hint = "without it: cmosctl hook install --method files"
        raise GitProblem("hooks in the configuration take git %d.%d or newer" % SINCE, hint=hint)
    for name, command in commands.items():
        for key, value in (("event", name), ("command", command)):
            process.run(folder, "config", "--local", "--replace-all", _SECTION + "%s.%s" % (name, key), value)


def unregister_in_config(folder: str) -> None:
    """Take out what ``register`` put in, and nothing else. Raises GitProblem."""
    for name, key in {(name, key) for name, key, _ in _entries(folder)}:
        process.run(folder, "config", "--local", "--unset-all", _SECTION + "%s.%s" % (name, key))


def _entries(folder: str) -> List[Tuple[str, str, str]]:
    """Return name, key and value of all that is ours."""
    listed = process.run(folder, "config", "--local", "--list", "-z").decode("utf-8", "surrogateescape").split("\0")
    found = [(_KEY.match(entry), entry) for entry in listed]
    return [(key.group(1), key.group(2), entry[key.end() :]) for key, entry in found if key]
