"""The projects of a repository that are not at its top, which is where git starts hooks."""

from __future__ import annotations

import os
from typing import List

from cmos.files.write import write_whole


def read(common_dir: str) -> List[str]:
    """Return the folders of the projects, relative to the top of a checkout."""
    try:
        with open(_path(common_dir), encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError:
        return []


def add(common_dir: str, folder: str) -> None:
    """Remember the folder of a project. Raises OSError."""
    known = read(common_dir)
    if folder == "." or folder in known or "\n" in folder:
        return
    os.makedirs(os.path.dirname(_path(common_dir)), exist_ok=True)
    text = "".join(line + "\n" for line in [*known, folder])
    write_whole(_path(common_dir), text.encode("utf-8", "surrogateescape"))


def _path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "projects.txt")
