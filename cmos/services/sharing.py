"""Permissions of a project that a group shares: as git gives them to its own files (``core.sharedRepository``)."""

from __future__ import annotations

import os
import stat
from typing import Optional

from cmos.git import process
from cmos.project.layout import Layout

_GROUP, _ALL = 0o660, 0o664


def share(layout: Layout) -> None:
    """Let those whom git's setting names write the project's database, and what lies beside it."""
    bits = _bits(layout)
    if bits is None or layout.repository is None:
        return
    os.makedirs(layout.aside, exist_ok=True)
    for folder in (layout.home, layout.aside, os.path.join(layout.repository.common_dir, "cmos")):
        # what is made in there later belongs to the group too
        _widen(folder, bits | (bits & 0o444) >> 2 | stat.S_ISGID)
    for path in (layout.database, layout.database + "-wal", layout.database + "-shm", layout.lock, layout.copy or ""):
        _widen(path, bits)


def _bits(layout: Layout) -> Optional[int]:
    if layout.repository is None:
        return None
    setting = process.ask(layout.repository.top, "config", "--get", "core.sharedRepository") or "umask"
    if setting.lower() in ("group", "true", "1", "yes", "on"):
        return _GROUP
    if setting.lower() in ("all", "world", "everybody", "2"):
        return _ALL
    # an octal mode says it itself
    return int(setting, 8) & 0o666 if setting.startswith("0") and setting.isdigit() and len(setting) > 1 else None


def _widen(path: str, bits: int) -> None:
    try:
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | bits)
    except OSError:
        pass  # not there, or not ours: its owner has done it
