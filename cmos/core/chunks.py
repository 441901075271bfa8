"""Documents in pieces that a search can point at: each knows its line and its section."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple, Sequence, Tuple

from cmos.core.hit import ARROW

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
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def stem(path: str) -> str:
    """Return the name of a file without its folder and its last ending."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
