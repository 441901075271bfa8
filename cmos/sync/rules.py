"""The decisions of a sync as pure functions (docs/sync.md, S7): what happens to a value, whose a record is."""

from __future__ import annotations

import re
from typing import Callable, Iterable, Mapping, Optional

from cmos.core.status import COMPLETED, is_open, standard

#: Where a file's present content comes from.
FIRST = "first"  # this place was never read before, and git does not have it
HAND = "hand"  # somebody edited it, and git does not know it
KNOWN = "known"  # git has it somewhere, but not at this commit: it waits for one
HEAD = "HEAD"  # git put it there, or it was committed

#: What to do about a value.
NOTHING = "nothing"  # file and database are in step, or the file has no opinion
KEEP = "keep"  # they differ as they did before: leave the note that says so
DRIFT = "drift"  # they differ and nobody asked for it: note it, write nothing
WAIT = "wait"  # the file's value counts when it is committed: note it, write nothing
TAKE = "take"  # the file's value goes to the database
STAYS = "stays"  # both changed, and the database's is further on: say so, write nothing
PUT_BACK = "put back"  # a hand typed it: record it, write what was there into the file
CONFLICT = "conflict"  # both changed: note both, write nothing
DONE = "done"  # what a command asked for is in the file now


def status(
    file: Optional[str],
    database: Optional[str],
    base: Optional[str],
    *,
    origin: str,
    arrived: bool = False,
    is_older: bool = False,
) -> str:
    """Decide about the status in a file.

    ``base`` is what a change is measured from: for a hand the file's value at the last sync, for
    a commit that ``arrived`` here the value before it (None: unknown). ``is_older``: the commit that
    brought the file's status is older than the completion that the database knows.
    """
    if file is None or same(file, database):
        return NOTHING
    both_open = is_open(file) and is_open(database)
    if origin == HAND:
        return PUT_BACK if not same(file, base) else NOTHING if both_open else KEEP
    is_news = arrived and base is not None and not same(file, base)
    if both_open:
        # Current and In Progress are pointers: they move when they arrive, and mean nothing elsewhere
        return TAKE if origin == HEAD and is_news and is_open(base) else NOTHING
    if origin == KNOWN:
        return WAIT
    if origin == FIRST or not is_news or alike(file, base):
        return DRIFT
    if alike(database, base):
        return TAKE
    if further(file, database) is None or (same(database, COMPLETED) and not is_older):
        return CONFLICT
    return TAKE if same(file, COMPLETED) else STAYS


def time(file: Optional[str], database: Optional[str], base: Optional[str], *, origin: str, arrived: bool) -> str:
    """Decide about the time of completion in a file whose status is the database's."""
    if not file or file == database:
        return NOTHING
    if origin == HAND:
        return KEEP if file == base else PUT_BACK
    if origin == KNOWN:
        return WAIT
    return TAKE if origin == HEAD and arrived and file != base else DRIFT


def further(one: Optional[str], other: Optional[str]) -> Optional[str]:
    """Return which status counts when both sides set one; None if a person has to decide.

    Completed goes before an open one, and of two open ones the one further along.
    """
    way = [standard(one), standard(other)]
    if COMPLETED in way and (is_open(one) or is_open(other)):
        return one if way[0] == COMPLETED else other
    if is_open(one) and is_open(other):
        return max(one, other, key=lambda word: _WAY.index(standard(word) or ""))
    return one if same(one, other) else None


_WAY = ("Queued", "Current", "In Progress")


def base_of(database: Optional[str], said: Iterable[Optional[str]]) -> Optional[str]:
    """Return the value that a commit changed, from the values of its ancestors, nearest first.

    The one that the database agrees with, if there is one: a later commit then changed it on purpose.
    """
    known = [value for value in said if value is not None]
    return next((value for value in known if alike(value, database)), known[0] if known else None)


def text(file: Optional[str], base: Optional[str], *, has_base: bool, pending: Optional[str], is_pending: bool) -> str:
    """Decide about a field that files own and ``mission edit`` may set (name, sprint, notes)."""
    if not is_pending:
        return TAKE
    if has_base and file == base:
        return KEEP
    return DONE if file == pending else CONFLICT


def written(status: str, before: Optional[str], *, on_trunk: bool) -> Optional[str]:
    """Return the word that is written into a file for a status; None if the file needs no change.

    Current and In Progress are pointers of the repository: only the trunk's files have them.
    ``before`` is what the file says now.
    """
    if on_trunk or not is_open(status):
        return status
    return None if before is None or is_open(before) else _WAY[0]


#: Fields that belong to the files; ``mission edit`` may set them.
OWNED_BY_FILE = ("name", "sprint", "notes")


def column(field: str) -> str:
    """Return the column of ``missions`` that a field of a record is stored in."""
    return "sprint_id" if field == "sprint" else field


def same(one: Optional[str], other: Optional[str]) -> bool:
    """Say whether two values mean the same status; values that are no status must be equal."""
    return (standard(one) or None) == (standard(other) or None)


def alike(one: Optional[str], other: Optional[str]) -> bool:
    """Say whether two statuses are equal, with Current and In Progress counting as Queued."""
    return same(one, other) or (is_open(one) and is_open(other))


def too_much(before: int, lost: int) -> bool:
    """Say whether one pass lost so many missions that a person has to look first (docs/sync.md, S9).

    More than half of at least five.
    """
    return before >= 5 and lost * 2 > before


_DATED = (
    re.compile(r"^(?P<id>.+)-\d{8}(?:-\d{1,4})?$"),  # B14.4-20251028
    re.compile(r"^[A-Z]+-\d{8}-(?P<id>.+)$"),  # BI-20251012-B8.1
)
_BREAK = re.compile(r"[_ -]")


def resolve(
    file_id: str,
    path: str,
    *,
    alone: bool,
    exists: Callable[[str], bool],
    links: Mapping[str, str],
    listed: Callable[[str], bool],
) -> str:
    """Return the mission id that a mission file's own id stands for.

    By equal id, then by the path that a backlog gives (``links``: path to mission id), then
    by the file name's beginning, then by a date stamp around a backlog's id. The middle two
    only where the file holds one mission (``alone``): which of several it would be is a guess.
    ``listed`` says whether a backlog lists an id. Otherwise the file's id is the mission's.
    """
    if exists(file_id):
        return file_id
    if alone:
        linked = by_path(path, links) or by_name(path, listed)
        if linked:
            return linked
    return by_date(file_id, listed) or file_id


def by_path(path: str, links: Mapping[str, str]) -> Optional[str]:
    """Find a link whose path is the end of this one: backlogs often omit the leading folders."""
    parts = path.split("/")
    for start in range(len(parts)):
        found = links.get("/".join(parts[start:]))
        if found:
            return found
    return None


def by_name(path: str, listed: Callable[[str], bool]) -> Optional[str]:
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    starts = [match.start() for match in _BREAK.finditer(stem)] + [len(stem)]
    return next((stem[:end] for end in reversed(starts) if listed(stem[:end])), None)


def by_date(file_id: str, listed: Callable[[str], bool]) -> Optional[str]:
    for pattern in _DATED:
        match = pattern.match(file_id)
        if match and listed(match.group("id")):
            return match.group("id")
    return None


def name_from_path(path: str, ids: Iterable[str]) -> Optional[str]:
    """Return a readable name from a file name such as ``B1.5_Auditability_Commands.yaml``."""
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    for mission_id in sorted(ids, key=len, reverse=True):
        if stem.startswith(mission_id):
            stem = stem[len(mission_id) :]
            break
    words = _BREAK.sub(" ", stem).split()
    return " ".join(words) or None
