"""The file in the common git folder with the token of the databases that belong to the repository."""

from __future__ import annotations

import os
from typing import Optional

from cmos.files.replace import write_whole


def read(common_dir: str) -> Optional[str]:
    """Return the repository's token; None when it has none."""
    try:
        with open(_path(common_dir), encoding="ascii", errors="replace") as file:
            return file.read(100).strip() or None
    except OSError:
        return None


def renew(common_dir: str) -> str:
    """Give the repository a new random token and return it. Raises OSError."""
    token = os.urandom(16).hex()
    os.makedirs(os.path.dirname(_path(common_dir)), exist_ok=True)
    write_whole(_path(common_dir), token.encode("ascii") + b"\n")
    return token


def _path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "token")
