"""The decisions of a sync as pure functions (SYNC.md S7)."""

from __future__ import annotations

from typing import Optional

from cmos.core.status import standard

#: Where a file's present content comes from.
FIRST = "first"  # this place was never read before
HAND = "hand"  # somebody edited it
GIT = "git"  # git put it there: its blob is the one in HEAD

#: What to do about a value.
NOTHING = "nothing"  # file and database agree, or the file has no opinion
KEEP = "keep"  # they differ as they did before: leave the note that says so
DRIFT = "drift"  # they differ and nobody asked for it: note it, write nothing
TAKE = "take"  # the file's value goes to the database
PUT_BACK = "put back"  # a hand typed it: record it, write the database's value into the file
CONFLICT = "conflict"  # both changed: note both, write nothing
DONE = "done"  # what a command asked for is in the file now


def status(
    file: Optional[str],
    database: Optional[str],
    base: Optional[str],
    *,
    origin: str,
    seen: bool = False,
    ancestor: Optional[str] = None,
) -> str:
    """Decide about a value that the database owns (status, completed_at).

    ``base`` is the file's value at the last sync. With origin GIT, ``seen`` says that this
    content was synced before, and ``ancestor`` is the value in the nearest ancestor that
    was (None: unknown).
    """
    if file is None or same(file, database):
        return NOTHING
    if origin == GIT:
        return _from_git(file, database, seen=seen, ancestor=ancestor)
    if origin == FIRST:
        return DRIFT
    return KEEP if same(file, base) else PUT_BACK


def _from_git(file: str, database: Optional[str], *, seen: bool, ancestor: Optional[str]) -> str:
    if seen or ancestor is None or same(file, ancestor):
        return DRIFT
    return TAKE if same(database, ancestor) else CONFLICT


def text(
    file: Optional[str], base: Optional[str], *, has_base: bool, pending: Optional[str], is_pending: bool
) -> str:
    """Decide about a value that the file owns and ``mission edit`` may change (name, sprint, notes)."""
    if not is_pending:
        return TAKE
    if has_base and file == base:
        return KEEP
    return DONE if file == pending else CONFLICT


def same(one: Optional[str], other: Optional[str]) -> bool:
    """Say whether two values mean the same status; other values must be equal to the letter."""
    return (standard(one) or None) == (standard(other) or None)


def too_much(before: int, lost: int) -> bool:
    """Say whether one pass lost so many missions that a person must look first (SYNC.md S9).

    More than half of at least five.
    """
    return before >= 5 and lost * 2 > before
