"""A line of the project's log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Session:
    """One line of the project's log. Append-only."""

    action: Optional[str]
    mission_id: Optional[str] = None
    agent: Optional[str] = None
    summary: Optional[str] = None
    #: JSON text; of an imported session the line as it stood in the file.
    details: Optional[str] = None
    ts: Optional[str] = None
    #: ``command``, ``import`` or ``git``.
    origin: str = "command"
    #: Recording a second session with the same key does nothing.
    key: Optional[str] = None
    id: Optional[int] = None
