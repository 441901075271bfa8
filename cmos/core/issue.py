"""What a sync or an import could not settle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, Optional

_IN_TEXT = re.compile(r"line (\d+), column (\d+): ")


class Spot(NamedTuple):
    #: ``path:line:column``, as much of it as is known.
    place: str
    column: Optional[int]
    cause: str


@dataclass(frozen=True)
class Issue:
    """Something that sync or an import could not settle, kept until it is.

    ``kind`` is one of drift, waiting, proposal, conflict, quarantine, duplicate, missing,
    pending, brake, leftover. Proposals, conflicts and leftovers stay in the database when
    they are closed: they hold what a person typed and lost.
    """

    kind: str
    path: str
    why: str
    line: Optional[int] = None
    mission_id: Optional[str] = None
    field: Optional[str] = None
    file_value: Optional[str] = None
    database_value: Optional[str] = None
    since: Optional[str] = None
    closed_at: Optional[str] = None
    worktree: str = ""
    id: Optional[int] = None

    @property
    def spot(self) -> Spot:
        """Where it is, as a compiler would say it, and what is wrong there."""
        found = _IN_TEXT.match(self.why)
        column = int(found.group(2)) if found else None
        place = ":".join(str(part) for part in (self.path, self.line, column) if part)
        return Spot(place, column, self.why[found.end() :] if found else self.why)
