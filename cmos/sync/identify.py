"""The mission and the sprint that each record of the changed files belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable, Dict, Iterable, List, Optional, Set, Tuple

from cmos.core.ids import between, positions, same_sprint, sprint_number
from cmos.core.models import Sprint
from cmos.core.record import NamedTuple
from cmos.db.connection import Connection
from cmos.missionfile.records import Contents, Record
from cmos.missions import rows as mission_rows
from cmos.sync import rows as sync_rows
from cmos.sync.rules import resolve
from cmos.sync.survey import Found

if TYPE_CHECKING:
    from cmos.project.project import Project

#: Above this many changed files, one query for all ids is cheaper than one for each.
_MANY = 200


class Reading(NamedTuple):
    """A changed file and what it says."""

    found: Found
    contents: Contents


class Placed(NamedTuple):
    """A record with the mission that it belongs to."""

    found: Found
    record: Record
    mission_id: str
    #: Its place among the rows of its file, from 0; 0 for the record of a mission file.
    place: int


class Duplicate(NamedTuple):
    """A record of a mission that already has a file elsewhere."""

    placed: Placed
    holder: str


def place(project: Project, readings: Iterable[Reading], gone: Iterable[str]) -> Tuple[List[Placed], List[Duplicate]]:
    """Give each record its mission; rows of backlogs first, then mission files by path.

    Of several mission files with one id the one that had it at the last sync keeps it
    (docs/sync.md, S5), else the one whose own id is equal, else the first path.
    """
    ordered = sorted(readings, key=_backlogs_first)
    rows, copies = _rows(ordered)
    files = _files(project, ordered, {placed.mission_id for placed in rows})
    settled, doubled = _settle(project, files, {reading.found.path for reading in ordered} | set(gone))
    return rows + settled, copies + doubled


def _backlogs_first(reading: Reading) -> Tuple[bool, bool, str]:
    name = reading.found.path.rpartition("/")[2]
    return (not reading.contents.sprints, name not in ("backlog.yaml", "backlog.yml"), reading.found.path)


def _rows(readings: Iterable[Reading]) -> Tuple[List[Placed], List[Duplicate]]:
    rows: List[Placed] = []
    copies: List[Duplicate] = []
    for found, contents in readings:
        here: Set[str] = set()
        for record in contents.records:
            if record.kind == "row":
                placed = Placed(found, record, record.id, len(here))
                if record.id in here:
                    copies.append(Duplicate(placed, found.path))
                else:
                    here.add(record.id)
                    rows.append(placed)
    return rows, copies


def _files(project: Project, readings: List[Reading], in_pass: Set[str]) -> List[Placed]:
    exists = _exists(project.db, in_pass, many=len(readings) > _MANY)
    listed = _cached(lambda mission_id: mission_id in in_pass or sync_rows.listed_ids(project.db, mission_id))
    links = {**sync_rows.links_of(project), **_links(readings)}
    placed = []
    for found, contents in readings:
        records = [record for record in contents.records if record.kind == "file"]
        before = _before(project, found)
        for record in records:
            mission_id = before.get(record.id) or resolve(
                record.id, found.path, alone=len(records) == 1, exists=exists, links=links, listed=listed
            )
            placed.append(Placed(found, record, mission_id, 0))
    return placed


def _before(project: Project, found: Found) -> Dict[str, str]:
    if found.before is None:
        return {}
    known = sync_rows.records_of(project, [found.path])
    return {record.file_id: record.mission_id for record in known if record.kind == "file"}


def _exists(db: Connection, in_pass: Set[str], *, many: bool) -> Callable[[str], bool]:
    if many:
        return (in_pass | set(mission_rows.all_ids(db))).__contains__
    return _cached(lambda mission_id: mission_id in in_pass or mission_rows.get(db, mission_id) is not None)


def _cached(test: Callable[[str], bool]) -> Callable[[str], bool]:
    answers: Dict[str, bool] = {}

    def ask(text: str) -> bool:
        if text not in answers:
            answers[text] = test(text)
        return answers[text]

    return ask


def _links(readings: Iterable[Reading]) -> Dict[str, str]:
    links: Dict[str, str] = {}
    for _, contents in readings:
        for mission_id, path in contents.links.items():
            links[_plain(path)] = mission_id
        for record in contents.records:
            if record.kind == "row" and record.link:
                links[_plain(record.link)] = record.id
    return links


def _plain(path: str) -> str:
    return path.strip().replace("\\", "/").lstrip("./")


def _settle(project: Project, files: List[Placed], in_pass: Set[str]) -> Tuple[List[Placed], List[Duplicate]]:
    groups: Dict[str, List[Placed]] = {}
    for placed in files:
        groups.setdefault(placed.mission_id, []).append(placed)
    settled: List[Placed] = []
    doubled: List[Duplicate] = []
    for mission_id, group in groups.items():
        known = [r.path for r in sync_rows.live_records(project, mission_id) if r.kind == "file"]
        elsewhere = next((path for path in known if path not in in_pass), None)
        if elsewhere is None:
            group.sort(key=lambda p: (p.found.path not in known, p.record.id != mission_id, p.found.path))
            settled.append(group[0])
        holder = elsewhere or group[0].found.path
        doubled += [Duplicate(placed, holder) for placed in (group if elsewhere else group[1:])]
    return settled, doubled


_FOLDER = re.compile(r"/(sprint[-_ ]?\w*\d\w*)/", re.IGNORECASE)


class Sprints:
    """The sprints of the project, as one pass completes them."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: Dict[str, Sprint] = {sprint.id: sprint for sprint in mission_rows.all_sprints(db)}
        self._listed: List[str] = []

    def listed(self, found: List[Sprint]) -> None:
        """Take the sprints of a backlog in its order; those of a second backlog follow."""
        for sprint in found:
            known = self._known.get(sprint.id)
            self._known[sprint.id] = Sprint(
                sprint.id, sprint.title, sprint.focus, sprint.status, known.position if known else None
            )
            if sprint.id not in self._listed:
                self._listed.append(sprint.id)
        places = positions(self._listed, self._known)
        for name, place in places.items():
            known = self._known[name]
            self._put(Sprint(name, known.title, known.focus, known.status, place))

    def of(self, text: Optional[str], known: Optional[str], path: str) -> Optional[str]:
        """Return the sprint that a mission belongs to, and add it if it is new.

        ``text`` is what its file says, ``known`` another name that counts if it means the
        same; without either the folder ``sprint-XX`` of its path tells.
        """
        if known is not None and (not text or same_sprint(text, known)):
            text = known
        if not text:
            folder = _FOLDER.search(path)
            text = folder.group(1) if folder else None
        return self._canonical(text) if text else None

    def _canonical(self, text: str) -> str:
        if text in self._known:
            return text
        number = sprint_number(text)
        if number is not None:
            alike = [name for name in self._known if sprint_number(name) == number]
            if alike:
                return alike[0]
        place = between(text, [(sprint.id, sprint.position) for sprint in self._known.values()])
        self._put(Sprint(text, position=place))
        return text

    def _put(self, sprint: Sprint) -> None:
        self._known[sprint.id] = sprint
        mission_rows.put_sprint(self._db, sprint)
