"""What one sync pass did and found, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, NamedTuple, Optional


class FieldChange(NamedTuple):
    """A value that moved from a file to the database, or back."""

    mission_id: str
    field: str
    before: Optional[str]
    after: Optional[str]
    path: str


@dataclass
class Report:
    """Filled by the steps of a pass, in order. ``notices`` are lines for the user."""

    registered: List[str] = field(default_factory=list)
    indexed: List[FieldChange] = field(default_factory=list)
    put_back: List[FieldChange] = field(default_factory=list)
    written: List[FieldChange] = field(default_factory=list)
    conflicts: List[FieldChange] = field(default_factory=list)
    renamed: List[str] = field(default_factory=list)
    missing: List[str] = field(default_factory=list)
    quarantined: List[str] = field(default_factory=list)
    #: Why the pass stopped and changed nothing; empty when it did not.
    brake: str = ""
    notices: List[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """True when the pass had nothing to take in, put back, write or stop for."""
        return not any(
            (self.registered, self.indexed, self.put_back, self.written, self.conflicts, self.renamed)
            + (self.missing, self.quarantined, self.brake)
        )
