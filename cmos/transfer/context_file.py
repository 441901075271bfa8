"""Reading a PROJECT_CONTEXT.json or MASTER_CONTEXT.json: what people keep there by hand."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, TypeVar
from typing import Counter as CounterType

from cmos.clock import first_date, is_time
from cmos.core.models import Decision, Fact, Session
from cmos.core.record import NamedTuple
from cmos.transfer.json_text import Unread, Unreadable, decode_bytes, plain
from cmos.transfer.session_log import read_session

#: Lists of session-like objects; nothing inside one is a decision or a fact of its own.
HISTORY_KEYS = ("session_history", "recent_sessions", "sessions")

_SPRINTS = (
    "project.current_sprint",
    "current_sprint",
    "sprint_planning.current_sprint",
    "technical_context.current_sprint",
    "working_memory.current_sprint",
)
_MISSIONS = (
    "working_memory.active_mission",
    "active_mission",
    "working_memory.current_mission",
    "current_mission",
    "project.current_mission",
    "current_sprint.active_mission",
    "technical_context.current_sprint.active_mission",
    "mission_planning.current_mission",
    "technical_context.mission_planning.current_mission",
)
_Note = TypeVar("_Note", Decision, Fact)
_MISSION_ID = re.compile(r"\s*([^\s:]*\d[^\s:]*)\s*(?::|$)")


class ContextContents(NamedTuple):
    """What a context file says. Times that it does not give are None."""

    #: The ``project`` section as JSON text.
    project: Optional[str] = None
    current_sprint: Optional[str] = None
    current_mission: Optional[str] = None
    decisions: Tuple[Decision, ...] = ()
    facts: Tuple[Fact, ...] = ()
    sessions: Tuple[Session, ...] = ()
    problems: Tuple[Unread, ...] = ()


def parse(data: bytes) -> ContextContents:
    """Return what a context file says; never raises. A file that is not valid is one problem."""
    line, cause = 1, "not an object"
    try:
        found = decode_bytes(data)
        if isinstance(found, dict):
            return read(found)
    except Unreadable as problem:
        line, cause = problem.line or 1, problem.why
    return ContextContents(problems=(Unread(line, 1, cause, data.decode("utf-8-sig", "backslashreplace")),))


def read(document: Dict[str, Any]) -> ContextContents:
    """Return what a text_of context document says."""
    notes = list(_notes(document))
    project = document.get("project")
    return ContextContents(
        project=plain(project) if project else None,
        current_sprint=_current_sprint(document),
        current_mission=_current_mission(document),
        decisions=_once(note for key, found in notes if key in DECISION_KEYS for note in decisions(found)),
        facts=_once(note for key, found in notes if key in FACT_KINDS for note in facts(FACT_KINDS[key], found)),
        sessions=tuple(_sessions(document)),
    )


def _notes(document: Dict[str, Any]) -> Iterator[Tuple[str, Any]]:
    """Yield every list of decisions or facts of the document with its key, in order, under any domain."""
    stack: List[Any] = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += [item for item in reversed(value) if isinstance(item, (dict, list))]
            continue
        deeper = []
        for key, found in value.items():
            if key in DECISION_KEYS or key in FACT_KINDS:
                yield key, found
            elif key not in HISTORY_KEYS and isinstance(found, (dict, list)):
                deeper.append(found)
        stack += reversed(deeper)


def _once(notes: Iterable[_Note]) -> Tuple[_Note, ...]:
    """Keep the first of records with equal keys: two domains often say the same."""
    found: Dict[Optional[str], _Note] = {}
    for note in notes:
        found.setdefault(note.key, note)
    return tuple(found.values())


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def _current_sprint(document: Dict[str, Any]) -> Optional[str]:
    for path in _SPRINTS:
        found = _at(document, path)
        if isinstance(found, dict):
            found = next((found[key] for key in ("id", "sprintId", "sprint", "week") if found.get(key)), None)
        if isinstance(found, (str, int)) and not isinstance(found, bool) and found != "":
            return plain(found)
    return None


def _current_mission(document: Dict[str, Any]) -> Optional[str]:
    """Return the id of the mission that the file calls current; the first place that names one counts."""
    domains = _at(document, "working_memory.domains")
    active = _at(document, "working_memory.active_domain")
    places = [_at(document, path) for path in _MISSIONS]
    if isinstance(domains, dict):
        ordered = sorted(domains.items(), key=lambda item: item[0] != active)
        places += [_at(domain, "current_mission") for _, domain in ordered]
    return next((found for found in map(_mission_id, places) if found), None)


def _mission_id(value: Any) -> Optional[str]:
    """Return the id in ``B5.1``, ``B5.1: Catalog`` or an object with an id; prose is not one."""
    if isinstance(value, dict):
        value = value.get("id")
    match = _MISSION_ID.match(value) if isinstance(value, str) else None
    return plain(match.group(1)) if match else None


def _sessions(document: Dict[str, Any]) -> Iterator[Session]:
    """Yield the entries of ``working_memory.session_history``.

    Most of them stand in SESSIONS.jsonl too, in other words. Their keys are made of
    time, mission and action, so that they are recorded once whatever else they say; whether the
    log holds the event under another key is for the importer to look up.
    """
    history = _at(document, "working_memory.session_history")
    seen: CounterType[str] = Counter()
    for item in history if isinstance(history, list) else []:
        if not isinstance(item, dict):
            continue
        session = read_session(item, raw=plain(item), key="")
        parts = (session.ts, session.mission_id, session.action) if session.ts else (session.details,)
        event = "\n".join(part or "" for part in parts)
        seen[event] += 1
        digest = hashlib.sha256(event.encode("utf-8")).hexdigest()
        yield session._replace(key="history:%s:%d" % (digest, seen[event]))


DECISION_KEYS = frozenset(
    ("decisions_made", "decisions", "key_decisions", "key_decisions_log", "decision_log", "decisions_log")
)
#: What kind of fact a list of this name holds.
FACT_KINDS = {
    "critical_facts": "fact",
    "facts": "fact",
    "learnings_and_facts": "fact",
    "learnings": "finding",
    "findings": "finding",
    "research_completed": "research",
    "constraints": "constraint",
    "achievements": "achievement",
    "key_achievements": "achievement",
    "risks": "risk",
}

_TITLES = ("decision", "title", "name", "summary", "text")
_REASONS = ("rationale", "reason", "why", "context")
_CONTENTS = ("fact", "content", "text", "finding", "learning", "constraint", "achievement", "risk", "description")
_KINDS = ("kind", "category", "type")
_DATES = ("date", "ts", "timestamp", "captured", "captured_at", "decided_at", "decided")


def decisions(found: Any) -> Iterator[Decision]:
    """Yield the decisions of a list."""
    for item in _items(found):
        title = _text(item, _TITLES)
        if not title:
            continue
        reasons = [_part(item, _REASONS), _part(item, ("impact",))]
        rationale = "\nImpact: ".join(reason for reason in reasons if reason) or None
        key = _key("decision", title, rationale or "")
        yield Decision(title=title, rationale=rationale, ts=_date(item, title), key=key)


def facts(kind: str, found: Any) -> Iterator[Fact]:
    """Yield the facts of a list. An object's own category stands before its text."""
    for item in _items(found):
        text, category = _text(item, _CONTENTS), _part(item, _KINDS)
        if text:
            content = "%s: %s" % (category, text) if category else text
            yield Fact(content=content, kind=kind, ts=_date(item, text), key=_key("fact", kind, content))


def _items(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        found = [value if isinstance(value, dict) else "%s: %s" % (key, plain(value)) for key, value in found.items()]
    if isinstance(found, list):
        yield from (item for item in found if item is not None)


def _text(item: Any, keys: Tuple[str, ...]) -> str:
    """Return what an item says: itself, or of an object the first of these keys, else all of it."""
    return _part(item, keys) or plain(item)


def _part(item: Any, keys: Tuple[str, ...]) -> Optional[str]:
    if not isinstance(item, dict):
        return None
    return next((plain(item[key]) for key in keys if item.get(key)), None)


def _date(item: Any, text: str) -> Optional[str]:
    values: Dict[str, Any] = item if isinstance(item, dict) else {}
    own = [values[key] for key in _DATES if isinstance(values.get(key), str) and is_time(values[key])]
    return own[0] if own else first_date(text)


def _key(*parts: str) -> str:
    return "import:" + hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()
