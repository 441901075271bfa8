"""What a text says to a parser, for comparing two texts without looking at places."""

from __future__ import annotations

from itertools import islice
from typing import List, NamedTuple, Optional, Tuple

from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent

from cmos.files.events import BROKEN, EVENTS, cause_of, stream
from cmos.files.parts import split

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
    for event in islice(stream(part), EVENTS):
        kind = type(event)
        if kind is ScalarEvent:
            vertices.append(Vertex("scalar", event.value, event.tag, event.anchor))
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
