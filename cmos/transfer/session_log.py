"""Reading a SESSIONS.jsonl: one JSON object after the other, of many generations."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union
from typing import Counter as CounterType

from cmos.clock import is_time
from cmos.core.models import Session
from cmos.core.record import NamedTuple
from cmos.transfer.json_text import JsonProblem, Unread, check_depth, decode_at, plain

#: Bytes. The longest real line has 6,000.
LONGEST_LINE = 1_000_000

MISSION_KEYS = ("mission", "mission_id", "missionId")
TIME_KEYS = ("ts", "timestamp", "date", "time", "completed_at", "started_at")
AGENT_KEYS = ("agent", "ai_model", "model", "assistant", "author", "user")
SUMMARY_KEYS = ("summary", "notes", "message", "description", "title", "achievements", "key_decisions", "mission_name")

#: What other words mean as the action of a session.
_ACTIONS = {
    word: action
    for action, words in (
        ("start", "start started in_progress mission_start mission_started"),
        ("complete", "complete completed done mission_complete mission_completed"),
        ("blocked", "blocked block mission_blocked"),
        ("commit", "commit"),
    )
    for word in words.split()
}


class Entry(NamedTuple):
    """One session of a log file."""

    session: Session
    #: From 1.
    line: int
    #: Why a part of it is not right although it was taken; empty when all is.
    remark: str = ""


class SessionLog(NamedTuple):
    entries: Tuple[Entry, ...]
    unread: Tuple[Unread, ...]


def parse(data: bytes) -> SessionLog:
    """Return the sessions of a log file in its order, and what could not be read.

    Never raises. The key of an entry is made from its text and from how many equal
    texts stand before it, so that importing the file again adds nothing.
    """
    entries: List[Entry] = []
    unread: List[Unread] = []
    seen: CounterType[str] = Counter()
    for found in _objects(data):
        if isinstance(found, Unread):
            unread.append(found)
            continue
        line, raw, value = found
        seen[raw] += 1
        session = read_session(value, raw=raw, key=_key(raw, seen[raw]))
        entries.append(Entry(session, line, _remark(session)))
    return SessionLog(tuple(entries), tuple(unread))


def read_session(value: Dict[str, Any], *, raw: str, key: str) -> Session:
    """Return what an object says as a session. Its text is kept whole in ``details``."""
    return Session(
        action=_action(value),
        mission_id=_mission(value),
        agent=_first(value, AGENT_KEYS),
        summary=_first(value, SUMMARY_KEYS),
        details=raw,
        ts=_first(value, TIME_KEYS),
        origin="import",
        key=key,
    )


def _key(raw: str, occurrence: int) -> str:
    return "import:%s:%d" % (hashlib.sha256(raw.encode("utf-8")).hexdigest(), occurrence)


def _objects(data: bytes) -> Iterator[Union[Unread, Tuple[int, str, Dict[str, Any]]]]:
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    # only this byte ends a line: JSON strings may hold U+2028 and its like
    for number, line in enumerate(data.split(b"\n"), start=1):
        text, cause = _line_text(line)
        if cause:
            yield Unread(number, 1, cause, text)
        else:
            yield from _objects_of_line(number, text)


def _line_text(line: bytes) -> Tuple[str, str]:
    """Return a line's text, and why it cannot be a session line (empty when it can)."""
    try:
        text, cause = line.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        text, cause = line.decode("utf-8", "backslashreplace"), "not UTF-8 at byte %d of the line" % (error.start + 1)
    if len(line) > LONGEST_LINE:
        cause = "a line of %d bytes; at most %d are read" % (len(line), LONGEST_LINE)
    elif "\0" in text:
        cause = "NUL bytes"
    return text, cause


def _objects_of_line(number: int, text: str) -> Iterator[Union[Unread, Tuple[int, str, Dict[str, Any]]]]:
    try:
        check_depth(text)
    except JsonProblem as problem:
        yield Unread(number, problem.place + 1, problem.cause, text)
        return
    place = _next(text, 0)
    while place < len(text):
        try:
            value, end = decode_at(text, place)
        except JsonProblem as problem:
            yield Unread(number, problem.place + 1, problem.cause, text[place:].rstrip())
            return
        raw = text[place:end]
        if isinstance(value, dict):
            yield number, raw, value
        else:
            yield Unread(number, place + 1, "not an object", raw)
        place = _next(text, end)


def _next(text: str, place: int) -> int:
    # a comma may stand between or after objects: people paste from JSON lists
    while place < len(text) and text[place] in " \t\r,":
        place += 1
    return place


def _first(value: Dict[str, Any], keys: Tuple[str, ...]) -> Optional[str]:
    """Return the first of these keys that has a value, as text; of a list its first item."""
    for key in keys:
        found = value.get(key)
        if isinstance(found, list):
            found = found[0] if found else None
        if found is not None and found != "" and found != {}:
            return plain(found)
    return None


def _mission(value: Dict[str, Any]) -> Optional[str]:
    for key in MISSION_KEYS:
        found = value.get(key)
        if isinstance(found, dict):
            found = found.get("id")
        if isinstance(found, (str, int, float)) and not isinstance(found, bool) and found != "":
            return plain(found)
    return None


def _action(value: Dict[str, Any]) -> Optional[str]:
    """Return what was done: ``action``, else what ``type`` or ``status`` means, else its text."""
    action = _first(value, ("action",))
    if action is not None:
        return _known(action) or action
    words = [word for word in (_first(value, ("type",)), _first(value, ("status",))) if word is not None]
    known = [_known(word) for word in words]
    return next((word for word in known if word), words[0] if words else None)


def _known(word: str) -> Optional[str]:
    return _ACTIONS.get("_".join(word.casefold().replace("-", " ").replace("_", " ").split()))


def _remark(session: Session) -> str:
    if session.ts is None:
        return "no time"
    return "" if is_time(session.ts) else "not a valid time: %s" % session.ts[:60]
