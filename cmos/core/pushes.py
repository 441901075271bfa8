"""What in a pushed mission file would hurt whoever pulls it."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.core.status import standard
from cmos.missionfile.records import Contents, Record

#: Kind of a record that is a mission's own document.
_FILE = "file"


class Version(NamedTuple):
    """A file at one commit."""

    contents: Contents
    #: The line of git's conflict markers; None when there are none.
    conflict: Optional[int] = None

    @property
    def ids(self) -> List[Record]:
        """The missions that the file is of."""
        return [record for record in self.contents.records if record.kind == _FILE and record.whole]


class Pushed(NamedTuple):
    """A mission file that pushed commits change."""

    path: str
    #: As it was before them; None when it is new.
    before: Optional[Version]
    after: Version

    @property
    def new_ids(self) -> List[Record]:
        """The missions that it was not of before."""
        old = {record.id for record in self.before.ids} if self.before else set()
        return [record for record in self.after.ids if record.id not in old]

    @property
    def new_statuses(self) -> List[Tuple[Record, str]]:
        """The statuses that the pushed commits write."""
        old = dict(_statuses(self.before)) if self.before else {}
        found = [(record, status) for record, status in _records(self.after)]
        return [(record, status) for record, status in found if old.get((record.id, record.kind)) != status]


def breakage(file: Pushed) -> Optional[str]:
    """Return why a file must not be pushed; None when nothing is broken that was not before."""
    if file.after.conflict is not None:
        return "%s:%d: git's conflict markers" % (file.path, file.after.conflict)
    faults = file.after.contents.faults
    if faults and file.before is not None and not file.before.contents.faults:
        return "%s:%d:%d: no longer valid: %s" % (file.path, faults[0].line, faults[0].column, faults[0].cause)
    return None


def twice(introduced: Dict[str, List[Record]], others: Dict[str, List[Record]]) -> List[str]:
    """Return a line for each new id that another place has too. Both are by path."""
    places: Dict[str, List[str]] = {}
    for path, records in others.items():
        for record in records:
            places.setdefault(record.id, []).append("%s:%d" % (path, record.line))
    new = {record.id for records in introduced.values() for record in records}
    return ["%s is given more than once: %s" % (id, ", ".join(places[id])) for id in sorted(new) if _many(places, id)]


def _many(places: Dict[str, List[str]], mission_id: str) -> bool:
    return len(places.get(mission_id, ())) > 1


def _records(version: Version) -> Iterable[Tuple[Record, str]]:
    for record in version.contents.records:
        status = standard(record.fields["status"].value) if "status" in record.fields else None
        if status and record.whole:
            yield record, status


def _statuses(version: Version) -> Iterable[Tuple[Tuple[str, str], str]]:
    return (((record.id, record.kind), status) for record, status in _records(version))
