"""What a project learned: decisions and facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional


@dataclass(frozen=True)
class Decision:
    """A choice and why it was made. Append-only."""

    title: str
    rationale: Optional[str] = None
    mission_id: Optional[str] = None
    ts: Optional[str] = None
    key: Optional[str] = None
    id: Optional[int] = None


@dataclass(frozen=True)
class Fact:
    """Something found to be true. Append-only."""

    content: str
    kind: Optional[str] = None
    mission_id: Optional[str] = None
    ts: Optional[str] = None
    key: Optional[str] = None
    id: Optional[int] = None


class Entry(NamedTuple):
    """A decision or a fact as the memory lists it."""

    id: int
    #: ``decision`` or ``fact``.
    type: str
    #: Of a fact what it was called; ``decision`` for a decision.
    kind: Optional[str]
    ts: Optional[str]
    mission_id: Optional[str]
    #: The sprint of its mission.
    sprint_id: Optional[str]
    #: The title of a decision, the content of a fact.
    text: str
    rationale: Optional[str]
    #: ``command`` or ``import``.
    origin: str

    @property
    def whole(self) -> str:
        """All that it says."""
        return "%s: %s" % (self.text, self.rationale) if self.rationale else self.text
