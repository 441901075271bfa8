"""Where the present content of files comes from: a hand, or git (docs/sync.md, S3)."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Set, Tuple

from cmos.core.errors import GitProblem
from cmos.git import objects
from cmos.git.head import Head, head, may_skip
from cmos.missionfile.reader import read
from cmos.sync import rows as sync_rows
from cmos.sync import rules
from cmos.sync.arriving import INSIDE, Arriving
from cmos.sync.survey import Found

if TYPE_CHECKING:
    from cmos.project.project import Project

#: The values of a file, by (id in the file, kind of record) and field.
Values = Dict[Tuple[str, str], Dict[str, Optional[str]]]


class Origins:
    """Answers lazily, in batches: most changed files differ in no synced field.

    Outside of git everything is from a hand. Where git does not answer, nothing is: a value
    is then noted, and never put back.
    """

    def __init__(self, project: Project, files: Iterable[Found]) -> None:
        self._layout = project.layout
        self._files = {found.path: found for found in files}
        self._now: Optional[Head] = head(self._layout.repository) if self._layout.repository else None
        self._before = sync_rows.last_head(project)
        self._tree: Optional[Dict[str, str]] = None
        self._said: Dict[str, Values] = {}
        self._left_out: Optional[Set[str]] = None
        self.arriving = Arriving(project, self._now)

    def kind(self, path: str, key: Tuple[str, str], field: str, value: Optional[str]) -> str:
        """Return HEAD, KNOWN or HAND for a value at one place.

        Of a file that was edited beside it, what this commit or the index says too was not typed.
        """
        kind = self._kinds.get(path, rules.HAND)
        if kind == rules.HEAD or self._now is None or self._now.sha is None:
            return kind
        # if HEAD has not moved, a typed value that equals HEAD's is no news: the edit may have put it back
        if (kind == rules.KNOWN or self._has_moved) and self._says(self._now.sha, path, key, field, value):
            return rules.HEAD
        if kind == rules.KNOWN:
            return kind
        return rules.KNOWN if self._says("", path, key, field, value) and not self._is_same_there(path) else kind

    def is_head(self, path: str) -> bool:
        """Say whether a whole file is as HEAD has it."""
        return self._kinds.get(path) == rules.HEAD

    def has(self, path: str) -> bool:
        """Say whether HEAD has the file; True where git cannot tell."""
        if self._now is None or self._now.sha is None:
            return True
        return path in self._held()

    def explains(self, path: str) -> bool:
        """Say whether a file is gone because git checked out a commit without it."""
        return self._has_moved and not self.has(path)

    def left_out(self, gone: Iterable[str]) -> Set[str]:
        """Return the files that git is told to leave out of the checkout. Git is asked once."""
        if self._left_out is None:
            self._left_out = set()
            if may_skip(self._layout.repository):
                try:
                    self._left_out = set(objects.skipped(self._layout.root, list(gone)))
                except GitProblem:
                    pass
        return self._left_out

    @property
    def _has_moved(self) -> bool:
        return self._now is not None and self._now.text != self._before

    def _held(self) -> Dict[str, str]:
        if self._tree is None:
            sha = self._now.sha if self._now else None
            self._tree = objects.blobs(self._layout.root, sha, INSIDE) if sha else {}
        return self._tree

    @cached_property
    def _kinds(self) -> Dict[str, str]:
        """Of each file that git has, whether HEAD does."""
        if self._now is None or not self._files:
            return {}
        held = self._held()
        kinds = {path: rules.HEAD for path, found in self._files.items() if _is_blob(found, held.get(path))}
        try:
            others = [path for path in self._files if path not in kinds and "\n" not in path]
            blobs = dict(zip(others, objects.blob_ids(self._layout.root, self._present(others))))
            known = objects.known_objects(self._layout.root, blobs.values())
        except GitProblem:
            return {path: kinds.get(path, rules.KNOWN) for path in self._files}
        for path, blob in blobs.items():
            if blob in known:
                kinds[path] = rules.HEAD if held.get(path) == blob else rules.KNOWN
        return kinds

    def _present(self, paths: List[str]) -> List[str]:
        # a file that vanished meanwhile would end git's listing early: ask about none
        there = all(os.path.isfile(os.path.join(self._layout.root, path)) for path in paths)
        if not there:
            raise GitProblem("a file is gone")
        return paths

    def _is_same_there(self, path: str) -> bool:
        """Say whether the index and HEAD agree on a file: nothing is staged."""
        return self._values("", path) == self._values(self._now.sha or "" if self._now else "", path)

    def _says(self, revision: str, path: str, key: Tuple[str, str], field: str, value: Optional[str]) -> bool:
        said = self._values(revision, path).get(key, {})
        return field in said and rules.same(said[field], value)

    def _values(self, revision: str, path: str) -> Values:
        name = "%s:./%s" % (revision, path)
        if name not in self._said:
            try:
                content = objects.contents(self._layout.root, [name])[0] if "\n" not in path else None
            except GitProblem:
                content = None
            self._said[name] = values(content)
        return self._said[name]


def _is_blob(found: Found, blob: Optional[str]) -> bool:
    if blob is None:
        return False
    import hashlib  # loads OpenSSL

    make = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return make(b"blob %d\0" % len(found.data) + found.data).hexdigest() == blob


def values(text: Optional[bytes]) -> Values:
    """Return the values of a content."""
    if text is None:
        return {}
    return {
        (record.id, record.kind): {name: field.value for name, field in record.fields.items()}
        for record in read(text).records
    }
