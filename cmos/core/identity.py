"""Which mission a record in a file belongs to (DESIGN.md section 7)."""

from __future__ import annotations

import re
from typing import Callable, Iterable, Mapping, Optional

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
    """Find a link whose path is the end of this one: backlogs leave out the leading folders."""
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
