"""What is known of a watcher from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional

#: Seconds without an event before a look, and the longest that a look waits while events keep coming (SYNC.md 4).
QUIET = 0.2
CAP = 2.0
#: Seconds between looks that nothing asked for.
SCAN = 30.0

EVENTS, POLLING = "events", "polling"


@dataclass(frozen=True)
class Watcher:
    """A watcher as it describes itself in a file, for people: the lock alone says whether it runs.

    Times are in UTC, ISO 8601.
    """

    pid: int
    version: str
    since: str
    #: ``events``, or ``polling`` where the system gives no events.
    mode: str = EVENTS
    #: Mission files that it knows.
    files: int = 0
    last_event: Optional[str] = None
    last_pass: Optional[str] = None
    events: int = 0
    looks: int = 0
    passes: int = 0
    #: Values that it wrote into files.
    writes: int = 0
    #: What keeps it from its work, by what it is about.
    trouble: Dict[str, str] = field(default_factory=dict)


def from_plain(found: Any) -> Optional[Watcher]:
    """Return the watcher that an object describes; None for anything else."""
    names = Watcher.__dataclass_fields__
    if not isinstance(found, dict) or not {"pid", "version", "since"} <= set(found):
        return None
    if not isinstance(found["pid"], int) or not isinstance(found.get("trouble", {}), dict):
        return None
    return Watcher(**{name: value for name, value in found.items() if name in names})
