"""Changing a mission's file as a whole: the text to edit, what is wrong with the result, putting it back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Callable, List, Optional, Sequence, Tuple

from cmos.actions.edit import prerequisites
from cmos.core.errors import CmosError, FileProblem, InvalidValue, NeedsPerson
from cmos.core.ids import check_text
from cmos.core.models import Mission
from cmos.core.record import NamedTuple
from cmos.missions.find import find_mission
from cmos.sync import rows as sync_rows
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.actions.act import Act
    from cmos.db.connection import Connection
    from cmos.missionfile.keys import Text
    from cmos.project.project import Project


class Draft(NamedTuple):
    """What a person is given to edit."""

    mission: Mission
    content: bytes
    #: The id as the text spells it.
    file_id: str
    #: Of the file, relative to the project; None when the mission has none and the text is of its fields.
    path: Optional[str]

    @property
    def name(self) -> str:
        return os.path.basename(self.path) if self.path else "%s.yaml" % self.mission.id.replace("/", "-")


def draft(project: Project, wanted: str) -> Draft:
    """Return the file of a mission, or its fields as a text. Raises FileProblem for a file that is never written."""
    run.refresh(project)
    mission = find_mission(project.db, wanted)
    for record in sync_rows.live_records(project, mission.id):
        if record.kind == "file":
            return Draft(mission, _read(project, record.path), record.file_id, record.path)
    from cmos.missionfile.scalars import fields_text

    text = fields_text(mission.id, name=mission.name, sprint=mission.sprint_id, notes=mission.notes)
    return Draft(mission, text.encode("utf-8"), mission.id, None)


def faults(given: Draft, content: bytes) -> List[str]:
    """Return what is wrong with an edited text, each with its place; nothing if it can be put back.

    A file that was not valid before need not be valid now, but it must still hold the mission.
    """
    from cmos.missionfile.reader import read

    after, before = read(content), read(given.content)
    found = [] if before.faults else ["%d:%d: %s" % fault for fault in after.faults]
    if not found and given.file_id not in [record.id for record in after.records]:
        found.append("the mission's id is gone; it must say: missionId: %s" % given.file_id)
    return found


def put(project: Project, given: Draft, content: bytes, act: Act) -> None:
    """Put an edited text in the place of the old one, and take it in.

    Raises NeedsPerson when the file has changed meanwhile, FileProblem when it cannot be
    written; the edited text is kept then.
    """
    try:
        if given.path is None:
            _put_fields(project, given, content, act)
            return
        with run.change(project):
            if _read(project, given.path) != content:
                _exchange(project, given, content)
    except CmosError as error:
        kept = reject(project, given, content)
        raise type(error)("%s; your text is kept in %s" % (error.message, kept), hint=error.hint) from error
    except OSError as error:
        kept = reject(project, given, content)
        told = "%s cannot be written: %s; your text is kept in %s" % (given.path, error.strerror, kept)
        raise FileProblem(told) from error
    run.refresh(project)


def put_texts(project: Project, wanted: str, texts: Sequence[Text]) -> Mission:
    """Put texts under keys of a mission's file, or of its row; all of them or none.

    Raises InvalidValue for a text or a key that cannot be put there, UnknownRecord for a prerequisite
    that does not exist, NeedsPerson when somebody saves the file meanwhile, FileProblem when
    the mission has no file, or one that is never written.
    """
    for text in texts:
        check_text(text.value, "the %s" % text.key)
    with run.change(project) as db:
        mission = find_mission(db, wanted)
        checked = [_checked(db, mission.id, text) for text in texts]
        at = min(sync_rows.live_records(project, mission.id), key=lambda one: one.kind != "file", default=None)
        if at is None:
            raise FileProblem(
                "%s has no file" % mission.id, hint="its notes: cmosctl mission edit %s --notes TEXT" % mission.id
            )
        _put(project, mission.id, at.path, (at.file_id, at.kind), checked)
    run.refresh(project)
    return find_mission(project.db, mission.id)


def put_title(project: Project, sprint_id: str, title: str) -> None:
    """Put the title of a sprint into the backlogs that list it by that id. Raises as ``put_texts`` does."""
    from cmos.missionfile.keys import SPRINT, Text
    from cmos.missionfile.reader import read

    with run.change(project):
        for path in sync_rows.paths_of_rows(project):
            if any(one.id == sprint_id for one in read(_read(project, path)).sprints):
                _put(project, sprint_id, path, (sprint_id, SPRINT), [Text("title", title)])
    run.refresh(project)


def put_order(project: Project, path: str, ids: Sequence[str]) -> None:
    """Put the rows of a file into an order. Raises as ``put_texts`` does."""
    from cmos.missionfile.order import arrange

    with run.change(project):
        _splice(project, "", path, lambda data: arrange(data, ids))
    run.refresh(project)


def _put(project: Project, id: str, path: str, record: Tuple[str, str], texts: Sequence[Text]) -> None:
    from cmos.missionfile.keys import put

    _splice(project, id, path, lambda data: put(data, *record, texts))


def _splice(project: Project, id: str, path: str, change: Callable[[bytes], bytes]) -> None:
    from cmos.missionfile.splice import Refused

    given = Draft(Mission(id), _read(project, path), id, path)
    try:
        content = change(given.content)
    except Refused as refused:
        raise InvalidValue("%s: %s" % (path, refused.reason)) from None
    if content != given.content:
        _exchange(project, given, content)


def _checked(db: Connection, id: str, text: Text) -> Text:
    """Return a text that names a prerequisite with the id as its mission is spelled."""
    from cmos.missionfile.records import PREREQUISITES

    if not text.is_entry or text.key.rpartition(".")[2] not in PREREQUISITES:
        return text
    return text._replace(value=prerequisites(db, id, [text.value])[0])


def reject(project: Project, given: Draft, content: bytes) -> str:
    """Keep an edited text that cannot be used, and return the path of the copy."""
    from cmos.files.write import create_file

    # a name of its own: the file's is not ours
    folder = os.path.join(project.layout.home, "rejected")
    stamp = project.now.replace(":", "").replace("-", "")
    for number in range(1, 1000):
        path = os.path.join(folder, "%s%s.yaml" % (stamp, "" if number == 1 else "-%d" % number))
        try:
            create_file(path, content)
            return path
        except FileExistsError:
            continue
    raise FileProblem("the folder for rejected texts is full: %s" % folder)


def _exchange(project: Project, given: Draft, content: bytes) -> None:
    from cmos.files.exchange import Changed, exchange, temporary_for
    from cmos.files.scan import digest

    path = _place(project, given.path or "")
    old = digest(given.content)
    try:
        exchange(path, content, old_hash=old, temporary=temporary_for(path), aside=project.layout.aside)
    except Changed as changed:
        for text in changed.texts:
            reject(project, given, text)
        hint = "compare the two, then edit again: cmosctl mission edit %s" % given.mission.id
        raise NeedsPerson("%s was changed while you edited it" % given.path, hint=hint) from None


def _put_fields(project: Project, given: Draft, content: bytes, act: Act) -> None:
    from cmos.actions.edit import Fields, Move, edit
    from cmos.missionfile.reader import read

    def value(content: bytes, field: str) -> Optional[str]:
        record = next(one for one in read(content).records if one.id == given.file_id)
        return (record.fields[field].value or "") if field in record.fields else None

    new = {name: value(content, name) for name in ("name", "sprint", "notes")}
    changed = {name: text for name, text in new.items() if text != value(given.content, name)}
    status = value(content, "status")
    move = Move(status) if status else None
    edit(project, given.mission.id, Fields(**changed), move=move, act=act)


def _read(project: Project, path: str) -> bytes:
    from cmos.files.exchange import why_not
    from cmos.files.scan import read_regular

    full = _place(project, path)
    why = why_not(full)
    if why:
        raise FileProblem("%s is not edited here: it is %s" % (path, why), hint="edit it by hand, in its own place")
    return read_regular(full)


def _place(project: Project, path: str) -> str:
    from cmos.files.scan import mission_file

    full = mission_file(project.layout.root, path)
    if full is None:
        raise FileProblem("%s is not edited here: it is behind a link" % path, hint="edit it by hand, in its own place")
    return full
