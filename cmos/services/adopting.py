"""Taking a database over: it is looked at as a whole, then it gets the token of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NoReturn

from cmos.core.errors import DatabaseProblem
from cmos.db import connection
from cmos.db.lock import PATIENCE, writer_lock
from cmos.files import token_file
from cmos.store import foreign, token

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.services.layout import Layout


class Unstamped(DatabaseProblem):
    """A database that is in order, in a place where nothing can be written now."""


def adopt(layout: Layout, db: Connection, *, patience: float = PATIENCE) -> List[str]:
    """Check a database and give it the token of its repository; return a line for the user.

    Raises DatabaseProblem for one that is not taken over, Unstamped when the token cannot be written.
    """
    check(layout, db)
    if layout.repository is None:
        return []
    try:
        with writer_lock(layout.lock, patience=patience), connection.translated(layout.database):
            stamp(layout, db)
    except (OSError, DatabaseProblem) as problem:
        why = problem.message if isinstance(problem, DatabaseProblem) else str(problem)
        raise Unstamped("%s is not taken over: %s" % (layout.database, why)) from None
    return ["%s belongs to this repository from now on" % layout.database]


def check(layout: Layout, db: Connection) -> None:
    """See that a database holds nothing that no cmosctl has put there. Raises DatabaseProblem."""
    with connection.translated(layout.database):
        found = foreign.fault(db)
    if found:
        _refuse(layout, found)


def stamp(layout: Layout, db: Connection) -> None:
    """Give a database the token of its repository, which gets one if it has none; under the lock. Raises OSError."""
    assert layout.repository is not None
    with connection.immediate(db):
        own = token_file.read(layout.repository.common_dir) or token_file.renew(layout.repository.common_dir)
        token.put(db, own)


def _refuse(layout: Layout, why: str) -> NoReturn:
    hint = "to start without it, move the folder %s out of the project" % layout.home
    raise DatabaseProblem("%s is not taken over: %s" % (layout.database, why), hint=hint)
