"""What an import did, as values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Counter as CounterType
from typing import List, NamedTuple, Optional


class Leftover(NamedTuple):
    """Something in a file that could not be taken: where, why, and its text as it stands."""

    path: str
    #: From 1; None when it has no line of its own.
    line: Optional[int]
    why: str
    raw: Optional[str] = None


class Remark(NamedTuple):
    """Something that was taken although a part of it is not right."""

    path: str
    line: int
    why: str


class Difference(NamedTuple):
    """A field of a mission in which a file and the database differed."""

    mission_id: str
    field: str
    here: Optional[str]
    file: Optional[str]
    #: One of ``stays``, ``taken``, ``conflict``, ``left``.
    what: str
    #: Why a value of the file could not be taken.
    why: str = ""


@dataclass
class ImportReport:
    """How many records an import added, changed and found unchanged, by table, and what it left over."""

    added: CounterType[str] = field(default_factory=Counter)
    changed: CounterType[str] = field(default_factory=Counter)
    unchanged: CounterType[str] = field(default_factory=Counter)
    leftovers: List[Leftover] = field(default_factory=list)
    remarks: List[Remark] = field(default_factory=list)
    #: The files that were read, as they were named.
    paths: List[str] = field(default_factory=list)
    differences: List[Difference] = field(default_factory=list)

    def count(self, table: str, added: bool) -> None:
        """Count one record that was either added or there before."""
        (self.added if added else self.unchanged)[table] += 1

    def extend(self, other: ImportReport) -> None:
        """Add what another import did."""
        self.added.update(other.added)
        self.changed.update(other.changed)
        self.unchanged.update(other.unchanged)
        self.leftovers += other.leftovers
        self.remarks += other.remarks
        self.paths += other.paths
        self.differences += other.differences

    def leave(self, path: str, line: Optional[int], why: str, raw: Optional[str] = None) -> None:
        """Note something that could not be taken."""
        self.leftovers.append(Leftover(path, line, why, raw))

    def tables(self) -> List[str]:
        """Return the names of the tables that the import met, sorted."""
        return sorted({*self.added, *self.changed, *self.unchanged})
