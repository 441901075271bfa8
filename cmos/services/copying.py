"""Keeping a copy of the database in the common git folder, out of reach of what git cleans (docs/recovery.md)."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, List

from cmos.core.errors import DatabaseProblem

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.services.layout import Layout

#: Seconds after which a command that writes makes a new copy.
EVERY = 3600.0


def keep_copy(layout: Layout, db: Connection, *, every: float = EVERY) -> List[str]:
    """Copy the database if the last copy is older than ``every`` seconds; return a line if that was not possible."""
    if layout.copy is None or _age(layout.copy) < every:
        return []
    from cmos.db.migrate import copy_database

    try:
        copy_database(db, layout.database, layout.copy)
    except OSError as error:
        return ["no copy of the database could be made: %s: %s" % (layout.copy, error.strerror)]
    except DatabaseProblem as problem:
        return ["no copy of the database could be made: %s; %s" % (problem.message, problem.hint)]
    return []


def _age(path: str) -> float:
    try:
        age = time.time() - os.stat(path).st_mtime
    except OSError:
        return EVERY
    # of a clock that was set back nothing is known
    return age if age >= 0 else EVERY
