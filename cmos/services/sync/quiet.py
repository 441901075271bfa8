"""Whether there is nothing at all to sync, at the least cost: most commands need no more."""

from __future__ import annotations

import os

from cmos.files.scan import ODD, RACY_NS, scan
from cmos.services.behind import is_due
from cmos.services.layout import Layout
from cmos.store import missions, scans
from cmos.store.connection import Connection
from cmos.vcs.head import at_work, head_text


def is_quiet(layout: Layout, db: Connection) -> bool:
    """Say whether every folder is as it was at the last sync and no write waits.

    False means that a survey must look closer, not that something changed.
    """
    if at_work(layout.repository):
        return True  # files that git is moving about say nothing
    if scans.head(db, layout.worktree) != head_text(layout.repository) or is_due(layout, db):
        return False
    if scans.is_waiting(db, layout.worktree) or missions.is_set_by_sql(db) or _lies_aside(layout.aside):
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


def _lies_aside(aside: str) -> bool:
    try:
        return bool(os.listdir(aside))
    except OSError:
        return False
