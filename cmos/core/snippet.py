"""The line or two of a text that show what was found."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from cmos.core.hit import BEGIN, END


def mark(text: str, words: Sequence[str]) -> str:
    """Return a text with some words marked wherever they occur, also inside of longer ones."""
    if not words:
        return text
    import re

    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub("(?i)(%s)" % pattern, BEGIN + r"\1" + END, text)


def found_words(marked: str) -> List[str]:
    """Return the words that are marked, in lower case."""
    return [piece.partition(END)[0].lower() for piece in marked.split(BEGIN)[1:]]


def snippet(marked: str, *, size: int) -> Tuple[str, int]:
    """Return about ``size`` characters around the densest place of a marked text, and in which of its lines it begins.

    Of a text without marks it is the beginning. Lines without a word, such as rulers, are left out.
    """
    lines = [line if any(map(str.isalnum, line)) else "" for line in marked.split("\n")]
    best = max(range(len(lines)), key=lambda number: (_worth(lines, number, size), -number))
    if BEGIN not in lines[best]:
        best = next((number for number, line in enumerate(lines) if line.strip()), 0)
    line = best
    text = _flat(lines[best])
    # short lines are joined with what follows: an item of a list alone says little
    while best + 1 < len(lines) and _length(text) < size // 2:
        best += 1
        text = (text + " " + _flat(lines[best])).strip()
    return _cut(text, size), line


def _worth(lines: Sequence[str], number: int, size: int) -> float:
    """Return how many different words a line and what would be shown with it hold."""
    if BEGIN not in lines[number]:
        return 0
    here = set(found_words(lines[number]))
    after = set()
    length, following = len(lines[number]), number + 1
    while following < len(lines) and length < size // 2 and lines[following].strip():
        after.update(found_words(lines[following]))
        length += len(lines[following])
        following += 1
    return len(here) + 0.5 * len(after - here)


def _flat(line: str) -> str:
    return " ".join(line.split())


def _length(text: str) -> int:
    return len(text) - text.count(BEGIN) - text.count(END)


def _cut(text: str, size: int) -> str:
    """Cut a line to a window that begins a little before its first mark; no mark is cut open."""
    if _length(text) <= size:
        return text
    first = max(text.find(BEGIN), 0)
    start = 0 if first < size // 2 else max(text.rfind(" ", 0, first - size // 4), 0)
    end, shown = start, 0
    inside = False
    while end < len(text) and (shown < size or inside):
        if text[end] in (BEGIN, END):
            inside = text[end] == BEGIN
        else:
            shown += 1
        end += 1
    middle = text[start:end]
    if end < len(text) and " " in middle and END not in middle.rpartition(" ")[2]:
        middle = middle.rpartition(" ")[0]
    return ("\u2026" if start else "") + middle.strip() + ("\u2026" if end < len(text) else "")
