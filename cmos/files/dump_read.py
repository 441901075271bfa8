"""Reading an export of the whole database, as it was written or as somebody edited it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Dict, Iterator, NamedTuple, Optional, Union

from cmos.core.dump import FORMAT, BadRow, Dump, RawText, Row, Value
from cmos.files.json_text import plain

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
    from cmos.files.plain_yaml import YamlProblem, load

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
