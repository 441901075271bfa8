"""What two branches made of one mission file, decided field by field.

A merge of two sides that began at one base. A value that only one side changed is that
side's; the rest is here. What cannot be decided stays a conflict for a person.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Dict, List, Mapping, Set, Tuple, Union

from cmos.core.record import NamedTuple
from cmos.core.status import COMPLETED, standard
from cmos.missionfile.records import Contents
from cmos.sync.rules import further


class Mark(Enum):
    """What is no value."""

    ABSENT = "the record does not have the field"
    CONFLICT = "a person has to decide"


ABSENT, CONFLICT = Mark.ABSENT, Mark.CONFLICT

#: The text of a field; None for a key without a value.
Value = Union[str, None, Mark]
Values = Mapping[str, Value]
#: Id and kind of a record.
Key = Tuple[str, str]

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Decisions(NamedTuple):
    """What the merged file is to say."""

    #: Every record that it is to have, apart from those in ``doubtful``.
    records: Dict[Key, Dict[str, Value]]
    #: How often each record that stands in one file more than once may stand there.
    doubtful: Dict[Key, int]


def decide(base: Contents, ours: Contents, theirs: Contents) -> Decisions:
    """Decide on every field of every record that the merged file keeps."""
    doubtful = _doubtful([base, ours, theirs])
    before, mine, other = (_sheet(one, set(doubtful)) for one in (base, ours, theirs))
    kept = (mine.keys() & other.keys()) | ((mine.keys() | other.keys()) - before.keys())
    return Decisions(
        {key: decide_record(before.get(key, {}), mine.get(key, {}), other.get(key, {})) for key in kept}, doubtful
    )


def decide_record(base: Values, ours: Values, theirs: Values) -> Dict[str, Value]:
    """Decide on the fields of one record; ABSENT where the merged one is not to have the field."""
    names = set(base) | set(ours) | set(theirs)
    decided = {name: _decide(name, *_three(name, base, ours, theirs)) for name in names}
    if "completed_at" in names:
        decided["completed_at"] = _completed_at(decided, base, ours, theirs)
    return decided


def holds(decisions: Decisions, merged: Contents) -> bool:
    """Say whether a file says what was decided, and no more.

    A text that both sides changed may only be there as a block of several lines, which the
    merge by lines has put together.
    """
    sheet = _sheet(merged, set(decisions.doubtful))
    if merged.faults or sheet.keys() != decisions.records.keys():
        return False
    if any(number > decisions.doubtful.get(key, 1) for key, number in _counts(merged).items()):
        return False
    blocks = {
        (record.id, record.kind, name)
        for record in merged.records
        for name, field in record.fields.items()
        if field.locked == "block scalar"
    }
    return all(
        sheet[key].get(name, ABSENT) == value or (value is CONFLICT and (*key, name) in blocks)
        for key, values in decisions.records.items()
        for name, value in values.items()
        # a row takes its sprint from the line above it, whoever wrote that one
        if (key[1], name) != ("row", "sprint")
    )


def _three(name: str, base: Values, ours: Values, theirs: Values) -> Tuple[Value, Value, Value]:
    return base.get(name, ABSENT), ours.get(name, ABSENT), theirs.get(name, ABSENT)


def _decide(name: str, base: Value, ours: Value, theirs: Value) -> Value:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    return _status(base, ours, theirs) if name == "status" else CONFLICT


def _status(base: Value, ours: Value, theirs: Value) -> Value:
    """Return the status that counts of two that both sides set, as a sync decides it; CONFLICT for a person."""
    if not (isinstance(ours, str) and isinstance(theirs, str)):
        return CONFLICT
    if _word(ours) == _word(theirs):
        return ours
    # what was done and is open again on both sides was opened for a reason
    return (further(ours, theirs) if _word(base) != COMPLETED else None) or CONFLICT


def _completed_at(decided: Values, base: Values, ours: Values, theirs: Values) -> Value:
    """Return the time that goes with the status; of two completions the first one counts."""
    before, mine, other = _three("completed_at", base, ours, theirs)
    if mine == other:
        return mine
    status = decided.get("status", ABSENT)
    if status is CONFLICT:
        return CONFLICT
    if before in (mine, other):
        return decided["completed_at"]
    done = [_word(side.get("status", ABSENT)) == COMPLETED for side in (ours, theirs)]
    if _word(status) == COMPLETED and done == [True, True]:
        times = [one for one in (mine, other) if isinstance(one, str) and _UTC.fullmatch(one)]
        return min(times) if len(times) == 2 else CONFLICT
    time, rest = (mine, other) if done[0] else (other, mine)
    if _word(status) == COMPLETED and any(done) and not (isinstance(rest, str) and rest.strip()):
        return time
    # a time beside any other status is somebody's own doing: both are shown
    return CONFLICT


def _word(value: Value) -> str:
    return standard(value) or "" if isinstance(value, str) else ""


def _counts(contents: Contents) -> Dict[Key, int]:
    counts: Dict[Key, int] = {}
    for record in contents.records:
        counts[record.id, record.kind] = counts.get((record.id, record.kind), 0) + 1
    return counts


def _doubtful(files: List[Contents]) -> Dict[Key, int]:
    most: Dict[Key, int] = {}
    for contents in files:
        for key, number in _counts(contents).items():
            most[key] = max(number, most.get(key, 0))
    return {key: number for key, number in most.items() if number > 1}


def _sheet(contents: Contents, doubtful: Set[Key]) -> Dict[Key, Dict[str, Value]]:
    return {
        (record.id, record.kind): {name: field.value for name, field in record.fields.items()}
        for record in contents.records
        if (record.id, record.kind) not in doubtful
    }
