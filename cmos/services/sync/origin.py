"""Where the present content of files comes from: a hand, or git (SYNC.md S3 and S7)."""

from __future__ import annotations

import hashlib
import os
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.core import decide
from cmos.core.errors import GitProblem
from cmos.files.reader import read
from cmos.files.scan import digest
from cmos.services.layout import Layout
from cmos.services.sync.survey import Found
from cmos.store import base, scans
from cmos.store.connection import Connection
from cmos.vcs import tree
from cmos.vcs.head import Head, head

#: Commits of one file that are looked through for the nearest one that was synced.
_DEPTH = 50
_INSIDE = "cmos/missions"

#: A mission's values in a file, by (its id there, kind of record).
Values = Dict[Tuple[str, str], Dict[str, Optional[str]]]


class Origin(NamedTuple):
    """Where one file's content comes from."""

    #: FIRST never stands here: it depends on the mission.
    kind: str = decide.HAND
    #: The hash by which the database knows what HEAD has, and what that says of the file's
    #: missions; empty when HEAD does not have the file or did not move.
    hash: str = ""
    in_head: Values = {}
    #: What the commits said that a change may be measured from: the old HEAD where the branch
    #: moved forward, and the nearest commit that was synced. A commit made since the last sync
    #: is newer than the old HEAD, and a history that was pulled may hold old news.
    ancestors: Tuple[Values, ...] = ()
    #: The branch moved forward: what the content says is news even if it was seen before.
    is_forward: bool = False


#: What stands in for files that nothing is known of.
HAND = Origin()


class Origins:
    """Asks git about changed files, once for all of them. Outside of git everything is from a hand."""

    def __init__(self, layout: Layout, db: Connection) -> None:
        self._layout = layout
        self._db = db
        self.now: Optional[Head] = head(layout.repository) if layout.repository else None
        self.before: Optional[str] = scans.head(db, layout.worktree)
        self._tree: Optional[Dict[str, str]] = None

    @property
    def has_moved(self) -> bool:
        return self.now is not None and self.now.text != (self.before or "")

    def of(self, files: Iterable[Found]) -> Dict[str, Origin]:
        """Return the origin of each file, by path."""
        some = list(files)
        if self.now is None or self.now.sha is None or not some:
            return {}
        try:
            return self._of(some)
        except GitProblem:
            # without git's word nothing is taken for typed: see `decide`
            return {found.path: Origin(decide.GIT) for found in some}

    def in_head(self, path: str) -> bool:
        """Say whether HEAD has the file; True where git cannot tell."""
        if self.now is None or self.now.sha is None:
            return True
        return path in self._head_tree()

    def remember(self) -> None:
        """Store where the checkout stands, for the next pass to compare with."""
        if self.now is not None and self.has_moved:
            scans.put_head(self._db, self._layout.worktree, self.now.text)

    def _head_tree(self) -> Dict[str, str]:
        if self._tree is None:
            assert self.now is not None and self.now.sha is not None
            self._tree = tree.blobs(self._layout.root, self.now.sha, _INSIDE)
        return self._tree

    def _of(self, files: List[Found]) -> Dict[str, Origin]:
        held = self._head_tree()
        ours = [found for found in files if not _is_blob(found, held.get(found.path))]
        filtered = dict(zip([found.path for found in ours], self._filtered(ours)))
        origins = {}
        for found in files:
            same = filtered.get(found.path, held.get(found.path)) == held.get(found.path)
            if found.path in held and same:
                origins[found.path] = self._from_git(found, held[found.path])
            elif found.path in held and self.has_moved:
                origins[found.path] = self._from_git(found, held[found.path])._replace(kind=decide.HAND)
            else:
                origins[found.path] = Origin()
        return origins

    def _filtered(self, files: List[Found]) -> List[str]:
        present = [f.path for f in files if os.path.isfile(os.path.join(self._layout.root, f.path))]
        return tree.blob_ids(self._layout.root, present) if len(present) == len(files) else []

    def _from_git(self, found: Found, blob: str) -> Origin:
        content = tree.contents(self._layout.root, [blob])[0]
        known = found.hash if content is None or base.is_known(self._db, found.hash) else digest(content)
        forward, nearest = self._forward(found.path), self._nearest(found)
        ancestors = tuple(values for values in (forward, nearest) if values is not None)
        return Origin(decide.GIT, known, _values(content), ancestors, forward is not None)

    def _forward(self, path: str) -> Optional[Values]:
        """Return what the old HEAD said of a file if the same branch has moved forward from it."""
        assert self.now is not None and self.now.sha is not None
        old, _, branch = (self.before or "").partition(" ")
        if not old or old == self.now.sha or branch != (self.now.branch or ""):
            return None
        if not tree.is_forward(self._layout.root, old, self.now.sha):
            return None
        return _values(tree.contents(self._layout.root, ["%s:./%s" % (old, path)])[0])

    def _nearest(self, found: Found) -> Optional[Values]:
        assert self.now is not None and self.now.sha is not None
        commits = tree.touching(self._layout.root, self.now.sha, found.path, limit=_DEPTH)[1:]
        texts = tree.contents(self._layout.root, ["%s:./%s" % (commit, found.path) for commit in commits])
        for text in texts:
            if text is not None and base.is_known(self._db, digest(text)):
                return _values(text)
        return None


def _is_blob(found: Found, blob: Optional[str]) -> bool:
    if blob is None:
        return False
    make = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return make(b"blob %d\0" % len(found.data) + found.data).hexdigest() == blob


def _values(text: Optional[bytes]) -> Values:
    if text is None:
        return {}
    return {
        (record.id, record.kind): {name: field.value for name, field in record.fields.items()}
        for record in read(text).records
    }
