"""The records of the project as frozen dataclasses.

Times are text in UTC, ISO 8601 with seconds (``2026-01-31T09:30:00Z``); times that
came from a file are kept as the file wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

# a module of its own: what `mission next` needs of this one, at a fifth of the time
from cmos.core.mission import Mission as Mission


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


@dataclass(frozen=True)
class Issue:
    """Something that sync or an import could not settle, kept until it is.

    ``kind`` is one of drift, proposal, conflict, quarantine, duplicate, missing,
    pending, brake, leftover. Proposals, conflicts and leftovers stay in the database when
    they are closed: they hold what a person typed and lost.
    """

    kind: str
    path: str
    why: str
    line: Optional[int] = None
    mission_id: Optional[str] = None
    field: Optional[str] = None
    file_value: Optional[str] = None
    database_value: Optional[str] = None
    since: Optional[str] = None
    closed_at: Optional[str] = None
    worktree: str = ""
    id: Optional[int] = None


@dataclass(frozen=True)
class Problem:
    """A place in a file that is not right. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    cause: str
