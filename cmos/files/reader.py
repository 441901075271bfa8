"""The bytes of one file to all that it says of missions."""

from __future__ import annotations

from typing import NamedTuple

from cmos.core.records import Contents, Fault
from cmos.core.shapes import read_contents
from cmos.files.text import SIZE_LIMIT, conflict, decode, position


class Limits(NamedTuple):
    """How large a file may be: bytes, and events of the parser."""

    size: int
    events: int


#: For what lies in the missions folder and is read unasked (SYNC.md, section 5).
SMALL = Limits(SIZE_LIMIT, 100_000)
#: For what a person names.
LARGE = Limits(64 << 20, 10_000_000)


def read(data: bytes, limits: Limits = SMALL) -> Contents:
    """Return what a file says; whatever is wrong with it comes as faults, never as an error.

    Records of a part that is not valid are there as far as they could be read, with
    ``whole`` False: they say which mission the fault is about, not what is true.
    """
    # not at the top: whoever only asks whether a file changed must not wait for the parser
    from cmos.files.parts import read_trees

    text, _, fault = decode(data, limit=limits.size)
    if fault is not None:
        return Contents(faults=(fault,))
    markers = conflict(text)
    if markers is not None:
        return _conflicted(text, markers)
    documents, faults = read_trees(text, events=limits.events)
    return read_contents(text, documents, faults)


def _conflicted(text: str, markers: int) -> Contents:
    """Return what stands before git's conflict markers, none of it as whole."""
    from cmos.files.parts import read_trees

    fault = Fault(*position(text, markers), "unresolved merge conflict")
    documents = [document._replace(whole=False) for document in read_trees(text[:markers]).documents]
    return read_contents(text, documents, (fault,))
