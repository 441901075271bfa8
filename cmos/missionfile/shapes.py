"""Turns the light trees of one file into what the file says of missions."""

from __future__ import annotations

import re
from typing import Dict, Iterable, Iterator, List, Optional, Set, Tuple

from cmos.core.record import NamedTuple
from cmos.missionfile.lists import Listing, field_of, first_scalar, objective_of, prerequisites_of, read_listing
from cmos.missionfile.records import ID_KEYS, REQUIRED, Contents, Fault, Field, Record, bounded
from cmos.missionfile.tree import Document, Mapping, Scalar

#: Spellings of each synced field in a mission's own document; its name has rules of its own.
_SPELLINGS = (
    ("status", ("status",)),
    ("completed_at", ("completed_at", "completedAt")),
    ("sprint", ("sprint", "sprintId", "sprint_id")),
    ("notes", ("notes",)),
)
#: One of these beside an ``id`` or ``mission`` makes the mapping a mission.
_MARKS = frozenset((
    "objective", "objectives", "name", "title", "status", "context", "summary", "deliverables", "domainFields",
    "successCriteria", "success_criteria", "acceptanceCriteria", "acceptance", "sprint", "sprintId", "sprint_id",
))  # fmt: skip
_PACK_NAME = re.compile(r"\w[\w-]*(?:\.[\w-]+)*\.v\d[\w.]*")
_PLAN_NAME = "SprintPlan"
_LINE_END = re.compile(r"\r\n|\r|\n|\Z")


class Identity(NamedTuple):
    """The scalar that is a mission's id, and the mapping and key it stands under."""

    scalar: Scalar
    home: Mapping
    key: str


class _Page(NamedTuple):
    """What one document holds."""

    records: List[Record]
    listing: Optional[Listing]
    #: The lines of what reads like a mission but has no id.
    nameless: Tuple[int, ...] = ()


def read_contents(text: str, documents: Iterable[Document], faults: Tuple[Fault, ...] = ()) -> Contents:
    """Return all that the documents of one file say; ids that several of them share are locked."""
    pages = list(_pages(text, documents))
    records = [record for page in pages for record in page.records]
    if len(records) > 1:
        records = _lock_shared(pages, records)
    listings = [page.listing for page in pages if page.listing is not None]
    nameless = tuple(line for page in pages for line in page.nameless)
    if not listings:
        return bounded(text, Contents(tuple(records), faults=faults, nameless=nameless))
    edges = [listing.dependencies for listing in listings if listing.dependencies is not None]
    found = Contents(
        records=tuple(records),
        sprints=tuple(sprint for listing in listings for sprint in listing.sprints),
        dependencies=tuple(edge for group in edges for edge in group) if edges else None,
        links={key: path for listing in listings for key, path in listing.links.items()},
        faults=faults,
        is_backlog=any(listing.is_backlog for listing in listings),
        nameless=nameless,
    )
    return bounded(text, found)


def identify(root: Mapping) -> Optional[Identity]:
    """Return the id of a mission's document, None when the document is not a mission.

    Under ``missionId`` any id counts; beside a mere ``id`` something else of a mission must
    stand. ``metadata.id`` counts in a document in the style of Kubernetes.
    """
    for key in ID_KEYS:
        if key in root.entries:
            scalar = root.scalar(key)
            if scalar is not None and scalar.value and ((key[:7] == "mission" and key != "mission") or _marked(root)):
                return Identity(scalar, root, key)
    metadata = root.mapping("metadata")
    if metadata is None or not ("kind" in root.entries or "spec" in root.entries):
        return None
    kind = root.scalar("kind")
    scalar = metadata.scalar("id")
    if scalar is None or not scalar.value or (kind is not None and kind.value != "Mission"):
        return None
    return Identity(scalar, metadata, "id")


def _marked(root: Mapping) -> bool:
    return not _MARKS.isdisjoint(root.entries)


def _pages(text: str, documents: Iterable[Document]) -> Iterator[_Page]:
    """Yield what each document holds; a plan's header speaks for the document after it."""
    lines = _Lines(text)
    planned = False
    for document in documents:
        root = document.root
        if isinstance(root, Mapping):
            identity = identify(root)
            plan = planned or _is_plan(root)
            yield _page(text, root, None if plan else identity, document.whole, lines)
            planned = plan and identity is None and "domainFields" not in root.entries


def _is_plan(root: Mapping) -> bool:
    """Say whether a document is a backlog by its pack's name or its type."""
    fields, name = root.mapping("domainFields"), root.text("name")
    # a mission may be about a plan
    is_named = _PLAN_NAME in name and ("missionId" not in root.entries or bool(_PACK_NAME.fullmatch(name)))
    return is_named or (fields is not None and _PLAN_NAME in fields.text("type"))


def _page(text: str, root: Mapping, identity: Optional[Identity], whole: bool, lines: _Lines) -> _Page:
    listing = read_listing(root, owned=identity is not None)
    records = []
    if identity is not None and not (listing is not None and listing.has_sprints):
        records.append(_mission(text, root, identity, whole, lines))
    for row in listing.rows if listing is not None else ():
        line = lines.at(row.id.start)
        insert_at, indent = _insertion(text, Identity(row.id, row.home, row.key)) if whole else (-1, "")
        records.append(
            Record(
                id=row.id.value or "",
                kind="row",
                fields=row.fields,
                line=line,
                objective=objective_of([row.home]),
                link=row.link,
                whole=whole,
                insert_at=insert_at,
                indent=indent,
                prerequisites=prerequisites_of([row.home]),
            )
        )
    nameless = listing.nameless if listing is not None and whole else []
    if not records and listing is None and whole and _reads_like_a_mission(root):
        nameless = [root]
    return _Page(records, listing, tuple(lines.at(one.key_start(one.names()[0])) for one in nameless))


def _reads_like_a_mission(root: Mapping) -> bool:
    """Say whether a document has at least two of the fields that a complete mission has, besides an id."""
    return sum(any(key in root.entries for key in spellings) for spellings in REQUIRED.values()) > 1


def _mission(text: str, root: Mapping, identity: Identity, whole: bool, lines: _Lines) -> Record:
    homes = [root]
    if identity.home is not root:
        homes.append(identity.home)
    spec = root.mapping("spec")
    if spec is not None:
        homes.append(spec)
    # metadata and spec of a mission that has its id at the top speak of other things
    own = homes[:1] if identity.home is root else homes
    insert_at, indent = _insertion(text, identity) if whole else (-1, "")
    return Record(
        id=identity.scalar.value or "",
        kind="file",
        fields=_fields(own),
        line=lines.at(identity.scalar.start),
        objective=objective_of(homes),
        missing=_missing(root, spec) if whole else (),
        whole=whole,
        insert_at=insert_at,
        indent=indent,
        prerequisites=prerequisites_of(homes),
    )


def _fields(homes: List[Mapping]) -> Dict[str, Field]:
    fields: Dict[str, Field] = {}
    for field, spellings in _SPELLINGS:
        scalar = _first(homes, spellings)
        if scalar is not None:
            fields[field] = field_of(scalar)
    name = _name(homes)
    if name is not None:
        fields["name"] = field_of(name)
    return fields


def _first(homes: List[Mapping], spellings: Tuple[str, ...]) -> Optional[Scalar]:
    for home in homes:
        scalar = first_scalar(home, spellings)
        if scalar is not None:
            return scalar
    return None


def _name(homes: List[Mapping]) -> Optional[Scalar]:
    """Return a mission's name, which the name of the pack it was made from is not."""
    if "displayName" in homes[0].entries and "version" in homes[0].entries:
        return _first(homes, ("title",))
    name = _first(homes, ("name",))
    if name is None or (name.value and _PACK_NAME.fullmatch(name.value)):
        return _first(homes, ("title",))
    return name


def _missing(root: Mapping, spec: Optional[Mapping]) -> Tuple[str, ...]:
    """Return what the document lacks; a key without a value is lacking."""
    lacking = [key for key, spellings in REQUIRED.items() if not any(map(root.has, spellings))]
    if spec is None:
        return tuple(lacking)
    return tuple(key for key in lacking if not any(map(spec.has, REQUIRED[key])))


def _insertion(text: str, identity: Identity) -> Tuple[int, str]:
    """Return where a key may go, and what stands before it; -1 when none must."""
    home, scalar = identity.home, identity.scalar
    if home.alias or scalar.locked or identity.key not in home.entries:
        return -1, ""
    if home.flow:
        return scalar.end, ", "
    key = home.key_start(identity.key)
    start = max(text.rfind("\n", 0, key), text.rfind("\r", 0, key)) + 1
    before = text[start:key]
    if before.strip(" -"):
        return -1, ""
    # the first key of a list's item stands behind a dash
    indent = " " * len(before)
    end = _LINE_END.search(text, scalar.end)
    return (end.end(), indent) if end is not None else (-1, "")


def _lock_shared(pages: List[_Page], records: List[Record]) -> List[Record]:
    """Lock the fields of each id that stands in two documents, or twice in one list."""
    seen: Dict[str, int] = {}
    twice: Set[str] = set()
    shared: Set[str] = set()
    for number, page in enumerate(pages):
        kinds: Set[Tuple[str, str]] = set()
        for record in page.records:
            if seen.setdefault(record.id, number) != number:
                shared.add(record.id)
            if (record.id, record.kind) in kinds:
                twice.add(record.id)
            kinds.add((record.id, record.kind))
    if not (shared or twice):
        return records
    return [_locked(record, record.id in shared, record.id in twice) for record in records]


def _locked(record: Record, shared: bool, twice: bool) -> Record:
    if not (shared or twice):
        return record
    why = "more than one document has it" if shared else "more than one row has it"
    fields = {name: field._replace(locked=field.locked or why) for name, field in record.fields.items()}
    return record._replace(fields=fields, insert_at=-1, indent="")


class _Lines:
    """Line numbers of places that come mostly in order, each stretch counted once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self.line = 1

    def at(self, offset: int) -> int:
        if offset < self.offset:
            self.offset, self.line = 0, 1
        count, start = self.text.count, self.offset
        self.line += count("\n", start, offset) + count("\r", start, offset) - count("\r\n", start, offset)
        self.offset = offset
        return self.line
