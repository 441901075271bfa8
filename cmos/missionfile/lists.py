"""The lists of a backlog or a sprint plan: sprints, their rows, dependencies, paths."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.missionfile.records import ID_KEYS, PREREQUISITES, REQUIRED, Field, SprintRecord
from cmos.missionfile.tree import Found, Mapping, Scalar, Sequence, text_of

Edge = Tuple[str, str, Optional[str]]

_ROW_FIELDS = (
    ("status", ("status",)),
    ("completed_at", ("completed_at", "completedAt")),
    ("name", ("name", "title")),
    ("notes", ("notes",)),
)
_WORD = re.compile(r"[^\s,:;()]+")
_LISTS = frozenset(("sprints", "missions", "missionDependencies", "missionFiles", "<<"))
SPRINT_KEYS = ("sprintId", "sprint_id", "id", "sprint", "name", "title")
_SPRINT_MARKS = ("missions", "sprintId", "sprint_id")
_PLAN_SPRINT_KEYS = ("sprintId", "sprint_id", "sprint")


_OBJECTIVES = frozenset(REQUIRED["objective"])
#: Where prerequisites may stand; a thousand rows have none of these.
_PREREQUISITES = frozenset((*PREREQUISITES, "context"))


class Row(NamedTuple):
    """A mission's line in a list."""

    id: Scalar
    fields: Dict[str, Field]
    link: Optional[str]
    home: Mapping
    #: The key that the id stands under.
    key: str


class Listing(NamedTuple):
    """What a document lists."""

    rows: List[Row]
    sprints: List[SprintRecord]
    dependencies: Optional[List[Edge]]
    links: Dict[str, str]
    #: True when it has a list of sprints: then its own id is not a mission's.
    has_sprints: bool
    #: True when it lists missions, in sprints or by itself.
    is_backlog: bool
    #: What reads like a row but has no id.
    nameless: List[Mapping]


def read_listing(root: Mapping, *, owned: bool) -> Optional[Listing]:
    """Return what a document lists, None if it lists nothing. ``owned``: it has a mission's id itself."""
    fields = root.mapping("domainFields")
    homes = [home for home in (fields, root) if home is not None]
    if all(_LISTS.isdisjoint(home.entries) for home in homes):
        return None
    groups = list(_sprint_lists(homes, owned))
    plan = root.find("missions")
    dependencies = _dependencies(homes)
    links = _links(homes)
    rows: List[Row] = []
    nameless: List[Mapping] = []
    sprints: List[SprintRecord] = []
    for group, locked in groups:
        for item in group.items:
            if isinstance(item, Mapping):
                _add_sprint(item, locked, rows, sprints, nameless)
    listed = bool(groups)
    if plan is not None and not groups:
        listed = _add_plan(root, plan, owned, rows, sprints, nameless)
    if not (listed or links or dependencies is not None):
        return None
    return Listing(rows, sprints, dependencies, links, bool(groups), listed, nameless if rows else [])


def field_of(scalar: Scalar) -> Field:
    return Field(scalar.value, scalar.start, scalar.end, scalar.locked)


def first_scalar(mapping: Mapping, keys: Tuple[str, ...], locked: str = "") -> Optional[Scalar]:
    """Return the scalar under the first of the keys that has one."""
    is_merged = "<<" in mapping.entries
    for key in keys:
        scalar = mapping.scalar(key, locked) if is_merged or key in mapping.entries else None
        if scalar is not None:
            return scalar
    return None


def _sprint_lists(homes: List[Mapping], owned: bool) -> Iterator[Tuple[Sequence, str]]:
    """Yield each list of sprints once, as itself rather than through an alias of it."""
    found = [one for home in homes for one in [_sprint_list(home)] if one is not None and _lists_sprints(one[0], owned)]
    taken: List[Any] = []
    for group, locked in sorted(found, key=lambda one: bool(one[1])):
        if not any(group.items is items for items in taken):
            taken.append(group.items)
            yield group, locked


def _sprint_list(home: Mapping) -> Optional[Tuple[Sequence, str]]:
    outer = home.find("sprints")
    if outer is None:
        return None
    if isinstance(outer.node, Mapping):
        inner = outer.node.find("sprints")
        return _as_sprints(inner, outer.locked or ("alias" if outer.node.alias else "")) if inner else None
    return _as_sprints(outer, "")


def _as_sprints(found: Found, locked: str) -> Optional[Tuple[Sequence, str]]:
    group = found.node
    if not isinstance(group, Sequence):
        return None
    return group, locked or found.locked or ("alias" if group.alias else "")


def _lists_sprints(group: Sequence, owned: bool) -> bool:
    """Say whether a list is one of sprints: numbers, names and the phases of one mission are not."""
    if not group.items:
        return not owned
    return any(isinstance(item, Mapping) and any(map(item.find, _SPRINT_MARKS)) for item in group.items)


def _add_sprint(
    sprint: Mapping, locked: str, rows: List[Row], sprints: List[SprintRecord], nameless: List[Mapping]
) -> None:
    locked = locked or ("alias" if sprint.alias else "")
    name = next((one for key in SPRINT_KEYS for one in [sprint.scalar(key)] if one and one.value), None)
    if name is not None:
        sprints.append(_sprint(sprint, name, "title", "name"))
    missions = sprint.find("missions")
    if missions is not None:
        rows.extend(_rows(missions, locked, name, nameless))


def _add_plan(
    root: Mapping, plan: Found, owned: bool, rows: List[Row], sprints: List[SprintRecord], nameless: List[Mapping]
) -> bool:
    """Add the rows of a plan of one sprint; a plan that is a mission itself makes no sprint."""
    name = first_scalar(root, _PLAN_SPRINT_KEYS)
    if name is not None and not name.value:
        name = None
    added = list(_rows(plan, "", name, nameless))
    rows.extend(added)
    if added and name is not None and not owned:
        sprints.append(_sprint(root, name, "title", "theme"))
    return bool(added)


def _sprint(home: Mapping, name: Scalar, *titles: str) -> SprintRecord:
    return SprintRecord(name.value or "", _text(home, *titles), _text(home, "focus"), _text(home, "status"))


def _text(mapping: Mapping, *keys: str) -> Optional[str]:
    """Return the first text under the keys that is not empty."""
    return next(filter(None, map(mapping.text, keys)), None)


def _rows(missions: Found, locked: str, sprint: Optional[Scalar], nameless: List[Mapping]) -> Iterator[Row]:
    """Yield the rows of a list, and add to ``nameless`` those that have a name or an objective but no id."""
    group = missions.node
    if not isinstance(group, Sequence):
        return
    locked = locked or missions.locked or ("alias" if group.alias else "")
    for item in group.items:
        if isinstance(item, Mapping):
            row = _row(item, locked, sprint)
            if row is not None:
                yield row
            elif item.names() and (first_scalar(item, ("name", "title")) or objective_of([item])):
                nameless.append(item)


def _row(item: Mapping, locked: str, sprint: Optional[Scalar]) -> Optional[Row]:
    key, name = next(((key, one) for key in ID_KEYS for one in [item.scalar(key, locked)] if one), ("", None))
    if name is None or not name.value:
        return None
    fields: Dict[str, Field] = {}
    for field, spellings in _ROW_FIELDS:
        scalar = first_scalar(item, spellings, locked)
        if scalar is not None:
            fields[field] = field_of(scalar)
    if sprint is not None:
        fields["sprint"] = Field(sprint.value, sprint.start, sprint.end, "the sprint's own line")
    return Row(name, fields, _text(item, "path", "file"), item, key)


def objective_of(homes: Iterable[Mapping]) -> Optional[str]:
    """Return what a mission is for, under the first spelling that says so; the entries of a list as one text."""
    for home in homes:
        if home.lacks(_OBJECTIVES):
            continue
        for key in REQUIRED["objective"]:
            text = home.text(key) or "; ".join(_entries(home.node(key)))
            if text:
                return text
    return None


def prerequisites_of(homes: Iterable[Mapping]) -> Tuple[str, ...]:
    """Return the missions that one depends on: what its lists of prerequisites name, each once.

    Of an entry its id counts, else its first word: ``B1.1: the parser`` names B1.1.
    """
    entries: List[str] = []
    for home in homes:
        if home.lacks(_PREREQUISITES):
            continue
        context = home.mapping("context")
        for place in (home, context) if context is not None else (home,):
            for key in PREREQUISITES:
                entries += _entries(place.node(key))
    words = (_WORD.match(entry) for entry in entries)
    return tuple(dict.fromkeys(word.group() for word in words if word))


def _entries(node: Any) -> List[str]:
    """Return the texts of a list, or the one text that stands there; of a mapping in a list its id."""
    items = node.items if isinstance(node, Sequence) else [] if node is None or isinstance(node, Mapping) else [node]
    texts = []
    for item in items:
        if isinstance(item, Mapping):
            texts.append(_text(item, *ID_KEYS) or "")
        elif not isinstance(item, Sequence):
            texts.append(text_of(item) or "")
    return [text for text in texts if text]


def _dependencies(homes: List[Mapping]) -> Optional[List[Edge]]:
    """Return the first list of dependencies; entries that name no two missions are left out."""
    for home in homes:
        group = home.sequence("missionDependencies")
        if group is not None:
            edges = (_edge(item) for item in group.items if isinstance(item, Mapping))
            return [edge for edge in edges if edge is not None]
    return None


def _edge(item: Mapping) -> Optional[Edge]:
    start, end = _text(item, "from"), _text(item, "to")
    return (start, end, _text(item, "type")) if start and end else None


def _links(homes: List[Mapping]) -> Dict[str, str]:
    for home in homes:
        files = home.mapping("missionFiles")
        if files is not None:
            paths = ((key, _text(files, key)) for key in files.names())
            return {key: path for key, path in paths if path}
    return {}
