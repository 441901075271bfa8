"""Finding out which mission each record in the changed files belongs to."""

from __future__ import annotations

from typing import Callable, Dict, Iterable, List, NamedTuple, Set, Tuple

from cmos.core.identity import resolve
from cmos.db.connection import Connection
from cmos.missionfile.records import Contents, Record
from cmos.missions import rows as mission_rows
from cmos.services.sync.survey import Found
from cmos.store import base

#: From this many changed files on, asking for all ids at once is cheaper than one by one.
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
    #: Its number among the rows of its file, from 0; of a file record 0.
    place: int


class Duplicate(NamedTuple):
    """A record of a mission that has its file elsewhere already."""

    placed: Placed
    holder: str


def place(
    db: Connection, worktree: str, readings: Iterable[Reading], gone: Iterable[str]
) -> Tuple[List[Placed], List[Duplicate]]:
    """Give each record its mission; rows of backlogs first, then mission files by path.

    Of several mission files with one id the one that had it at the last sync keeps it
    (SYNC.md S5), else the one whose own id is equal, else the first path.
    """
    ordered = sorted(readings, key=_backlogs_first)
    rows, copies = _rows(ordered)
    files = _files(db, worktree, ordered, {placed.mission_id for placed in rows})
    settled, doubled = _settle(db, worktree, files, {reading.found.path for reading in ordered} | set(gone))
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


def _files(db: Connection, worktree: str, readings: List[Reading], in_pass: Set[str]) -> List[Placed]:
    exists = _exists(db, in_pass, many=len(readings) > _MANY)
    listed = _cached(lambda mission_id: mission_id in in_pass or base.listed(db, mission_id))
    links = {**base.links(db, worktree), **_links(readings)}
    placed = []
    for found, contents in readings:
        records = [record for record in contents.records if record.kind == "file"]
        before = _before(db, worktree, found)
        for record in records:
            mission_id = before.get(record.id) or resolve(
                record.id, found.path, alone=len(records) == 1, exists=exists, links=links, listed=listed
            )
            placed.append(Placed(found, record, mission_id, 0))
    return placed


def _before(db: Connection, worktree: str, found: Found) -> Dict[str, str]:
    if found.before is None:
        return {}
    known = base.records_of(db, worktree, [found.path])
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


def _settle(
    db: Connection, worktree: str, files: List[Placed], in_pass: Set[str]
) -> Tuple[List[Placed], List[Duplicate]]:
    groups: Dict[str, List[Placed]] = {}
    for placed in files:
        groups.setdefault(placed.mission_id, []).append(placed)
    settled: List[Placed] = []
    doubled: List[Duplicate] = []
    for mission_id, group in groups.items():
        known = [r.path for r in base.live_records(db, worktree, mission_id) if r.kind == "file"]
        elsewhere = next((path for path in known if path not in in_pass), None)
        if elsewhere is None:
            group.sort(key=lambda p: (p.found.path not in known, p.record.id != mission_id, p.found.path))
            settled.append(group[0])
        holder = elsewhere or group[0].found.path
        doubled += [Duplicate(placed, holder) for placed in (group if elsewhere else group[1:])]
    return settled, doubled
