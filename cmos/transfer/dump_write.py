"""The whole database as JSON or YAML text, and reading the JSON files of ``export all``."""

from __future__ import annotations

import base64
import json
import math
from typing import Any, Dict, Iterable, Iterator, List, Optional, Union

from cmos.missionfile.scalars import quoted, scalar
from cmos.transfer.dump import FORMAT, BadRow, Dump, RawText, Row, Value
from cmos.transfer.json_text import Unreadable, decode_bytes, plain


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
    """Return the rows that a file holds; raises Unreadable when it is not valid at all."""
    held = decode_bytes(data)
    if table == "project_state":
        if not isinstance(held, dict):
            raise Unreadable("not an object", 1)
        return [{"key": plain(key), "value": _text(value)} for key, value in held.items()]
    if not isinstance(held, list):
        raise Unreadable("not a list", 1)
    return [_record(item, _NEEDED[table]) for item in held]


def _record(item: Any, needed: str) -> Union[Row, BadRow]:
    if not isinstance(item, dict):
        return BadRow("not an object", plain(item))
    if not item.get(needed):
        return BadRow("it has no %s" % needed, plain(item))
    return {_SPELLED.get(plain(key), plain(key)): _text(value) for key, value in item.items()}


def _text(value: object) -> Optional[str]:
    return None if value is None else plain(value)
