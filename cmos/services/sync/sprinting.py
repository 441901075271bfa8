"""One name for each sprint, whatever clothes it comes in, and its place in the order."""

from __future__ import annotations

import re
from typing import Dict, List, Optional

from cmos.core.ids import between, positions, same_sprint, sprint_number
from cmos.core.models import Sprint
from cmos.db.connection import Connection
from cmos.missions import rows as mission_rows

_FOLDER = re.compile(r"/(sprint[-_ ]?\w*\d\w*)/", re.IGNORECASE)


class Sprints:
    """The sprints of the project while a pass takes in files."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: Dict[str, Sprint] = {sprint.id: sprint for sprint in mission_rows.all_sprints(db)}
        self._listed: List[str] = []

    def listed(self, found: List[Sprint]) -> None:
        """Take the sprints of a backlog, in its order; those of a second backlog come after."""
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
        """Return the sprint that a mission belongs to, made known if it is new.

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
