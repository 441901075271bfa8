"""Sets any scalar of a mission's text, or adds an entry to one of its lists, and leaves every other byte alone."""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from cmos.core.record import NamedTuple
from cmos.missionfile import reader
from cmos.missionfile.lists import SPRINT_KEYS
from cmos.missionfile.records import ID_KEYS, PREREQUISITES, REQUIRED, Record
from cmos.missionfile.scalars import block, quoted
from cmos.missionfile.splice import Refused, line_break, spelled
from cmos.missionfile.tree import text_of

#: A kind beside those of Record: a sprint that a backlog lists.
SPRINT = "sprint"
#: Names of one thing: a mission has one of them.
_GROUPS = (*REQUIRED.values(), PREREQUISITES)
_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")
_COLON = re.compile(r"[ \t]*:")
_REST = re.compile(r"[^\r\n]*(\r\n|\r|\n)?")


class Text(NamedTuple):
    """A text for a key of a mission. Dots lead into mappings: ``context.background``."""

    key: str
    value: str
    #: Add it to the list under the key.
    is_entry: bool = False


class _Patch(NamedTuple):
    """Characters of the text and what takes their place; the events that go and come with them."""

    start: int
    end: int
    literal: str
    gone: int
    come: Tuple[Optional[str], ...]


class _Found(NamedTuple):
    """A key in a text and the value under it, as a parser composed them."""

    key: Any
    node: Any


def put(data: bytes, record_id: str, kind: str, texts: Sequence[Text]) -> bytes:
    """Return a file with the texts put in; ``record_id`` and ``kind`` are of the mission's Record, or of a sprint.

    Raises Refused, with nothing put in, for a key that holds something else, and for what
    cannot be done without touching or risking another part of the file.
    """
    for text in texts:
        decoded, bom, fault = reader.decode(data)
        if fault is not None:
            raise Refused(fault.cause)
        home = _Home(decoded, record_id, kind)
        patch = home.entry(text) if text.is_entry else home.scalar(text)
        if patch is not None:
            new = decoded[: patch.start] + patch.literal + decoded[patch.end :]
            data = reader.encode(new, bom=bom)
            if len(data) > reader.SIZE_LIMIT:
                raise Refused("the file would be larger than %d MB" % (reader.SIZE_LIMIT >> 20))
            _check(decoded, new, patch)
            _Home(new, record_id, kind).check(text)
    return data


def _check(old: str, new: str, patch: _Patch) -> None:
    """Refuse unless a parser sees in the new text what it saw in the old one, and the patch."""
    from cmos.missionfile.parts import graph

    before, after = graph(old).vertices, graph(new).vertices
    first = next((n for n, (one, other) in enumerate(zip(before, after)) if one != other), len(before))
    come = after[first : first + len(patch.come)]
    is_bare = all((one.tag, one.anchor) == (None, None) for one in come)
    if not is_bare or after != before[:first] + come + before[first + patch.gone :]:
        raise Refused("the edit would change something else in the file")
    if tuple(one.value for one in come) != patch.come:
        raise Refused("the edit would not be read back as it was meant")


class _Home:
    """The mappings that hold a mission in a text."""

    def __init__(self, text: str, record_id: str, kind: str) -> None:
        contents = reader.read(text.encode("utf-8"))
        if contents.faults:
            raise Refused("line %d: %s" % (contents.faults[0].line, contents.faults[0].cause))
        found = [one for one in contents.records if (one.id, one.kind) == (record_id, kind)]
        if kind == SPRINT:
            found = [Record(record_id, SPRINT, {}, 0)]
        if len(found) != 1:
            raise Refused("%s stands in the file %s" % (record_id, "more than once" if found else "no more"))
        self._text = text
        self._record = found[0]
        self._places, self._flows = self._look()

    def _look(self) -> Tuple[List[Any], List[Tuple[int, int]]]:
        from cmos.missionfile.parts import compose

        flows: List[Tuple[int, int]] = []
        is_row = self._record.kind != "file"
        try:
            documents = compose(self._text)
        except ValueError as error:
            raise Refused(str(error)) from error
        for document in documents:
            nodes = list(nodes_of(document))
            flows += [(n.start_mark.index, n.end_mark.index) for n in nodes if n.id != "scalar" and n.flow_style]
            holder = next((one for one in nodes if self._is_holder(one)), None)
            if holder is not None:
                places = [holder] if is_row or holder is document else [document, holder]
                spec = None if is_row else _find(document, "spec")
                return places + ([spec.node] if spec and spec.node.id == "mapping" else []), flows
        raise Refused("the place of %s was not found" % self._record.id)

    def _is_holder(self, node: Any) -> bool:
        if self._record.kind == SPRINT:
            keys = {key.value: one.value for key, one in node.value} if node.id == "mapping" else {}
            return "missions" in keys and next((keys[key] for key in SPRINT_KEYS if key in keys), "") == self._record.id
        return node.id == "mapping" and any(
            key.value in ID_KEYS and one.value == self._record.id and one.start_mark.line + 1 == self._record.line
            for key, one in node.value
        )

    def scalar(self, text: Text) -> Optional[_Patch]:
        """Return what sets a scalar; None if it is set already."""
        found = self._found(text.key)
        if found is None:
            return self._new(text)
        node = found.node
        if node.id != "scalar":
            inside = "a mapping; give a key in it: %s.KEY" % text.key
            how = "a list; to add to it: --add" if node.id == "sequence" else inside
            raise Refused("%s is %s" % (text.key, how))
        if text_of(node) == text.value:
            return None
        start, end = self._span(found)
        header = _HEADER.match(self._text, start) if node.style in ("|", ">") else None
        literal = None
        is_last = header or not self._text[end : _REST.match(self._text, end).end()].strip()  # type: ignore[union-attr]
        if is_last and not self._in_flow(start):
            literal = block(text.value, " " * (_column(found.key) + 2), line_break(self._text))
        if literal is None:
            old = "" if header else self._text[start:end]
            literal = spelled(text.value, old, text_of(node), self._in_flow(start))
        if header and header.group(1):
            first, rest = _REST.match(literal).group().rstrip("\r\n"), literal  # type: ignore[union-attr]
            literal = first + header.group(1) + rest[len(first) :]
        space = " " if start == end else ""
        return _Patch(start, end, space + literal, 1, (text.value,))

    def entry(self, text: Text) -> Optional[_Patch]:
        """Return what adds an entry to a list; None if it is there already."""
        found = self._found(text.key)
        if found is None:
            return self._new(text)
        node = found.node
        start, end = self._span(found)
        if node.id == "scalar" and start == end and not self._in_flow(start):
            line = " " * (_column(found.key) + 2) + "- " + quoted(text.value)
            return self._below(start, line, 1, (None, text.value, None))
        if node.id != "sequence":
            raise Refused("%s is %s" % (text.key, "a mapping" if node.id == "mapping" else "no list; --set sets it"))
        if any(one.id == "scalar" and text_of(one) == text.value for one in node.value):
            return None
        literal = self._like(node.value, text.value, self._in_flow(end - 1))
        if not node.flow_style:
            return self._below(end_of(self._text, node), " " * _column(node) + "- " + literal, 0, (text.value,))
        at = end_of(self._text, node.value[-1]) if node.value else start + 1
        return _Patch(at, at, (", " if node.value else "") + literal, 0, (text.value,))

    def _like(self, entries: Sequence[Any], value: str, in_flow: bool) -> str:
        """Return an entry in the quotes that the last one of its list has."""
        last = entries[-1] if entries else None
        if last is None or last.id != "scalar" or last.style in ("|", ">"):
            return quoted(value)
        return spelled(value, self._text[last.start_mark.index : last.end_mark.index], text_of(last), in_flow)

    def check(self, text: Text) -> None:
        """Refuse unless a text is read back."""
        found = self._found(text.key)
        nodes = found.node.value if found and text.is_entry and found.node.id == "sequence" else [found and found.node]
        if not any(one and one.id == "scalar" and (text_of(one) or "") == text.value for one in nodes):
            raise Refused("%s would not be read back as it was meant" % text.key)

    def _found(self, key: str) -> Optional[_Found]:
        """Find a key. Raises Refused for the id, and for what the commands of the lifecycle set."""
        found = self._any(key)
        fields = [one for name, one in self._record.fields.items() if name in ("status", "completed_at")]
        is_theirs = found is not None and found.node.start_mark.index in [field.start for field in fields]
        if is_theirs or key in ("status", "completed_at", "completedAt"):
            raise Refused("%s is what commands set: mission start, complete, block, edit --status" % key)
        if found is not None and found.key.value in ID_KEYS and found.node.value == self._record.id:
            raise Refused("an id does not change")
        return found

    def _any(self, key: str) -> Optional[_Found]:
        names = next((names for names in _GROUPS if key in names), ())
        every = (_find(place, name) for name in (key, *names) for place in self._places)
        return next((one for one in every if one is not None), None)

    def _new(self, text: Text) -> _Patch:
        """Put a key that the mission does not have behind its id."""
        record, name = self._record, text.key
        if record.insert_at < 0 or not re.fullmatch(r"[A-Za-z_][\w-]*", name, re.ASCII):
            raise Refused("it has no %s, and there is no safe place for one" % name)
        come = (name, None, text.value, None) if text.is_entry else (name, text.value)
        if record.indent.startswith(","):
            value = quoted(text.value)
            literal = "%s%s: %s" % (record.indent, name, "[%s]" % value if text.is_entry else value)
            return _Patch(record.insert_at, record.insert_at, literal, 0, come)
        value = block(text.value, record.indent + "  ", line_break(self._text)) or quoted(text.value)
        if text.is_entry:
            value = "%s%s  - %s" % (line_break(self._text), record.indent, quoted(text.value))
        line = "%s%s:%s%s" % (record.indent, name, "" if text.is_entry else " ", value)
        return self._below(record.insert_at, line, 0, come)

    def _below(self, at: int, line: str, gone: int, come: Tuple[Optional[str], ...]) -> _Patch:
        """Put a line below the one that a place is on."""
        if at and self._text[at - 1] in "\r\n":
            return _Patch(at, at, line + line_break(self._text), gone, come)
        rest = _REST.match(self._text, at)
        end = rest.end() if rest else at
        if rest is None or not rest.group(1):
            return _Patch(end, end, line_break(self._text) + line, gone, come)
        return _Patch(end, end, line + line_break(self._text), gone, come)

    def _span(self, found: _Found) -> Tuple[int, int]:
        """Return where a value stands. Raises Refused for one that stands elsewhere, or that something refers to."""
        start = found.node.start_mark.index
        if start < found.key.end_mark.index:
            raise Refused("%s is an alias" % found.key.value)
        if self._text[start : start + 1] in ("&", "!", "*") and found.node.id != "alias":
            raise Refused("%s has an anchor or a tag" % found.key.value)
        colon = _COLON.match(self._text, found.key.end_mark.index)
        if start == found.node.end_mark.index:
            if colon is None:
                raise Refused("%s has no colon" % found.key.value)
            return colon.end(), colon.end()
        return start, end_of(self._text, found.node)

    def _in_flow(self, at: int) -> bool:
        return any(start < at < end for start, end in self._flows)


def end_of(text: str, node: Any) -> int:
    """Return where a value ends: before the blank lines and comments that a parser counts to a block."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    if node.id != "scalar":
        if node.flow_style or not node.value:
            return end
        last = node.value[-1]
        return end_of(text, last) if node.id == "sequence" else max(end_of(text, last[1]), int(last[0].end_mark.index))
    header = _HEADER.match(text, start) if node.style in ("|", ">") else None
    if header is None or "+" in header.group():
        return end
    return start + len(text[start:end].rstrip())


def nodes_of(root: Any) -> Iterator[Any]:
    """Yield the nodes of a document, each once."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if node.id != "scalar":
            waiting += [one for pair in node.value for one in (pair if node.id == "mapping" else (pair,))]


def _find(place: Any, key: str) -> Optional[_Found]:
    """Find a key in a mapping, else what its dots lead to. Of a key that stands twice the last one counts."""
    if place.id != "mapping":
        return None
    found = [_Found(name, node) for name, node in place.value if name.id == "scalar" and name.value == key]
    first, dot, rest = key.partition(".")
    if dot and not found:
        inner = _find(place, first)
        return _find(inner.node, rest) if inner is not None else None
    return found[-1] if found else None


def _column(node: Any) -> int:
    return int(node.start_mark.column)
