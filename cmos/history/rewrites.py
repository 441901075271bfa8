"""Finds the session of a commit that is a rewritten version of a logged one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence

from cmos.core.text import loads
from cmos.history import rows as history_rows
from cmos.history import walk
from cmos.history.naming import Commit

if TYPE_CHECKING:
    from cmos.db.connection import Connection

_SHA = re.compile(r"[0-9a-f]{7,64}")
#: Keys under which other logs keep the id of a commit.
_NAMES = ("sha", "hash", "commit", "commit_hash", "commitHash")


class Rewritten:
    """Tells, for the commits being logged, which are rewritten versions of others."""

    def __init__(self, db: Connection, folder: str, heads: Sequence[str], old: Mapping[str, Sequence[str]]) -> None:
        self._db = db
        self._folder = folder
        #: The commits whose history is being logged.
        self._heads = heads
        #: New commits with the old ones that git says they replace.
        self._old = old
        self._imported: Optional[Dict[str, str]] = None
        self._apart: Dict[str, bool] = {}
        self._patches: Dict[str, Optional[str]] = {}
        self._parents: Dict[str, Sequence[str]] = {}

    def look_at(self, batch: Sequence[Commit]) -> None:
        """Ask git about many commits at once; about any other it is asked one by one."""
        self._parents.update((commit.sha, commit.parents) for commit in batch)
        self._apart.update((commit.sha, False) for commit in batch)  # they lead to the heads
        pairs = [
            (commit.sha, history_rows.alike(self._db, commit)) for commit in batch if not self._old.get(commit.sha)
        ]
        alike = [(sha, same) for sha, same in pairs if same]
        self._ask_apart([one.sha for _, same in alike for one in same])
        self._ask_patches([*(sha for sha, _ in alike), *(one.sha for _, same in alike for one in same)])

    def session_of(self, commit: Commit) -> Optional[str]:
        """Return the key of the session of a commit; None if it is new."""
        return self._known_as(commit.sha) or self._replaces(commit.sha) or self._same_as(commit)

    def _known_as(self, sha: str) -> Optional[str]:
        if self._imported is None:
            self._imported = {}
            for key, details in history_rows.imported(self._db):
                for one in _ids(details):
                    self._imported.setdefault(one[:7], "")
                    self._imported[one] = key
        if sha[:7] not in self._imported:
            return None
        return next((key for one, key in self._imported.items() if key and sha.startswith(one)), None)

    def _replaces(self, sha: str) -> Optional[str]:
        """Follow the commits that this one replaces, as git says, to one that is logged."""
        waiting, seen = list(self._old.get(sha, ())), {sha}
        while waiting:
            old = waiting.pop(0)
            key = history_rows.session_key(self._db, old)
            if key is not None:
                return key
            if old not in seen:
                seen.add(old)
                waiting.extend(self._old.get(old, ()))
        return None

    def _same_as(self, commit: Commit) -> Optional[str]:
        """Return the session of a commit that this one is a copy of, when git does not say so.

        A copy has the author, the author's time and the subject of what it was. So may two
        commits that a script made within a second: they are on one line of history, or
        change different things while both are on a branch.
        """
        alike = history_rows.alike(self._db, commit)
        if not alike:
            return None
        self._ask_apart([one.sha for one in alike])
        for one in alike:
            apart = self._apart[one.sha]
            if not apart and self._in_line(one.sha, commit.sha):
                continue
            if self._changes_the_same(one.sha, commit.sha) or (apart and self._is_gone(one.sha)):
                return one.session_key
        return None

    def _ask_apart(self, shas: Iterable[str]) -> None:
        new = [sha for sha in shas if sha not in self._apart]
        if new:
            apart = walk.outside(self._folder, self._heads, new)
            self._apart.update((sha, sha in apart) for sha in new)

    def _ask_patches(self, shas: Iterable[str]) -> None:
        new = [sha for sha in shas if sha not in self._patches]
        kept = history_rows.patch_ids(self._db, new)
        found = walk.patch_ids(self._folder, [sha for sha in new if sha not in kept])
        # commits that are not logged yet have no row: their patch id is asked for again if needed
        history_rows.put_patch_ids(self._db, found)
        self._patches.update((sha, kept.get(sha) or found.get(sha)) for sha in new)

    def _in_line(self, one: str, other: str) -> bool:
        # a script makes a hundred commits within a second: git is asked only about what was logged before
        if self._is_known_to_lead(one, other):
            return True
        return walk.leads_to(self._folder, one, other) or walk.leads_to(self._folder, other, one)

    def _is_known_to_lead(self, old: str, new: str) -> bool:
        """Say whether the commits that are being logged lead from one to the other."""
        waiting, seen = [new], set()
        while waiting:
            sha = waiting.pop()
            if sha == old:
                return True
            if sha not in seen:
                seen.add(sha)
                waiting += self._parents.get(sha, ())
        return False

    def _changes_the_same(self, one: str, other: str) -> bool:
        self._ask_patches((one, other))
        return self._patches[one] is not None and self._patches[one] == self._patches[other]

    def _is_gone(self, sha: str) -> bool:
        return not walk.is_on_a_branch(self._folder, sha)


def _ids(details: str) -> Iterator[str]:
    """Yield the commit ids in the details of a session that was written by hand or by another tool."""
    try:
        value = loads(details)
    except ValueError:
        return
    inner = value.get("details") if isinstance(value, dict) else None
    holders: List[object] = [value, inner]
    for holder in holders:
        for name in _NAMES:
            found = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(found, str) and _SHA.fullmatch(found):
                yield found
