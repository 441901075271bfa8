"""Sprints, and the links between missions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Sprint:
    """A sprint. ``id`` is the text that the backlog or the files use for it."""

    id: str
    title: Optional[str] = None
    focus: Optional[str] = None
    #: What the backlog says; the missions tell what is true.
    status: Optional[str] = None
    #: Order among sprints: the backlog's, else by number.
    position: Optional[float] = None


@dataclass(frozen=True)
class Dependency:
    """A link between missions, stored exactly as given."""

    from_id: str
    to_id: str
    type: Optional[str] = None
