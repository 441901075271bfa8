"""The whole database as values: what ``db export`` writes and ``db import`` reads."""

from __future__ import annotations

from typing import Dict, Iterable, NamedTuple, Tuple, Union

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
