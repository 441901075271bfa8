"""The log, decisions and facts: adding to them, and listing them."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Iterator, List, Optional, TypeVar, Union

from cmos.clock import since
from cmos.core.errors import InvalidValue, UnknownRecord
from cmos.core.ids import check_line, check_text
from cmos.core.models import Decision, Entry, Fact, Session
from cmos.core.status import ACTIONS
from cmos.core.text import loads
from cmos.journal import rows as journal_rows
from cmos.journal.rows import MemoryFilter, SessionFilter
from cmos.missions.find import find_mission, find_sprints, mission_meant
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project

New = TypeVar("New", Session, Decision, Fact)


def log(project: Project, session: Session) -> Session:
    """Add a session, about the agent's mission unless it names one; return it with its id and time.

    The session changes no status. Details that are not JSON are kept as a JSON string.
    Raises InvalidValue for an unknown action, UnknownRecord for an unknown mission.
    """
    if session.action not in ACTIONS:
        raise InvalidValue("%s is not a type of session" % session.action, hint="the types: %s" % ", ".join(ACTIONS))
    with run.change(project) as db:
        kept = _placed(project, session._replace(details=_as_json(session.details)), session.agent)
        return kept._replace(id=journal_rows.add_session(db, kept))


def list_sessions(project: Project, wanted: SessionFilter, *, limit: Optional[int] = None) -> List[Session]:
    """Return the wanted sessions in the order of the log; ``limit`` keeps the newest.

    A mission id that only the log knows is accepted. Raises InvalidValue for an invalid time, and for a
    type that is neither one of the four nor in the log.
    """
    if wanted.since is not None:
        wanted = wanted._replace(since=since(wanted.since))
    run.refresh(project)
    if wanted.action not in (None, *ACTIONS) and not journal_rows.count_sessions(
        project.db, SessionFilter(action=wanted.action)
    ):
        raise InvalidValue("no session has the type %s" % wanted.action, hint="the types: %s" % ", ".join(ACTIONS))
    if wanted.mission_id is not None and not journal_rows.count_sessions(
        project.db, SessionFilter(mission_id=wanted.mission_id)
    ):
        wanted = wanted._replace(mission_id=find_mission(project.db, wanted.mission_id).id)
    return journal_rows.list_sessions(project.db, wanted, limit=limit)


def show_session(project: Project, session_id: int) -> Session:
    """Return one session. Raises UnknownRecord."""
    run.refresh(project)
    found = journal_rows.get_session(project.db, session_id)
    if found is None:
        raise UnknownRecord("there is no session %d" % session_id, hint="see: cmosctl session list")
    return found


def _as_json(details: Optional[str]) -> Optional[str]:
    if details is None:
        return None
    try:
        loads(details)
    except ValueError:
        return json.dumps(details, ensure_ascii=False)
    return details


def decide(project: Project, decision: Decision, *, agent: str) -> Decision:
    """Record a decision, about the agent's mission unless it names one; return it with its id and time.

    Raises InvalidValue for a title of several lines, UnknownRecord for an unknown mission, and for one to replace.
    """
    title, rationale = check_line(decision.title, "the title"), check_text(decision.rationale or "", "the rationale")
    with run.change(project) as db:
        _check_replaced(db, decision)
        kept = _placed(project, decision._replace(title=title, rationale=rationale), agent)
        return kept._replace(id=journal_rows.add_decision(db, kept))


def note(project: Project, fact: Fact, *, agent: str) -> Fact:
    """Record a fact, about the agent's mission unless it names one; return it with its id and time.

    Raises InvalidValue for a kind of several lines, UnknownRecord for an unknown mission, and for one to replace.
    """
    kind, content = check_line(fact.kind or "", "the kind"), check_text(fact.content, "the content")
    with run.change(project) as db:
        _check_replaced(db, fact)
        kept = _placed(project, fact._replace(kind=kind, content=content), agent)
        return kept._replace(id=journal_rows.add_fact(db, kept))


def _check_replaced(db: Connection, new: Union[Decision, Fact]) -> None:
    if new.replaces is not None and not journal_rows.exists(db, new, new.replaces):
        what = type(new).__name__.lower()
        raise UnknownRecord("there is no %s %d" % (what, new.replaces), hint="see: cmosctl memory list")


def _placed(project: Project, new: New, agent: Optional[str]) -> New:
    """Return a record with its time and its mission: what it names, else what the agent holds, else the Current one."""
    return new._replace(mission_id=mission_meant(project.db, new.mission_id, agent=agent), ts=new.ts or project.now)


def list_memory(
    project: Project, wanted: MemoryFilter, *, sprint: Optional[str] = None, text: str = "", limit: Optional[int] = None
) -> List[Entry]:
    """Return the wanted decisions and facts, the newest first; only those that contain ``text``, in any case.

    A mission id that only they know is accepted. Raises InvalidValue for an invalid time and for a kind
    that nothing has, UnknownRecord for an unknown mission or sprint.
    """
    if wanted.since is not None:
        wanted = wanted._replace(since=since(wanted.since))
    run.refresh(project)
    _check_kind(project, wanted.kind)
    if wanted.mission_id is not None and not journal_rows.has_mission(project.db, wanted.mission_id):
        wanted = wanted._replace(mission_id=find_mission(project.db, wanted.mission_id).id)
    if sprint is not None:
        wanted = wanted._replace(sprints=find_sprints(project.db, sprint))
    return list(islice(_containing(journal_rows.entries(project.db, wanted), text), limit))


def _containing(entries: Iterator[Entry], text: str) -> Iterator[Entry]:
    # not LIKE: SQLite folds the case of ASCII letters only
    sought = " ".join(text.split()).casefold()
    return (entry for entry in entries if sought in " ".join(entry.whole.split()).casefold())


def _check_kind(project: Project, kind: Optional[str]) -> None:
    if kind is None:
        return
    known = ["decision", *journal_rows.kinds(project.db)]
    if kind.casefold() not in [word.casefold() for word in known]:
        raise InvalidValue("nothing has the kind %s" % kind, hint="the kinds: %s" % ", ".join(known))
