"""What a search finds."""

from __future__ import annotations

from typing import NamedTuple, Optional

#: What can be searched; ``kb search --kind`` takes these words.
KINDS = ("doc", "mission", "research", "template", "decision", "fact", "session")
#: Between the parts of a section's path.
ARROW = " \u203a "
#: Stand around each word that was found, in a snippet.
BEGIN, END = "\x02", "\x03"


class Hit(NamedTuple):
    """One place that holds what was asked for."""

    #: One of KINDS.
    kind: str
    #: Of a document, relative to the project; of a record its kind and number, such as ``decision 12``.
    path: str
    #: Of the first word that was found, from 1; None for a record.
    line: Optional[int]
    #: The headings or fields that lead to the place, outermost first.
    section: str
    #: The document's own name: its first heading, or its mission's id and name.
    title: str
    #: A line or two of text, each found word between BEGIN and END.
    snippet: str
    #: Larger is better; comparable within one search only.
    score: float
    #: The number of the decision, fact or session.
    id: Optional[int] = None
    #: The mission that a record is about.
    mission_id: Optional[str] = None


class Match(NamedTuple):
    """A row of the index that an expression finds."""

    id: int
    #: As the index gives it; larger is better.
    score: float
    kind: Optional[str]
    file: str
    line: Optional[int]
    record_id: Optional[int]
    mission_id: Optional[str]
    above: str
    heading: str
    parts: str
    text: str
