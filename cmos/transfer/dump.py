"""Reading an export of the whole database, as it was written or as somebody edited it."""

from __future__ import annotations

import base64
import json
import math
import re
from itertools import takewhile
from typing import Any, Callable, Dict, Iterable, Iterator, Tuple, Union

from cmos.core.record import NamedTuple
from cmos.core.text import loads
from cmos.transfer.json_text import Unreadable, plain

#: The number of the format, in the document's first line.
FORMAT = 1


class RawText(bytes):
    """A text of the database that is not valid UTF-8."""


Value = Union[None, int, float, str, bytes, RawText]
#: Column to value, in the order of the table's columns.
Row = Dict[str, Value]


class BadRow(NamedTuple):
    """A row of an export that holds something no database row can. ``raw`` is JSON text."""

    why: str
    raw: str


class Dump(NamedTuple):
    #: ``user_version`` of the database it was made from.
    schema: int
    tables: Iterable[Tuple[str, Iterable[Union[Row, BadRow]]]]


#: Bytes. An export holds every session and every text that was ever replaced.
LARGEST = 200_000_000


def read(text: str) -> Dump:
    """Return the export that a text holds, JSON or YAML; raises Unreadable."""
    return from_json(text) if text.lstrip()[:1] == "{" else from_yaml(text)


def from_json(text: str) -> Dump:
    """Return the export that a JSON text holds; raises Unreadable."""
    try:
        return shape(loads(text))
    except json.JSONDecodeError as error:
        raise Unreadable("not valid JSON: %s" % error.msg, error.lineno) from None
    except ValueError as error:
        raise Unreadable("not readable as JSON: %s" % error) from None


def from_yaml(text: str) -> Dump:
    """Return the export that a YAML text holds; raises Unreadable."""
    return shape(load(text))


def shape(document: Any) -> Dump:
    """Return a decoded document as an export; raises Unreadable when it is something else."""
    if not isinstance(document, dict) or "cmos_export" not in document:
        raise Unreadable("not an export of cmosctl: no cmos_export")
    if document["cmos_export"] != FORMAT:
        raise Unreadable(
            "export format %s; this cmosctl reads format %d" % (plain(document["cmos_export"])[:20], FORMAT)
        )
    schema, tables = document.get("schema"), document.get("tables")
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise Unreadable("schema is not a number")
    if not isinstance(tables, dict):
        raise Unreadable("tables is not a map of tables")
    return Dump(schema, [(name, list(_rows(rows))) for name, rows in tables.items()])


def _rows(rows: Any) -> Iterator[Union[Row, BadRow]]:
    if rows is None:
        return
    if not isinstance(rows, list):
        yield BadRow("not a list of rows", plain(rows))
        return
    for row in rows:
        yield _row(row)


def _row(row: Any) -> Union[Row, BadRow]:
    if not isinstance(row, dict) or not row:
        return BadRow("not a row", plain(row))
    values: Row = {}
    for name, value in row.items():
        try:
            values[name] = _value(value)
        except (LookupError, TypeError, ValueError):
            return BadRow("%s holds something that is not a value" % plain(name)[:60], plain(row))
    return values


def _value(value: Any) -> Any:
    """Return a document's value as the database's; raises for what no column can hold."""
    if isinstance(value, (bool, list)):
        raise TypeError
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _KINDS[kind](text)


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_REALS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_KINDS: Dict[str, Callable[[Any], Value]] = {
    "base64": _blob,
    "text_base64": lambda text: RawText(_blob(text)),
    "real": _REALS.__getitem__,
}


DEEPEST = 50

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,18})", re.ASCII)
_REAL = re.compile(r"-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)", re.ASCII)


def load(text: str) -> Any:
    """Return the value of a YAML text of one document; raises Unreadable."""
    from cmos.missionfile.events import Unparsable, checked

    events = checked(text)
    documents, value = 0, None
    try:
        for event in events:
            name = _name(event)
            documents += name == "DocumentStartEvent"
            if documents > 1:
                raise _problem("a second document", event)
            if name in ("ScalarEvent", "AliasEvent", "MappingStartEvent", "SequenceStartEvent"):
                value = _build(event, events)
    except Unparsable as problem:
        raise Unreadable("not valid YAML: %s" % problem, problem.line) from None
    return value


def _build(event: Any, events: Iterator[Any], depth: int = 0) -> Any:
    """Return the value that begins at an event, and take the rest of its events."""
    if _name(event) == "AliasEvent":
        raise _problem("an alias", event)
    if event.tag is not None:
        raise _problem("a tag", event)
    if _name(event) == "ScalarEvent":
        return event.value if event.style else _plain(event.value)
    if depth >= DEEPEST:
        raise _problem("nested more than %d deep" % DEEPEST, event)
    if _name(event) == "MappingStartEvent":
        return _mapping(events, depth)
    return [_build(item, events, depth + 1) for item in _before("SequenceEndEvent", events)]


def _mapping(events: Iterator[Any], depth: int) -> Dict[str, Any]:
    values: Dict[str, Any] = {}
    for key in _before("MappingEndEvent", events):
        if _name(key) != "ScalarEvent" or key.tag is not None:
            raise _problem("a key that is not a text", key)
        if key.value in values:
            raise _problem("the key %s twice" % key.value[:60], key)
        values[key.value] = _build(next(events), events, depth + 1)
    return values


def _before(end: str, events: Iterator[Any]) -> Iterator[Any]:
    return takewhile(lambda event: _name(event) != end, events)


def _name(event: Any) -> str:
    return type(event).__name__


def _plain(text: str) -> Any:
    if text in ("", "null", "~"):
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text


def _problem(why: str, event: Any) -> Unreadable:
    mark = event.start_mark
    return Unreadable(why, mark.line + 1 if mark else None)
