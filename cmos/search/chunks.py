"""Documents in pieces that a search can point at: each knows its line and its section."""

from __future__ import annotations

import re
from typing import Iterator, List, Optional, Sequence, Tuple

from cmos.core.record import NamedTuple
from cmos.core.text import UNSAFE_BUT_LINES
from cmos.search.rank import ARROW

#: Characters; a longer section is cut between paragraphs, a longer field between its parts.
LIMIT = 1_500


class Chunk(NamedTuple):
    """One piece of a document."""

    #: Its first line in the file, from 1.
    line: int
    #: The words of its own heading or field.
    heading: str
    #: The name of the document, and what stands above the heading.
    above: Tuple[str, ...]
    #: As the file has it, the heading included.
    text: str

    @property
    def title(self) -> str:
        return self.above[0] if self.above else self.heading

    @property
    def section(self) -> str:
        """The path of headings, outermost first."""
        return ARROW.join(filter(None, (*self.above, self.heading)))


def windows(lines: Sequence[str], first: int) -> Iterator[Tuple[int, str]]:
    """Cut lines into texts of about LIMIT characters, where a blank line is if there is one.

    Yields the number of each one's first line, where ``first`` is that of the first of all.
    """
    start, size, blank = 0, 0, 0
    for number, line in enumerate(lines):
        if size + len(line) > LIMIT and number > start:
            cut = blank or number
            yield first + start, "\n".join(lines[start:cut])
            start, size, blank = cut, sum(map(len, lines[cut:number])), 0
        # a heading with nothing below it would say little
        if not line.strip() and size > LIMIT // 3:
            blank = number
        size += len(line) + 1
    rest = "\n".join(lines[start:])
    if rest.strip() or start == 0:
        yield first + start, rest


def short(text: str, size: int = 80) -> str:
    """Return a text on one line, cut to about ``size`` characters between words."""
    flat = " ".join(text.split())
    if len(flat) <= size:
        return flat
    return flat[: size + 1].rpartition(" ")[0] or flat[:size]


def plain_text(text: str) -> str:
    """Return a text with one kind of line break and without control characters."""
    return re.sub(UNSAFE_BUT_LINES, " ", text.replace("\r\n", "\n").replace("\r", "\n"))


def stem(path: str) -> str:
    """Return the name of a file without its folder and its last ending."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
#: A line that cannot be the text of a heading underlined.
_NO_PARAGRAPH = re.compile(r"(?: {4}|\t| {0,3}(?:[-*+>|]|\d+[.)]\s|#{1,6}(?:\s|$)))")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_ANCHOR = re.compile(r"\s*\{#[^}]*\}\s*$")
#: Characters; a longer line is no heading.
_LONGEST = 1_000
_MARKS = re.compile(r"[*`~]+|(?<!\w)_+|_+(?!\w)")


class Heading(NamedTuple):
    #: Index of its line, and of the first line after it.
    start: int
    end: int
    level: int
    text: str


def split_markdown(lines: Sequence[str], *, name: str, first: int = 1, above: Tuple[str, ...] = ()) -> List[Chunk]:
    """Return the sections of a text, each with the headings above it.

    ``name`` is the document's where it has no heading of its own; ``first`` is the number of the first line.
    """
    found = list(headings(lines))
    chunks: List[Chunk] = []
    if not found or any(line.strip() for line in lines[: found[0].start]):
        end = found[0].start if found else len(lines)
        chunks += _cut(lines[:end], first, name, above)
    trail: List[Heading] = []
    for number, heading in enumerate(found):
        end = found[number + 1].start if number + 1 < len(found) else len(lines)
        trail = [one for one in trail if one.level < heading.level]
        path = (*above, *(one.text for one in trail))
        chunks += _cut(lines[heading.start : end], first + heading.start, heading.text or name, path)
        trail.append(heading)
    return [chunk for chunk in chunks if chunk.text.strip()]


def headings(lines: Sequence[str]) -> Iterator[Heading]:
    """Yield the headings of a text: with number signs or underlined, not in code, comments or front matter."""
    fence: Optional[str] = None
    comment = False
    start = _front_matter(lines)
    for number in range(start, len(lines)):
        line = lines[number]
        if fence is not None:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = None
            continue
        if comment or line.lstrip().startswith("<!--"):
            comment = "-->" not in line
            continue
        opening = _FENCE.match(line)
        if opening:
            fence = opening.group(1)
            continue
        heading = _heading(lines, number, start)
        if heading is not None:
            start = heading.end
            yield heading


def _heading(lines: Sequence[str], number: int, start: int) -> Optional[Heading]:
    """Return the heading whose last line is ``number``; what is before ``start`` belongs to others."""
    atx = ATX.match(lines[number]) if len(lines[number]) <= _LONGEST else None
    if atx:
        return Heading(number, number + 1, len(atx.group(1)), bare(atx.group(2) or ""))
    setext = _SETEXT.match(lines[number])
    if not setext or number == 0:
        return None
    text = lines[number - 1]
    if number - 1 < start or not text.strip() or len(text) > _LONGEST or _NO_PARAGRAPH.match(text):
        return None
    return Heading(number - 1, number + 1, 1 if setext.group(1)[0] == "=" else 2, bare(text))


def bare(text: str) -> str:
    """Return a heading's words without links and emphasis."""
    text = _ANCHOR.sub("", _LINK.sub(r"\1", text))
    return short(_MARKS.sub("", text), 160)


def _front_matter(lines: Sequence[str]) -> int:
    """Return how many lines the front matter takes."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number in range(1, min(len(lines), 200)):
        if lines[number].rstrip() in ("---", "..."):
            return number + 1
    return 0


def _cut(lines: Sequence[str], first: int, heading: str, above: Tuple[str, ...]) -> Iterator[Chunk]:
    for line, text in windows(lines, first):
        yield Chunk(line, heading, above, text)
