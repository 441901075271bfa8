"""The pre-push check of the mission files that pushed commits change."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Optional, Tuple

from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.core.status import standard
from cmos.db.connection import Connection
from cmos.files.scan import is_mission_file
from cmos.git import objects, process
from cmos.git.objects import Change
from cmos.missionfile.reader import conflict, decode, read
from cmos.missionfile.records import Contents, Record
from cmos.missionfile.tree import position
from cmos.missions import rows as mission_rows
from cmos.project.layout import Layout
from cmos.sync.rules import alike

#: Kind of a record that is a mission's own document.
_FILE = "file"


class Version(NamedTuple):
    """A file at one commit."""

    contents: Contents
    #: The line of git's conflict markers; None when there are none.
    conflict: Optional[int] = None

    @property
    def ids(self) -> List[Record]:
        """The missions whose own document this is."""
        return [record for record in self.contents.records if record.kind == _FILE and record.whole]


class Pushed(NamedTuple):
    """A mission file that pushed commits change."""

    path: str
    #: As it was before them; None when it is new.
    before: Optional[Version]
    after: Version

    @property
    def new_ids(self) -> List[Record]:
        """The missions that were not in it before."""
        old = {record.id for record in self.before.ids} if self.before else set()
        return [record for record in self.after.ids if record.id not in old]

    @property
    def new_statuses(self) -> List[Tuple[Record, str]]:
        """The statuses that the pushed commits write."""
        old = {(record.id, record.kind): status for record, status in _statuses(self.before)} if self.before else {}
        new = _statuses(self.after)
        return [(record, status) for record, status in new if old.get((record.id, record.kind)) != status]


def breakage(file: Pushed) -> Optional[str]:
    """Say why a file must not be pushed; None when the push breaks nothing in it."""
    if file.after.conflict is not None:
        return "%s:%d: git's conflict markers" % (file.path, file.after.conflict)
    faults = file.after.contents.faults
    if faults and file.before is not None and not file.before.contents.faults:
        return "%s:%d:%d: no longer valid: %s" % (file.path, faults[0].line, faults[0].column, faults[0].cause)
    return None


def twice(introduced: Dict[str, List[Record]], others: Dict[str, List[Record]]) -> List[str]:
    """Return a line for each new id that also stands elsewhere. Both arguments are by path."""
    places: Dict[str, List[str]] = {}
    for path, records in others.items():
        for record in records:
            places.setdefault(record.id, []).append("%s:%d" % (path, record.line))
    new = {record.id for records in introduced.values() for record in records}
    found = [(mission_id, places.get(mission_id, [])) for mission_id in sorted(new)]
    return ["%s is given more than once: %s" % (id, ", ".join(where)) for id, where in found if len(where) > 1]


def _statuses(version: Version) -> Iterable[Tuple[Record, str]]:
    for record in version.contents.records:
        status = standard(record.fields["status"].value) if "status" in record.fields else None
        if status and record.whole:
            yield record, status


def pushed_changes(top: str, local: str, *, known: Optional[str], remote: str, inside: str) -> List[Change]:
    """Return what the first commit that the remote lacks did to each file below ``inside``, up to ``local``.

    Paths are relative to the checkout's top. ``known`` is the commit that the remote is at, if it says so. A merge
    changes only what differs from all its parents. Raises GitProblem.
    """
    has = ["^" + known] if known and _is_here(top, known) else []
    # asked for by pattern: the name may be an address, which then fits no ref
    answer = process.run(
        top,
        *("log", "--format=", "--raw", "-c", "-z", "--no-abbrev", "--no-renames", "--reverse", "--topo-order"),
        *("--not", "--remotes=" + _literal(remote), "--not", "--end-of-options", local, *has, "--", inside),
    )
    first: Dict[str, Change] = {}
    for change in objects.read_changes(answer):
        first.setdefault(change.path, change)
    return list(first.values())


def pushed_commit(top: str, name: str) -> str:
    """Return the id of a commit, given by any name. Raises GitProblem."""
    found = process.run(top, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")
    return found.decode("ascii").split()[-1]


def commits_holding(top: str, revision: str, texts: List[str], *, inside: str) -> List[str]:
    """Return the files below ``inside`` of a commit that hold one of the texts. Raises GitProblem."""
    wanted = [word for text in texts for word in ("-e", text)]
    answer = process.run(top, "grep", "-l", "-z", "-F", *wanted, revision, "--", inside)
    return [name.partition(":")[2] for name in os.fsdecode(answer).split("\0") if name]


def _is_here(top: str, name: str) -> bool:
    try:
        pushed_commit(top, name)
    except GitProblem:
        return False
    return True


def _literal(remote: str) -> str:
    # "*" would stand for all remotes; a name that has it asks for none, which only looks at more
    return remote if remote and not set(remote) & set("*?[\\") else "/"


#: Changed files to check, and files to search for an id's second use: a push must not wait long.
_MOST = 2000
_OTHERS = 300


class Push(NamedTuple):
    """One ref that is pushed."""

    #: A commit, or a name of one.
    local: str
    #: The commit that the remote is at; None when it has no such ref.
    known: Optional[str]
    #: The name of the remote, or its address.
    remote: str


class Verdict(NamedTuple):
    """The outcome of the check."""

    #: Reasons to stop the push.
    problems: List[str]
    #: Pushed statuses: mission id, status, path.
    statuses: List[Tuple[str, str, str]]
    #: What was not checked.
    notes: List[str]


def check_push(layout: Layout, push: Push) -> Verdict:
    """Check the mission files that a push changes, as they are in the commit that is pushed. Raises GitProblem."""
    top = layout.repository.top if layout.repository else layout.root
    inside = os.path.relpath(layout.missions, top)
    local = pushed_commit(top, push.local)
    found = pushed_changes(top, local, known=push.known, remote=push.remote, inside=inside)
    wanted = [change for change in found if _is_mission_file(change.path, inside)]
    files = _pushed(top, local, wanted[:_MOST])
    problems = [why for why in map(breakage, files) if why]
    problems += _twice(top, local, inside, files)
    statuses = [(record.id, status, file.path) for file in files for record, status in file.new_statuses]
    text = "only the first %d of %d mission files in this push were checked"
    return Verdict(problems, statuses, [text % (_MOST, len(wanted))] if len(wanted) > _MOST else [])


def drift(db: Connection, statuses: List[Tuple[str, str, str]]) -> List[str]:
    """Return a line for each pushed status that differs from the database's."""
    known = mission_rows.get_many(db, {mission_id for mission_id, _, _ in statuses})
    text = "%s is pushed as %s (%s); the database says %s"
    rows = [(known.get(mission_id), status, path) for mission_id, status, path in statuses]
    others = [(row, status, path) for row, status, path in rows if row and not alike(row.status, status)]
    return [text % (row.id, status, path, row.status) for row, status, path in others]


def _is_mission_file(path: str, inside: str) -> bool:
    """Say whether sync would read the file."""
    return is_mission_file(os.path.relpath(path, inside).split("/"))


def _pushed(top: str, local: str, changes: List[Change]) -> List[Pushed]:
    changes = [change for change in changes if "\n" not in change.path]
    after = _versions(top, ["%s:%s" % (local, change.path) for change in changes])
    before = _versions(top, [change.old or "0" * 40 for change in changes])
    rows = zip(changes, before, after)
    return [Pushed(change.path, old, new) for change, old, new in rows if new is not None]


def _versions(top: str, names: List[str]) -> List[Optional[Version]]:
    return [None if data is None else _version(data) for data in objects.contents(top, names)]


def _version(data: bytes) -> Version:
    text = decode(data).text
    markers = conflict(text)
    return Version(read(data), None if markers is None else position(text, markers)[0])


def _twice(top: str, local: str, inside: str, files: List[Pushed]) -> List[str]:
    introduced = {file.path: file.new_ids for file in files if file.new_ids}
    ids = sorted({record.id for records in introduced.values() for record in records})
    if not ids:
        return []
    paths = [path for path in commits_holding(top, local, ids, inside=inside) if _is_mission_file(path, inside)]
    found = _versions(top, ["%s:%s" % (local, path) for path in paths[:_OTHERS]])
    return twice(introduced, {path: version.ids for path, version in zip(paths, found) if version})
