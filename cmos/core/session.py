"""A line of the project's log."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Dict, Optional


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
    #: ``command``, ``import``, ``git`` or ``sql``.
    origin: str = "command"
    #: Recording a second session with the same key does nothing.
    key: Optional[str] = None
    id: Optional[int] = None

    def as_plain(self) -> Dict[str, object]:
        """Return the fields by name; details that are JSON as the value that they stand for."""
        return dict({field.name: getattr(self, field.name) for field in fields(self)}, details=self.value())

    def value(self) -> object:
        """Return what the details stand for: a value if they are JSON, else the text."""
        import json  # seldom needed, and it takes its time

        try:
            return json.loads(self.details) if self.details is not None else None
        except (ValueError, RecursionError):
            return self.details
