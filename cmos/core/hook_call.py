"""What git tells a hook, and what a hook may answer: all that has to be known when one runs."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

#: The hooks that cmosctl has a part in.
NAMES = ("post-commit", "post-merge", "post-rewrite", "pre-push")
#: What ``cmosctl hook run`` exits with to stop a push. Not 1: a Python that fails to start exits so.
STOP = 5


class PushedRef(NamedTuple):
    """One line that git gives pre-push. Commits are None where a side does not exist."""

    local: Optional[str]
    remote_ref: str
    remote: Optional[str]


def read_pushed(text: str) -> List[PushedRef]:
    """Read what git gives pre-push on stdin."""
    rows = [line.split(" ") for line in text.splitlines()]
    return [PushedRef(_commit(row[-3]), row[-2], _commit(row[-1])) for row in rows if len(row) >= 4]


def read_pairs(text: str) -> List[Tuple[str, str]]:
    """Read what git gives post-rewrite on stdin: old and new commits."""
    rows = [line.split() for line in text.splitlines()]
    return [(row[0], row[1]) for row in rows if len(row) >= 2]


def _commit(name: str) -> Optional[str]:
    return name if name.strip("0") else None
