"""The tracked files follow what a person edited in an exported backlog: new missions, titles, order, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterable, List, Sequence

from cmos.actions import draft
from cmos.actions.edit import give_file
from cmos.core.errors import CmosError
from cmos.core.models import Dependency, Sprint
from cmos.missionfile.keys import Text
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.sync import rows as sync_rows
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.project.project import Project


def follow(
    project: Project, new: Iterable[str], titles: Iterable[Sprint], links: Sequence[Dependency], order: Sequence[str]
) -> None:
    """Make the files of new missions, write titles and links, move rows; what no file can hold is said."""
    for id in new:
        mission = mission_rows.get(project.db, id)
        if mission is not None and not sync_rows.live_records(project, id):
            _try(project, "%s has no file" % id, lambda: give_file(project, mission))  # noqa: B023
    for sprint in titles:
        told = "the title of %s is in the database alone" % sprint.id
        _try(project, told, lambda: draft.put_title(project, sprint.id, sprint.title or ""))  # noqa: B023
    for path in sync_rows.paths_of_rows(project) if order else ():
        told = "the order of %s is in the database alone" % path
        _try(project, told, lambda: draft.put_order(project, path, order))  # noqa: B023
    left: List[Dependency] = []
    for link in links:
        entry = Text("dependsOn", link.from_id, is_entry=True)
        told = "that %s waits for %s is in the database alone" % (link.to_id, link.from_id)
        is_held = link.blocks and any(one.kind == "file" for one in sync_rows.live_records(project, link.to_id))
        if not (is_held and _try(project, told, lambda: draft.put_texts(project, link.to_id, [entry]))):  # noqa: B023
            left.append(link)
    if left:
        with run.change(project) as db:
            link_rows.replace_dependencies(db, "", link_rows.dependencies(db, source="") + left)


def _try(project: Project, told: str, action: Callable[[], object]) -> bool:
    try:
        action()
    except CmosError as error:
        project.notices.append("%s: %s" % (told, error.message))
        return False
    return True
