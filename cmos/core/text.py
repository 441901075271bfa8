"""Records as JSON, text that is safe to print, and documents that fit a budget."""

from __future__ import annotations

import re
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Set

#: Separators of lines, and the marks that reorder text: for a class of characters in a pattern.
DIRECTION = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
#: What could steer a terminal, line breaks and tabs included.
UNSAFE = "[\x00-\x1f\x7f-\x9f%s]" % DIRECTION
UNSAFE_BUT_LINES = "[\x00-\x08\x0b-\x1f\x7f-\x9f%s]" % DIRECTION
_LARGEST = sys.float_info.max


_SCALARS = frozenset((str, int, bool, type(None)))


def plain(value: Any) -> Any:
    """Return a value with named tuples as objects with their fields' names.

    A record with a method ``as_plain`` is what that returns.
    """
    if type(value) in _SCALARS:
        return value
    if hasattr(value, "as_plain"):
        return plain(value.as_plain())
    if hasattr(value, "_fields"):
        return {name: one if type(one) in _SCALARS else plain(one) for name, one in zip(value._fields, value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    # JSON has no infinity and no "not a number"
    return str(value) if isinstance(value, float) and not -_LARGEST <= value <= _LARGEST else value


def visible(text: str, unsafe: str = UNSAFE) -> str:
    """Return a text with escapes for what could steer a terminal."""
    return re.sub(unsafe, _visible, text)


#: JSON may be nested so deep. Python 3.8 can end as a whole where the stack is at its limit.
DEEPEST = 200
# a string without an end matches too: looking for its end again from every quote in it
# would take a time that grows with the square of the text
_TOKENS = r'(?s)"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]|[\]}]'


def too_deep(text: str) -> Optional[int]:
    """Return where a JSON text begins to nest deeper than DEEPEST; None where it does not."""
    # cheap for nearly every text: with so few brackets it cannot be deep
    if text.count("[") + text.count("{") <= DEEPEST:
        return None
    depth = 0
    for token in re.finditer(_TOKENS, text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if depth > DEEPEST:
            return token.start()
    return None


def loads(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError, also for one that nests too deep."""
    import json

    if too_deep(text) is not None:
        raise ValueError("nested more than %d deep" % DEEPEST)
    return json.loads(text)


def dumps(value: object) -> str:
    """Return a value as JSON that is safe to print."""
    import json

    return _harmless(json.dumps(value, ensure_ascii=False))


def document(version: int, data: object) -> str:
    """Return the JSON document of a command's answer: of a list one entry a line, else a line for each value."""
    import json

    if not (isinstance(data, list) and data):
        return _harmless(json.dumps({"schema_version": version, "data": data}, ensure_ascii=False, indent=2))
    # json indents by a slow way of its own
    rows = ",\n    ".join(json.dumps(one, ensure_ascii=False) for one in data)
    return _harmless('{\n  "schema_version": %d,\n  "data": [\n    %s\n  ]\n}' % (version, rows))


def _harmless(text: str) -> str:
    # json leaves DEL, C1 controls and marks of direction as they are; all of them can only stand in strings
    return text if text.isascii() and "\x7f" not in text else re.sub(UNSAFE_BUT_LINES, escape, text)


def _visible(found: re.Match[str]) -> str:
    code = ord(found.group())
    return ("\\x%02x" if code < 256 else "\\u%04x") % code


def escape(found: re.Match[str]) -> str:
    """Return a character that a pattern found as an escape of JSON and YAML."""
    return "\\u%04x" % ord(found.group())


#: An estimate that holds for English text and JSON: a token is about four bytes of UTF-8.
BYTES_PER_TOKEN = 4
#: What ``--json`` puts around a document, and the line's end.
_ENVELOPE = 40
#: The bytes that texts of a part are cut to, until it fits.
_LENGTHS = (600, 240, 100, 40)

Json = Dict[str, Any]


def tokens(text: str) -> int:
    """Estimate the tokens of a text."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


#: Bytes of the beginning of a part.
_BEGINNING = 300


class Page:
    """A document that grows as long as it fits.

    ``base`` is always there; ``totals`` says how many items of each list there are in the project, and how
    many characters each text has. ``cut`` counts what is missing.
    """

    def __init__(self, base: Json, *, totals: Dict[str, int], budget: int) -> None:
        self.document = dict(base)
        self.left = budget * BYTES_PER_TOKEN - _ENVELOPE
        self._cut = dict(totals)
        self._texts = totals
        self._shown: Dict[str, Set[int]] = {}
        # as long as it can get: a count is never larger than all there is
        self.left -= _size(self.document) + len('"cut": , ') + _size(self._cut)

    def put(self, key: str, value: Any) -> bool:
        """Set a part, its texts shortened until it fits; say whether it did."""
        return any(self._set(key, shorten(value, length)) for length in _LENGTHS)

    def put_parts(self, key: str, parts: Sequence[str], *, first: int) -> None:
        """Set a text of several parts, each cut on its own, in whole lines.

        Of the ``first`` ones each has its beginning; the others get what these leave.
        """
        left = self.left + self._old(key) - len(key) - 8
        kept: List[str] = []
        for number, part in enumerate(parts):
            later = sum(min(_size(one), _BEGINNING) for one in parts[number + 1 : first])
            text = part if _size(part) <= left - later else _lines(_beginning(part, max(left - later, 0))).rstrip()
            if text:
                kept.append(text)
                left -= _size(text)
        text = "\n".join(kept)
        if text and self._set(key, text):
            self._cut[key] = self._texts[key] - len(text)

    def extend(self, key: str, items: Sequence[Any], *, most: int) -> None:
        """Append items that are not there yet to a list until it has ``most``; one that does not fit is left out."""
        shown = self._shown.setdefault(key, set())
        for number, item in enumerate(items[:most]):
            size = _size(item) + 2
            if number not in shown and size <= self.left:
                self.left -= size
                self.document[key].append(item)
                shown.add(number)

    def done(self) -> Json:
        """Return the document with the counts of what was cut."""
        shown = {key: len(value) for key, value in self.document.items() if isinstance(value, list)}
        counts = {key: number - shown.get(key, 0) for key, number in self._cut.items()}
        return dict(self.document, cut={key: number for key, number in counts.items() if number > 0})

    def _set(self, key: str, value: Any) -> bool:
        size = _size(value) + len(key) + 6 - self._old(key)
        if size > self.left:
            return False
        self.left -= size
        self.document[key] = value
        return True

    def _old(self, key: str) -> int:
        return _size(self.document[key]) + len(key) + 6 if key in self.document else 0


def within(make: Callable[[int], str], budget: int) -> str:
    """Return the largest text of ``make`` that fits a budget; ``make`` may exceed the budget that it is given."""
    text = make(budget)
    asked = budget
    while tokens(text) > budget and asked > 1:
        asked = min(asked - 1, asked * budget // tokens(text))
        text = make(asked)
    return text


def mark(*parts: Optional[str]) -> str:
    """Return a short text that stands for these parts, to know them again."""
    from hashlib import sha1

    return sha1("\0".join(part or "" for part in parts).encode("utf-8", "replace")).hexdigest()[:16]


def shorten(value: Any, length: int) -> Any:
    """Return a JSON value with each text cut to ``length`` bytes of JSON."""
    if isinstance(value, str):
        return value if _size(value) - 2 <= length else _beginning(value, length - 3) + "\u2026"
    if isinstance(value, list):
        return [shorten(item, length) for item in value]
    if isinstance(value, dict):
        return {shorten(key, length): shorten(item, length) for key, item in value.items()}
    return value


def _size(value: Any) -> int:
    return len(dumps(value).encode("utf-8", "replace"))


def _beginning(text: str, room: int) -> str:
    """Return the longest beginning of a text that takes at most ``room`` bytes as JSON, without quotes."""
    fits, over = 0, min(len(text), max(room, 0)) + 1
    while over - fits > 1:
        middle = (fits + over) // 2
        if _size(text[:middle]) - 2 <= room:
            fits = middle
        else:
            over = middle
    return text[:fits]


def _lines(text: str) -> str:
    # of one long line the beginning is better than nothing
    whole = text.rpartition("\n")[0]
    return whole + "\n" if whole else text


_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes, colours apart."""
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    seen = [c for c in text if not combining(c) and c not in "\u200b\u200d\ufe0f"]
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in seen)


def fit(text: str, cells: int) -> str:
    """Return a text cut to so many columns, with an ellipsis where it was cut."""
    # of a text that nobody sees the whole of, no more is looked at; several characters may share a column
    most = 4 * max(cells, 1)
    if len(text) <= most and width(text) <= cells:
        return text
    text = text[: most if not text.isascii() else max(cells - 1, 0)]
    left = cells - 1 - width(text)
    while text and left < 0:
        left += width(text[-1])
        text = text[:-1]
    return text + "\u2026"


def wrapped(text: str, cells: int, *, less: int = 0) -> List[str]:
    """Return a text as lines of so many columns, broken at spaces only; ``less``: columns that the first line has more.

    A word that is longer, such as a path, has a line to itself.
    """
    if len(text) <= cells and width(text) <= cells:
        return [text]
    indent = len(text) - len(text.lstrip(" "))
    lines: List[str] = []
    line = " " * indent
    for space, word in re.findall(r"( *)([^ ]+)", text[indent:]):
        if line.strip() and width(line) + len(space) + width(word) > cells - (less + indent if lines else 0):
            lines.append(line)
            line = word
        else:
            line += space + word
    return [*lines, line]


def pad(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))
