"""A database that is gone or was left behind, and the copy kept for that case (docs/recovery.md)."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, List, Optional, Type

from cmos.core.errors import CmosError, DatabaseProblem, FileProblem
from cmos.git import objects, process
from cmos.project import rows as project_rows
from cmos.project import trust
from cmos.project.layout import Layout, has_signs, of_root

if TYPE_CHECKING:
    from cmos.db.connection import Connection


#: What SQLite keeps beside a database.
BESIDE = ("-wal", "-shm", "-journal")
#: The prefix of folders with damaged files.
KEPT = "damaged-"


def check_lost(layout: Layout, kind: Type[CmosError]) -> None:
    """Raise an error of a kind, with the way back, if the database is gone."""
    if _has_database(layout):
        return
    hint = "cmosctl db recover; to start without what it held: cmosctl init --fresh"
    if _had_one(layout) and _is_in_stash(layout):
        hint = "it is in a stash: git stash pop"
    elif not has_lost(layout):
        return
    raise kind("the database of this project is gone: %s" % layout.database, hint=hint)


def _had_one(layout: Layout) -> bool:
    """Say whether cmosctl was ever used in the repository."""
    return layout.repository is not None and os.path.isdir(os.path.join(layout.repository.common_dir, "cmos"))


def has_lost(layout: Layout) -> bool:
    """Say whether there are traces of a database that is not there."""
    return not _has_database(layout) and bool(_traces(layout))


def _has_database(layout: Layout) -> bool:
    return os.path.lexists(layout.database) and os.path.getsize(layout.database) > 0


def _traces(layout: Layout) -> List[str]:
    """Return the files that a lost database left: beside it, folders of damaged ones, the copy."""
    try:
        names = os.listdir(layout.home)
    except OSError:
        names = []
    beside = [os.path.basename(layout.database) + ending for ending in BESIDE]
    paths = [os.path.join(layout.home, name) for name in names if name in beside or name.startswith(KEPT)]
    return paths + ([layout.copy] if layout.copy is not None and os.path.exists(layout.copy) else [])


def put_by(layout: Layout, now: str) -> None:
    """Rename all traces of a lost database, to make room for a new one; nothing is removed."""
    stamp = now.replace("-", "").replace(":", "")
    for path in [] if _has_database(layout) else _traces(layout):
        folder, name = os.path.split(path)
        # under its name a folder of damaged files would still count as a trace
        name = "old-" + name if name.startswith(KEPT) else name
        os.rename(path, os.path.join(folder, "%s.%s" % (name, stamp)))


def _is_in_stash(layout: Layout) -> bool:
    if layout.repository is None or layout.repository.main_top is None:
        return False
    top = layout.repository.main_top
    # the third parent of a stash holds what git did not track
    inside = os.path.relpath(layout.database, top).replace(os.sep, "/")
    return process.ask(top, "rev-parse", "--verify", "--quiet", "refs/stash^3:%s" % inside) is not None


_PATIENCE = 2.0


def check_above(layout: Layout, kind: Type[CmosError]) -> None:
    """Raise an error of a kind if there is no database, and one farther up in the checkout knows the files here."""
    if layout.repository is None or os.path.lexists(layout.database):
        return
    folder = layout.root
    while folder != layout.repository.top:
        folder = os.path.dirname(folder)
        above = of_root(folder)
        if os.path.lexists(above.database) and not has_signs(above.root) and _knows(above, layout.root):
            raise kind(_MOVED % (layout.root, above.database), hint=_hint(above.home, layout.home))


def check_below(layout: Layout, db: Connection) -> None:
    """Raise FileProblem if the project's files were moved farther down in the checkout."""
    place = _below(layout, db)
    if place is not None:
        raise FileProblem(_MOVED % (place, layout.database), hint=_hint(layout.home, os.path.join(place, ".cmos")))


def moved_note(layout: Layout, db: Connection) -> Optional[str]:
    """Say where the files are now; None if they were not moved."""
    place = _below(layout, db)
    return None if place is None else _MOVED % (place, layout.database) + "; " + _hint(layout.home, place + "/.cmos")


_MOVED = "cmos/ was moved to %s, away from its database: %s"


def _hint(old: str, new: str) -> str:
    return "let it follow: mv %s %s" % (old, new)


def _knows(above: Layout, root: str) -> bool:
    with trust.opened(above, patience=_PATIENCE, notices=[]) as db:
        return any(os.path.exists(os.path.join(root, path)) for path in project_rows.sample_paths(db, above.worktree))


def _below(layout: Layout, db: Connection) -> Optional[str]:
    if layout.repository is None or os.path.isdir(layout.missions):
        return None
    known = project_rows.sample_paths(db, layout.worktree)
    for inside in objects.moved_to(layout.root, known):
        return os.path.join(layout.root, inside)
    return None


#: Seconds after which a command that writes makes a new copy.
EVERY = 3600.0


def keep_copy(layout: Layout, db: Connection, *, every: float = EVERY) -> List[str]:
    """Copy the database if the last copy is older than ``every`` seconds; return a line if that failed."""
    if layout.copy is None or _age(layout.copy) < every:
        return []
    from cmos.db.migrate import copy_database

    try:
        copy_database(db, layout.database, layout.copy)
    except OSError as error:
        return ["the database could not be copied: %s: %s" % (layout.copy, error.strerror)]
    except DatabaseProblem as problem:
        return ["the database could not be copied: %s; %s" % (problem.message, problem.hint)]
    return []


def _age(path: str) -> float:
    try:
        age = time.time() - os.stat(path).st_mtime
    except OSError:
        return EVERY
    # a clock that was set back says nothing
    return age if age >= 0 else EVERY
