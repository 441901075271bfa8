"""What a mission file says, as values: the contract between reading and syncing."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple

#: The fields that sync keeps in step between a file and the database.
SYNCED = ("status", "completed_at", "name", "sprint", "notes")

#: What a complete mission file says, with the other spellings that count.
REQUIRED = {
    "missionId": ("missionId", "mission_id", "id", "mission"),
    "objective": ("objective",),
    "context": ("context",),
    "successCriteria": ("successCriteria", "success_criteria"),
    "deliverables": ("deliverables",),
}


class Field(NamedTuple):
    """One scalar of a record: its value and where it stands in the text."""

    #: None when the file has the key but no value.
    value: Optional[str]
    #: Characters from the start of the decoded text (BOM taken off), end exclusive.
    start: int
    end: int
    #: Why the scalar must not be rewritten; empty when it may be.
    locked: str = ""


class Record(NamedTuple):
    """What one place in one file says about one mission."""

    #: The id as the file spells it.
    id: str
    #: ``file``: a mission's own document. ``row``: its line in a backlog or a plan.
    kind: str
    #: Keys are of SYNCED; a key that the file does not have is absent.
    fields: Dict[str, Field]
    #: Line of the id, from 1.
    line: int
    objective: Optional[str] = None
    #: Keys of REQUIRED that the document lacks (kind ``file``).
    missing: Tuple[str, ...] = ()
    #: The path that a row gives for the mission's own file.
    link: Optional[str] = None
    #: False when the part does not parse and only its beginning was read.
    whole: bool = True
    #: Where in the text a ``status:`` line may be inserted; -1 when it may not.
    insert_at: int = -1
    #: The white space that such a line starts with.
    indent: str = ""


class SprintRecord(NamedTuple):
    id: str
    title: Optional[str]
    focus: Optional[str]
    status: Optional[str]


class Fault(NamedTuple):
    """Why a part of a file is not valid. Line and column count from 1."""

    line: int
    column: int
    cause: str


class Contents(NamedTuple):
    """All that one file says. Records are in the order of the file."""

    records: Tuple[Record, ...] = ()
    #: Sprints that a backlog lists, in its order. Their missions are rows whose sprint field is the sprint's id.
    sprints: Tuple[SprintRecord, ...] = ()
    #: (from, to, type) as given; None when the file has no such list.
    dependencies: Optional[Tuple[Tuple[str, str, Optional[str]], ...]] = None
    #: Mission id to the path of its file, where a backlog gives a map of them.
    links: Dict[str, str] = {}
    faults: Tuple[Fault, ...] = ()
    #: True for a file that lists missions of sprints (a backlog or a plan).
    is_backlog: bool = False
    #: Lines, from 1, of documents that read like a mission but have no id.
    nameless: Tuple[int, ...] = ()
