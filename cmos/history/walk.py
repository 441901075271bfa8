"""Asks git about commits: which exist, their contents, and their patch ids."""

from __future__ import annotations

import re
import time
from typing import Dict, Iterable, Iterator, List, Sequence, Set

from cmos.core.errors import GitProblem
from cmos.git import process
from cmos.git.checkout import Repository
from cmos.git.head import Head, head
from cmos.history.naming import Commit

#: How many paths of one commit are kept; the rest are counted.
MOST_FILES = 100
#: How many characters of a message are kept.
_LONGEST = 65_536
#: Seconds for a walk over a whole history.
_PATIENCE = 60.0
_FIELDS = 7
_FORMAT = "--format=%x01%H%x00%P%x00%an <%ae>%x00%at%x00%ct%x00%s%x00%B%x00"
# a plumbing command: no setting of the user's changes what it prints
_TELL = ("-r", "--root", "--always", "--name-status", "--no-renames", "-z", "--encoding=UTF-8", _FORMAT)
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def where(repository: Repository) -> Head:
    """Return the commit and branch of a checkout."""
    here = head(repository)
    return here if here.sha is None or _SHA.fullmatch(here.sha) else Head(None, here.branch)


def tips(folder: str, branches: Iterable[str]) -> List[str]:
    """Return the commits of those local branches that exist. Raises GitProblem."""
    names = ["refs/heads/" + branch for branch in branches]
    if not names:
        return []
    return process.run(folder, "for-each-ref", "--format=%(objectname)", *names).decode("ascii").split()


def reachable(folder: str, some: Iterable[str], *, without: Iterable[str] = ()) -> List[str]:
    """Return the ancestors of some commits but not of others, the newest first. Raises GitProblem."""
    # SQL may have stored something else in place of a commit
    stdin = "".join("%s\n" % one for one in [*some, *("^" + other for other in without if _SHA.fullmatch(other))])
    walk = ("rev-list", "--ignore-missing", "--topo-order", "--stdin")
    return process.run(folder, *walk, stdin=stdin.encode("ascii"), timeout=_PATIENCE).decode("ascii").split()


def outside(folder: str, heads: Iterable[str], some: Sequence[str]) -> Set[str]:
    """Return those commits that are no ancestors of any head, or do not exist. Raises GitProblem."""
    there = _present(folder, [one for one in some if _SHA.fullmatch(one)])
    stdin = "".join("%s\n" % one for one in [*there, *("^" + head for head in heads)])
    apart = process.run(folder, "rev-list", "--stdin", stdin=stdin.encode("ascii"), timeout=_PATIENCE) if there else b""
    return (set(some) - there) | (there & set(apart.decode("ascii").split()))


def leads_to(folder: str, old: str, new: str) -> bool:
    """Say whether one commit is an ancestor of the other; False if one does not exist."""
    if not (_SHA.fullmatch(old) and _SHA.fullmatch(new)):
        return False
    try:
        process.run(folder, "merge-base", "--is-ancestor", old, new)
    except GitProblem:
        return False
    return True


def is_on_a_branch(folder: str, sha: str) -> bool:
    """Say whether a local branch holds a commit."""
    return bool(process.ask(folder, "for-each-ref", "--count=1", "--contains=%s" % sha, "--format=1", "refs/heads"))


def patch_ids(folder: str, shas: Iterable[str]) -> Dict[str, str]:
    """Return the patch id of each commit; merges, empty and unreadable commits have none."""
    found: Dict[str, str] = {}
    some = list(shas)
    for start in range(0, len(some), 20):
        stdin = "".join("%s\n" % sha for sha in some[start : start + 20]).encode("ascii")
        try:
            patches = process.run(folder, "diff-tree", "--stdin", "-r", "--root", "-p", "--no-ext-diff", stdin=stdin)
            answer = process.run(folder, "patch-id", "--stable", stdin=patches).decode("ascii")
        except GitProblem:
            continue
        found.update((sha, patch) for patch, sha in (line.split() for line in answer.splitlines()))
    return found


def read_one(folder: str, sha: str) -> Commit:
    """Return one commit; the quick way, for a hook. Raises GitProblem."""
    answer = process.run(folder, "diff-tree", *_TELL, sha)
    return next(_commits(iter((answer,))))


def read(folder: str, shas: Iterable[str]) -> Iterator[Commit]:
    """Yield commits in the given order, lazily. Raises GitProblem."""
    from tempfile import TemporaryFile

    with TemporaryFile() as wanted:
        # from a file: through pipes, git and we might wait for each other
        wanted.write("".join("%s\n" % sha for sha in shas).encode("ascii"))
        wanted.seek(0)
        yield from _commits(process.stream(folder, "diff-tree", "--stdin", *_TELL, stdin=wanted))


def _tokens(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _commits(chunks: Iterator[bytes]) -> Iterator[Commit]:
    tokens = _tokens(chunks)
    token = next(tokens, None)
    while token is not None:
        fields = [token[1:], *(next(tokens, b"") for _ in range(_FIELDS - 1))]
        files: List[str] = []
        count = 0
        next(tokens, None)  # the end of the format
        token = next(tokens, None)
        while token is not None and not token.startswith(b"\1"):
            path = next(tokens, b"")
            count += 1
            if count <= MOST_FILES:
                files.append(path.decode("utf-8", "replace"))
            token = next(tokens, None)
        yield _commit([field[:_LONGEST].decode("utf-8", "replace") for field in fields], files, count)


def _commit(fields: List[str], files: List[str], count: int) -> Commit:
    sha, parents, author, authored, committed, subject, message = fields
    # an impossible date must not end a command
    seconds = max(0, min(int(committed), 253_402_300_799)) if committed.lstrip("-").isdigit() else 0
    ts = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    return Commit(sha, tuple(parents.split()), author, authored, ts, subject, message, tuple(files), count)


def _present(folder: str, shas: Sequence[str]) -> Set[str]:
    stdin = "".join("%s\n" % sha for sha in shas).encode("ascii")
    answer = process.run(folder, "cat-file", "--batch-check", stdin=stdin, timeout=_PATIENCE).decode("ascii")
    return {line.split()[0] for line in answer.splitlines() if line.split()[1:2] == ["commit"]}
