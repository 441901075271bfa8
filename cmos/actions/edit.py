"""Adding missions, and changing their fields and statuses by flags."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Iterable, Optional, Sequence, Tuple

from cmos.core.agents import HUMAN
from cmos.core.errors import FileProblem, InvalidValue, NeedsPerson
from cmos.core.ids import check_id, check_line, check_text, same_sprint, sprint_number
from cmos.core.models import Mission, Words
from cmos.core.record import NamedTuple
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, IN_PROGRESS, KNOWN, QUEUED, is_known, standard
from cmos.missions import choice, lifecycle, link_rows
from cmos.missions import rows as mission_rows
from cmos.missions.choice import Actor
from cmos.missions.find import board, find_mission
from cmos.missions.lifecycle import Outcome
from cmos.sync import issue_rows, run
from cmos.sync.identify import Sprints
from cmos.sync.record import point_to_current, record, save

if TYPE_CHECKING:
    from cmos.actions.act import Act
    from cmos.db.connection import Connection
    from cmos.project.project import Project


class Fields(NamedTuple):
    """New values; None leaves a field as it is. Empty notes take the notes away."""

    name: Optional[str] = None
    sprint: Optional[str] = None
    notes: Optional[str] = None


#: The columns that they are in.
_FIELDS = ("name", "sprint_id", "notes")


class Move(NamedTuple):
    """A new status, as it was typed, and why."""

    status: str
    reason: Optional[str] = None


class Edited(NamedTuple):
    mission: Mission
    #: The fields that have another value than before.
    changed: Tuple[str, ...]
    #: What the change of status came to.
    outcome: Optional[Outcome] = None


def edit(project: Project, wanted: str, fields: Fields, *, move: Optional[Move] = None, act: Act) -> Edited:
    """Change fields and status of a mission, all or nothing.

    Raises InvalidValue for a status that is none of the six, NeedsPerson as the lifecycle does.
    """
    if move:
        _checked_status(move.status)
    with run.change(project) as db:
        return apply(project, find_mission(db, wanted), fields, move=move, act=act)


def apply(project: Project, before: Mission, fields: Fields, *, move: Optional[Move] = None, act: Act) -> Edited:
    """Do what ``edit`` does, inside ``run.change(project)``. Raises as it does."""
    status = _checked_status(move.status) if move else None
    _decide(project, before, fields)
    after = _stored(project, before, _with_fields(project.db, before, fields))
    outcome = _moved(project, after, status, move=move, act=act) if status and move else None
    changed = tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))
    return Edited(outcome.mission if outcome else after, changed, outcome)


def set_status(project: Project, wanted: str, move: Move, act: Act) -> Outcome:
    """Give a mission a status, as ``start``, ``complete`` and ``block`` do: a Completed one is not started or blocked.

    Raises as ``edit`` does.
    """
    status = _checked_status(move.status)
    with run.change(project) as db:
        return _act(project, find_mission(db, wanted), status, move=move, act=act)


def _checked_status(word: str) -> str:
    status = standard(word) or word
    if not is_known(status):
        raise InvalidValue("%r is not a status" % word, hint="the six: %s" % ", ".join(KNOWN))
    return status


def _with_fields(db: Connection, mission: Mission, fields: Fields) -> Mission:
    if fields.name is not None:
        mission = mission._replace(name=check_line(fields.name, "the name"))
    if fields.notes is not None:
        mission = mission._replace(notes=check_text(fields.notes, "the notes").strip() or None)
    if fields.sprint is not None:
        sprint = Sprints(db).of(check_line(fields.sprint, "the sprint"), None, "")
        mission = mission._replace(sprint_id=sprint)
    return mission


def _decide(project: Project, mission: Mission, fields: Fields) -> None:
    """Close conflicts on the given fields, even if the value stays the same: giving it is a decision."""
    for field, value in zip(Fields._fields, fields):
        if value is not None:
            issue_rows.close(project, None, "conflict", mission_id=mission.id, field=field)


def _stored(project: Project, before: Mission, after: Mission) -> Mission:
    if after == before:
        return before
    save(project, before, after, adds_keys=True)
    point_to_current(project.db)
    # a conflict with the file may have kept another value
    return mission_rows.get(project.db, after.id) or after


def _moved(project: Project, target: Mission, status: str, *, move: Move, act: Act) -> Outcome:
    if target.status == COMPLETED and status in (IN_PROGRESS, BLOCKED):
        # a status set by hand may reopen a finished mission; a fact keeps that it was finished
        target = record(project, _queue(project, target, act)).mission
    return _act(project, target, status, move=move, act=act)


def _act(project: Project, target: Mission, status: str, *, move: Move, act: Act) -> Outcome:
    around = board(
        project.db, sprint=target.sprint_id, finished=target.id if status == COMPLETED else "", promote=act.promote
    )
    if status == COMPLETED:
        outcome = lifecycle.complete(target, around, now=project.now, by=act.by(project))
    elif status == IN_PROGRESS:
        outcome = lifecycle.start(target, around, now=project.now, by=act.by(project))
    elif status == BLOCKED:
        outcome = lifecycle.block(target, around, now=project.now, by=act.by(project), reason=move.reason or "")
    else:
        outcome = lifecycle.move(target, around, status=status, now=project.now, by=act.by(project))
    return record(project, outcome, summary=act.summary)


def _queue(project: Project, target: Mission, act: Act) -> Outcome:
    return lifecycle.move(target, board(project.db), status=QUEUED, now=project.now, by=act.by(project))


_MISSIONS = "cmos/missions"


class Added(NamedTuple):
    mission: Mission
    #: Of its file, relative to the project; None without one.
    path: Optional[str]
    #: False when no mission is Current or In Progress.
    is_something_open: bool


def add(
    project: Project, id: str, name: str, *, sprint: Optional[str] = None, words: Optional[Words] = Words()  # noqa: B008
) -> Added:
    """Add a Queued mission; without ``words`` it gets no file.

    The file is made first, under the lock, and a pass then registers it as it would register a
    file made by hand: a crash in between leaves a file that the next command registers.
    Raises InvalidValue, also for prerequisites that wait for each other, UnknownRecord for one that does not
    exist, NeedsPerson if the id or the file's name is taken.
    """
    check_id(id)
    for text in words[:2] + words.criteria + words.deliverables if words is not None else ():
        check_text(text, "a text of the mission")
    mission = Mission(id, check_line(sprint, "the sprint") if sprint else None, check_line(name, "the name"))
    with run.begin(project) as one:
        _check_free(project.db, id)
        words = words and words._replace(depends_on=prerequisites(project.db, id, words.depends_on))
        mission = _in_sprint(project.db, mission)
        path = _make_file(project, mission, words) if words is not None else None
        if path is None:
            save(project, None, mission)
        else:
            run.register(one, path)
    is_open = bool(mission_rows.with_status(project.db, CURRENT, IN_PROGRESS))
    if not is_open and all(other.id == id for other in mission_rows.with_status(project.db, QUEUED)):
        _make_current(project, id)
    # while git is in the middle of something, a pass registers nothing
    return Added(mission_rows.get(project.db, id) or mission, path, is_open)


def give_file(project: Project, mission: Mission) -> str:
    """Make the file of a mission that has none, and return its path. Raises as ``add`` does."""
    with run.begin(project) as one:
        path = _make_file(project, mission, Words(mission.objective or ""))
        run.register(one, path)
    return path


def _make_current(project: Project, id: str) -> None:
    """Make the only mission that can be begun the Current one, if it was registered and waits for none."""
    with run.change(project) as db:
        mission, around = mission_rows.get(db, id), board(db)
        if mission is not None and not around.open and id not in around.waiting:
            outcome = lifecycle.move(mission, around, status=CURRENT, now=project.now, by=Actor(HUMAN))
            record(project, outcome._replace(fact=None))


def prerequisites(db: Connection, id: str, wanted: Sequence[str]) -> Tuple[str, ...]:
    """Return the ids of the missions that one is to depend on.

    Raises InvalidValue for the mission itself and for one that waits for it, UnknownRecord.
    """
    before = () if id in wanted else tuple(find_mission(db, one).id for one in wanted)
    if id in wanted or id in before:
        raise InvalidValue("%s cannot depend on itself" % id)
    links = link_rows.dependencies(db)
    for one in before:
        ring = choice.way(links, id, one)
        if ring:
            text = " waits for ".join((id, *reversed(ring)))
            raise InvalidValue("%s would wait for itself: %s" % (id, text), hint="it cannot depend on %s" % one)
    return before


def _check_free(db: Connection, id: str) -> None:
    taken = [one for one in mission_rows.all_ids(db) if one.casefold() == id.casefold()]
    if taken:
        raise NeedsPerson("there is a mission %s already" % taken[0], hint="see: cmosctl mission show %s" % taken[0])


def _in_sprint(db: Connection, mission: Mission) -> Mission:
    return mission._replace(sprint_id=Sprints(db).of(mission.sprint_id, None, ""))


def _make_file(project: Project, mission: Mission, words: Words) -> str:
    from cmos.files.scan import mission_file
    from cmos.files.write import create_file
    from cmos.missionfile.scalars import file_name, mission_text

    if not os.path.isdir(project.layout.missions):
        from cmos.project.lost import check_below

        check_below(project.layout, project.db)
    text = mission_text(mission.id, mission.name or "", mission.sprint_id, words, status=mission.status)
    _check_reading(mission.id, text)
    path = "%s/%s" % (_folder(project, mission.sprint_id), file_name(mission.id, mission.name or ""))
    full = mission_file(project.layout.root, path)
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


def _folder(project: Project, sprint: Optional[str]) -> str:
    """Return where a sprint's missions are: with the others of it, else in a folder named for it."""
    if sprint is None:
        return _MISSIONS
    paths = mission_rows.paths_of_sprint(project.db, project.layout.worktree, sprint)
    return _commonest(paths) or _named_for(project.layout.missions, sprint)


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
