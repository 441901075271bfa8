"""What becomes of a mission that an import tells of and the database has: three texts decide, by their digests."""

from __future__ import annotations

import hashlib
import json
from typing import Mapping, Optional

from cmos.core.models import Mission
from cmos.core.status import standard

#: Columns that a backlog tells of.
FIELDS = ("name", "sprint_id", "status", "completed_at", "notes")

#: What becomes of a field that differs.
STAYS, TAKEN, CONFLICT, LEFT = "stays", "taken", "conflict", "left"


def digest(values: Mapping[str, object]) -> str:
    """Return a short digest of a mission's values; what is empty does not count."""
    told = {name: value for name, value in values.items() if value not in (None, "")}
    text = json.dumps(told, sort_keys=True, default=repr)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def backlog_values(mission: Mission) -> Mapping[str, Optional[str]]:
    """Return what a backlog tells of a mission, as it is read back."""
    values = {name: getattr(mission, name) for name in FIELDS}
    return {**values, "status": standard(mission.status) or mission.status}


def verdict(exported: Optional[str], *, file: str, here: str, replace: bool) -> str:
    """Return what becomes of a mission's differences.

    ``exported`` is the digest of when the file was written, None in one that has none; ``file`` and ``here`` are those
    of what the file and the database say now.
    """
    if replace:
        return TAKEN
    if exported is None:
        return LEFT
    if exported == file:
        return STAYS
    return TAKEN if exported == here else CONFLICT
