"""Noticing that a project had a database which is gone (docs/recovery.md)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, List, Type

from cmos.core.errors import CmosError
from cmos.vcs import plain

if TYPE_CHECKING:
    from cmos.services.layout import Layout

#: What SQLite keeps beside a database.
BESIDE = ("-wal", "-shm", "-journal")
#: How the names of folders begin in which damaged files are kept.
KEPT = "damaged-"


def check(layout: Layout, kind: Type[CmosError]) -> None:
    """Raise an error of a kind, with the way back, if there was a database and is none."""
    if os.path.lexists(layout.database) and os.path.getsize(layout.database):
        return
    hint = "cmosctl db recover; without what it held: cmosctl init --fresh"
    if _had_one(layout) and _is_in_stash(layout):
        hint = "it is in a stash: git stash pop"
    elif not has_lost(layout):
        return
    raise kind("the database of this project is gone: %s" % layout.database, hint=hint)


def _had_one(layout: Layout) -> bool:
    """Say whether a cmosctl was at work in the repository."""
    return layout.repository is not None and os.path.isdir(os.path.join(layout.repository.common_dir, "cmos"))


def has_lost(layout: Layout) -> bool:
    """Say whether there are traces of a database that is not there."""
    if os.path.lexists(layout.database) and os.path.getsize(layout.database):
        return False
    return bool(layout.copy and os.path.exists(layout.copy)) or bool(traces(layout))


def traces(layout: Layout) -> List[str]:
    """Return the names of what ``.cmos`` has of a database that is not there."""
    try:
        names = os.listdir(layout.home)
    except OSError:
        return []
    beside = [os.path.basename(layout.database) + ending for ending in BESIDE]
    return sorted(name for name in names if name in beside or name.startswith(KEPT))


def put_by(layout: Layout, now: str) -> None:
    """Give all traces of a lost database other names, for a new one to be made; nothing is removed."""
    if not has_lost(layout):
        return
    stamp = now.replace("-", "").replace(":", "")
    paths = [os.path.join(layout.home, name) for name in traces(layout)]
    if layout.copy is not None and os.path.exists(layout.copy):
        paths.append(layout.copy)
    for path in paths:
        os.rename(path, os.path.join(os.path.dirname(path), "%s.%s" % (_plain(os.path.basename(path)), stamp)))


def _plain(name: str) -> str:
    return "old-" + name if name.startswith(KEPT) else name


def _is_in_stash(layout: Layout) -> bool:
    if layout.repository is None or layout.repository.main_top is None:
        return False
    top = layout.repository.main_top
    # the third parent of a stash holds what git did not track
    inside = os.path.relpath(layout.database, top).replace(os.sep, "/")
    return plain.ask(top, "rev-parse", "--verify", "--quiet", "refs/stash^3:%s" % inside) is not None
