"""The pass around everything a command does: what changed on disk comes in first, what it changed goes out after."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator

from cmos import clock
from cmos.core.errors import DatabaseProblem
from cmos.db import connection
from cmos.db.connection import Connection
from cmos.db.lock import writer_lock

if TYPE_CHECKING:
    from cmos.project.project import Workspace
    from cmos.services.sync.passes import Pass

#: Passes in a row that a command runs when editors keep saving under its writes.
_ROUNDS = 5


def refresh(ws: Workspace, *, is_due: bool = False, retry: bool = False) -> bool:
    """Run one pass if something changed on disk or is still to be written; say whether that was so.

    With ``is_due`` the caller knows that it is; ``retry`` is that of ``change``, for a pass that is run anyway.
    When the database is busy or cannot be written, also for want of space, the command goes on with what it has.
    """
    if not is_due and not _is_due(ws):
        return False
    try:
        with change(ws, retry=retry):
            pass
    except DatabaseProblem as problem:
        ws.fail(problem)
        ws.notices.append("files changed but could not be taken in: %s" % problem.message)
    else:
        ws.notices += [problem.message for problem in ws.failures]
    # whoever only reads is told, and gets what there is
    ws.problems, ws.failures = ws.failures, []
    return True


def _is_due(ws: Workspace) -> bool:
    # here: a search looks at the documents alone
    from cmos.services.sync.quiet import is_quiet

    if is_quiet(ws.layout, ws.db):
        return False
    from cmos.services.sync import cycle

    return cycle.is_due(ws)


@contextmanager
def change(ws: Workspace, *, accept_mass_change: bool = False, retry: bool = False) -> Iterator[Connection]:
    """Do what ``begin`` does, for a caller that needs the database alone."""
    with begin(ws, accept_mass_change=accept_mass_change, retry=retry) as one:
        yield one.db


@contextmanager
def begin(ws: Workspace, *, accept_mass_change: bool = False, retry: bool = False) -> Iterator[Pass]:
    """Take the lock and a transaction, sync, and let the caller change rows.

    What was changed is committed at the end; then the files are written. With ``retry``
    also what was refused before is tried again.
    Raises DatabaseProblem when the lock is not to be had in time.
    """
    from cmos.services.sync import gate

    gate.wait(ws.layout, but=ws.passes_over)
    with writer_lock(ws.layout.lock, patience=ws.patience) as line:
        ws.notices += [line] if line and line not in ws.notices else []
        ws.now = clock.now()
        ws.check_in_place()
        with connection.translated(ws.layout.database):
            yield from _change(ws, accept_mass_change, retry)


def _change(ws: Workspace, accept_mass_change: bool, retry: bool) -> Iterator[Pass]:
    # imported here: reading a project where nothing changed needs none of it
    from cmos.services.sync import cycle

    if ws.is_trial:
        with connection.taken_back(ws.db):
            yield cycle.take_in(ws)
        ws.leftovers.clear()
        return
    with connection.immediate(ws.db):
        one = cycle.take_in(ws, accept_mass_change=accept_mass_change)
        yield one
        plans = cycle.plan(ws, one, retry=retry)
    for _ in range(_ROUNDS):
        again = cycle.write(ws, one, plans)
        if not again:
            return
        with connection.immediate(ws.db):
            one = cycle.take_in(ws)
            plans = cycle.plan(ws, one)
