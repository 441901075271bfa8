"""Whether there is nothing at all to sync, at the least cost: most commands need no more."""

from __future__ import annotations

import os
from typing import Iterable, Optional

from cmos.db.connection import Connection
from cmos.files.exchange import is_empty
from cmos.files.scan import ODD, RACY_NS, Stamp, is_text, scan, stamp
from cmos.git.checkout import at_work, head_text
from cmos.missions import rows as mission_rows
from cmos.project.layout import Layout
from cmos.services.behind import is_due
from cmos.store import base, scans


def is_quiet(layout: Layout, db: Connection) -> bool:
    """Say whether every folder is as it was at the last sync and no write waits.

    False means that a survey must look closer, not that something changed.
    """
    if at_work(layout.repository):
        return True  # files that git is moving about say nothing
    if scans.head(db, layout.worktree) != head_text(layout.repository) or is_due(layout, db):
        return False
    if scans.is_waiting(db, layout.worktree) or mission_rows.is_set_by_sql(db) or not is_empty(layout.aside):
        return False
    found = scan(layout.root)
    known = scans.signatures(db, layout.worktree)
    if found.strays or known.pop(ODD, (b"", 0))[0] != found.odd_signature() or len(known) != len(found.folders):
        return False
    for name, folder in found.folders.items():
        signature, checked_ns = known.get(name, (b"", 0))
        if signature != folder.signature or folder.newest_ns + RACY_NS >= checked_ns:
            return False
    return True


def has_changed(layout: Layout, db: Connection, paths: Iterable[str]) -> bool:
    """Say whether one of some files, by absolute path, is surely not as it was; False says nothing."""
    if at_work(layout.repository):
        return False
    for path in filter(is_text, paths):
        known = base.stamp_of(db, layout.worktree, os.path.relpath(path, layout.root))
        if known is not None and known != _stamp(path):
            return True
    return False


def _stamp(path: str) -> Optional[Stamp]:
    try:
        return stamp(os.lstat(path))
    except OSError:
        return None
