"""Status words: the six that cmos knows, and how other spellings map to them."""

from __future__ import annotations

from typing import Optional

QUEUED = "Queued"
CURRENT = "Current"
IN_PROGRESS = "In Progress"
COMPLETED = "Completed"
BLOCKED = "Blocked"
DEFERRED = "Deferred"

#: In the order a mission usually passes through them.
KNOWN = (QUEUED, CURRENT, IN_PROGRESS, COMPLETED, BLOCKED, DEFERRED)

#: Nobody works on these any more.
OVER = (COMPLETED, DEFERRED)

_SPELLINGS = {word.casefold(): word for word in KNOWN}
# Real backlogs write Planned for what is queued (docs/concepts.md).
_SPELLINGS["planned"] = QUEUED

#: What a session can record.
ACTIONS = ("start", "complete", "blocked", "commit")
#: The action that brings a mission to a status.
ACTION_OF = {IN_PROGRESS: "start", COMPLETED: "complete", BLOCKED: "blocked"}


def standard(word: Optional[str]) -> Optional[str]:
    """Return the known status that a word spells, or the word itself as written.

    Case, underscores and hyphens do not count: ``in_progress`` is ``In Progress``.
    """
    if word is None:
        return None
    key = " ".join(word.replace("_", " ").replace("-", " ").split()).casefold()
    return _SPELLINGS.get(key, word)


#: Work that is not done. Which of the three a mission has is up to the repository, not a branch (docs/concepts.md).
_OPEN = (QUEUED, CURRENT, IN_PROGRESS)


def is_open(word: Optional[str]) -> bool:
    """Say whether a status, in any spelling, is Queued, Current or In Progress."""
    return standard(word) in _OPEN


def is_known(word: str) -> bool:
    return word in KNOWN
