"""One pass over a parser's events: it builds the light tree and keeps the guards.

The only module that imports ruamel.yaml, so it is itself imported late. No tag is
ever constructed and no alias is ever expanded.
"""

from __future__ import annotations

import re
from importlib import import_module
from itertools import islice
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from cmos.core.record import NamedTuple
from cmos.missionfile.tree import COMPLEX_KEY, Alias, Document, Mapping, Node, Sequence, Source

#: Guards of one file (docs/sync.md, section 5).
DEPTH = 64
EVENTS = 100_000
ALIASES = 100
# what a part costs however short it is, so that a file of 200,000 parts ends soon
_PART_COST = 10

# what ruamel's own parser raises, beside its own errors, for some broken input
BROKEN = (ValueError, LookupError, ArithmeticError, RuntimeError, AttributeError, TypeError, AssertionError)


def _c_parser() -> Any:
    """Return the C parser's class, None where it is not installed."""
    for name in ("_ruamel_yaml", "ruamel.yaml.clib._ruamel_yaml"):
        try:
            return import_module(name).CParser
        except ImportError:
            continue
    return None


CParser = _c_parser()
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# ruamel's own parser takes seconds to read a tag of a megabyte
_LONG_TAG = re.compile(r"!\S{4096}")
# stands for a key that is a list or a mapping
_COMPLEX = ScalarEvent(None, None, (True, False), COMPLEX_KEY)


class Broken(NamedTuple):
    """Where reading stopped, in characters from the start of the whole text, and why."""

    offset: int
    cause: str
    #: True when the parser refused the text before it gave any event.
    unread: bool = False


def is_compiled() -> bool:
    """Say whether the C parser reads; else the pure one does."""
    return CParser is not None


class Budget:
    """What is left of the guards for one file."""

    def __init__(self, events: int = EVENTS) -> None:
        self.events = events
        self.aliases = ALIASES


class Part(NamedTuple):
    """The roots of the documents of one part; the last may be unfinished when it broke."""

    roots: Tuple[Node, ...]
    broken: Optional[Broken]

    def documents(self) -> List[Document]:
        return [Document(root, self.broken is None) for root in self.roots]


class _Stop(Exception):
    """A guard or a rule stops the reading at this event."""

    def __init__(self, event: Any, cause: str) -> None:
        super().__init__(cause)
        self.offset = event.start_mark.index
        self.cause = cause


#: The last two texts with their events: a write reads what was there and what is to be there, each for several checks.
_recent: List[Tuple[str, List[Any]]] = []
#: Characters of a text whose events are kept.
_KEPT = 1 << 20


def stream(part: str) -> Iterator[Any]:
    """Yield the events of a text, from the C parser where it is installed."""
    if CParser is None:
        return _pure_stream(part)
    kept = next((events for text, events in _recent if text == part), None)
    if kept is None:
        kept = _all_events(part) if len(part) <= _KEPT else None
        if kept is None:
            return iter(CParser(part).get_event, None)
        _recent[:] = [*_recent[-1:], (part, kept)]
    return iter(kept)


def _all_events(part: str) -> Optional[List[Any]]:
    """Return the events of a valid text that has not too many."""
    try:
        events = list(islice(iter(CParser(part).get_event, None), EVENTS + 1))
    except (YAMLError, *BROKEN):
        return None
    return events if len(events) <= EVENTS else None


class Unparsable(Exception):
    """Why a text is not YAML, and in which line (from 1) if that is known."""

    def __init__(self, why: str, line: Optional[int]) -> None:
        super().__init__(why)
        self.line = line


def checked(text: str) -> Iterator[Any]:
    """Yield the events of a text. Raises Unparsable."""
    try:
        yield from stream(text)
    except (YAMLError, *BROKEN) as error:
        broken = _broken(error, text, 0, len(text)) if isinstance(error, YAMLError) else Broken(0, str(error))
        raise Unparsable(broken.cause, text.count("\n", 0, broken.offset) + 1) from None


def _pure_stream(part: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    if _LONG_TAG.search(part):
        raise YAMLError("a tag of more than 4,096 characters")
    yaml = YAML(typ="safe", pure=True)
    # the rules of the C parser: what one accepts and the other not would be valid on one machine only
    yaml.version = (1, 1)
    events: Iterator[Any] = yaml.parse(part)
    return events


def parse(text: str, start: int, end: int, budget: Budget) -> Part:
    """Parse one part of a text; never raises for what the part holds."""
    roots: List[Node] = []
    broken: Optional[Broken] = None
    try:
        _grow(text[start:end], Source(text, start), roots, budget)
    except _Stop as stop:
        broken = Broken(start + stop.offset, stop.cause)
    except YAMLError as error:
        broken = _broken(error, text, start, end)
    except BROKEN as error:
        broken = Broken(start, "not readable as YAML (%s)" % type(error).__name__)
    return Part(tuple(roots), broken)


def _grow(part: str, source: Source, roots: List[Node], budget: Budget) -> None:
    """Attach every node of a part to its parent as it comes.

    The innermost loop of a first import, hence one long function: as methods, or with
    a node object per scalar, it takes longer than composing the text does.
    """
    stack: List[Tuple[Any, Any, Any]] = []
    anchors: Dict[str, Node] = {}
    anchored = "&" in part
    # in a mapping: its entries, and the key that waits for its value; else the open list
    entries: Any = None
    key: Any = None
    items: Any = roots
    count = 0
    event: Any = None
    node: Any
    try:
        for count, event in enumerate(islice(stream(part), budget.events), 1):  # noqa: B007
            kind = type(event)
            if kind is ScalarEvent:
                node = event
                if anchored and event.anchor is not None:
                    anchors[event.anchor] = event
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                entries, items, key = stack.pop()
                continue
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                node = Mapping({}, event.flow_style, source) if kind is MappingStartEvent else Sequence([])
                if anchored and event.anchor is not None:
                    anchors[event.anchor] = node
                if entries is None:
                    items.append(node)
                    stack.append((None, items, None))
                elif key is not None:
                    entries[key.value] = (key, node)
                    stack.append((entries, None, None))
                else:
                    stack.append((entries, None, _COMPLEX))
                if len(stack) > DEPTH:
                    raise _Stop(event, "nested deeper than %d levels" % DEPTH)
                if kind is MappingStartEvent:
                    entries, items, key = node.entries, None, None
                else:
                    entries, items = None, node.items
                continue
            elif kind is AliasEvent:
                node = _referenced(event, anchors, budget)
            else:
                if kind is DocumentEndEvent:
                    anchors.clear()
                continue
            if entries is None:
                items.append(node)
            elif key is not None:
                entries[key.value] = (key, node)
                key = None
            elif kind is AliasEvent and type(node) is not Alias:
                key = _COMPLEX
            elif node.value in entries:
                raise _Stop(event, 'the key "%s" occurs twice' % node.value[:40])
            else:
                key = node
    finally:
        budget.events = max(0, budget.events - count - _PART_COST)
    if not budget.events:
        raise _Stop(event, "more than {:,} events".format(EVENTS))


def _referenced(event: Any, anchors: Dict[str, Node], budget: Budget) -> Node:
    """Return the node that an alias stands for, as a node of its own over the same content."""
    budget.aliases -= 1
    if budget.aliases < 0:
        raise _Stop(event, "more than %d aliases" % ALIASES)
    target = anchors.get(event.anchor)
    if target is None:
        raise _Stop(event, "the alias *%s has no anchor" % event.anchor[:40])
    if isinstance(target, Mapping):
        return Mapping(target.entries, target.flow, target.source, alias=True)
    if isinstance(target, Sequence):
        return Sequence(target.items, alias=True)
    return Alias(target, event)


def _broken(error: YAMLError, text: str, start: int, end: int) -> Broken:
    if isinstance(error, ReaderError):
        return Broken(_control(text, start, end), "a control character", unread=True)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    offset = start + mark.index if mark is not None else start
    return Broken(min(offset, end), cause_of(error))


def cause_of(error: YAMLError) -> str:
    """Return the parser's message as one short line."""
    words = [str(error)]
    if isinstance(error, MarkedYAMLError):
        words = [word for word in (error.context, error.problem) if word]
    return ": ".join(" ".join(word.split()) for word in words)[:200]


_VALUE = re.compile(r"[ \t]*(?:- +)*(?:[\w.-]+:[ \t]+)?(.*)")
_QUOTED = re.compile(r"""(["']).*?\1(?:[ \t]*[^\s#,}\]:]|[ \t]+:)""")
#: What a parser says where the indentation may be to blame.
_INDENTED = ("expected key", "mapping values", "block end")


def advised(cause: str, text: str, offset: int) -> str:
    """Return a cause with how to mend it, where the line that it is on, or the one before, shows a common fault."""
    if not any(word in cause for word in ("expected", "cannot start", "not allowed", "no anchor")):
        return cause
    for end in (offset, text.rfind("\n", 0, offset)):
        start = text.rfind("\n", 0, max(end, 0)) + 1
        line = text[start : text.find("\n", start) if "\n" in text[start:] else len(text)].rstrip("\r")
        found = _VALUE.match(line)
        value = found.group(1) if found else ""
        if line.startswith("\t") or value.startswith("\t"):
            return cause + "; use spaces instead of the tab"
        is_plain = value[:1] not in ("", '"', "'", "#")
        if value[:1] in tuple("`@%*&{[") or _QUOTED.match(value) or (is_plain and re.search(r": |:$| #", value)):
            is_open = value[:1] in tuple("{[") and not value.rstrip().endswith(("}", "]"))
            first = "close the bracket, or " if is_open else ""
            return "%s; %sput the whole text behind the dash or the colon in quotes" % (cause, first)
    return cause + ("; indent it under its key" if any(word in cause for word in _INDENTED) else "")


def _control(text: str, start: int, end: int) -> int:
    """Return where the first character stands that YAML does not allow."""
    match = _FORBIDDEN.search(text, start, end)
    return match.start() if match else start
