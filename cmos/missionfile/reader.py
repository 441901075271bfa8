"""The bytes of one file to all that it says of missions, part by part where it does not parse."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, NamedTuple, Optional, Tuple

from cmos.files.scan import mission_file, read_regular
from cmos.missionfile.events import EVENTS, Broken, Budget, Outcome, is_compiled, parse
from cmos.missionfile.records import Contents, Fault
from cmos.missionfile.shapes import read_contents
from cmos.missionfile.tree import Document, Mapping, Node

#: Bytes; a larger file is not read (SYNC.md, section 5).
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


def position(text: str, offset: int) -> Tuple[int, int]:
    """Return line and column, from 1, of a character."""
    # counted, not walked: a file may have thousands of faults
    breaks = text.count("\n", 0, offset) + text.count("\r", 0, offset) - text.count("\r\n", 0, offset)
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return breaks + 1, offset - start + 1


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


#: A file with more broken parts than this is not worth a longer list.
FAULT_LIMIT = 100

_SEPARATOR = re.compile(r"^---[ \t]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^[ \t]*[^ \t\r\n#]", re.MULTILINE)
_ID_KEYS = ("missionId", "mission_id", "id", "mission")
_ID_LINE = re.compile(r"^[ \t]*(?:%s)[ \t]*:[ \t]*[^ \t\r\n]" % "|".join(_ID_KEYS), re.MULTILINE)


class Trees(NamedTuple):
    """The documents of a file in their order, and why parts of it are not valid."""

    documents: Tuple[Document, ...]
    faults: Tuple[Fault, ...]


def split(text: str) -> Iterator[Tuple[int, int]]:
    """Yield start and end of each part between ``---`` lines that has any content."""
    start = 0
    for match in _SEPARATOR.finditer(text):
        if _CONTENT.search(text, start, match.start()):
            yield start, match.start()
        start = match.end()
    if _CONTENT.search(text, start):
        yield start, len(text)


def read_trees(text: str, *, events: int = EVENTS) -> Trees:
    """Read a text as one stream; where that fails, each of its parts on its own.

    A valid file gives the same documents either way, and one stream is quicker and
    allows directives before ``---``.
    """
    spans = list(split(text))
    if len(spans) > 1 and not is_compiled():
        # the pure parser reads a block scalar on across the line that ends its document
        return _gather(text, read_parts(text, spans, events=events))
    outcome = parse(text, 0, len(text), Budget(events))
    if outcome.broken is None:
        return Trees(tuple(outcome.documents()), ())
    if len(spans) < 2:
        return _gather(text, [_recovered(text, 0, outcome)])
    return _gather(text, read_parts(text, spans, events=events))


def read_parts(text: str, spans: List[Tuple[int, int]], *, events: int = EVENTS) -> Iterator[Outcome]:
    """Read each part by itself, until the file has used up the guards."""
    budget = Budget(events)
    faults = 0
    for start, end in spans:
        outcome = parse(text, start, end, budget)
        if outcome.broken is not None:
            outcome = _recovered(text, start, outcome)
            faults += 1
        yield outcome
        if not budget.events or budget.aliases < 0 or faults == FAULT_LIMIT:
            return


def _gather(text: str, outcomes: Iterable[Outcome]) -> Trees:
    documents: List[Document] = []
    faults: List[Fault] = []
    for outcome in outcomes:
        documents.extend(outcome.documents())
        if outcome.broken is not None:
            faults.append(Fault(*position(text, outcome.broken.offset), outcome.broken.cause))
    return Trees(tuple(documents), tuple(faults))


def _recovered(text: str, start: int, outcome: Outcome) -> Outcome:
    """Read a broken part again without the line it broke at, if that can give its id.

    The parser looks ahead: an error in a line can hide the line before it.
    """
    broken = outcome.broken
    if broken is None or any(map(_has_id, outcome.roots)):
        return outcome
    end = _line_start(text, start, broken)
    if not (broken.unread or _ID_LINE.search(text, start, end)):
        return outcome
    again = parse(text, start, end, Budget())
    return Outcome(again.roots or outcome.roots, broken)


def _line_start(text: str, start: int, broken: Broken) -> int:
    return max(start, text.rfind("\n", start, broken.offset) + 1)


def _has_id(root: Node) -> bool:
    if not isinstance(root, Mapping):
        return False
    metadata: Optional[Mapping] = root.mapping("metadata")
    return any(root.scalar(key) for key in _ID_KEYS) or (metadata is not None and metadata.scalar("id") is not None)


class Limits(NamedTuple):
    """How large a file may be: bytes, and events of the parser."""

    size: int
    events: int


#: For what lies in the missions folder and is read unasked (SYNC.md, section 5).
SMALL = Limits(SIZE_LIMIT, 100_000)
#: For what a person names.
LARGE = Limits(64 << 20, 10_000_000)


def read(data: bytes, limits: Limits = SMALL) -> Contents:
    """Return what a file says; whatever is wrong with it comes as faults, never as an error.

    Records of a part that is not valid are there as far as they could be read, with
    ``whole`` False: they say which mission the fault is about, not what is true.
    """
    # not at the top: whoever only asks whether a file changed must not wait for the parser

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

    fault = Fault(*position(text, markers), "unresolved merge conflict")
    documents = [document._replace(whole=False) for document in read_trees(text[:markers]).documents]
    return read_contents(text, documents, (fault,))


_ID_PLACE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:\{[ \t]*)?["']?(?:missionId|mission_id|id|mission)["']?[ \t]*:[ \t]*["']?([^\s"',}]+)""",
    re.MULTILINE,
)


def text_of(root: str, path: str) -> Optional[str]:
    """Return the text of a mission file; None when it cannot be read. Bytes that are not UTF-8 are replaced."""
    full = mission_file(root, path)
    try:
        return None if full is None else read_regular(full).decode("utf-8-sig", "replace")
    except OSError:
        return None


def line_of(text: str, file_id: str) -> int:
    """Return the line, from 1, on which an id is given; 1 when it is not to be found."""
    for found in _ID_LINE.finditer(text):
        if found.group(1) == file_id:
            return text.count("\n", 0, found.start(1)) + 1
    return 1
