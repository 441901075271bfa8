"""Rewrites single scalars of a file and leaves every other byte alone.

Whole-file dumps reproduce two files of three at best (docs/sync.md, section 1); here the
characters of one scalar are replaced, and the result is read again before it is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Optional, Sequence, Tuple

from cmos.core.record import NamedTuple
from cmos.missionfile import reader
from cmos.missionfile.reader import read
from cmos.missionfile.records import SYNCED, Contents, Field, Record
from cmos.missionfile.scalars import Unwritable, spell

if TYPE_CHECKING:
    from cmos.missionfile.parts import Graph

_NULL = "null"


class Edit(NamedTuple):
    """One field of one record and the value it is to have."""

    record_id: str
    #: ``file`` or ``row``, as in Record.
    kind: str
    #: One of SYNCED.
    field: str
    #: None writes ``null``, so that the field has no value.
    value: Optional[str]
    #: Add the key to a mission's document or row if it has none.
    insert: bool = False


class Refused(Exception):
    """An edit that cannot be made without touching or risking something else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Patch(NamedTuple):
    """Characters of the text and what takes their place."""

    start: int
    end: int
    literal: str
    old: Optional[str]
    new: Optional[str]


def apply(data: bytes, edits: Sequence[Edit], contents: Optional[Contents] = None) -> bytes:
    """Return the file with the edits made; Refused, and nothing made, if one cannot be.

    ``contents`` is what the file says, where the caller has read it already.
    The quoting of each scalar stays as it is where the new value allows it. An edit
    to the value that is there already changes nothing.
    """
    if len({edit[:3] for edit in edits}) < len(edits):
        raise Refused("two edits of one field")
    fault = reader.decode(data).fault
    if fault is not None:
        raise Refused(fault.cause)
    contents = contents or read(data)
    places = [_place(contents, edit) for edit in edits]
    replaced = [edit for edit, field in zip(edits, places) if field is not None]
    data = _replace(data, contents, replaced)
    for edit, field in zip(edits, places):
        if field is None:
            data = _insert(data, edit)
    return data


def _place(contents: Contents, edit: Edit) -> Optional[Field]:
    """Return the field that an edit is about, None if a line is to be inserted for it."""
    record = _record(contents, edit)
    field = record.fields.get(edit.field)
    if field is None and not edit.insert:
        raise Refused("%s has no %s in the file" % (edit.record_id, edit.field))
    if field is None and record.insert_at < 0:
        raise Refused("there is no safe place for a %s line of %s" % (edit.field, edit.record_id))
    return field


def _record(contents: Contents, edit: Edit) -> Record:
    if edit.field not in SYNCED:
        raise Refused("%s is not a field that is written to files" % edit.field)
    found = [one for one in contents.records if one.id == edit.record_id and one.kind == edit.kind]
    if not found:
        raise Refused("the file has no %s of %s" % ("row" if edit.kind == "row" else "document", edit.record_id))
    if len(found) > 1:
        raise Refused("%s stands in the file more than once" % edit.record_id)
    if not found[0].whole:
        raise Refused("the part of the file that holds %s is not valid" % edit.record_id)
    return found[0]


def _replace(data: bytes, contents: Contents, edits: Sequence[Edit]) -> bytes:
    from cmos.missionfile.parts import graph

    changes = [(edit, _record(contents, edit).fields[edit.field]) for edit in edits]
    changes = [(edit, field) for edit, field in changes if field.value != edit.value]
    if not changes:
        return data
    text, bom, _ = reader.decode(data)
    before = graph(text)
    patches = []
    for edit, field in changes:
        _refuse_locked(contents, edit, field)
        in_flow = any(start <= field.start < end for start, end in before.flows)
        patches.append(_replacement(text, field, edit.value, in_flow))
    new = _patched(text, patches)
    _check_replaced(before, new, contents, patches)
    return reader.encode(new, bom=bom)


def _refuse_locked(contents: Contents, edit: Edit, field: Field) -> None:
    if field.locked:
        raise Refused("%s of %s: %s" % (edit.field, edit.record_id, field.locked))
    for other in contents.records:
        shared = other.fields.get(edit.field)
        # rows may take their sprint from the line of the plan that lists them
        if shared is not None and shared.start == field.start and other.id != edit.record_id and edit.field != "sprint":
            raise Refused("%s of %s: %s takes it from there" % (edit.field, edit.record_id, other.id))


def _replacement(text: str, field: Field, value: Optional[str], in_flow: bool) -> _Patch:
    old = text[field.start : field.end]
    literal = spelled(value, old, field.value, in_flow)
    if field.start == field.end:
        # a key without a value: `status:` needs the space that `status: Queued` has
        literal = " " + literal
    return _Patch(field.start, field.end, literal, old if field.value is None else field.value, value)


def spelled(value: Optional[str], old: str, old_value: Optional[str], in_flow: bool) -> str:
    """Return a value as YAML, as ``spell`` does. Raises Refused for one that a file cannot hold."""
    if value is None:
        return _NULL
    try:
        return spell(value, old, old_value, in_flow=in_flow)
    except Unwritable as error:
        raise Refused(str(error)) from error


def _insert(data: bytes, edit: Edit) -> bytes:
    """Add a key to a mission's document or row that does not have it."""
    text, bom, _ = reader.decode(data)
    contents = read(data)
    record = _record(contents, edit)
    in_flow = record.indent.startswith(",")
    literal = "%s%s: %s" % (record.indent, edit.field, spelled(edit.value, "", None, in_flow))
    place = record.insert_at
    if not in_flow:
        ending = _ending(text[:place]) or line_break(text)
        literal = literal + ending if text[:place].endswith(("\n", "\r")) else ending + literal
    new = _patched(text, [_Patch(place, place, literal, None, edit.value)])
    _check_inserted(text, new, contents, edit)
    return reader.encode(new, bom=bom)


def line_break(text: str) -> str:
    """Return the line ending that a text uses."""
    return _ending(text[: max(text.rfind("\n"), text.rfind("\r")) + 1]) or "\n"


def _ending(text: str) -> str:
    """Return the line ending that a text ends with; empty if it ends within a line."""
    return next((ending for ending in ("\r\n", "\n", "\r") if text.endswith(ending)), "")


def _patched(text: str, patches: Sequence[_Patch]) -> str:
    for patch in sorted(patches, reverse=True):
        text = text[: patch.start] + patch.literal + text[patch.end :]
    return text


def _check_replaced(old: Graph, new: str, contents: Contents, patches: Sequence[_Patch]) -> None:
    """Refuse unless the two texts differ, for a parser and for the reader, in just these values.

    The first check counts events and never looks at a place; the second one sees that the
    values that differ are those of the right missions.
    """
    from cmos.missionfile.parts import graph

    before, after = old.vertices, graph(new).vertices
    differing = [(one, other) for one, other in zip(before, after) if one != other]
    values = sorted((str(one.value), str(other.value)) for one, other in differing)
    same = all(one._replace(value=other.value) == other for one, other in differing)
    real = [patch for patch in patches if patch.old != patch.new]
    wanted = sorted((str(patch.old), _NULL if patch.new is None else patch.new) for patch in real)
    if len(before) != len(after) or not same or values != wanted:
        raise Refused("the edit would change something else in the file")
    changed = {patch.start: patch.new for patch in patches}
    if _meaning(contents, changed) != _meaning(read(reader.encode(new, bom=False)), {}):
        raise Refused("the edit would not be read back as it was meant")


def _check_inserted(text: str, new: str, contents: Contents, edit: Edit) -> None:
    from cmos.missionfile.parts import Vertex, graph

    before, after = graph(text).vertices, graph(new).vertices
    first = next((n for n, (one, other) in enumerate(zip(before, after)) if one != other), len(before))
    added = [Vertex("scalar", edit.field), Vertex("scalar", edit.value)]
    if after != before[:first] + added + before[first:]:
        raise Refused("the new line would change something else in the file")
    again = read(reader.encode(new, bom=False))
    field = _record(again, edit).fields.get(edit.field)
    if field is None or field.value != edit.value or len(again.records) != len(contents.records):
        raise Refused("the new line would not be read back as it was meant")


def _meaning(contents: Contents, replaced: Dict[int, Optional[str]]) -> Tuple[object, ...]:
    """Return what a file says without any places; ``replaced`` gives the new values by where they begin."""
    records = [
        (
            {name: (replaced.get(field.start, field.value), field.locked) for name, field in record.fields.items()},
            min(record.insert_at, 0),
            *(value for name, value in zip(record._fields, record) if name not in ("fields", "line", "insert_at")),
        )
        for record in contents.records
    ]
    causes = [fault.cause for fault in contents.faults]
    return records, causes, contents.sprints, contents.dependencies, contents.links, contents.is_backlog
