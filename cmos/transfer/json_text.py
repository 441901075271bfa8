"""Reading whole files and JSON that anybody may have written: guarded, with the place of what is wrong."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.core.text import DEEPEST, too_deep
from cmos.files.scan import open_regular

#: Digits. Turning longer ones into a number takes a time that grows with their square.
LONGEST_NUMBER = 300

_SURROGATES = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """Why a file cannot be read. ``line`` counts from 1; None when no line is to blame."""

    def __init__(self, why: str, line: Optional[int] = None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


class Unread(NamedTuple):
    """A part of a file that was not taken. Line and column count from 1."""

    line: int
    column: int
    cause: str
    raw: str


class JsonProblem(Exception):
    """Why a text is not acceptable JSON. The place counts from 0, in characters."""

    def __init__(self, cause: str, place: int) -> None:
        super().__init__(cause)
        self.cause = cause
        self.place = place


def decode_bytes(data: bytes) -> Any:
    """Return the value of a file that is one JSON document; raises Unreadable."""
    text = text_of(data)
    try:
        return decode(text)
    except JsonProblem as problem:
        raise Unreadable(problem.cause, text.count("\n", 0, problem.place) + 1) from None


def text_of(data: bytes) -> str:
    """Return the text of a file; raises Unreadable."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8", data.count(b"\n", 0, error.start) + 1) from None


def decode(text: str) -> Any:
    """Return the value of a text that is one JSON document; raises JsonProblem."""
    check_depth(text)
    start = _skip(text, 0)
    value, end = decode_at(text, start)
    end = _skip(text, end)
    if end != len(text):
        raise JsonProblem("text after the end of the document", end)
    return value


def decode_at(text: str, start: int) -> Tuple[Any, int]:
    """Return the JSON value that begins at a place, and where it ends; raises JsonProblem.

    The caller has checked the depth of the whole text.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise JsonProblem("not valid JSON: %s" % _lower(error.msg), error.pos) from None
    except ValueError as error:
        raise JsonProblem(str(error), start) from None
    except RecursionError:
        raise JsonProblem("nested too deeply", start) from None


def plain(value: object) -> str:
    """Return a value's text: strings as they are, everything else as JSON."""
    if isinstance(value, str):
        # JSON can spell half a character ("\\ud800"), which no database or terminal takes
        return _SURROGATES.sub("\ufffd", value)
    return _SURROGATES.sub("\ufffd", json.dumps(value, ensure_ascii=False))


def has_surrogates(text: str) -> bool:
    """Say whether a text holds half a character, which UTF-8 cannot write."""
    return _SURROGATES.search(text) is not None


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start] in " \t\r\n":
        start += 1
    return start


def check_depth(text: str) -> None:
    """Raise JsonProblem where a text nests deeper than any document does."""
    place = too_deep(text)
    if place is not None:
        raise JsonProblem("nested more than %d deep" % DEEPEST, place)


def _number(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("a number of %d digits" % len(text))
    return int(text)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


_DECODER = json.JSONDecoder(parse_int=_number)


#: Bytes. Logs and context files; exports of the whole database may be larger.
LARGEST = 64_000_000


def read_whole(path: str, *, largest: int = LARGEST) -> Optional[bytes]:
    """Return the bytes of a file; None when there is no such name. Raises Unreadable.

    A pipe or a device is refused, not waited for.
    """
    try:
        return _read(path, largest)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(path):
            raise Unreadable("a link to a file that is not there") from None
        return None
    except (OSError, ValueError) as error:
        raise Unreadable((getattr(error, "strerror", None) or str(error)).lower()) from None


def _read(path: str, largest: int) -> bytes:
    if os.path.isdir(path):
        raise Unreadable("a folder, not a file")
    with open(open_regular(os.path.realpath(path)), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > largest:
            raise Unreadable("%d bytes; at most %d are read" % (size, largest))
        return file.read(largest + 1)[:largest]
