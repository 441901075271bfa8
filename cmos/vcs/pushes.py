"""What the commits of a push change."""

from __future__ import annotations

import os
from typing import Dict, List, NamedTuple, Optional

from cmos.core.errors import GitProblem
from cmos.git import process


class Change(NamedTuple):
    """A file that pushed commits write. The path is relative to the checkout's top."""

    path: str
    #: The blob before the first of these commits; None when it was not there.
    before: Optional[str]


def changes(top: str, local: str, *, known: Optional[str], remote: str, inside: str) -> List[Change]:
    """Return what the commits up to ``local`` change below ``inside`` that the remote does not have yet.

    ``known`` is the commit that the remote is at, if it says so. A merge changes only what differs from
    all its parents. Raises GitProblem.
    """
    has = ["^" + known] if known and _is_here(top, known) else []
    # asked for by pattern: the name may be an address, which then fits no ref
    answer = process.run(
        top,
        *("log", "--format=", "--raw", "-c", "-z", "--no-abbrev", "--no-renames", "--reverse", "--topo-order"),
        *("--not", "--remotes=" + _literal(remote), "--not", "--end-of-options", local, *has, "--", inside),
    )
    return _parse(os.fsdecode(answer))


def commit(top: str, name: str) -> str:
    """Return the id of the commit that a name stands for. Raises GitProblem."""
    found = process.run(top, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")
    return found.decode("ascii").split()[-1]


def holding(top: str, revision: str, texts: List[str], *, inside: str) -> List[str]:
    """Return the files below ``inside`` of a commit that hold one of the texts. Raises GitProblem."""
    wanted = [word for text in texts for word in ("-e", text)]
    answer = process.run(top, "grep", "-l", "-z", "-F", *wanted, revision, "--", inside)
    return [name.partition(":")[2] for name in os.fsdecode(answer).split("\0") if name]


def _parse(answer: str) -> List[Change]:
    first: Dict[str, Change] = {}
    words = iter(answer.split("\0"))
    for meta in words:
        if not meta.startswith(":"):
            continue
        path = next(words, "")
        # as many colons as parents: as many modes, and one of the result, come before the blobs
        parents = len(meta) - len(meta.lstrip(":"))
        blob = meta.split(" ")[parents + 1]
        first.setdefault(path, Change(path, blob if blob.strip("0") else None))
    return list(first.values())


def _is_here(top: str, name: str) -> bool:
    try:
        commit(top, name)
    except GitProblem:
        return False
    return True


def _literal(remote: str) -> str:
    # "*" would stand for all remotes; a name that has it asks for none, which only looks at more
    return remote if remote and not set(remote) & set("*?[\\") else "/"
