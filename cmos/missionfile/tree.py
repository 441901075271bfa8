"""A light tree of a YAML document: texts and where they stand, nothing constructed.

The tree is made to be cheap: it keeps a parser's scalar events as they come and turns
one into a ``Scalar`` only when somebody asks for it. Positions are characters from
the start of the decoded text, end exclusive.
"""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, List, Optional, Tuple, Union

from cmos.core.record import NamedTuple

#: Plain scalars that mean "no value".
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
#: Under it stand the values whose keys are lists or mappings; no text of a file holds a NUL.
COMPLEX_KEY = "\0"
_COLON = re.compile(r"[ \t]*:")


class Source(NamedTuple):
    """The text of a file, and where in it the part begins whose marks count from 0."""

    text: str
    base: int


class Scalar(NamedTuple):
    """One text and its place. ``locked`` says why it must not be rewritten; empty when it may be."""

    #: None for a plain scalar that stands for no value.
    value: Optional[str]
    start: int
    end: int
    locked: str = ""


class Mapping:
    """The keys of a mapping that are scalars, each with its key's event and its value.

    An alias to a mapping is a second Mapping over the same entries with ``alias`` set, so
    that nothing is ever expanded. While a part is read, and where it fails, the
    mappings that are open hold what came so far.
    """

    __slots__ = ("alias", "entries", "flow", "source")

    def __init__(self, entries: Dict[str, Tuple[Any, Node]], flow: bool, source: Source, alias: bool = False) -> None:
        self.entries = entries
        self.flow = flow
        self.source = source
        self.alias = alias

    def find(self, key: str) -> Optional[Found]:
        """Return what stands under a key, the mapping's own first, then what is merged in."""
        entry = self.entries.get(key)
        if entry is not None:
            return Found(entry[0], entry[1], "alias" if self.alias else "")
        return _merged(self, key) if "<<" in self.entries else None

    def scalar(self, key: str, locked: str = "") -> Optional[Scalar]:
        """Return the scalar under a key; None when there is none or it is no scalar."""
        found = self.find(key)
        if found is None or type(found.node) is Mapping or type(found.node) is Sequence:
            return None
        return _scalar(found, self.source, locked)

    def node(self, key: str) -> Optional[Node]:
        """Return the value under a key as it stands in the tree."""
        entry = self.entries.get(key)
        if entry is not None:
            return entry[1]
        found = _merged(self, key) if "<<" in self.entries else None
        return found.node if found is not None else None

    def text(self, key: str) -> str:
        """Return the text under a key; empty when there is none or it stands for no value."""
        node = self.node(key)
        if node is None or type(node) is Mapping or type(node) is Sequence:
            return ""
        return text_of(node) or ""

    def lacks(self, keys: FrozenSet[str]) -> bool:
        """Say whether it has none of some keys, and nothing merged in."""
        return keys.isdisjoint(self.entries) and "<<" not in self.entries

    def has(self, key: str) -> bool:
        """Say whether something stands under a key that is not empty."""
        node = self.node(key)
        if node is None:
            return False
        if type(node) is Mapping:
            return bool(node.entries)
        return bool(node.items) if type(node) is Sequence else bool(text_of(node))

    def mapping(self, key: str) -> Optional[Mapping]:
        node = self.node(key)
        return node if isinstance(node, Mapping) else None

    def sequence(self, key: str) -> Optional[Sequence]:
        node = self.node(key)
        return node if isinstance(node, Sequence) else None

    def names(self) -> List[str]:
        """Return the keys that are texts, in their order."""
        return [key for key in self.entries if key != COMPLEX_KEY]

    def key_start(self, key: str) -> int:
        """Return where one of the mapping's own keys begins."""
        return int(self.entries[key][0].start_mark.index) + self.source.base


class Sequence:
    """A list of nodes; an alias to it shares its items."""

    __slots__ = ("alias", "items")

    def __init__(self, items: List[Node], alias: bool = False) -> None:
        self.items = items
        self.alias = alias


class Alias(NamedTuple):
    """A scalar that stands elsewhere: its event, and the event of the alias."""

    target: Any
    event: Any

    @property
    def value(self) -> str:
        """The text of the scalar, so that an alias may be a key."""
        return str(self.target.value)

    @property
    def start_mark(self) -> Any:
        return self.event.start_mark


#: Any stands for a parser's scalar event: value, style, anchor, tag, start_mark, end_mark.
Node = Union[Mapping, Sequence, Alias, Any]


class Found(NamedTuple):
    """A value of a mapping, the event of its key, and why it must not be rewritten."""

    key: Any
    node: Node
    locked: str


class Document(NamedTuple):
    """One document of a file. ``whole`` is False when its part does not parse."""

    root: Node
    whole: bool = True


def _scalar(found: Found, source: Source, locked: str) -> Scalar:
    event: Any = found.node
    place = event
    if type(event) is Alias:
        event, place, locked = event.target, event.event, "alias"
    else:
        locked = locked or found.locked or _lock(event)
    start, end = place.start_mark.index + source.base, place.end_mark.index + source.base
    if start == end:
        start, locked = _after_colon(found.key, source, start, locked)
        end = start
    return Scalar(text_of(event), start, end, locked)


def text_of(event: Any) -> Optional[str]:
    """Return a scalar's text, None when it is plain and stands for no value."""
    if type(event) is Alias:
        event = event.target
    value: str = event.value
    return None if value in _NULLS and not event.style else value


def _lock(event: Any) -> str:
    """Return why a scalar as it is written must not be rewritten."""
    if event.anchor is not None:
        return "anchored scalar"
    if event.tag is not None:
        return "tagged scalar"
    # the C parser says "" of a plain scalar, ruamel's own None
    return "block scalar" if event.style and event.style in "|>" else ""


def _after_colon(key: Any, source: Source, start: int, locked: str) -> Tuple[int, str]:
    """Return where the value of a key that has none would begin.

    The two parsers disagree on it: one says behind the colon, one at the next token.
    """
    if isinstance(key, Alias):
        return start, locked or "alias as a key"
    colon = _COLON.match(source.text, key.end_mark.index + source.base)
    return (colon.end(), locked) if colon else (start, locked or "key without a colon")


def _merged(mapping: Mapping, key: str) -> Optional[Found]:
    """Return a value that comes through ``<<``, one level deep per source."""
    name, source = mapping.entries["<<"]
    if name.style:
        return None
    for each in source.items if isinstance(source, Sequence) else [source]:
        # a merged mapping may merge itself: only its own entries are looked at
        if isinstance(each, Mapping) and key in each.entries:
            return Found(*each.entries[key], "merged-in key")
    return None


def position(text: str, offset: int) -> Tuple[int, int]:
    """Return line and column, from 1, of a character."""
    # counted, not walked: a file may have thousands of faults
    breaks = text.count("\n", 0, offset) + text.count("\r", 0, offset) - text.count("\r\n", 0, offset)
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return breaks + 1, offset - start + 1
