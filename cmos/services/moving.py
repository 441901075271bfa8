"""Noticing that ``cmos/`` was moved within a checkout, and its database was not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional, Type

from cmos.core.errors import CmosError, FileProblem
from cmos.services import trust
from cmos.services.layout import Layout, has_signs, of_root
from cmos.store import state
from cmos.vcs import tree

if TYPE_CHECKING:
    from cmos.db.connection import Connection

_PATIENCE = 2.0


def check_above(layout: Layout, kind: Type[CmosError]) -> None:
    """Raise an error of a kind if a database farther up in the checkout knows the files that are here."""
    if layout.repository is None:
        return
    folder = layout.root
    while folder != layout.repository.top:
        folder = os.path.dirname(folder)
        above = of_root(folder)
        if os.path.lexists(above.database) and not has_signs(above.root) and _knows(above, layout.root):
            raise kind(_MOVED % (layout.root, above.database), hint=_hint(above.home, layout.home))


def check_below(layout: Layout, db: Connection) -> None:
    """Raise FileProblem if the project's files are farther down in the checkout now."""
    place = _below(layout, db)
    if place is not None:
        raise FileProblem(_MOVED % (place, layout.database), hint=_hint(layout.home, os.path.join(place, ".cmos")))


def told_below(layout: Layout, db: Connection) -> Optional[str]:
    """Return a line that says where the files are now; None if nothing was moved."""
    place = _below(layout, db)
    return None if place is None else _MOVED % (place, layout.database) + "; " + _hint(layout.home, place + "/.cmos")


_MOVED = "cmos/ was moved to %s, away from its database: %s"


def _hint(old: str, new: str) -> str:
    return "let it follow: mv %s %s" % (old, new)


def _knows(above: Layout, root: str) -> bool:
    with trust.opened(above, patience=_PATIENCE, notices=[]) as db:
        return any(os.path.exists(os.path.join(root, path)) for path in state.some_paths(db, above.worktree))


def _below(layout: Layout, db: Connection) -> Optional[str]:
    if layout.repository is None or os.path.isdir(layout.missions):
        return None
    known = state.some_paths(db, layout.worktree)
    for inside in tree.moved_to(layout.root, known):
        return os.path.join(layout.root, inside)
    return None
