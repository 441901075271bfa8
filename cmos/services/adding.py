"""Adding a mission by command, with a file to fill in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Iterable, NamedTuple, Optional

from cmos.core.errors import FileProblem, InvalidValue, NeedsPerson
from cmos.core.ids import check_id, check_line, same_sprint, sprint_number
from cmos.core.models import Mission
from cmos.core.status import CURRENT, IN_PROGRESS
from cmos.missions import rows as mission_rows
from cmos.sync import run
from cmos.sync.identify import Sprints
from cmos.sync.record import save

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Workspace

_MISSIONS = "cmos/missions"


class Added(NamedTuple):
    mission: Mission
    #: Of its file, relative to the project; None without one.
    path: Optional[str]
    #: False when no mission is Current or In Progress.
    is_something_open: bool


def add(ws: Workspace, id: str, name: str, *, sprint: Optional[str] = None, with_file: bool = True) -> Added:
    """Add a Queued mission.

    The file is made first, under the lock, and a pass then registers it as it would register a
    file made by hand: a crash in between leaves a file that the next command registers.
    Raises InvalidValue, NeedsPerson if the id or the file's name is taken.
    """
    check_id(id)
    mission = Mission(id, check_line(sprint, "the sprint") if sprint else None, check_line(name, "the name"))
    with run.begin(ws) as one:
        _check_free(one.db, id)
        mission = _in_sprint(one.db, mission)
        path = _make_file(ws, mission) if with_file else None
        if path is None:
            save(ws, None, mission)
        else:
            run.register(one, path)
    is_open = bool(mission_rows.with_status(ws.db, CURRENT, IN_PROGRESS))
    # while git is in the middle of something, a pass registers nothing
    return Added(mission_rows.get(ws.db, id) or mission, path, is_open)


def _check_free(db: Connection, id: str) -> None:
    taken = [one for one in mission_rows.all_ids(db) if one.casefold() == id.casefold()]
    if taken:
        raise NeedsPerson("there is a mission %s already" % taken[0], hint="see: cmosctl mission show %s" % taken[0])


def _in_sprint(db: Connection, mission: Mission) -> Mission:
    from dataclasses import replace

    return replace(mission, sprint_id=Sprints(db).of(mission.sprint_id, None, ""))


def _make_file(ws: Workspace, mission: Mission) -> str:
    from cmos.files.scan import mission_file
    from cmos.files.write import create_file
    from cmos.missionfile.scalars import file_name, mission_text

    if not os.path.isdir(ws.layout.missions):
        from cmos.project.lost import check_below

        check_below(ws.layout, ws.db)
    text = mission_text(mission.id, mission.name or "", mission.sprint_id)
    _check_reading(mission.id, text)
    path = "%s/%s" % (_folder(ws, mission.sprint_id), file_name(mission.id, mission.name or ""))
    full = mission_file(ws.layout.root, path)
    if full is None:
        raise FileProblem("%s is a link: no file is made there" % os.path.dirname(path), hint="use a real folder")
    try:
        create_file(full, text.encode("utf-8"))
    except FileExistsError:
        text = "there is a file of that name, which is not the mission's: %s" % path
        raise NeedsPerson(text, hint="move it, or choose another name") from None
    return path


def _check_reading(id: str, text: str) -> None:
    from cmos.missionfile.reader import read

    if [record.id for record in read(text.encode("utf-8")).records] != [id]:
        raise InvalidValue("%r cannot be the id of a mission file" % id, hint="an id looks like B1.5")


def _folder(ws: Workspace, sprint: Optional[str]) -> str:
    """Return where a sprint's missions are: with the others of it, else in a folder named for it."""
    if sprint is None:
        return _MISSIONS
    paths = mission_rows.paths_of_sprint(ws.db, ws.layout.worktree, sprint)
    return _commonest(paths) or _named_for(ws.layout.missions, sprint)


def _commonest(paths: Iterable[str]) -> Optional[str]:
    folders = [os.path.dirname(path) for path in paths]
    return max(sorted(set(folders)), key=folders.count) if folders else None


def _named_for(folder: str, sprint: str) -> str:
    from cmos.missionfile.scalars import slug

    there = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in (one for one in there if os.path.isdir(os.path.join(folder, one))):
        if name.lower().startswith("sprint") and same_sprint(name, sprint):
            return "%s/%s" % (_MISSIONS, name)
    number = sprint_number(sprint)
    name = slug(sprint) if number is None else "sprint-%02d" % number
    # missions in that folder are templates
    return "%s/%s" % (_MISSIONS, "sprint-" + name if name == "templates" else name)
