"""What is wrong with one mission file by itself, before any database knows of it."""

from __future__ import annotations

from typing import Callable, Iterator, List, Set, Tuple

from cmos.core.status import KNOWN, is_known, standard
from cmos.core.verify import ERROR, NO_ID, WARNING, Finding
from cmos.missionfile.records import Contents, Record

#: From a character of the text to its line and column.
Position = Callable[[int], Tuple[int, int]]


def check_contents(contents: Contents, position: Position) -> List[Finding]:
    """Return what is wrong with a file, in the order of its lines; the path is left to the caller."""
    findings = [
        Finding("quarantine", ERROR, fault.cause, line=fault.line, column=fault.column) for fault in contents.faults
    ]
    findings += _twice(contents)
    findings += [Finding("no-id", ERROR, NO_ID, line=line, column=1) for line in contents.nameless]
    for record in contents.records:
        # of a part that does not parse nobody knows what it was to say
        if record.whole:
            findings += _of_record(record, position)
    return sorted(findings, key=lambda one: (one.line or 0, one.column or 0))


def _of_record(record: Record, position: Position) -> Iterator[Finding]:
    status = record.fields.get("status")
    if status is not None and status.value and not is_known(standard(status.value) or ""):
        text = "%s has the status %r, which is none of: %s" % (record.id, status.value, ", ".join(KNOWN))
        line, column = position(status.start)
        yield Finding("invalid-status", ERROR, text, record.id, line=line, column=column)
    if record.missing:
        text = "%s lacks %s" % (record.id, ", ".join(record.missing))
        yield Finding("incomplete", WARNING, text, record.id, line=record.line, column=1)


def _twice(contents: Contents) -> Iterator[Finding]:
    """Yield ids that stand twice: in two documents, or in two rows. A document and its row are one mission."""
    seen: Set[Tuple[str, str]] = set()
    for record in contents.records:
        key = (record.id, record.kind)
        if key in seen:
            text = "%s is in this file already, further up" % record.id
            yield Finding("duplicate", ERROR, text, record.id, line=record.line, column=1)
        seen.add(key)
