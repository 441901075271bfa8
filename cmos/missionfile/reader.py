"""Reads one file: from its bytes to all that it says of missions, part by part where it does not parse."""

from __future__ import annotations

import re
from typing import Optional

from cmos.core.record import NamedTuple
from cmos.missionfile.records import Contents, Fault
from cmos.missionfile.tree import position

#: Bytes; a larger file is not read (docs/sync.md, section 5).
SIZE_LIMIT = 1_048_576

_BOM = "\ufeff"
# at the beginning of a line the two parsers count it differently
_STRAY = re.compile("(?:\\A|[\r\n])" + _BOM)
_MARKS = tuple(re.compile(r"^%s" % mark, re.MULTILINE) for mark in ("<{7} ", "={7}\r?$", ">{7} "))


class Text(NamedTuple):
    """The text of a file, without its byte order mark."""

    text: str
    bom: bool
    #: Why there is no text.
    fault: Optional[Fault] = None


def decode(data: bytes, *, limit: int = SIZE_LIMIT) -> Text:
    """Decode a file of at most ``limit`` bytes as strict UTF-8; a fault comes with an empty text."""
    if len(data) > limit:
        return _unread(1, 1, "larger than %d MB" % (limit >> 20))
    if _looks_like_utf16(data):
        return _unread(1, 1, "not UTF-8 (looks like UTF-16)")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        return _unread(*position(before, len(before)), "not UTF-8 (byte 0x%02x)" % data[error.start])
    if "\0" in text:
        return _unread(*position(text, text.index("\0")), "a NUL byte")
    bom = text.startswith(_BOM)
    text = text[1:] if bom else text
    stray = _STRAY.search(text) if _BOM in text else None
    if stray is not None:
        return _unread(*position(text, stray.end() - 1), "a byte order mark inside the text")
    return Text(text, bom)


def encode(text: str, *, bom: bool) -> bytes:
    """Return the bytes that decode gave the text and the mark for."""
    return (_BOM + text if bom else text).encode("utf-8")


def conflict(text: str) -> Optional[int]:
    """Return where git's conflict markers begin, if all three are there."""
    if "<<<<<<< " not in text:
        return None
    places = [mark.search(text) for mark in _MARKS]
    if not all(places):
        return None
    return min(place.start() for place in places if place)


def _unread(line: int, column: int, cause: str) -> Text:
    return Text("", False, Fault(line, column, cause))


def _looks_like_utf16(data: bytes) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    # without a mark, every other byte of Western text is zero
    head = data[:200]
    return head.count(0) * 3 > len(head)


class Limits(NamedTuple):
    """How large a file may be: bytes, and events of the parser."""

    size: int
    events: int


#: For files in the missions folder, which are read unasked (docs/sync.md, section 5).
SMALL = Limits(SIZE_LIMIT, 100_000)
#: For files that a person names.
LARGE = Limits(64 << 20, 10_000_000)


def read(data: bytes, limits: Limits = SMALL) -> Contents:
    """Return what a file says; whatever is wrong with it comes as faults, never as an error.

    Records of a part that is not valid are there as far as they could be read, with
    ``whole`` False: they say which mission the fault is about, not what is true.
    """
    # not at the top: whoever only asks whether a file changed must not wait for the parser
    from cmos.missionfile.parts import read_trees
    from cmos.missionfile.shapes import read_contents

    text, _, fault = decode(data, limit=limits.size)
    if fault is not None:
        return Contents(faults=(fault,))
    markers = conflict(text)
    if markers is not None:
        return _conflicted(text, markers)
    documents, faults = read_trees(text, events=limits.events)
    return read_contents(text, documents, faults)


def _conflicted(text: str, markers: int) -> Contents:
    """Return what stands before git's conflict markers, none of it as whole."""
    from cmos.missionfile.parts import read_trees
    from cmos.missionfile.shapes import read_contents

    fault = Fault(*position(text, markers), "unresolved merge conflict")
    documents = [document._replace(whole=False) for document in read_trees(text[:markers]).documents]
    return read_contents(text, documents, (fault,))
