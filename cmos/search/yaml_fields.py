"""YAML to its fields, by indentation alone.

Nothing is parsed: a file that is not valid YAML is searched as far as a person can read it,
each field keeps the text and the line that it has, and no parser has to be loaded.
"""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from cmos.core.record import NamedTuple
from cmos.search.chunks import ATX, LIMIT, Chunk, short, split_markdown, stem, windows

_KEY = re.compile(
    r"""(?P<lead>[ ]*(?:-[ ]+)*)"""
    r"""(?P<key>"[^"]{1,80}"|'[^']{1,80}'|[^\s#\-\[\]{}"'&*!|>%@`,:][^:#]{0,80}?)[ \t]*:(?:[ \t]+(?P<value>.*))?$"""
)
_ITEM = re.compile(r"([ ]*)-(?:[ ]+(.*))?$")
_BLOCK = re.compile(r"(?:[&!]\S+[ ]+)*[|>][-+0-9]*(?:[ ]+#.*)?$")
_FLOW_ID = re.compile(r"""\{\s*["']?(?:id|missionId|mission_id|sprintId|name)["']?\s*:\s*["']?([^"',}]+)""")
#: What an item of a list, or a document, is called by.
_IDS = ("missionId", "mission_id", "id", "mission", "sprintId", "sprint_id")
_NAMES = ("name", "title")
#: What a domain pack is called, which is no name of a mission: Build.Implementation.v1.
_PACK = re.compile(r"\w+(?:\.\w+)*\.v\d+$")
#: A field that says what a document is called, and stands with its first lines.
_HEADS = ("metadata",)
#: Columns; what is further in is no field of its own. Characters of a line, and of a value, that are looked at.
_DEEPEST, _LINE, _VALUE = 64, 1_000, 200
#: Fields of this many characters at most stand together: a version, a status, an author.
_SMALL = 100
#: The same inside of a field that is itself too long to stand as one, and for what names a document.
_PART = 400


class Mark(NamedTuple):
    """A line that begins a field or an item of a list."""

    #: Index of its first line, a comment above it included.
    start: int
    #: Twice the column, one more for an item: items may stand under the key that they belong to.
    depth: int
    #: The key; of an item the value that it is called by.
    label: str
    value: str


def split_yaml(text: str, path: str) -> List[Chunk]:
    """Return the fields of a file, document by document; a part that is Markdown by its sections."""
    lines = text.split("\n")
    chunks: List[Chunk] = []
    for start, end in _parts(lines):
        part = lines[start:end]
        if _is_markdown(part):
            chunks += split_markdown(part, name=stem(path), first=start + 1, above=(stem(path),) if start else ())
        else:
            marks = list(_marks(part))
            fields = _split(part, 0, len(part), marks, (_title(marks, path),), top=True)
            chunks += [field._replace(line=start + 1 + field.line) for field in fields if field.text.strip()]
    return chunks


def _parts(lines: Sequence[str]) -> Iterator[Tuple[int, int]]:
    start = 0
    for number, line in enumerate(lines):
        if line.startswith("---") and not line[3:].strip():
            yield start, number
            start = number + 1
    yield start, len(lines)


def _is_markdown(lines: Sequence[str]) -> bool:
    """Say whether a part has more headings below the first level than fields: comments have one number sign."""
    headings = [ATX.match(line[:_LINE]) for line in lines if line.startswith("##")]
    signs = sum(1 for heading in headings if heading and heading.group(2))
    keys = sum(1 for line in lines if line[:1] not in (" ", "#", "-", "") and _KEY.match(line[:_LINE]))
    return signs > keys


def _marks(lines: Sequence[str]) -> Iterator[Mark]:
    """Yield where fields and items begin, block texts passed over."""
    block: Optional[int] = None
    comment = -1
    for number, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            comment = -1
            continue
        indent = len(line) - len(line.lstrip(" "))
        if block is not None and indent > block:
            continue
        block = None
        if stripped.startswith("#"):
            comment = number if comment < 0 else comment
            continue
        begins, comment = (number if comment < 0 else comment), -1
        mark = _mark(line[:_LINE], begins) if indent <= _DEEPEST else None
        if mark is None or mark.depth > 2 * _DEEPEST:
            continue
        yield mark
        if _BLOCK.match(mark.value):
            block = mark.depth // 2


def _mark(line: str, begins: int) -> Optional[Mark]:
    key, item = _KEY.match(line), _ITEM.match(line)
    name, value = "", ""
    if key is not None:
        name, value = _unquoted(key.group("key")), (key.group("value") or "")[:_VALUE]
    if item is None:
        return Mark(begins, 2 * len(key.group("lead")), name, value) if key else None
    label = ""
    if key is None:
        braces = _FLOW_ID.search(item.group(2) or "")
        label = braces.group(1).strip() if braces else ""
    elif name in (*_IDS, *_NAMES):
        label = short(_unquoted(value), 60)
    return Mark(begins, 2 * len(item.group(1)) + 1, label, value)


def _split(
    lines: Sequence[str], start: int, end: int, marks: Sequence[Mark], path: Tuple[str, ...], *, top: bool = False
) -> Iterator[Chunk]:
    """Yield a part of a document whole if it is short, else by its fields."""
    size = sum(map(len, lines[start:end]))
    if not marks or (size <= LIMIT and not top):
        yield from _windows(lines, start, end, path)
        return
    begun, waiting = start, 0
    for mark, stop, inner in _children(marks, end):
        length = sum(map(len, lines[mark.start : stop]))
        if _is_apart(mark, length, top, first=begun == start and (top or not waiting)):
            if begun < mark.start:
                yield from _windows(lines, begun, mark.start, path)
            yield from _split(lines, mark.start, stop, inner, (*path, mark.label) if mark.label else path)
            begun, waiting = stop, 0
        else:
            waiting += length
            if waiting > LIMIT:
                yield from _windows(lines, begun, stop, path)
                begun, waiting = stop, 0
    if begun < end:
        yield from _windows(lines, begun, end, path)


def _is_apart(mark: Mark, length: int, top: bool, *, first: bool) -> bool:
    """Say whether a field is long enough to stand by itself.

    The first part of a field goes with the name of the field, which alone would say nothing.
    """
    if top:
        return length > (_PART if first and mark.label in _HEADS else _SMALL)
    return length > (LIMIT if first else _PART)


def _children(marks: Sequence[Mark], end: int) -> Iterator[Tuple[Mark, int, Sequence[Mark]]]:
    """Yield the outermost marks, each with the line where it ends and the marks inside."""
    number = 0
    while number < len(marks):
        mark = marks[number]
        after = number + 1
        while after < len(marks) and marks[after].depth > mark.depth:
            after += 1
        yield mark, marks[after].start if after < len(marks) else end, marks[number + 1 : after]
        number = after


def _windows(lines: Sequence[str], start: int, end: int, path: Tuple[str, ...]) -> Iterator[Chunk]:
    for line, text in windows(lines[start:end], start):
        yield Chunk(line, path[-1], path[:-1], text)


def _title(marks: Sequence[Mark], path: str) -> str:
    """Return what a document is called: its id and name, else its id and the name of its file."""
    values: Dict[str, str] = {}
    holder = ""
    for mark in marks:
        holder = mark.label if mark.depth == 0 else holder
        if mark.depth == 0 or (mark.depth == 4 and holder in _HEADS):
            values.setdefault(mark.label, short(_unquoted(mark.value), 100))
    id = next((values[key] for key in _IDS if values.get(key)), "")
    name = next((values[key] for key in _NAMES if values.get(key) and not _PACK.match(values[key])), "")
    if not id:
        return name or values.get("displayName") or stem(path)
    if not name:
        first, _, rest = stem(path).replace("_", " ").partition(" ")
        name = rest if rest and id.startswith(first) else stem(path)
    return "%s %s" % (id, name)


def _unquoted(text: str) -> str:
    text = (re.sub(r"\s+#.*$", "", text) if "#" in text else text).strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
