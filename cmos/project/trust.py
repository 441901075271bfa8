"""Whether the folder ``.cmos`` and its content can be trusted (docs/security.md).

A clone, an archive or another user may have put it there. Nothing in it is opened before it is checked here:
real folders and files, of an owner whom git would accept, not tracked by git, made for this repository.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator, List, Optional, Tuple

from cmos.core.errors import DatabaseProblem, FileProblem
from cmos.db import connection
from cmos.db.lock import PATIENCE, writer_lock
from cmos.files.scan import leads_out
from cmos.git.head import tracked
from cmos.project import rows as project_rows

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.git.checkout import Repository
    from cmos.project.layout import Layout


#: Folders in ``.cmos``; everything else with a name of ours is a file.
_FOLDERS = ("aside", "rejected", "export")
_FILES = ("memory.db", "lock", "watch.", ".gitignore")
#: Seconds that a database waits for its token; the next command comes soon.
_PATIENCE = 0.5
ADOPT = "if it is yours: cmosctl init --adopt"


def check(layout: Layout) -> None:
    """Check the paths of a project before any of them is opened; a missing one is fine.

    Raises FileProblem for links and pipes, DatabaseProblem for another owner and for what git tracks.
    """
    _check_missions(layout)
    for path, uid in _check_kinds(layout.home):
        if uid not in _own_ids():
            _check_owner(layout, path, uid)
    _check_tracked(layout)


def open_trusted(layout: Layout, *, timeout: float, notices: List[str]) -> Connection:
    """Open the project's database, which must belong to the repository; lines for the user go to ``notices``.

    Raises FileProblem, and DatabaseProblem as ``open_database`` does.
    """
    check(layout)
    db = connection.open_database(layout.database, timeout=timeout)
    try:
        check_token(layout, db, notices)
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def opened(layout: Layout, *, patience: float, notices: List[str]) -> Iterator[Connection]:
    """Open the database for a moment, waiting at most ``patience`` seconds for other writers.

    Raises what ``open_trusted`` does.
    """
    db = open_trusted(layout, timeout=patience, notices=notices)
    try:
        with connection.translated(layout.database):
            yield db
    finally:
        db.close()


def check_token(layout: Layout, db: Connection, notices: List[str]) -> None:
    """Check that a database belongs to its repository; one from before there were tokens is checked and gets one.

    Raises DatabaseProblem.
    """
    if os.path.islink(layout.database):
        # it was not a link before it was opened
        raise _refused(layout.database, "a symbolic link")
    if layout.repository is None:
        return
    own, found = _tokens(layout.repository, layout, db)
    if own != found:
        # another command may be giving the two their token right now
        with writer_lock(layout.lock, patience=_PATIENCE):
            own, found = _tokens(layout.repository, layout, db)
    if own is None and found is None:
        try:
            notices += adopt(layout, db, patience=_PATIENCE)
        except Unstamped:
            pass  # the database is fine; a command that can write will give it the token
    elif own != found:
        raise DatabaseProblem("%s was not made for this repository" % layout.database, hint=ADOPT)


def _tokens(repository: Repository, layout: Layout, db: Connection) -> Tuple[Optional[str], Optional[str]]:
    """Return the repository's token and the database's."""
    with connection.translated(layout.database):
        found = project_rows.read_token(db)
    return read_repository_token(repository.common_dir), found


def _check_missions(layout: Layout) -> None:
    for path in (os.path.dirname(layout.missions), layout.missions):
        if os.path.islink(path) and leads_out(layout.root, path):
            raise FileProblem("%s is a link out of the project" % path, hint="put a real folder in its place")


def _check_kinds(home: str) -> List[Tuple[str, int]]:
    """Return the folder and the database, with their owners."""
    try:
        info = os.lstat(home)
    except (FileNotFoundError, NotADirectoryError):
        return []
    if not stat.S_ISDIR(info.st_mode):
        raise _refused(home, _kind(info.st_mode))
    owned = [(home, info.st_uid)]
    for entry in _entries(home):
        is_file = entry.is_file(follow_symlinks=False)
        if not is_file and not entry.is_dir(follow_symlinks=False):
            raise _refused(entry.path, _kind(entry.stat(follow_symlinks=False).st_mode))
        if is_file if entry.name in _FOLDERS else (not is_file and entry.name.startswith(_FILES)):
            raise _refused(entry.path, "a file" if is_file else "a folder")
        if entry.name == "memory.db":
            owned.append((entry.path, entry.stat(follow_symlinks=False).st_uid))
    return owned


def _entries(home: str) -> List[os.DirEntry[str]]:
    try:
        with os.scandir(home) as entries:
            return list(entries)
    except OSError as error:
        raise FileProblem("%s cannot be read: %s" % (home, error.strerror)) from None


def _refused(path: str, kind: str) -> FileProblem:
    hint = "cmosctl does not put such a thing there: find out where it comes from, and move it away"
    return FileProblem("%s is %s: it is not used" % (path, kind), hint=hint)


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    return "a file" if stat.S_ISREG(mode) else "neither a file nor a folder"


def _own_ids() -> List[Optional[int]]:
    """Return the users whose files git accepts by default."""
    own = os.geteuid() if hasattr(os, "geteuid") else 0
    behind = os.environ.get("SUDO_UID", "")
    return [own, int(behind)] if own == 0 and behind.isdigit() else [own]


def _check_tracked(layout: Layout) -> None:
    found = layout.repository
    if found is None or found.main_top is None:
        return
    inside = os.path.relpath(layout.home, found.main_top).replace(os.sep, "/")
    names = tracked(found.main_top, found.common_dir, inside)
    if not names:
        return
    hint = "git rm -r --cached %s" % inside
    if any(os.path.basename(name).startswith("memory.db") for name in names):
        # whoever can push can then write it, and has read its token
        renew_repository_token(found.common_dir)
        hint += ", and then, if the database is yours: cmosctl init --adopt"
    raise DatabaseProblem("git tracks %s: it is not used" % names[0], hint=hint)


#: Values of core.sharedRepository that share nothing.
_NOT_SHARED = (None, "umask", "false", "0", "no", "off")


def _check_owner(layout: Layout, path: str, uid: int) -> None:
    """Refuse a path of a user whom git would not accept here. Raises DatabaseProblem, GitProblem."""
    from cmos.git import process

    if layout.repository is None:
        safe = (process.ask(os.sep, "config", "--get-all", "safe.directory") or "").splitlines()
        if "*" not in safe and layout.root not in safe:
            hint = "if you trust it: git config --global --add safe.directory %s" % layout.root
            raise DatabaseProblem("%s belongs to another user" % path, hint=hint)
        return
    # git itself checks the owner of its folder
    process.run(layout.repository.top, "rev-parse", "--git-dir")
    if uid != os.stat(layout.repository.common_dir).st_uid and not _is_shared(layout.repository):
        hint = "if you share this repository: git config core.sharedRepository group"
        raise DatabaseProblem("%s belongs to another user than the repository" % path, hint=hint)


def _is_shared(repository: Repository) -> bool:
    from cmos.git import process

    return process.ask(repository.top, "config", "--get", "core.sharedRepository") not in _NOT_SHARED


class Unstamped(DatabaseProblem):
    """A sound database that could not be given a token, because nothing can be written there now."""


def adopt(layout: Layout, db: Connection, *, patience: float = PATIENCE) -> List[str]:
    """Check a database and give it the token of its repository; return a line for the user.

    Raises DatabaseProblem for one that is refused, Unstamped when the token cannot be written.
    """
    check_content(layout, db)
    if layout.repository is None:
        return []
    try:
        with writer_lock(layout.lock, patience=patience), connection.translated(layout.database):
            stamp(layout, db)
    except (OSError, DatabaseProblem) as problem:
        why = problem.message if isinstance(problem, DatabaseProblem) else str(problem)
        raise Unstamped("%s is not taken over: %s" % (layout.database, why)) from None
    return ["%s belongs to this repository from now on" % layout.database]


def check_content(layout: Layout, db: Connection) -> None:
    """Check that a database holds only what cmosctl puts there. Raises DatabaseProblem."""
    with connection.translated(layout.database):
        found = project_rows.foreign_content(db)
    if found:
        hint = "to start without it, move the folder %s out of the project" % layout.home
        raise DatabaseProblem("%s is not taken over: %s" % (layout.database, found), hint=hint)


def stamp(layout: Layout, db: Connection) -> None:
    """Give a database the token of its repository, which is made if need be. Call it under the lock. Raises OSError."""
    assert layout.repository is not None
    folder = layout.repository.common_dir
    with connection.immediate(db):
        project_rows.put_token(db, read_repository_token(folder) or renew_repository_token(folder))


def read_repository_token(common_dir: str) -> Optional[str]:
    """Return the repository's token; None when it has none."""
    try:
        with open(_token_path(common_dir), encoding="ascii", errors="replace") as file:
            return file.read(100).strip() or None
    except OSError:
        return None


def renew_repository_token(common_dir: str) -> str:
    """Give the repository a new random token and return it. Raises OSError."""
    from cmos.files.write import write_whole

    token = os.urandom(16).hex()
    os.makedirs(os.path.dirname(_token_path(common_dir)), exist_ok=True)
    write_whole(_token_path(common_dir), token.encode("ascii") + b"\n")
    return token


def _token_path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "token")
