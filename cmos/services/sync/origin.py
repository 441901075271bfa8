"""Where the present content of files comes from: a hand, or git (SYNC.md S3 and S7)."""

from __future__ import annotations

import hashlib
import os
from typing import Dict, Iterable, List, Optional, Set, Tuple

from cmos.core import decide
from cmos.core.errors import GitProblem
from cmos.files.reader import read
from cmos.files.scan import digest
from cmos.services.layout import Layout
from cmos.services.sync.survey import Found
from cmos.store import base, scans
from cmos.store.connection import Connection
from cmos.vcs import tree
from cmos.vcs.head import Head, head, may_skip

#: Commits per file that are looked through for the nearest one that was synced.
_DEPTH = 50
_INSIDE = "cmos/missions"

#: What a file says of its missions, by (id there, kind of record).
Values = Dict[Tuple[str, str], Dict[str, Optional[str]]]


class Origins:
    """Asks git about changed files, as late and as seldom as can be: most differ in nothing that counts.

    Outside of git everything is from a hand. Where git does not answer, nothing is: a value
    is then noted, and never put back.
    """

    def __init__(self, layout: Layout, db: Connection, files: Iterable[Found]) -> None:
        self._layout = layout
        self._db = db
        # of a file that was never read there is nothing to compare
        self._files = {found.path: found for found in files if found.before is not None}
        self._now: Optional[Head] = head(layout.repository) if layout.repository else None
        self._before = scans.head(db, layout.worktree) or ""
        self._kinds: Optional[Dict[str, str]] = None
        self._tree: Optional[Dict[str, str]] = None
        self._contents: Dict[str, Optional[bytes]] = {}
        self._old: Optional[Dict[str, Optional[bytes]]] = None
        self._near: Optional[Dict[str, bytes]] = None
        self._forward: Optional[bool] = None
        self._left_out: Optional[Set[str]] = None

    def kind(self, path: str) -> str:
        """Return GIT or HAND."""
        if self._kinds is None:
            self._kinds = self._classify()
        return self._kinds.get(path, decide.HAND)

    def said_in_head(self, path: str, key: Tuple[str, str], field: str, value: Optional[str]) -> bool:
        """Say whether HEAD has the value too: then it was not typed, though the file was edited beside it."""
        if not self._has_moved or not self.has(path):
            return False
        said = _values(self._in_head(path)).get(key, {})
        return field in said and decide.same(said[field], value)

    def was_seen(self, path: str, mission_id: str) -> bool:
        """Say whether what HEAD has of the file was synced before."""
        found, content = self._files[path], self._in_head(path)
        known = [found.hash] + ([digest(content)] if content is not None else [])
        return any(base.was_seen(self._db, one, mission_id) for one in known)

    @property
    def is_forward(self) -> bool:
        """True when the same branch moved forward: what it brings is news even if it was seen before."""
        if self._forward is None:
            old, _, branch = self._before.partition(" ")
            now = self._now
            same = now is not None and now.sha is not None and old not in ("", now.sha) and branch == (now.branch or "")
            self._forward = same and tree.is_forward(self._layout.root, old, now.sha if now and now.sha else "")
        return self._forward

    def ancestor(
        self, path: str, key: Tuple[str, str], field: str, *, best: Optional[str]
    ) -> Optional[str]:
        """Return the value that a change is measured from; None if it is unknown.

        That is the old HEAD's where the branch moved forward, else the nearest commit's that
        was synced; of both the one that is equal to ``best``. A commit made since the last sync
        is newer than the old HEAD, and a history that was pulled may hold old news.
        """
        said: List[Optional[str]] = []
        for look in (self._at_old_head, self._nearest):
            values = look(path)
            if values is None:
                continue
            value = values.get(key, {}).get(field)
            if decide.same(value, best):
                return value
            said.append(value)
        return said[0] if said else None

    def has(self, path: str) -> bool:
        """Say whether HEAD has the file; True where git cannot tell."""
        if self._now is None or self._now.sha is None:
            return True
        return path in self._held()

    def explains(self, path: str) -> bool:
        """Say whether a file is gone because git went to a commit that does not have it."""
        return self._has_moved and not self.has(path)

    def left_out(self, gone: Iterable[str]) -> Set[str]:
        """Return those of the files that git is told to leave out of the checkout; asked once."""
        if self._left_out is None:
            self._left_out = set()
            if may_skip(self._layout.repository):
                try:
                    self._left_out = set(tree.skipped(self._layout.root, list(gone)))
                except GitProblem:
                    pass
        return self._left_out

    def remember(self) -> None:
        """Store where the checkout stands, for the next pass to compare with."""
        if self._now is not None and self._has_moved:
            scans.put_head(self._db, self._layout.worktree, self._now.text)

    @property
    def _has_moved(self) -> bool:
        return self._now is not None and self._now.text != self._before

    def _held(self) -> Dict[str, str]:
        if self._tree is None:
            sha = self._now.sha if self._now else None
            self._tree = tree.blobs(self._layout.root, sha, _INSIDE) if sha else {}
        return self._tree

    def _classify(self) -> Dict[str, str]:
        if self._now is None or self._now.sha is None or not self._files:
            return {}
        try:
            held = {path: blob for path, blob in self._held().items() if path in self._files}
            own = [path for path, blob in held.items() if not _is_blob(self._files[path], blob)]
            filtered = dict(zip(own, tree.blob_ids(self._layout.root, self._present(own))))
        except GitProblem:
            return dict.fromkeys(self._files, decide.GIT)
        return {path: decide.GIT for path, blob in held.items() if filtered.get(path, blob) == blob}

    def _present(self, paths: List[str]) -> List[str]:
        # one that vanished meanwhile would end git's listing: better none is asked about
        there = all(os.path.isfile(os.path.join(self._layout.root, path)) for path in paths)
        if not there:
            raise GitProblem("a file is gone")
        return paths

    def _in_head(self, path: str) -> Optional[bytes]:
        if path not in self._contents:
            # all at once: after a checkout there may be a thousand
            wanted = [one for one in self._files if one in self._held()]
            self._contents.update(zip(wanted, self._ask([self._held()[one] for one in wanted])))
        return self._contents.get(path)

    def _at_old_head(self, path: str) -> Optional[Values]:
        if not self.is_forward:
            return None
        if self._old is None:
            # all at once, like the present ones
            names = ["%s:./%s" % (self._before.partition(" ")[0], one) for one in self._files]
            self._old = dict(zip(self._files, self._ask(names)))
        text = self._old[path]
        return None if text is None else _values(text)

    def _nearest(self, path: str) -> Optional[Values]:
        if self._near is None:
            self._near = self._all_nearest()
        text = self._near.get(path)
        return None if text is None else _values(text)

    def _all_nearest(self) -> Dict[str, bytes]:
        """Return of each file the nearest content in its history that was synced: all at once, too."""
        sha = self._now.sha if self._now else None
        present = {path: blob for path, blob in self._held().items() if path in self._files and "\n" not in path}
        if sha is None or not present:
            return {}
        near: Dict[str, bytes] = {}
        waiting = tree.earlier(self._layout.root, sha, present, limit=_DEPTH)
        for depth in range(_DEPTH):
            asked = {path: blobs[depth] for path, blobs in waiting.items() if path not in near and depth < len(blobs)}
            for path, text in zip(asked, self._ask(list(asked.values()))):
                if text is not None and base.is_known(self._db, digest(text)):
                    near[path] = text
        return near

    def _ask(self, names: List[str]) -> List[Optional[bytes]]:
        try:
            return tree.contents(self._layout.root, names)
        except GitProblem:
            return [None] * len(names)


def _is_blob(found: Found, blob: str) -> bool:
    make = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return make(b"blob %d\0" % len(found.data) + found.data).hexdigest() == blob


def _values(text: Optional[bytes]) -> Values:
    if text is None:
        return {}
    return {
        (record.id, record.kind): {name: field.value for name, field in record.fields.items()}
        for record in read(text).records
    }
