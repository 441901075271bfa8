"""HEAD, the index and the git command under way, read from files without starting git where possible."""

from __future__ import annotations

import os
import time
from typing import Dict, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.git import process
from cmos.git.checkout import Repository, read_text

#: While one of these exists, git is at work on the files (docs/sync.md, S1); and what it is doing.
_AT_WORK = (
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("BISECT_START", "a bisect"),
    ("index.lock", "another git command"),
)
#: Those of them that are refs, and in the table where there is one; git writes a message for each.
_REFS = ("CHERRY_PICK_HEAD", "REVERT_HEAD")
_MESSAGE = "MERGE_MSG"
#: What the file HEAD says where the refs are in a table.
_IN_TABLE = "ref: refs/heads/.invalid"
#: What lasts for a moment only.
BRIEF = "another git command"


class Head(NamedTuple):
    #: The commit; None on an unborn branch.
    sha: Optional[str]
    #: The full name of the branch; None when HEAD is detached.
    branch: Optional[str]

    @property
    def text(self) -> str:
        """Commit and branch as one text for the database."""
        return "%s %s" % (self.sha or "", self.branch or "")


def head(repository: Repository) -> Head:
    """Return the commit and the branch that the checkout is at."""
    text = _read_ref(os.path.join(repository.git_dir, "HEAD"))
    if text == _IN_TABLE:
        return _asked_head(repository)
    if not text.startswith("ref:"):
        return Head(_storable(text), None)
    branch = text[4:].strip()
    return Head(_of_ref(repository, branch), _storable(branch))


def commit_of(repository: Repository, ref: str) -> Optional[str]:
    """Return the commit of a ref, given by its full name; None when there is no such ref."""
    if has_table(repository):
        return process.ask(repository.top, "rev-parse", "--verify", "--quiet", ref)
    return _of_ref(repository, ref)


def symbolic(repository: Repository, ref: str) -> Optional[str]:
    """Return the full name of the ref that a symbolic ref leads to; None when there is none."""
    if has_table(repository):
        return process.ask(repository.top, "symbolic-ref", "--quiet", ref)
    text = _read_ref(os.path.join(repository.common_dir, *ref.split("/")))
    return _storable(text[4:].strip()) if text.startswith("ref:") else None


def _of_ref(repository: Repository, ref: str) -> Optional[str]:
    for folder in (repository.git_dir, repository.common_dir):
        sha = _read_ref(os.path.join(folder, *ref.split("/")))
        if sha:
            return _storable(sha)
    return _storable(_packed(repository.common_dir, ref))


def short(branch: Optional[str]) -> Optional[str]:
    """Return a branch's name as people say it."""
    return branch[len("refs/heads/") :] if branch and branch.startswith("refs/heads/") else branch


def has_table(repository: Repository) -> bool:
    """Say whether refs and reflogs are in a reftable, which only git reads."""
    return _read_ref(os.path.join(repository.git_dir, "HEAD")) == _IN_TABLE


def head_text(repository: Optional[Repository]) -> Optional[str]:
    """Return HEAD as one text for the database; None outside of git."""
    return head(repository).text if repository else None


def may_skip(repository: Optional[Repository]) -> bool:
    """Say whether the index can hold entries with the skip-worktree bit: only versions from 3 on can."""
    if repository is None:
        return False
    try:
        with open(os.path.join(repository.git_dir, "index"), "rb") as file:
            start = file.read(8)
    except OSError:
        return False
    return start[:4] == b"DIRC" and int.from_bytes(start[4:], "big") > 2


def _storable(text: str) -> Optional[str]:
    # bytes that are no UTF-8 lead to a file, but go into no database
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") or None


def _packed(folder: str, branch: str) -> str:
    for line in _read_ref(os.path.join(folder, "packed-refs")).splitlines():
        sha, _, name = line.partition(" ")
        if name == branch:
            return sha
    return ""


def _asked_head(repository: Repository) -> Head:
    sha = process.ask(repository.top, "rev-parse", "--verify", "--quiet", "HEAD")
    return Head(sha, process.ask(repository.top, "symbolic-ref", "--quiet", "HEAD"))


def at_work(repository: Optional[Repository], *, but: str = "") -> str:
    """Say what git is in the middle of; empty when it is not. ``but`` is a name of _AT_WORK to pass over."""
    if repository is None:
        return ""
    for name, what in _AT_WORK:
        if name != but and (os.path.lexists(os.path.join(repository.git_dir, name)) or _is_in_table(repository, name)):
            return what
    return ""


def _is_in_table(repository: Repository, name: str) -> bool:
    has_message = name in _REFS and os.path.exists(os.path.join(repository.git_dir, _MESSAGE))
    if not has_message or not has_table(repository):
        return False
    return process.ask(repository.top, "rev-parse", "--verify", "--quiet", name) is not None


def rewritten(repository: Repository) -> str:
    """Return the old and new commits of a rebase that has just ended, as git gives them to post-rewrite."""
    names = ("rebase-merge/rewritten-list", "rebase-apply/rewritten")
    return next(filter(None, (_read_ref(os.path.join(repository.git_dir, name)) for name in names)), "")


def _read_ref(path: str) -> str:
    return read_text(path, -1).strip()


#: How often, and for how many seconds each time, a command waits for git's lock to go.
_MOMENTS = 25
_MOMENT = 0.02
#: Seconds after which nobody waits for a lock: no command of git takes so long unless a person is asked.
_STALE = 60.0


def wait_for_git(repository: Optional[Repository], *, but: str = "") -> None:
    """Wait a moment for a git command that is about to end. Call it before taking the writer lock, not under it."""
    for _ in range(_MOMENTS):
        if at_work(repository, but=but) != BRIEF or _lock_age(repository) > _STALE:
            return
        time.sleep(_MOMENT)


def activity(repository: Optional[Repository], what: str) -> str:
    """Word what git is in the middle of for a message, which names an old lock."""
    age = _lock_age(repository) if what == BRIEF else 0.0
    if repository is None or age < _STALE:
        return what
    minutes = "%d minute%s" % (age / 60, "" if age < 120 else "s")
    return "%s (%s is %s old: if no git runs here, remove it)" % (what, _lock(repository), minutes)


def _lock_age(repository: Optional[Repository]) -> float:
    try:
        return time.time() - os.lstat(_lock(repository)).st_mtime if repository is not None else 0.0
    except OSError:
        return 0.0


def _lock(repository: Repository) -> str:
    return os.path.join(repository.git_dir, "index.lock")


#: What was found in an index, by folder, and what that index was: the same one is not read twice.
_known: Dict[str, Tuple[Tuple[int, ...], List[str]]] = {}


def tracked(top: str, git_dir: str, inside: str) -> List[str]:
    """Return the files that git tracks at or below a folder, in whatever case its name is spelt.

    ``inside`` and the result are relative to ``top``, with slashes. Raises GitProblem.
    """
    index, place = os.path.join(git_dir, "index"), os.path.join(top, inside)
    try:
        info = os.stat(index)
    except OSError:
        return []  # nothing is tracked yet
    stamp = info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
    if _known.get(place, (None, []))[0] != stamp:
        _known[place] = stamp, _tracked(top, git_dir, inside)
    return _known[place][1]


def _tracked(top: str, git_dir: str, inside: str) -> List[str]:
    folds = _folds_case(top, inside)
    if not _may_hold(git_dir, inside, folds):
        return []
    listed = process.run(top, "ls-files", "-z", "--", (":(top,icase,literal)" if folds else ":(top,literal)") + inside)
    return [os.fsdecode(path) for path in listed.split(b"\0") if path]


def _folds_case(top: str, inside: str) -> bool:
    """Say whether the file system ignores case in the folder's name."""
    try:
        return os.path.samefile(os.path.join(top, inside), os.path.join(top, inside.swapcase()))
    except OSError:
        return False


def _may_hold(git_dir: str, inside: str, folds: bool) -> bool:
    """Say whether the index may hold a path; then git has to be asked."""
    try:
        with open(os.path.join(git_dir, "index"), "rb") as file:
            data = file.read()
        is_split = any(name.startswith("sharedindex.") for name in os.listdir(git_dir))
    except OSError:
        return False
    # version 4 leaves out what a path shares with the one before
    if is_split or data[4:8] == b"\0\0\0\4":
        return True
    wanted = os.fsencode(inside)
    if folds:
        data, wanted = data.lower(), wanted.lower()
    return wanted + b"/" in data or wanted + b"\0" in data
