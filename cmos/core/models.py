"""The records that travel between features: values that ask nobody.

Times are text in UTC, ISO 8601 with seconds (``2026-01-31T09:30:00Z``); times that came from a file are kept as
the file wrote them.
"""

from __future__ import annotations

from typing import Callable, Dict, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.core.status import DEFERRED
from cmos.core.text import loads


class Mission(NamedTuple):
    """A mission as the database holds it."""

    id: str
    sprint_id: Optional[str] = None
    name: Optional[str] = None
    status: str = "Queued"
    created_at: Optional[str] = None
    completed_at: Optional[str] = None
    notes: Optional[str] = None
    objective: Optional[str] = None
    #: Required fields that its file lacks; None when it has no mission file.
    missing: Optional[Tuple[str, ...]] = None
    #: Place in the backlog, from 0; None when no backlog lists it.
    position: Optional[int] = None
    #: Who has claimed it.
    agent: Optional[str] = None
    started_at: Optional[str] = None
    blocked_reason: Optional[str] = None
    #: Where it was claimed; once it is done, where the commit of its work is still expected.
    worktree: Optional[str] = None

    @property
    def label(self) -> Optional[str]:
        """The name, else the first line of the objective: some files give no name."""
        return self.name or next(iter((self.objective or "").strip().splitlines()), None)

    @property
    def is_dropped(self) -> bool:
        """Deferred with a reason: it was given up."""
        return self.status == DEFERRED and bool(self.blocked_reason)

    @property
    def why_blocked(self) -> Optional[str]:
        """The reason, else the notes: an imported mission has no other."""
        return self.blocked_reason or self.notes


class Session(NamedTuple):
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
        """Return the fields by name, and details that are JSON as a value."""
        return dict(self._asdict(), details=self.value())

    @property
    def is_merge(self) -> bool:
        """True for a commit that merges others: it is no work of its own."""
        details = self.value() if self.action == "commit" else None
        return isinstance(details, dict) and details.get("merge") is True

    @property
    def who(self) -> Optional[str]:
        """The agent; of a commit that git recorded, its author too."""
        details = self.value() if self.action == "commit" else None
        author = details.get("author") if isinstance(details, dict) else None
        return "%s (%s)" % (self.agent, author.partition(" <")[0]) if isinstance(author, str) else self.agent

    def value(self) -> object:
        """Return the details: as a value if they are JSON, else as text."""
        try:
            return loads(self.details) if self.details is not None else None
        except ValueError:
            return self.details


class Decision(NamedTuple):
    """A choice and why it was made. Append-only."""

    title: str
    rationale: Optional[str] = None
    mission_id: Optional[str] = None
    ts: Optional[str] = None
    key: Optional[str] = None
    id: Optional[int] = None
    #: The id of an earlier one that was wrong.
    replaces: Optional[int] = None


class Fact(NamedTuple):
    """Something that was found to be true. Append-only."""

    content: str
    kind: Optional[str] = None
    mission_id: Optional[str] = None
    ts: Optional[str] = None
    key: Optional[str] = None
    id: Optional[int] = None
    #: The id of an earlier one that was wrong.
    replaces: Optional[int] = None


class Entry(NamedTuple):
    """A decision or a fact as the memory lists it."""

    id: int
    #: ``decision`` or ``fact``.
    type: str
    #: The kind of a fact; ``decision`` for a decision.
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
        """The text, with the rationale of a decision."""
        return "%s: %s" % (self.text, self.rationale) if self.rationale else self.text


class Sprint(NamedTuple):
    """A sprint. ``id`` is the text that the backlog or the files use for it."""

    id: str
    title: Optional[str] = None
    focus: Optional[str] = None
    #: As the backlog says; its missions are what counts.
    status: Optional[str] = None
    #: Order among sprints: the backlog's, else by number.
    position: Optional[float] = None


class Words(NamedTuple):
    """What is said of a new mission; what is empty is left to be filled in."""

    objective: str = ""
    context: str = ""
    criteria: Tuple[str, ...] = ()
    deliverables: Tuple[str, ...] = ()
    depends_on: Tuple[str, ...] = ()


#: The type of a link that comes from a mission's own list of prerequisites. An entry of such a list need not
#: name a mission: what is none holds nothing back, and is no fault.
NEEDED_BY = "needed by"


class Dependency(NamedTuple):
    """A link between missions, stored exactly as given."""

    from_id: str
    to_id: str
    type: Optional[str] = None

    @property
    def blocks(self) -> bool:
        """True where the second mission waits for the first."""
        return (self.type or "").casefold() in ("blocks", NEEDED_BY)


#: Called with how much is done, and of how much.
Progress = Callable[[int, int], None]


class Options(NamedTuple):
    """How a pass is run."""

    accept_mass_change: bool = False
    #: Statuses typed by hand are about to be applied: they are recorded, not put back.
    accepts_status: bool = False
    #: Try again also what was refused before.
    retry: bool = False
    #: A sign of git at work to pass over: in post-merge MERGE_HEAD is still there though the merge is done.
    passes_over: str = ""
    #: False where something else must come first: what an import brings is not to be logged once more.
    takes_history: bool = True
    #: Told of files, where there is somebody to see it, and of commits.
    progress: Optional[Progress] = None
    commit_progress: Optional[Progress] = None
