"""Reading an export of the whole database, as it was written or as somebody edited it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

from cmos.transfer.json_text import plain

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


class NotADump(Exception):
    """Why a text is no export. ``line`` counts from 1; None when it has none."""

    def __init__(self, why: str, line: Optional[int] = None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


class _Special(NamedTuple):
    value: Value


def from_json(text: str) -> Dump:
    """Return the export that a JSON text holds; raises NotADump."""
    try:
        return shape(json.loads(text))
    except json.JSONDecodeError as error:
        raise NotADump("not valid JSON: %s" % error.msg, error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise NotADump("not readable as JSON: %s" % error) from None


def from_yaml(text: str) -> Dump:
    """Return the export that a YAML text holds; raises NotADump."""
    try:
        return shape(load(text))
    except YamlProblem as problem:
        raise NotADump(problem.why, problem.line) from None


def shape(document: Any) -> Dump:
    """Return a decoded document as an export; raises NotADump when it is something else."""
    if not isinstance(document, dict) or "cmos_export" not in document:
        raise NotADump("not an export of cmosctl: no cmos_export")
    if document["cmos_export"] != FORMAT:
        raise NotADump("export format %s; this cmosctl reads format %d" % (plain(document["cmos_export"])[:20], FORMAT))
    schema, tables = document.get("schema"), document.get("tables")
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise NotADump("schema is not a number")
    if not isinstance(tables, dict):
        raise NotADump("tables is not a map of tables")
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
    read: Dict[str, Value] = {}
    for name, value in row.items():
        special = _special(value)
        if special is None:
            return BadRow("%s holds something that is not a value" % plain(name)[:60], plain(row))
        read[name] = special.value
    return read


def _special(value: Any) -> Optional[_Special]:
    """Return a document's value as the database's; None for what no column can hold."""
    if isinstance(value, (bool, list)):
        return None
    if not isinstance(value, dict):
        return _Special(value)
    if len(value) != 1:
        return None
    ((kind, text),) = value.items()
    try:
        return _Special(_KINDS[kind](text))
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _raw_text(text: str) -> RawText:
    return RawText(_blob(text))


def _real(text: str) -> float:
    if text not in ("inf", "-inf", "nan"):
        raise ValueError(text)
    return float(text)


_KINDS: Dict[str, Any] = {"base64": _blob, "text_base64": _raw_text, "real": _real}


DEEPEST = 50

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,18})", re.ASCII)
_REAL = re.compile(r"-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)", re.ASCII)

_Container = Union[Dict[str, Any], List[Any]]


class YamlProblem(Exception):
    """Why a text is not plain YAML, and in which line (from 1) if that is known."""

    def __init__(self, why: str, line: Optional[int] = None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


def load(text: str) -> Any:
    """Return the value of a YAML text of one document; raises YamlProblem."""
    builder = _Builder()
    for event in _events(text):
        builder.take(event)
    return builder.value


def _events(text: str) -> Iterator[Any]:
    from cmos.missionfile.events import Unparsable, checked

    try:
        yield from checked(text)
    except Unparsable as problem:
        raise YamlProblem("not valid YAML: %s" % problem, problem.line) from None


class _Builder:
    """Builds the value from events without recursion."""

    def __init__(self) -> None:
        self.value: Any = None
        self._documents = 0
        self._open: List[Tuple[_Container, Optional[str]]] = []

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise _problem("a second document", event)
        elif kind == "AliasEvent":
            raise _problem("an alias", event)
        elif kind == "ScalarEvent":
            self._refuse_tag(event)
            self._scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._refuse_tag(event)
            self._start({} if kind == "MappingStartEvent" else [], event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            raise _problem("a tag", event)

    def _start(self, container: _Container, event: Any) -> None:
        if len(self._open) >= DEEPEST:
            raise _problem("nested more than %d deep" % DEEPEST, event)
        self._add(container, event)
        self._open.append((container, None))

    def _scalar(self, event: Any) -> None:
        container, key = self._open[-1] if self._open else ([], None)
        if isinstance(container, dict) and key is None:
            if event.value in container:
                raise _problem("the key %s twice" % event.value[:60], event)
            self._open[-1] = (container, event.value)
        else:
            self._add(_plain(event.value) if not event.style else event.value, event)

    def _add(self, value: Any, event: Any) -> None:
        if not self._open:
            self.value = value
            return
        container, key = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            raise _problem("a key that is not a text", event)
        else:
            container[key] = value
            self._open[-1] = (container, None)


def _plain(text: str) -> Any:
    if text in ("", "null", "~"):
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text


def _problem(why: str, event: Any) -> YamlProblem:
    mark = event.start_mark
    return YamlProblem(why, mark.line + 1 if mark else None)
