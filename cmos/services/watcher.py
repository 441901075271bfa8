"""Where a worktree's watcher keeps its things, and what it says of itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, List, NamedTuple, Optional

from cmos.db import lock

if TYPE_CHECKING:
    from cmos.core.watcher import Watcher
    from cmos.project.layout import Layout


class Places(NamedTuple):
    """Files of one project's watcher, in the git folder of its worktree. Absolute paths."""

    lock: str
    #: What it says of itself, as JSON.
    state: str
    log: str


def places(layout: Layout) -> Places:
    """Return where the watcher of a worktree keeps its things; outside of git, beside the database."""
    if layout.repository is None:
        folder = layout.home
    else:
        inside = os.path.relpath(layout.root, layout.repository.top)
        folder = os.path.normpath(os.path.join(layout.repository.git_dir, "cmos", inside))
    return Places(*(os.path.join(folder, "watch." + name) for name in ("lock", "json", "log")))


def running(layout: Layout) -> Optional[int]:
    """Return the process id of the watcher of this worktree; None when none runs."""
    return next(filter(None, (lock.instance_holder(one.lock) for one in _all_places(layout))), None)


def _all_places(layout: Layout) -> List[Places]:
    """Return where its things are, and where they are while it has not noticed that there is a repository now."""
    return [places(layout), *([places(layout._replace(repository=None))] if layout.worktree == "." else [])]


def described(layout: Layout) -> Optional[Watcher]:
    """Return what the watcher that runs, or else the last one, said of itself; None when it said nothing."""
    import json

    from cmos.core.watcher import from_plain

    pid = running(layout)
    for one in _all_places(layout):
        try:
            with open(one.state, encoding="utf-8") as file:
                found = from_plain(json.load(file))
        except (OSError, ValueError):
            continue
        # where the disk is full, the one that runs could not replace what the last one said
        if found is not None and pid in (None, found.pid):
            return found
    return None


def note(log: str, line: str) -> None:
    """Add a line to the log, unless its folder has gone with the worktree."""
    from cmos.files import write as file_write

    if os.path.isdir(os.path.dirname(log)):
        file_write.append_log(log, line + "\n")


def describe(layout: Layout, watcher: Watcher) -> bool:
    """Store what a watcher says of itself, and say whether that was possible."""
    import json

    from cmos.core.text import plain
    from cmos.files.scan import open_regular

    path = places(layout).state
    try:
        new = open_regular(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with open(new, "w", encoding="utf-8") as file:
            json.dump(plain(watcher), file, indent=2)
        os.replace(path + ".new", path)
    except OSError:
        return False
    return True
