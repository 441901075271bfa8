"""The parts of a file's text that a parser reads: as trees for the reader, as bare events for comparing two texts."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, Iterable, Iterator, List, Optional, Tuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent

from cmos.core.record import NamedTuple
from cmos.missionfile.events import BROKEN, EVENTS, Broken, Budget, Part, advised, cause_of, is_compiled, parse, stream
from cmos.missionfile.records import ID_KEYS, Fault
from cmos.missionfile.tree import Document, Mapping, Node, position

#: Start and end of a part or a collection, in characters.
Span = Tuple[int, int]


class Vertex(NamedTuple):
    """One event without its place and without its quotes."""

    kind: str
    value: Optional[str] = None
    tag: Optional[str] = None
    anchor: Optional[str] = None


class Graph(NamedTuple):
    """The events of a text; of parts that do not parse those up to the error, then its cause."""

    vertices: List[Vertex]
    #: Where flow collections stand, outermost only; all of a part that does not parse.
    flows: List[Span]


def graph(text: str) -> Graph:
    """Return what a text says, as one stream or, where that fails, part by part."""
    vertices: List[Vertex] = []
    flows: List[Span] = []
    if _walk(text, 0, vertices, flows):
        return Graph(vertices, flows)
    vertices, flows = [], []
    for start, end in split(text):
        if not _walk(text[start:end], start, vertices, flows):
            flows.append((start, end))
    return Graph(vertices, flows)


def compose(text: str) -> List[Any]:
    """Return the documents of a text as the library's nodes, with their places. Raises ValueError."""
    try:
        return list(YAML(typ="safe").compose_all(text))
    except (YAMLError, *BROKEN) as error:
        raise ValueError("not valid: %s" % type(error).__name__) from error


def _walk(part: str, base: int, vertices: List[Vertex], flows: List[Span]) -> bool:
    """Add the events of a part; False if it does not parse."""
    try:
        _add(part, base, vertices, flows)
    except YAMLError as error:
        vertices.append(Vertex("error", cause_of(error)))
    except BROKEN as error:
        vertices.append(Vertex("error", type(error).__name__))
    return vertices[-1].kind != "error"


def _add(part: str, base: int, vertices: List[Vertex], flows: List[Span]) -> None:
    level = opened = start = 0
    # both parsers work a tag out whenever it is asked for
    is_tagged, make = "!" in part, tuple.__new__
    for event in islice(stream(part), EVENTS):
        kind = type(event)
        if kind is ScalarEvent:
            vertices.append(make(Vertex, ("scalar", event.value, event.tag if is_tagged else None, event.anchor)))
            continue
        vertices.append(Vertex(kind.__name__, None, getattr(event, "tag", None), getattr(event, "anchor", None)))
        if isinstance(event, CollectionStartEvent):
            level += 1
            if event.flow_style and not opened:
                # whatever stands in a flow collection is in flow style too
                opened, start = level, event.start_mark.index
        elif isinstance(event, CollectionEndEvent):
            if level == opened:
                flows.append((base + start, base + event.end_mark.index))
                opened = 0
            level -= 1


#: A file with more broken parts than this is not worth a longer list.
FAULT_LIMIT = 100
_SEPARATOR = re.compile(r"^---[ \t]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^[ \t]*[^ \t\r\n#]", re.MULTILINE)
_ID_LINE = re.compile(r"^[ \t]*(?:%s)[ \t]*:[ \t]*[^ \t\r\n]" % "|".join(ID_KEYS), re.MULTILINE)


class Trees(NamedTuple):
    """The documents of a file in their order, and why parts of it are not valid."""

    documents: Tuple[Document, ...]
    faults: Tuple[Fault, ...]


def split(text: str) -> Iterator[Tuple[int, int]]:
    """Yield start and end of each part between ``---`` lines that has any content."""
    start = 0
    for match in _SEPARATOR.finditer(text):
        if _CONTENT.search(text, start, match.start()):
            yield start, match.start()
        start = match.end()
    if _CONTENT.search(text, start):
        yield start, len(text)


def read_trees(text: str, *, events: int = EVENTS) -> Trees:
    """Read a text as one stream; where that fails, each of its parts on its own.

    A valid file gives the same documents either way, and one stream is quicker and
    allows directives before ``---``.
    """
    spans = list(split(text))
    if len(spans) > 1 and not is_compiled():
        # the pure parser reads a block scalar on across the line that ends its document
        return _gather(text, read_parts(text, spans, events=events))
    outcome = parse(text, 0, len(text), Budget(events))
    if outcome.broken is None:
        return Trees(tuple(outcome.documents()), ())
    if len(spans) < 2:
        return _gather(text, [_recovered(text, 0, outcome)])
    return _gather(text, read_parts(text, spans, events=events))


def read_parts(text: str, spans: List[Tuple[int, int]], *, events: int = EVENTS) -> Iterator[Part]:
    """Read each part by itself, until the file has used up the guards."""
    budget = Budget(events)
    faults = 0
    for start, end in spans:
        outcome = parse(text, start, end, budget)
        if outcome.broken is not None:
            outcome = _recovered(text, start, outcome)
            faults += 1
        yield outcome
        if not budget.events or budget.aliases < 0 or faults == FAULT_LIMIT:
            return


def _gather(text: str, outcomes: Iterable[Part]) -> Trees:
    documents: List[Document] = []
    faults: List[Fault] = []
    for outcome in outcomes:
        documents.extend(outcome.documents())
        if outcome.broken is not None:
            broken = outcome.broken
            cause = broken.cause if broken.unread else advised(broken.cause, text, broken.offset)
            faults.append(Fault(*position(text, broken.offset), cause))
    return Trees(tuple(documents), tuple(faults))


def _recovered(text: str, start: int, outcome: Part) -> Part:
    """Read a broken part again without the line it broke at, if that can give its id.

    The parser looks ahead: an error in a line can hide the line before it.
    """
    broken = outcome.broken
    if broken is None or any(map(_has_id, outcome.roots)):
        return outcome
    end = _line_start(text, start, broken)
    if not (broken.unread or _ID_LINE.search(text, start, end)):
        return outcome
    again = parse(text, start, end, Budget())
    return Part(again.roots or outcome.roots, broken)


def _line_start(text: str, start: int, broken: Broken) -> int:
    return max(start, text.rfind("\n", start, broken.offset) + 1)


def _has_id(root: Node) -> bool:
    if not isinstance(root, Mapping):
        return False
    metadata: Optional[Mapping] = root.mapping("metadata")
    return any(root.scalar(key) for key in ID_KEYS) or (metadata is not None and metadata.scalar("id") is not None)
