"""The whole database as JSON or YAML text, and reading the JSON files of ``export all``."""

from __future__ import annotations

import base64
import json
import math
from typing import Any, Dict, Iterable, Iterator, List, Union

from cmos.missionfile.scalars import quoted, scalar
from cmos.transfer.dump import FORMAT, BadRow, Dump, NotADump, RawText, Row, Value
from cmos.transfer.json_text import JsonProblem, decode, line_and_column, plain


def to_json(dump: Dump) -> Iterator[str]:
    """Yield the pieces of the JSON document: a line for each row."""
    yield '{\n"cmos_export": %d,\n"schema": %d,\n"tables": {' % (FORMAT, dump.schema)
    between = "\n"
    for table, rows in dump.tables:
        yield "%s%s: [" % (between, quoted(table))
        yield from _json_rows(rows)
        yield "]"
        between = ",\n"
    yield "\n}\n}\n"


def _json_rows(rows: Iterable[Union[Row, BadRow]]) -> Iterator[str]:
    between, end = "\n", ""
    for row in rows:
        if isinstance(row, dict):
            yield between + row_json(row)
            between, end = ",\n", "\n"
    yield end


def row_json(row: Row) -> str:
    """Return a row as a JSON object."""
    return "{%s}" % ", ".join("%s: %s" % (quoted(name), _json(row[name])) for name in row)


def to_yaml(dump: Dump) -> Iterator[str]:
    """Yield the lines of the YAML document."""
    yield "cmos_export: %d\nschema: %d\ntables:\n" % (FORMAT, dump.schema)
    for table, rows in dump.tables:
        head = "  %s:" % scalar(table)
        lines = _yaml_rows(rows)
        first = next(lines, None)
        yield head + "\n" if first is not None else head + " []\n"
        yield first or ""
        yield from lines


def _yaml_rows(rows: Iterable[Union[Row, BadRow]]) -> Iterator[str]:
    for row in rows:
        mark = "  - "
        for name, value in row.items() if isinstance(row, dict) else ():
            text = scalar(value) if isinstance(value, str) else _json(value)
            yield "%s%s: %s\n" % (mark, scalar(name), text)
            mark = "    "


def _json(value: Value) -> str:
    """Return a value as JSON that is YAML too; what JSON has no word for is an object of one key."""
    if isinstance(value, RawText):
        return '{"text_base64": "%s"}' % base64.b64encode(value).decode("ascii")
    if isinstance(value, bytes):
        return '{"base64": "%s"}' % base64.b64encode(value).decode("ascii")
    if isinstance(value, float) and not math.isfinite(value):
        return '{"real": "%r"}' % value
    return quoted(value) if isinstance(value, str) else json.dumps(value)


#: The names of the files, and the table that each one holds.
TABLES = {"decisions.json": "decisions", "facts.json": "facts", "state.json": "project_state"}

_SPELLED: Dict[str, str] = {"mission": "mission_id"}
#: What makes a record more than an empty line.
_NEEDED = {"decisions": "title", "facts": "content"}


def rows_of(data: bytes, table: str) -> List[Union[Row, BadRow]]:
    """Return the rows that a file holds; raises NotADump when it is not valid at all."""
    document = document_of(data)
    if table == "project_state":
        if not isinstance(document, dict):
            raise NotADump("not an object", 1)
        return list(_state(document))
    if not isinstance(document, list):
        raise NotADump("not a list", 1)
    return [_record(item, _NEEDED[table]) for item in document]


def document_of(data: bytes) -> Any:
    """Return the value of a JSON file; raises NotADump with the line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotADump("not UTF-8", data.count(b"\n", 0, error.start) + 1) from None
    try:
        return decode(text)
    except JsonProblem as problem:
        raise NotADump(problem.cause, line_and_column(text, problem.place)[0]) from None


def _state(document: Dict[str, Any]) -> Iterator[Union[Row, BadRow]]:
    for key, value in document.items():
        yield {"key": plain(key), "value": None if value is None else plain(value)}


def _record(item: Any, needed: str) -> Union[Row, BadRow]:
    if not isinstance(item, dict):
        return BadRow("not an object", plain(item))
    if not item.get(needed):
        return BadRow("it has no %s" % needed, plain(item))
    row: Row = {}
    for key, value in item.items():
        row[_SPELLED.get(plain(key), plain(key))] = None if value is None else plain(value)
    return row
