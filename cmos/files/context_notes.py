"""Decisions and facts as context files spell them: lists of texts or of objects."""

from __future__ import annotations

import hashlib
from typing import Any, Dict, Iterator, Optional, Tuple

from cmos.clock import first_date, is_time
from cmos.core.models import Decision, Fact
from cmos.files.json_text import plain

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
