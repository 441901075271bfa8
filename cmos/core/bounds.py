"""Names that are too long to be any: what has one is a fault of its file, and never becomes a row."""

from __future__ import annotations

from typing import Iterator, List, Optional, Tuple

from cmos.core.records import Contents, Fault, Record

#: Characters. Each table pads its columns, each index holds its keys: a name costs more than its own length.
LONGEST = 500
#: Faults of one file that are worth a line each.
_MOST = 100


def bounded(text: str, contents: Contents) -> Contents:
    """Return what a file says without what has too long a name, and with a fault for each."""
    if not any(_too_long(record) for record in contents.records) and not _others(contents):
        return contents
    faults = list(_faults(text, contents.records))
    edges = contents.dependencies
    return contents._replace(
        records=tuple(record for record in contents.records if not _too_long(record)),
        sprints=tuple(sprint for sprint in contents.sprints if len(sprint.id) <= LONGEST),
        dependencies=None if edges is None else tuple(edge for edge in edges if max(map(len, edge[:2])) <= LONGEST),
        links={id: path for id, path in contents.links.items() if len(id) <= LONGEST},
        faults=contents.faults + tuple(faults[: max(_MOST - len(contents.faults), 1)]),
    )


def _too_long(record: Record) -> bool:
    return len(record.id) > LONGEST or len(_sprint(record) or "") > LONGEST


def _sprint(record: Record) -> Optional[str]:
    field = record.fields.get("sprint")
    return field.value if field is not None else None


def _others(contents: Contents) -> bool:
    """Say whether a sprint without missions, a link or a path has such a name."""
    names: List[str] = [sprint.id for sprint in contents.sprints]
    names += contents.links
    names += [end for edge in contents.dependencies or () for end in edge[:2]]
    return any(len(name) > LONGEST for name in names)


def _faults(text: str, records: Tuple[Record, ...]) -> Iterator[Fault]:
    last = -1
    for record in records:
        if len(record.id) > LONGEST:
            yield Fault(record.line, 1, _cause("an id", record.id))
        elif _too_long(record):
            start = record.fields["sprint"].start
            # the rows of one sprint share its name: it is told once
            if start != last:
                yield Fault(*_position(text, start), _cause("a sprint", _sprint(record) or ""))
            last = start


def _cause(what: str, name: str) -> str:
    return "%s of %d characters, which is none (%s...): the longest has %d" % (what, len(name), name[:20], LONGEST)


def _position(text: str, offset: int) -> Tuple[int, int]:
    breaks = text.count("\n", 0, offset) + text.count("\r", 0, offset) - text.count("\r\n", 0, offset)
    return breaks + 1, offset - max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset))
