"""The log: adding a line by hand, and reading it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, List, Optional

from cmos.clock import since
from cmos.core.errors import InvalidValue, UnknownRecord
from cmos.core.models import Session
from cmos.core.status import ACTIONS
from cmos.journal import rows as journal_rows
from cmos.journal.rows import SessionFilter
from cmos.missions.find import find_mission, mission_meant
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def log(ws: Workspace, session: Session) -> Session:
    """Add a session; without a mission, to the one that is open. Returns it with its id and time.

    The session changes no status. Details that are not JSON are kept as a JSON string.
    Raises InvalidValue for an unknown action, UnknownRecord for an unknown mission.
    """
    if session.action not in ACTIONS:
        raise InvalidValue("%s is not a type of session" % session.action, hint="the types: %s" % ", ".join(ACTIONS))
    with run.change(ws) as db:
        mission_id = mission_meant(db, session.mission_id, agent=session.agent)
        kept = replace(session, mission_id=mission_id, details=_as_json(session.details), ts=session.ts or ws.now)
        return replace(kept, id=journal_rows.add_session(db, kept))


def listing(ws: Workspace, wanted: SessionFilter, *, limit: Optional[int] = None) -> List[Session]:
    """Return the wanted sessions in the order of the log; ``limit`` keeps the newest.

    A mission that the log names counts even if the project has none of that id. Raises InvalidValue
    for a time that is none, and for a type that is none of the four and that no session has.
    """
    if wanted.since is not None:
        wanted = wanted._replace(since=since(wanted.since))
    run.refresh(ws)
    if wanted.action not in (None, *ACTIONS) and not journal_rows.count_sessions(
        ws.db, SessionFilter(action=wanted.action)
    ):
        raise InvalidValue("no session has the type %s" % wanted.action, hint="the types: %s" % ", ".join(ACTIONS))
    if wanted.mission_id is not None and not journal_rows.count_sessions(
        ws.db, SessionFilter(mission_id=wanted.mission_id)
    ):
        wanted = wanted._replace(mission_id=find_mission(ws.db, wanted.mission_id).id)
    return journal_rows.list_sessions(ws.db, wanted, limit=limit)


def show(ws: Workspace, session_id: int) -> Session:
    """Return one session. Raises UnknownRecord."""
    run.refresh(ws)
    found = journal_rows.get_session(ws.db, session_id)
    if found is None:
        raise UnknownRecord("there is no session %d" % session_id, hint="see: cmosctl session list")
    return found


def _as_json(details: Optional[str]) -> Optional[str]:
    if details is None:
        return None
    try:
        json.loads(details)
    except (ValueError, RecursionError):
        return json.dumps(details, ensure_ascii=False)
    return details
