"""Puts the rows of a backlog into another order: each with the comments above it, and nothing else moves."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Dict, List, Optional, Sequence, Tuple

from cmos.missionfile import reader
from cmos.missionfile.keys import end_of, nodes_of
from cmos.missionfile.records import ID_KEYS
from cmos.missionfile.splice import Refused

_DASH = re.compile(r"[ \t]*-[ \t]+")
_COMMENTS = re.compile(r"(?:^[ \t]*#[^\r\n]*(?:\r\n|\r|\n))+\Z", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]*")


def arrange(data: bytes, ids: Sequence[str]) -> bytes:
    """Return a file with the rows of each of its lists in the order of ``ids``; a row that is not named stays.

    Raises Refused, with nothing moved, where a row does not stand on lines of its own, or refers to another.
    """
    from cmos.missionfile.parts import graph

    text, bom, fault = reader.decode(data)
    if fault is not None:
        raise Refused(fault.cause)
    places = {id: place for place, id in reversed(list(enumerate(ids)))}
    lists = [one for document in _documents(text) for one in _lists(document)]
    new = text
    for rows in sorted(lists, key=lambda rows: -int(rows.start_mark.index)):
        new = _arranged(new, rows, places)
    if new == text:
        return data
    before, after = graph(text).vertices, graph(new).vertices
    anchors = Counter(one.anchor for one in before if one.anchor and one.kind != "AliasEvent")
    if max(anchors.values(), default=1) > 1:
        raise Refused("an anchor in the file has two meanings")
    _documents(new)  # each alias stands behind its anchor still
    moved = reader.encode(new, bom=bom)
    if Counter(before) != Counter(after) or _told(moved) != _told(data):
        raise Refused("the rows cannot be moved without changing something else in the file")
    return moved


def _documents(text: str) -> List[Any]:
    from cmos.missionfile.parts import compose

    try:
        return compose(text)
    except ValueError as error:
        raise Refused(str(error)) from error


def _lists(document: Any) -> List[Any]:
    """Return the lists of missions."""
    found = []
    for node in nodes_of(document):
        if node.id == "mapping":
            found += [one for key, one in node.value if key.value == "missions" and one.id == "sequence"]
    return found


def _arranged(text: str, rows: Any, places: Dict[str, int]) -> str:
    """Return a text with the rows of one list in their order."""
    named = [(places[id], row) for row in rows.value for id in [_id(row)] if id in places]
    wanted = [row for _, row in sorted(named, key=lambda one: one[0])]
    if wanted == [row for _, row in named]:
        return text
    if rows.flow_style:
        raise Refused("the rows do not stand on lines of their own")
    spans = [_span(text, row, is_first=row is rows.value[0]) for _, row in named]
    texts = [text[slice(*_span(text, row, is_first=row is rows.value[0]))] for row in wanted]
    for (start, end), moved in reversed(list(zip(spans, texts))):
        text = text[:start] + moved + text[end:]
    return text


def _id(row: Any) -> Optional[str]:
    if row.id != "mapping":
        return None
    keys = {key.value: one.value for key, one in row.value if key.id == one.id == "scalar"}
    return next((keys[key] for key in ID_KEYS if keys.get(key)), None)


def _span(text: str, row: Any, *, is_first: bool) -> Tuple[int, int]:
    """Return where the lines of a row stand, with the comments above it but those at the head of the list."""
    at = int(row.start_mark.index)
    start = at - int(row.start_mark.column)
    dash = _DASH.match(text, start)
    if dash is None or dash.end() != at:
        raise Refused("the rows do not stand on lines of their own")
    above = None if is_first else _COMMENTS.search(text, 0, start)
    end = end_of(text, row)
    return (above.start() if above else start), _LINE.match(text, end).end()  # type: ignore[union-attr]


def _told(data: bytes) -> Dict[str, Dict[str, Optional[str]]]:
    records = reader.read(data).records
    return {one.id: {name: field.value for name, field in one.fields.items()} for one in records}
