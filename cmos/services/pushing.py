"""What pre-push looks at: the mission files that pushed commits change, and nothing else."""

from __future__ import annotations

import os
from typing import List, NamedTuple, Optional, Tuple

from cmos.core.pushes import Pushed, Version, breakage, twice
from cmos.db.connection import Connection
from cmos.git import objects
from cmos.missionfile.reader import conflict, decode, position, read
from cmos.missions import rows as mission_rows
from cmos.project.layout import Layout
from cmos.sync.rules import alike
from cmos.vcs import pushes

#: Changed files that are looked at, and files that are read to find an id a second time: a push must not wait long.
_MOST = 2000
_OTHERS = 300


class Push(NamedTuple):
    """One ref that is pushed."""

    #: A commit, or a name of one.
    local: str
    #: The commit that the remote is at; None when it has no such ref.
    known: Optional[str]
    #: The name of the remote, or its address.
    remote: str


class Look(NamedTuple):
    """What is wrong with a push."""

    #: What must stop it.
    problems: List[str]
    #: (mission id, status, where) that it carries.
    statuses: List[Tuple[str, str, str]]
    #: What was not looked at.
    notes: List[str]


def look(layout: Layout, push: Push) -> Look:
    """Look at the mission files that a push changes, at the commit that is pushed. Raises GitProblem."""
    top = layout.repository.top if layout.repository else layout.root
    inside = os.path.relpath(layout.missions, top)
    local = pushes.commit(top, push.local)
    found = pushes.changes(top, local, known=push.known, remote=push.remote, inside=inside)
    wanted = [change for change in found if _is_mission_file(change.path, inside)]
    files = _pushed(top, local, wanted[:_MOST])
    problems = [why for why in map(breakage, files) if why]
    problems += _twice(top, local, inside, files)
    statuses = [(record.id, status, file.path) for file in files for record, status in file.new_statuses]
    text = "only the first %d of %d mission files in this push were looked at"
    return Look(problems, statuses, [text % (_MOST, len(wanted))] if len(wanted) > _MOST else [])


def drift(db: Connection, statuses: List[Tuple[str, str, str]]) -> List[str]:
    """Return a line for each pushed status that is not the database's."""
    known = mission_rows.get_many(db, {mission_id for mission_id, _, _ in statuses})
    text = "%s is pushed as %s (%s); the database says %s"
    rows = [(known.get(mission_id), status, path) for mission_id, status, path in statuses]
    others = [(row, status, path) for row, status, path in rows if row and not alike(row.status, status)]
    return [text % (row.id, status, path, row.status) for row, status, path in others]


def _is_mission_file(path: str, inside: str) -> bool:
    """Say whether sync would read the file."""
    parts = os.path.relpath(path, inside).split("/")
    hidden = "templates" in parts[:-1] or any(part.startswith(".") for part in parts)
    return parts[-1].endswith((".yaml", ".yml")) and not hidden


def _pushed(top: str, local: str, changes: List[pushes.Change]) -> List[Pushed]:
    changes = [change for change in changes if "\n" not in change.path]
    after = _versions(top, ["%s:%s" % (local, change.path) for change in changes])
    before = _versions(top, [change.before or "0" * 40 for change in changes])
    rows = zip(changes, before, after)
    return [Pushed(change.path, old, new) for change, old, new in rows if new is not None]


def _versions(top: str, names: List[str]) -> List[Optional[Version]]:
    return [None if data is None else _version(data) for data in objects.contents(top, names)]


def _version(data: bytes) -> Version:
    text = decode(data).text
    markers = conflict(text)
    return Version(read(data), None if markers is None else position(text, markers)[0])


def _twice(top: str, local: str, inside: str, files: List[Pushed]) -> List[str]:
    introduced = {file.path: file.new_ids for file in files if file.new_ids}
    ids = sorted({record.id for records in introduced.values() for record in records})
    if not ids:
        return []
    paths = [path for path in pushes.holding(top, local, ids, inside=inside) if _is_mission_file(path, inside)]
    found = _versions(top, ["%s:%s" % (local, path) for path in paths[:_OTHERS]])
    return twice(introduced, {path: version.ids for path, version in zip(paths, found) if version})
