"""The text of one mission in a file, and its parts, by indentation alone: no file is too damaged to be shown."""

from __future__ import annotations

import re
from typing import Iterator, List, Match, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.missionfile.records import ID_KEYS, REQUIRED

#: What an agent needs first, in this order.
FIRST = (
    *(REQUIRED[key] for key in ("objective", "successCriteria", "deliverables")),
    ("constraints", "constraint"),
)
#: Keys that the database has too.
_KNOWN = frozenset((
    *ID_KEYS, "name", "title", "status", "sprint", "sprintId", "sprint_id", "completed_at", "completedAt",
))  # fmt: skip
#: Mappings that hold parts of the mission themselves.
_HOMES = ("spec", "metadata")
_ID_PLACE = r"""^[ \t]*(?:-[ \t]+)?(?:\{[ \t]*)?["']?(?:%s)["']?[ \t]*:[ \t]*["']?([^\s"',}]+)""" % "|".join(ID_KEYS)
_KEY = re.compile(r"""(["']?)([\w][\w .-]*)\1[ \t]*:(?:[ \t]|$)""")
_SEPARATOR = re.compile(r"---[ \t]*$")
_RULER = re.compile(r"\s*#[\s#=*~_-]*$")
_EMPTY = re.compile(r"""[^:]*:[ \t]*(?:""|\'\'|\[\s*\]|\{\s*\}|~|null|[|>][-+0-9]*)?[ \t]*(?:#.*)?$""")


class Section(NamedTuple):
    """A field of a mission with all that stands under it."""

    key: str
    text: str


def line_of(text: str, file_id: str) -> int:
    """Return the line, from 1, on which an id is given; 1 when it is not to be found."""
    for found in re.finditer(_ID_PLACE, text, re.MULTILINE):
        if found.group(1) == file_id:
            return text.count("\n", 0, found.start(1)) + 1
    return 1


def document_of(text: str, file_id: str) -> str:
    """Return the document of a file that gives an id: what stands between two ``---`` lines."""
    lines = text.splitlines(keepends=True)
    at = min(line_of(text, file_id) - 1, len(lines) - 1)
    begin = next((n + 1 for n in range(at, -1, -1) if _SEPARATOR.match(lines[n])), 0)
    end = next((n for n in range(begin, len(lines)) if n > at and _SEPARATOR.match(lines[n])), len(lines))
    return "".join(lines[begin:end])


def row_of(text: str, file_id: str) -> Tuple[int, str]:
    """Return the line, from 1, on which a mission's row in a list gives its id, and the text of the row.

    A row goes from its dash to the next line that is not indented more than the dash; in flow style it is
    what stands between braces.
    """
    braces = _braces_around(text, file_id)
    if braces is not None:
        return text.count("\n", 0, braces.start(1)) + 1, braces.group()
    lines = text.splitlines(keepends=True)
    at = min(line_of(text, file_id), len(lines)) - 1
    if at < 0:
        return 1, ""
    begin = _dash_above(lines, at)
    end = begin + 1
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > _indent(lines[begin])):
        end += 1
    return at + 1, "".join(lines[begin:end]).rstrip()


def _braces_around(text: str, file_id: str) -> Optional[Match[str]]:
    """Find the braces, with none inside, that hold an id."""
    keys = "|".join(ID_KEYS)
    pattern = r"""\{(?=[^{}]*?(?<![\w])["']?(?:%s)["']?[ \t]*:[ \t]*["']?(%s)["']?[ \t]*[,}\r\n])[^{}]*\}"""
    return re.search(pattern % (keys, re.escape(file_id)), text)


def _dash_above(lines: List[str], at: int) -> int:
    """Return the line of the dash that begins the item which a line is of."""
    depth = _indent(lines[at]) + 1 if lines[at].lstrip().startswith("-") else _indent(lines[at])
    for number in range(at, -1, -1):
        if lines[number].lstrip().startswith("-") and _indent(lines[number]) < depth:
            return number
    return at


def sections(text: str) -> List[Section]:
    """Return the fields of a mission's text: what is needed first, then the others in their order.

    Empty fields, rulers and what the database has too are left out.
    """
    found = [one for one in _fields(text.splitlines()) if one.key not in _KNOWN and not _is_empty(one)]
    ranks = {key: rank for rank, keys in enumerate(FIRST) for key in keys}
    return sorted(found, key=lambda one: ranks.get(one.key, len(FIRST)))


def is_needed_first(section: Section) -> bool:
    """Say whether a section is an objective, criteria, deliverables or constraints."""
    return any(section.key in keys for keys in FIRST)


def _fields(lines: List[str]) -> Iterator[Section]:
    """Yield the fields at the outermost level; those of ``spec`` and ``metadata`` one by one."""
    lines = [line for line in lines if not _RULER.match(line) and not _SEPARATOR.match(line)]
    base = min((_depth(line) for line in lines if _key(line)), default=0)
    begun = ""
    held: List[str] = []
    for line in lines:
        key = _key(line) if _depth(line) == base else None
        if key is not None:
            above = _comments_at_end(held, base)
            yield from _section(begun, held[: len(held) - above])
            begun, held = key, held[len(held) - above :]
        held.append(line)
    yield from _section(begun, held)


def _comments_at_end(lines: List[str], base: int) -> int:
    """Return how many of the last lines are comments on what comes next, and blank."""
    number = next((n for n, line in enumerate(reversed(lines)) if not _is_remark(line, base)), len(lines))
    return next((n for n in range(number, 0, -1) if lines[-n].strip()), 0)


def _is_remark(line: str, base: int) -> bool:
    # deeper down it may be a line of a text
    return not line.strip() or (line.lstrip().startswith("#") and _indent(line) <= base)


def _section(key: str, held: List[str]) -> Iterator[Section]:
    at = next((n for n, line in enumerate(held) if _key(line) == key), 0)
    if key in _HOMES and len(held) > at + 1:
        yield from _fields(held[at + 1 :])
    elif held:
        yield Section(key, "\n".join(held).rstrip())


def _key(line: str) -> Optional[str]:
    match = _KEY.match(line.lstrip(" -") if line.lstrip().startswith("- ") else line.lstrip(" "))
    return match.group(2) if match else None


def _depth(line: str) -> int:
    """Return the column of a line's key, the dash of an item passed over."""
    return _indent(line) + (2 if line.lstrip().startswith("- ") else 0)


def _is_empty(section: Section) -> bool:
    lines = [line for line in section.text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return not lines or (len(lines) == 1 and bool(_EMPTY.match(lines[0])))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
