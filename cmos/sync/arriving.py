"""What a checkout brought: whether a value is news, which earlier value it replaces, and which commit set it (S7)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Optional, Tuple

from cmos.clock import of_seconds
from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.core.status import QUEUED
from cmos.git import branches, objects
from cmos.git.head import Head, short
from cmos.git.objects import Wrote
from cmos.missionfile.reader import read
from cmos.missionfile.records import Contents, Record
from cmos.project import rows as project_rows
from cmos.sync import rows as sync_rows
from cmos.sync import rules
from cmos.sync import survey as surveys

if TYPE_CHECKING:
    from cmos.project.project import Project

#: How many commits and contents are searched for the history of a value.
_COMMITS = 500
_CONTENTS = 50
#: For how many files of one pass git is asked which commit wrote a line.
_FILES = 500
#: The id that a reflog gives for a branch without commits.
_NOTHING = "0" * 40

#: The missions folder, relative to the project.
INSIDE = "cmos/missions"

Key = Tuple[str, str]
#: The records of some files, by path.
_Said = Dict[str, Dict[Key, Record]]


class Brought(NamedTuple):
    """The commit that brought a value."""

    sha: str
    #: When it was committed, in UTC, and by whom.
    ts: str
    by: str


class Arriving:
    """Asks git about the commits since the last look, but only when a value differs."""

    def __init__(self, project: Project, now: Optional[Head], *, most: Optional[int] = _FILES) -> None:
        self._project = project
        self._layout = project.layout
        self._now = now
        self._most = most
        #: The present contents of the files, by path; the pass sets them.
        self.contents: Dict[str, Tuple[bytes, Contents]] = {}
        self._start: Optional[str] = None
        self._arrived: Optional[bool] = None
        self._seen: List[str] = sync_rows.looked_commits(project.db) if now else []
        self._since: Optional[List[_Said]] = None
        self._changes: Optional[List[objects.Change]] = None
        self._texts: Dict[str, Dict[Key, Record]] = {}
        self._wrote: Dict[str, Dict[int, Wrote]] = {}

    @property
    def place(self) -> str:
        """Where the checkout stands, in words."""
        name = short(self._now.branch) if self._now else None
        return "on branch %s" % name if name else "at this commit"

    @cached_property
    def on_trunk(self) -> bool:
        return surveys.is_on_trunk(self._project)

    @property
    def is_first(self) -> bool:
        """True when no commit was ever looked at: the first look takes everything as it is."""
        return not self._seen

    @cached_property
    def is_beginning(self) -> bool:
        """True when the repository had no commit at the last look, and all of them were made here since."""
        if self._seen or self._now is None or not sync_rows.last_head(self._project):
            return False
        assert self._layout.repository is not None
        moves = branches.forward_moves(self._layout.repository, self._now.branch)
        return bool(moves) and moves is not None and moves[-1][0] == _NOTHING

    @property
    def arrived(self) -> bool:
        """True when the values of HEAD count here: the branch moved forward, or the trunk has the commit.

        Not after a checkout, a reset or a look at another's branch, and not for what is behind a commit
        that was looked at before.
        """
        if self._arrived is None:
            try:
                self._arrived = self._has_arrived()
            except GitProblem:
                self._arrived = False
        return self._arrived

    def base(self, one: str, key: Key, field: str, *, value: Optional[str], database: Optional[str]) -> Optional[str]:
        """Return the earlier value that a value in HEAD is compared with; None if no ancestor is known.

        Of what the commits before said, and those on the way, the one that the database agrees with.
        """
        try:
            return rules.base_of(database, self._before(one, key, field, value))
        except GitProblem:
            return None

    def brought(self, path: str, key: Key) -> Optional[Brought]:
        """Return the commit that set the status of a record, also if the file has moved since."""
        try:
            found = self._blame(path, key)
        except GitProblem:
            return None
        return None if found is None else Brought(found.sha, of_seconds(found.time), found.committer)

    def _has_arrived(self) -> bool:
        repository, now = self._layout.repository, self._now
        if repository is None or now is None or now.sha is None:
            return False
        if not self._seen:
            return self.is_beginning
        old = sync_rows.looked_at(self._project.db, surveys.look_name(now, self._layout.worktree))
        if old == now.sha:
            return False
        self._start = self._forward_from(old)
        if self._start is not None:
            return True
        if objects.is_behind(self._layout.root, now.sha, self._seen):
            return False
        trunk = project_rows.get_state(self._project.db, "trunk")
        tips = branches.trunk_tips(repository, but=now.branch or "", first=trunk)
        return objects.is_behind(self._layout.root, now.sha, tips)

    def _forward_from(self, old: Optional[str]) -> Optional[str]:
        """Return the commit that the branch moved forward from, one that was looked at; None if it did not."""
        assert self._layout.repository is not None and self._now is not None and self._now.sha is not None
        moves = branches.forward_moves(self._layout.repository, self._now.branch)
        if moves is None:
            # without a reflog only the commits can tell
            return old if old and objects.is_behind(self._layout.root, old, [self._now.sha]) else None
        if not moves or moves[0][1] != self._now.sha:
            return None
        before = [move[0] for move in moves]
        seen = next((sha for one in ([old], self._seen) for sha in before if sha in one), None)
        if seen is not None:
            return seen
        return before[-1] if objects.is_behind(self._layout.root, before[-1], self._seen) else None

    def _before(self, path: str, key: Key, field: str, value: Optional[str]) -> Iterator[Optional[str]]:
        """Yield the values before HEAD: those of the commits it is compared with, then those in between."""
        for said in self._all_since():
            record = _record(said, path, key)
            if record is None and path not in said:
                yield value  # the file is as it was
            else:
                # a mission that was not mentioned was not done
                yield record.fields[field].value if record and field in record.fields else QUEUED
        places = {path} | {one for said in self._all_since() for one, records in said.items() if key in records}
        looked = 0
        for change in self._on_the_way():
            if change.path in places and change.new is not None and looked < _CONTENTS:
                looked += 1
                record = _record({change.path: self._read(change.new)}, change.path, key)
                if record is not None and field in record.fields:
                    yield record.fields[field].value

    def _all_since(self) -> List[_Said]:
        """Return, for each commit to compare with, the records in which it differs from HEAD."""
        if self._since is None:
            assert self._now is not None and self._now.sha is not None
            root, sha = self._layout.root, self._now.sha
            commits = (
                [self._start]
                if self._is_in_line() and self._start
                else objects.nearest_ancestors(root, sha, self._seen)
            )
            self._since = [self._compare(one, sha) for one in commits[:5]]
        return self._since

    def _is_in_line(self) -> bool:
        assert self._now is not None and self._now.sha is not None
        return self._start is not None and objects.is_behind(self._layout.root, self._start, [self._now.sha])

    def _compare(self, old: str, new: str) -> _Said:
        changed = objects.differing(self._layout.root, old, new, INSIDE)
        blobs = [change.old for change in changed if change.old is not None]
        self._read_all(blobs)
        return {change.path: self._read(change.old) for change in changed}

    def _on_the_way(self) -> List[objects.Change]:
        if self._changes is None:
            assert self._now is not None and self._now.sha is not None
            start = [self._start] if self._start is not None and self._is_in_line() else self._seen
            commits = [self._now.sha, *("^%s" % sha for sha in start)]
            self._changes = objects.changes(self._layout.root, commits, INSIDE, limit=_COMMITS)
        return self._changes

    def _read(self, blob: Optional[str]) -> Dict[Key, Record]:
        if blob is None:
            return {}
        self._read_all([blob])
        return self._texts[blob]

    def _read_all(self, blobs: Iterable[str]) -> None:
        new = [blob for blob in dict.fromkeys(blobs) if blob not in self._texts]
        for blob, text in zip(new, objects.contents(self._layout.root, new)):
            records = read(text).records if text is not None else ()
            # a part that did not parse was never taken in
            self._texts[blob] = {(record.id, record.kind): record for record in records if record.whole}

    def _blame(self, path: str, key: Key) -> Optional[Wrote]:
        data, contents = self.contents.get(path, (b"", None))
        record = next((one for one in contents.records if (one.id, one.kind) == key), None) if contents else None
        if record is None or "status" not in record.fields or self._now is None or self._now.sha is None:
            return None
        if path not in self._wrote and self._most is not None and len(self._wrote) >= self._most:
            return None
        if path not in self._wrote:
            records = [one for one in contents.records if "status" in one.fields] if contents else []
            lines = [line_of(data, one, "status") for one in records]
            self._wrote[path] = objects.wrote(self._layout.root, self._now.sha, path, lines)
        return self._past_other_edits(self._wrote[path].get(line_of(data, record, "status")), data, record, key)

    def _past_other_edits(self, found: Optional[Wrote], data: bytes, record: Record, key: Key) -> Optional[Wrote]:
        """Follow a line that holds more than the status back to the commit that changed the status."""
        assert self._layout.repository is not None
        top, status = self._layout.repository.top, record.fields["status"].value
        for _ in range(10):
            if found is None or found.previous is None or b"{" not in _line(data, record):
                return found
            data = objects.contents(top, ["%s:%s" % found.previous])[0] or b""
            before = next((one for one in read(data).records if (one.id, one.kind) == key), None)
            said = before.fields.get("status") if before is not None else None
            if before is None or said is None or not rules.same(said.value, status):
                return found
            record = before
            line = line_of(data, record, "status")
            found = objects.wrote(top, *found.previous, [line]).get(line)
        return found


def line_of(data: bytes, record: Record, field: str) -> int:
    """Return the line that a field's value stands on, from 1."""
    text = data.decode("utf-8", "replace").lstrip("\ufeff")
    return text.count("\n", 0, record.fields[field].start) + 1


def _line(data: bytes, record: Record) -> bytes:
    return data.split(b"\n")[line_of(data, record, "status") - 1]


def _record(said: _Said, path: str, key: Key) -> Optional[Record]:
    """Return the record of a file, or the one with its id in another file: a mission may have moved."""
    if path in said and key in said[path]:
        return said[path][key]
    alike = [record for records in said.values() for one, record in records.items() if one == key]
    return next(iter(alike), None)
