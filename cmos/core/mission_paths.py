"""Paths of mission files as the database holds them: relative to the project, with slashes."""

from __future__ import annotations

from typing import List, Optional

FOLDER = "cmos/missions"


def parts(path: object) -> Optional[List[str]]:
    """Return the names below ``cmos/missions``; None for what is no path of anything in there."""
    if not isinstance(path, str) or not path.startswith(FOLDER + "/") or "\0" in path:
        return None
    names = path[len(FOLDER) + 1 :].split("/")
    return None if any(name in ("", ".", "..") for name in names) else names
