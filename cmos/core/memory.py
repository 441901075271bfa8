"""What a project learned: decisions and facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


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
