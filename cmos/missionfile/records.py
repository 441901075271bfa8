"""What a mission file says, as values: the contract between reading and syncing."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.missionfile.tree import position

#: The fields that sync keeps in step between a file and the database.
SYNCED = ("status", "completed_at", "name", "sprint", "notes")

#: The keys that may hold a mission's id, the one that counts first at the beginning.
ID_KEYS = ("missionId", "mission_id", "id", "mission")
#: The keys of a complete mission file beside its id, with the other spellings that count.
REQUIRED = {
    "objective": ("objective", "objectives", "summary", "description", "goal"),
    "context": ("context",),
    "successCriteria": (
        "successCriteria", "success_criteria", "acceptanceCriteria", "acceptance_criteria", "acceptance",
        "qualityGates", "quality_gates",
    ),
    "deliverables": ("deliverables", "deliverable", "expectedArtifacts", "expected_artifacts"),
}  # fmt: skip
#: The keys that list what a mission depends on, in its own document or in its row.
PREREQUISITES = (
    "dependencies", "dependsOn", "depends_on", "blockedBy", "blocked_by", "requires", "prerequisites",
)  # fmt: skip


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
    #: Where in the text a key may be inserted; -1 when it may not.
    insert_at: int = -1
    #: The white space that such a line starts with, or the comma before the key in a flow mapping.
    indent: str = ""
    #: The missions that this one depends on, as the file spells them.
    prerequisites: Tuple[str, ...] = ()


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


#: To be raised with each change of what is read from a text (with a migration that has the files read anew).
READING = 1


def as_text(contents: Contents) -> str:
    """Return contents as JSON, to be kept."""
    import json

    return json.dumps(contents, ensure_ascii=False)


def from_text(text: object) -> Optional[Contents]:
    """Return kept contents; None if it is not what ``as_text`` gave."""
    import json

    try:
        records, sprints, edges, links, faults, is_backlog, nameless = json.loads(text)  # type: ignore[arg-type]
        return Contents(
            tuple(map(_record, records)),
            tuple(SprintRecord(*one) for one in sprints),
            None if edges is None else tuple((start, end, type) for start, end, type in edges),
            links,
            tuple(Fault(*one) for one in faults),
            is_backlog,
            tuple(nameless),
        )
    except (TypeError, ValueError, AttributeError):
        return None


def _record(values: Any) -> Record:
    found = Record(*values)
    return found._replace(
        fields={name: Field(*field) for name, field in found.fields.items()},
        missing=tuple(found.missing),
        prerequisites=tuple(found.prerequisites),
    )


#: Characters. Each table pads its columns, each index holds its keys: a name costs more than its own length.
LONGEST = 500
#: Faults of one file that are worth a line each.
_MOST = 100


def bounded(text: str, contents: Contents) -> Contents:
    """Drop what has too long a name, and add a fault for each."""
    if not any(_too_long(record) for record in contents.records) and not _has_long_name(contents):
        return contents
    faults = list(_faults(text, contents.records))
    edges = contents.dependencies
    return contents._replace(
        records=tuple(record for record in contents.records if not _too_long(record)),
        sprints=tuple(sprint for sprint in contents.sprints if len(sprint.id) <= LONGEST),
        dependencies=None if edges is None else tuple(edge for edge in edges if max(map(len, edge[:2])) <= LONGEST),
        links={id: path for id, path in contents.links.items() if len(id) <= LONGEST},
        faults=contents.faults + tuple(faults[: max(_MOST - len(contents.faults), 1)]),
    )


def _too_long(record: Record) -> bool:
    return len(record.id) > LONGEST or len(_sprint(record) or "") > LONGEST


def _sprint(record: Record) -> Optional[str]:
    field = record.fields.get("sprint")
    return field.value if field is not None else None


def _has_long_name(contents: Contents) -> bool:
    """Say whether a sprint, a dependency or a link has too long a name."""
    ends = (end for edge in contents.dependencies or () for end in edge[:2])
    names = (*(sprint.id for sprint in contents.sprints), *contents.links, *ends)
    return any(len(name) > LONGEST for name in names)


def _faults(text: str, records: Tuple[Record, ...]) -> Iterator[Fault]:
    last = -1
    for record in records:
        if len(record.id) > LONGEST:
            yield Fault(record.line, 1, _cause("an id", record.id))
        elif _too_long(record):
            start = record.fields["sprint"].start
            # the rows of one sprint share its name: one fault is enough
            if start != last:
                yield Fault(*position(text, start), _cause("a sprint", _sprint(record) or ""))
            last = start


def _cause(what: str, name: str) -> str:
    return "%s of %d characters (%s...); at most %d are allowed" % (what, len(name), name[:20], LONGEST)
