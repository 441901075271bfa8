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


class Report:
    """Filled by the steps of a pass, in order."""

    # a plain class: making a dataclass would cost every command half a millisecond

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
        #: Lines for the user.
        self.notices: List[str] = []

    @property
    def is_empty(self) -> bool:
        """True when the pass had nothing to take in, put back, write or stop for."""
        return not any(
            (self.registered, self.indexed, self.put_back, self.written, self.conflicts, self.renamed)
            + (self.missing, self.quarantined, self.brake)
        )
