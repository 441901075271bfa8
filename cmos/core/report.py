"""What one sync pass did and found, as values."""

from __future__ import annotations

from typing import List, NamedTuple, Optional


class FieldChange(NamedTuple):
    """A value that moved from a file to the database, or back."""

    mission_id: str
    field: str
    before: Optional[str]
    after: Optional[str]
    path: str


class Logged(NamedTuple):
    """What a look at the history came to."""

    #: Commits that got a session now.
    new: int = 0
    #: Commits that are others rewritten.
    rewritten: int = 0
    #: Older ones that were left out.
    left: int = 0


class Report:
    """Filled by the steps of a pass, in order."""

    def __init__(self) -> None:
        self.registered: List[str] = []
        self.indexed: List[FieldChange] = []
        self.put_back: List[FieldChange] = []
        self.written: List[FieldChange] = []
        self.conflicts: List[FieldChange] = []
        self.renamed: List[str] = []
        self.missing: List[str] = []
        self.quarantined: List[str] = []
        #: Why the pass stopped and changed nothing; empty when it did not.
        self.brake = ""
        #: Folders that could not be read.
        self.unreadable: List[str] = []
        #: What was found in the history; None when there was nothing to look for.
        self.logged: Optional[Logged] = None
        #: Lines for the user.
        self.notices: List[str] = []

    @property
    def is_empty(self) -> bool:
        """True when the pass had nothing to take in, put back, write or stop for."""
        return not any(
            (self.registered, self.indexed, self.put_back, self.written, self.conflicts, self.renamed)
            + (self.missing, self.quarantined, self.brake)
        )
