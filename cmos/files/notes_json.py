"""Reading decisions.json, facts.json and state.json as ``export all`` writes them, or as a hand changed them."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Union

from cmos.core.dump import BadRow, Row
from cmos.files.dump_read import NotADump
from cmos.files.json_text import JsonProblem, decode, line_and_column, plain

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
