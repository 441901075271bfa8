"""What a sync pass or an import did, and what it could not settle: values."""

from __future__ import annotations

import re
from collections import Counter
from typing import Counter as CounterType
from typing import Dict, List, Optional

from cmos.core.record import NamedTuple
from cmos.core.text import mark


class FieldChange(NamedTuple):
    """A value that moved from a file to the database, or back."""

    mission_id: str
    field: str
    before: Optional[str]
    after: Optional[str]
    path: str


class Logged(NamedTuple):
    """What became of the commits of a look at the history."""

    #: Commits that have a session now.
    new: int = 0
    #: Commits that were logged before and have been rewritten.
    rewritten: int = 0
    #: Older commits that were left out.
    left: int = 0


class Report:
    """Filled by the steps of a pass, in order."""

    def __init__(self) -> None:
        self.registered: List[str] = []
        self.indexed: List[FieldChange] = []
        self.put_back: List[FieldChange] = []
        self.written: List[FieldChange] = []
        self.conflicts: List[FieldChange] = []
        self.renamed: List[str] = []
        self.missing: List[str] = []
        self.quarantined: List[str] = []
        #: Why the pass stopped and changed nothing; empty when it did not.
        self.brake = ""
        #: Folders that could not be read.
        self.unreadable: List[str] = []
        #: None when there was no history to look at.
        self.logged: Optional[Logged] = None
        #: Lines for the user.
        self.notices: List[str] = []

    @property
    def is_empty(self) -> bool:
        """True when the pass had nothing to take in, put back, write or stop for."""
        return not any(
            (self.registered, self.indexed, self.put_back, self.written, self.conflicts, self.renamed)
            + (self.missing, self.quarantined, self.brake)
        )


_IN_TEXT = r"line (\d+), column (\d+): "


class Spot(NamedTuple):
    #: ``path:line:column``, as much of it as is known.
    place: str
    column: Optional[int]
    cause: str


class Issue(NamedTuple):
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
    #: The branch or worktree that has the database's value: a merge settles the difference.
    carried_by: Optional[str] = None

    @property
    def cause(self) -> str:
        """What is wrong, without its place."""
        return self.spot.cause + ("; %s has it: a merge settles it" % self.carried_by if self.carried_by else "")

    @property
    def mark(self) -> str:
        """What it is known again by: not its line, which moves with the text above it."""
        return mark("issue", self.kind, self.path, self.mission_id, self.field, self.file_value, self.spot.cause)

    @property
    def spot(self) -> Spot:
        """Where it is, as a compiler would say it, and what is wrong."""
        found = re.match(_IN_TEXT, self.why)
        column = int(found.group(2)) if found else None
        place = ":".join(str(part) for part in (self.path, self.line, column) if part)
        return Spot(place, column, self.why[found.end() :] if found else self.why)


class Leftover(NamedTuple):
    """Something in a file that could not be taken: where, why, and its text as it stands."""

    path: str
    #: From 1; None when it has no line of its own.
    line: Optional[int]
    why: str
    raw: Optional[str] = None


class Remark(NamedTuple):
    """Something that was taken although a part of it is wrong."""

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


class ImportReport:
    """How many records an import added, changed and found unchanged, by table, and what it left over."""

    def __init__(self, *paths: str) -> None:
        self.added: CounterType[str] = Counter()
        self.changed: CounterType[str] = Counter()
        self.unchanged: CounterType[str] = Counter()
        self.leftovers: List[Leftover] = []
        self.remarks: List[Remark] = []
        #: The files that were read, as they were named.
        self.paths: List[str] = list(paths)
        self.differences: List[Difference] = []

    def as_plain(self) -> Dict[str, object]:
        """Return the fields by name."""
        return vars(self)

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
