"""The flat files that people know, written from what the database holds."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from cmos.core.errors import FileProblem
from cmos.core.models import NEEDED_BY, Decision, Dependency, Fact, Mission, Session, Sprint
from cmos.core.status import standard
from cmos.files.write import write_whole
from cmos.journal import rows as journal_rows
from cmos.missionfile.scalars import harmless, scalar
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.project import rows as project_rows
from cmos.sync import run
from cmos.transfer.json_text import JsonProblem, decode, has_surrogates
from cmos.transfer.rows import snapshot

if TYPE_CHECKING:
    from cmos.project.project import Project


#: Columns that a backlog tells of.
FIELDS = ("name", "sprint_id", "status", "completed_at", "notes")

#: What becomes of a field that differs.
STAYS, TAKEN, CONFLICT, LEFT = "stays", "taken", "conflict", "left"


def digest(values: Mapping[str, object]) -> str:
    """Return a short digest of a mission's values; what is empty does not count."""
    told = {name: value for name, value in values.items() if value not in (None, "")}
    text = json.dumps(told, sort_keys=True, default=repr)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def backlog_values(mission: Mission) -> Mapping[str, Optional[str]]:
    """Return what a backlog tells of a mission, as it is read back."""
    values = {name: getattr(mission, name) for name in FIELDS}
    return {**values, "status": standard(mission.status) or mission.status}


def verdict(exported: Optional[str], *, file: str, here: str, replace: bool) -> str:
    """Return what becomes of a mission's differences.

    ``exported`` is the digest of when the file was written, None in one that has none; ``file`` and ``here`` are those
    of what the file and the database say now.
    """
    if replace:
        return TAKEN
    if exported is None:
        return LEFT
    if exported == file:
        return STAYS
    return TAKEN if exported == here else CONFLICT


#: A line that has one is not as any program wrote it; a tab may stand between values.
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_HEADER = """\
name: Planning.SprintPlan.v1
version: 1.0.0
displayName: Sprint Plan Orchestrator
description: The sprints, missions and dependencies of the project, as its database holds them.
---
missionId: SP-MAIN-001
objective: Track the planned sprints and their missions to completion.
domainFields:
  type: Planning.SprintPlan.v1
"""


#: Of the comments at the end of an exported backlog: an id as JSON, and the digest of its mission.
_DIGEST = re.compile(r'^# ("(?:[^"\\]|\\.)*") ([0-9a-f]{20})\r?$', re.MULTILINE)
_DIGESTS = "# What each mission was when this was written, for cmosctl db import:"
#: In the place of an id: the order of the missions.
ORDER = ""
#: The links between them. No id of a mission holds a line break.
LINKS = "links\n"


def sprint_key(id: str) -> str:
    """Return what stands for a sprint in the place of an id."""
    return "sprint\n" + id


def backlog_yaml(missions: Sequence[Mission], sprints: Sequence[Sprint], dependencies: Sequence[Dependency]) -> str:
    """Return a backlog in the layout of backlog.yaml, in the order given, with the digests of its missions.

    A sprint that only missions name is listed after the others, by its id alone. Missions
    without a sprint come last, under an entry that has no id and no title.
    """
    lines = [_HEADER.rstrip("\n"), *_sprints(missions, sprints), *_dependencies(dependencies)]
    listed = [mission for group in _groups(missions, sprints) for mission in group[1]]
    digests = {ORDER: digest({"order": [mission.id for mission in listed]})}
    digests[LINKS] = digest({"links": [list(link) for link in dependencies]})
    digests.update((sprint_key(sprint.id), digest({"title": sprint.title})) for sprint in sprints)
    digests.update((mission.id, digest(backlog_values(mission))) for mission in listed)
    lines += [_DIGESTS, *("# %s %s" % (json.dumps(id), one) for id, one in digests.items())]
    return "\n".join(lines) + "\n"


def exported_digests(data: bytes) -> Optional[Dict[str, str]]:
    """Return the digests that an exported backlog holds, by mission; None in one that no export made."""
    text = data.decode("utf-8", "replace")
    start = text.rfind(_DIGESTS)
    return None if start < 0 else {json.loads(id): one for id, one in _DIGEST.findall(text, start)}


def _groups(missions: Sequence[Mission], sprints: Sequence[Sprint]) -> List[Tuple[Optional[str], List[Mission]]]:
    """Return the missions by sprint; those without one come last, under None."""
    groups: Dict[Optional[str], List[Mission]] = {sprint.id: [] for sprint in sprints}
    for mission in missions:
        groups.setdefault(mission.sprint_id, []).append(mission)
    return sorted(groups.items(), key=lambda group: group[0] is None)


def _sprints(missions: Sequence[Mission], sprints: Sequence[Sprint]) -> Iterator[str]:
    known = {sprint.id: sprint for sprint in sprints}
    groups = _groups(missions, sprints)
    yield "  sprints:" if groups else "  sprints: []"
    for sprint_id, members in groups:
        if sprint_id is None:
            yield from _group((("focus", "Missions without a sprint"),), members)
            continue
        sprint = known.get(sprint_id, Sprint(sprint_id))
        fields = (("sprintId", sprint.id), ("title", sprint.title), ("focus", sprint.focus), ("status", sprint.status))
        yield from _group(fields, members)


def _group(fields: Iterable[Tuple[str, Optional[str]]], members: Sequence[Mission]) -> Iterator[str]:
    yield from _item(fields, "  ")
    yield "    missions:" if members else "    missions: []"
    yield from _missions(members, "    ")


def _missions(missions: Iterable[Mission], indent: str) -> Iterator[str]:
    for mission in missions:
        names = ("id", "name", "status", "completed_at", "notes")
        yield from _item([(name, getattr(mission, name)) for name in names], indent)


def _dependencies(dependencies: Sequence[Dependency]) -> Iterator[str]:
    yield "  missionDependencies:" if dependencies else "  missionDependencies: []"
    for link in dependencies:
        yield from _item((("from", link.from_id), ("to", link.to_id), ("type", link.type)), "  ")


def _item(fields: Iterable[Tuple[str, Optional[str]]], indent: str) -> Iterator[str]:
    """Yield one item of a list; what has no value is left out."""
    mark = "- "
    for key, value in fields:
        if value is not None:
            yield "%s%s%s: %s" % (indent, mark, key, scalar(value))
            mark = "  "


def sessions_jsonl(sessions: Iterable[Session]) -> Iterator[str]:
    """Yield the lines of a SESSIONS.jsonl, each with its line end."""
    for session in sessions:
        yield session_line(session) + "\n"


def session_line(session: Session) -> str:
    """Return a session as a line of the log; an imported one as the line it came from."""
    raw = session.details
    if session.origin == "import" and raw and raw.startswith("{") and not _CONTROLS.search(raw):
        return raw
    fields: Dict[str, Any] = {"ts": session.ts, "mission": session.mission_id, "action": session.action}
    fields.update(agent=session.agent, summary=session.summary)
    if session.details is not None:
        fields["details"] = _json_or_text(session.details)
    line = json.dumps(fields, ensure_ascii=False)
    # half a character, as JSON can spell one, is not UTF-8: such a line stays in ASCII
    return json.dumps(fields) if has_surrogates(line) else harmless(line)


def _json_or_text(text: str) -> Any:
    try:
        return decode(text)
    except JsonProblem:
        return text


def notes_json(notes: Iterable[Union[Decision, Fact]], *names: str) -> str:
    """Return decisions or facts as a JSON list, one per line; ``names`` are the fields that say what."""
    lines = []
    for note in notes:
        fields = {"ts": note.ts, "mission": note.mission_id, **{name: getattr(note, name) for name in (*names, "key")}}
        lines.append(harmless(json.dumps(fields, ensure_ascii=False)))
    return "[\n%s\n]\n" % ",\n".join(lines) if lines else "[]\n"


def state_json(values: Dict[str, Optional[str]]) -> str:
    """Return the project's state as one JSON object."""
    return harmless(json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True)) + "\n"


def export_backlog(project: Project) -> str:
    """Return the missions as a backlog.yaml."""
    run.refresh(project)
    with snapshot(project.db):
        return _backlog(project)


def export_sessions(project: Project) -> str:
    """Return the session log as a SESSIONS.jsonl."""
    run.refresh(project)
    return "".join(sessions_jsonl(journal_rows.each_session(project.db)))


def export_all(project: Project, folder: Optional[str]) -> List[str]:
    """Write everything in readable files into a folder, ``.cmos/export`` unless given; return their paths.

    Raises FileProblem.
    """
    run.refresh(project)
    with snapshot(project.db):
        texts = _texts(project)
    # of the two only the user's own folder may hold links
    place, follow = folder or os.path.join(project.layout.home, "export"), folder is not None
    return [write_text(os.path.join(place, name), text, follow=follow) for name, text in texts.items()]


def write_text(path: str, text: str, *, follow: bool = True) -> str:
    """Write a text to a file, its folder made if need be; return the path. Raises FileProblem."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        write_whole(path, text.encode("utf-8"), follow=follow)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileProblem("%s cannot be written: %s" % (path, why), hint="choose another place with --output") from None
    return path


def _texts(project: Project) -> Dict[str, str]:
    return {
        "backlog.yaml": _backlog(project),
        "SESSIONS.jsonl": "".join(sessions_jsonl(journal_rows.each_session(project.db))),
        "decisions.json": notes_json(journal_rows.decisions(project.db), "title", "rationale"),
        "facts.json": notes_json(journal_rows.facts(project.db), "kind", "content"),
        "state.json": state_json(project_rows.all_state(project.db)),
    }


def _backlog(project: Project) -> str:
    # what missions say of themselves stands in their own files
    links = [link for link in link_rows.dependencies(project.db) if link.type != NEEDED_BY]
    return backlog_yaml(mission_rows.listing(project.db), mission_rows.all_sprints(project.db), links)
