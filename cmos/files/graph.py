"""What a text says to a parser, for comparing two texts without looking at places."""

from __future__ import annotations

from itertools import islice
from typing import Iterator, List, NamedTuple, Optional, Tuple

from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent

from cmos.files.events import BROKEN, EVENTS, cause_of, stream
from cmos.files.parts import split

#: Start and end of a part or a collection, in characters.
Span = Tuple[int, int]


class Vertex(NamedTuple):
    """One event without its place and without its quotes."""

    kind: str
    value: Optional[str]
    tag: Optional[str]
    anchor: Optional[str]


def graph(text: str) -> List[Vertex]:
    """Return the events of a text; of parts that do not parse up to the error, then its cause."""
    whole = list(_vertices(text))
    if whole[-1].kind != "error":
        return whole
    return [vertex for start, end in split(text) for vertex in _vertices(text[start:end])]


def flow_spans(text: str) -> List[Span]:
    """Return where flow collections stand, outermost only; all of a part that does not parse."""
    try:
        return list(_flows(text, 0))
    except (YAMLError,) + BROKEN:
        pass
    spans: List[Span] = []
    for start, end in split(text):
        try:
            spans.extend(_flows(text[start:end], start))
        except (YAMLError,) + BROKEN:
            spans.append((start, end))
    return spans


def _vertices(part: str) -> Iterator[Vertex]:
    try:
        for event in islice(stream(part), EVENTS):
            kind = type(event)
            value = event.value if kind is ScalarEvent else None
            yield Vertex(kind.__name__, value, getattr(event, "tag", None), getattr(event, "anchor", None))
    except YAMLError as error:
        yield Vertex("error", cause_of(error), None, None)
    except BROKEN as error:
        yield Vertex("error", type(error).__name__, None, None)


def _flows(part: str, base: int) -> Iterator[Span]:
    open_kinds: List[bool] = []
    start = 0
    for event in islice(stream(part), EVENTS):
        if isinstance(event, CollectionStartEvent):
            if event.flow_style and not any(open_kinds):
                start = event.start_mark.index
            open_kinds.append(bool(event.flow_style))
        elif isinstance(event, CollectionEndEvent) and open_kinds.pop() and not any(open_kinds):
            yield base + start, base + event.end_mark.index
