"""Changes on disk and the position of the checkout, found without parsing."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.files.scan import (
    ODD,
    RACY_NS,
    Folder,
    Row,
    Scan,
    Stamp,
    digest,
    mission_file,
    open_regular,
    scan,
    scan_folder,
    stamp,
)
from cmos.git import branches
from cmos.git.head import Head, head, head_text
from cmos.project import rows as project_rows
from cmos.sync import rows as sync_rows
from cmos.sync.rows import GONE, BaseFile

if TYPE_CHECKING:
    from cmos.project.project import Project

#: How many bytes of one file are read: one more than the largest file that is accepted.
_READ_LIMIT = 1_048_577
_SETTLED_NS = 1_000_000_000
_PAUSE = 0.005


class Found(NamedTuple):
    """A file whose content or stamp has changed since the last sync."""

    path: str
    data: bytes
    hash: str
    stamp: Stamp
    #: When it was read, in nanoseconds since 1970.
    checked_ns: int
    #: Its hash at the last sync; None when it is new.
    before: Optional[str]


class _Once(NamedTuple):
    """One reading of a file."""

    data: bytes
    info: os.stat_result
    #: When that was, in seconds of the monotonic clock.
    at: float


class Survey(NamedTuple):
    """The difference between the files on disk and the base."""

    scan: Scan
    #: Signatures to store once the difference is taken in.
    signatures: Dict[str, bytes]
    stale: List[str]
    checked_ns: int
    #: Files with another content, files with the same content but another stamp, files gone.
    changed: List[Found]
    touched: List[Found]
    gone: List[str]
    #: Files that could not be read: path and why.
    unread: List[Tuple[str, str]]

    @classmethod
    def nothing(cls) -> Survey:
        """Return the survey of a pass that reads no files."""
        return cls(Scan({}, [], [], [], True), {}, [], 0, [], [], [], [])

    @property
    def is_quiet(self) -> bool:
        """True when the files give a sync nothing to do."""
        return not (self.has_changes or self.scan.strays)

    @property
    def has_changes(self) -> bool:
        """True when mission files changed; files that a crash left behind do not count."""
        return bool(self.signatures or self.stale or self.changed or self.touched or self.gone)


def survey(project: Project) -> Survey:
    """Compare the missions folder with the base of this worktree."""
    found, checked = _settled_scan(project.layout.root)
    known = sync_rows.signatures(project)
    result = Survey(found, {}, [], checked, [], [], [], [])
    present = {name: folder.signature for name, folder in found.folders.items()}
    present[ODD] = found.odd_signature()
    for name, signature in present.items():
        before, when = known.pop(name, (b"", 0))
        if before != signature:
            result.signatures[name] = signature
        elif name == ODD or found.folders[name].newest_ns + RACY_NS < when:
            continue
        if name != ODD:
            _compare(project, name, result)
    for name in known:
        result.stale.append(name)
        _all_gone(project, name, result)
    return result


def _settled_scan(root: str) -> Tuple[Scan, int]:
    """Scan once the newest file is old enough to trust its stamp: else every later scan would read it again."""
    found, checked = scan(root), time.time_ns()
    newest = max([folder.newest_ns for folder in found.folders.values()] or [0])
    if newest <= checked <= newest + RACY_NS:
        time.sleep((newest + RACY_NS - checked) / 1e9 + 0.001)
        checked = time.time_ns()
        found = scan(root)
    return found, checked


def survey_folder(project: Project, name: str, found: Scan) -> Survey:
    """Compare with the base one folder that was just written to; ``found`` is updated."""
    checked = time.time_ns()
    found.folders[name] = scan_folder(project.layout.root, name)
    result = Survey(found, {name: found.folders[name].signature}, [], checked, [], [], [], [])
    _compare(project, name, result)
    return result


def _compare(project: Project, name: str, result: Survey) -> None:
    known = sync_rows.files_in(project, name)
    doubtful = []
    for row in result.scan.folders[name].rows:
        before = known.pop(name + "/" + row[0], None)
        if before is None or not _is_sure(before, row):
            doubtful.append((row, name + "/" + row[0], before))
    # read each young file once before any is read again: after a checkout, one pause serves a thousand
    young = [path for row, path, _ in doubtful if _is_young(row[2])]
    first = {path: _try_once(project, path) for path in young}
    for _, path, before in doubtful:
        _look(project, path, before, result, first.pop(path, None))
    result.gone.extend(path for path, file in known.items() if file.hash != GONE)


def _is_sure(before: BaseFile, row: Row) -> bool:
    stays = (before.size, before.mtime_ns, before.ctime_ns, before.inode) == row[1:]
    return stays and before.mtime_ns + RACY_NS < before.checked_ns


def _all_gone(project: Project, name: str, result: Survey) -> None:
    hidden = any(name == folder or name.startswith(folder + "/") for folder in result.scan.unreadable)
    if hidden:
        # a folder that cannot be read says nothing about its files
        result.stale.remove(name)
        return
    result.gone.extend(path for path, file in sync_rows.files_in(project, name).items() if file.hash != GONE)


def _look(project: Project, path: str, before: Optional[BaseFile], result: Survey, first: Optional[_Once]) -> None:
    try:
        found = read(project, path, before.hash if before else None, first=first)
    except FileNotFoundError:
        if before is not None and before.hash != GONE:
            result.gone.append(path)
        return
    except OSError as error:
        result.unread.append((path, "the file cannot be read: %s" % error.strerror))
        return
    # a migration takes the size away from what is to be read anew
    if before is None or found.hash != before.hash or before.size < 0:
        result.changed.append(found)
    elif found.stamp != (before.size, before.mtime_ns, before.ctime_ns, before.inode):
        result.touched.append(found)


def read(project: Project, path: str, before: Optional[str] = None, *, first: Optional[_Once] = None) -> Found:
    """Read one file. One that was written in the last second is read until two readings agree.

    ``first`` is an earlier reading to agree with. Raises OSError as the disk does.
    """
    name = mission_file(project.layout.root, path)
    if name is None:
        raise OSError(errno.ELOOP, "it is not a file of the missions folder, or behind a link")
    last = first or _read_once(name)
    for _ in range(20):
        if last is not first and not _is_young(last.info.st_mtime_ns):
            break
        # an editor may be between truncating and writing
        time.sleep(max(0.0, last.at + _PAUSE - time.monotonic()))
        before_last, last = last, _read_once(name)
        if last.data == before_last.data:
            break
    return Found(path, last.data, digest(last.data), stamp(last.info), time.time_ns(), before)


def _is_young(mtime_ns: int) -> bool:
    return time.time_ns() - mtime_ns <= _SETTLED_NS


def _try_once(project: Project, path: str) -> Optional[_Once]:
    try:
        return _read_once(mission_file(project.layout.root, path) or "")
    except OSError:
        return None  # gone by now, or not to be read: whoever reads it next says so


def _read_once(name: str) -> _Once:
    with open(open_regular(name), "rb") as file:
        # the stamp first: a write during the reading then shows as a newer stamp
        info = os.fstat(file.fileno())
        data = file.read(_READ_LIMIT)
    if info.st_size > len(data):
        data += b"\0%d" % info.st_size
    return _Once(data, info, time.monotonic())


def written(path: str, scanned: Scan, new: Stamp) -> Optional[Tuple[str, bytes]]:
    """Return a folder and its signature after we wrote one of its files; None if it was not scanned."""
    name, _, file = path.rpartition("/")
    folder = scanned.folders.get(name)
    if folder is None:
        return None
    rows = [row if row[0] != file else (file, *new) for row in folder.rows]
    scanned.folders[name] = Folder.of(rows)
    return name, scanned.folders[name].signature


#: Above this many commits that branches have left, the ancestors of the present one are forgotten.
_MANY = 50


def has_moved(project: Project) -> bool:
    """Say whether the checkout has another commit or branch than at the last look."""
    return sync_rows.last_head(project) != head_text(project.layout.repository)


def to_read_again(project: Project) -> List[str]:
    """Return the kinds of issues whose files must be read again, although they did not change.

    What waited for a commit may be in one. On another branch the same contents may have arrived.
    """
    if not has_moved(project):
        return []
    before = sync_rows.last_head(project).partition(" ")[2]
    has_switched = project.layout.repository is not None and before != (head(project.layout.repository).branch or "")
    return ["waiting", "drift"] if has_switched else ["waiting"]


def look_name(now: Head, worktree: str) -> str:
    """Return the name under which the commit of the present branch is stored."""
    return now.branch or "HEAD %s" % worktree


def is_on_trunk(project: Project) -> bool:
    """Say whether the checkout is on the trunk: only there do files hold Current and In Progress."""
    return branches.is_on_trunk(project.layout.repository, first=project_rows.get_state(project.db, "trunk"))


def remember_look(project: Project) -> None:
    """Store that the present commit was looked at; inside a transaction."""
    repository, db = project.layout.repository, project.db
    if repository is None or not has_moved(project):
        return
    now = head(repository)
    first = branches.branch_of_main(repository) if project_rows.get_state(db, "trunk") is None else ""
    if first:
        project_rows.put_state(db, "trunk", first)
    project_rows.put_worktree(db, project.worktree, head=now.text)
    if now.sha is None:
        return
    sync_rows.put_look(db, look_name(now, project.worktree), now.sha)
    left = sync_rows.left_commits(db)
    if len(left) > _MANY:
        from cmos.history import walk

        try:
            sync_rows.forget_looks(db, set(left) - walk.outside(project.layout.root, [now.sha], left))
        except GitProblem:
            pass  # another look will do
