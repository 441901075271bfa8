"""Hooks that git 2.54 and newer runs from its configuration, in the repository's own."""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Tuple

from cmos.core.errors import GitProblem
from cmos.core.hook_call import NAMES
from cmos.git import process

#: The first git that runs them.
SINCE = (2, 54)
_SECTION = "hook.cmosctl-"
_KEY = re.compile(r"hook\.cmosctl-(%s)\.(event|command)\n" % "|".join(NAMES))


def are_run(folder: str) -> bool:
    """Say whether this git runs hooks from its configuration. Raises GitProblem."""
    found = re.search(rb"(\d+)\.(\d+)", process.run(folder, "version"))
    return found is not None and (int(found.group(1)), int(found.group(2))) >= SINCE


def registered(folder: str) -> Dict[str, str]:
    """Return the command of each hook of ours that is configured. Raises GitProblem."""
    return {name: value for name, key, value in _entries(folder) if key == "command"}


def register(folder: str, commands: Mapping[str, str]) -> None:
    """Make git run a command for each hook. Raises GitProblem, also for a git that would not run them."""
    if not are_run(folder):
        hint = "without it: cmosctl hook install --method files"
        raise GitProblem("hooks in the configuration take git %d.%d or newer" % SINCE, hint=hint)
    for name, command in commands.items():
        for key, value in (("event", name), ("command", command)):
            process.run(folder, "config", "--local", "--replace-all", _SECTION + "%s.%s" % (name, key), value)


def unregister(folder: str) -> None:
    """Take out what ``register`` put in, and nothing else. Raises GitProblem."""
    for name, key in {(name, key) for name, key, _ in _entries(folder)}:
        process.run(folder, "config", "--local", "--unset-all", _SECTION + "%s.%s" % (name, key))


def _entries(folder: str) -> List[Tuple[str, str, str]]:
    """Return name, key and value of all that is ours."""
    listed = process.run(folder, "config", "--local", "--list", "-z").decode("utf-8", "surrogateescape").split("\0")
    found = [(_KEY.match(entry), entry) for entry in listed]
    return [(key.group(1), key.group(2), entry[key.end() :]) for key, entry in found if key]
