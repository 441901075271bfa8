"""The path of cmosctl that a hook can rely on."""

from __future__ import annotations

import os
import re
from typing import Iterator, Optional

NAME = "cmosctl"
# caches of uv, pipx, pre-commit and prek: what lies there goes without notice
_FLEETING = re.compile(
    r"/(?:archive-v\d+|environments-v\d+|builds-v\d+|\.cache/pipx|pipx/\.cache|py_env-[^/]+|prek/hooks)/"
)


def find(started_as: str, search_path: str) -> Optional[str]:
    """Return the absolute path of the console script that this process was started as, else one on the PATH.

    Links are not resolved: a shim of pipx or uv stays while what is behind it moves.
    None when all there is lies in a cache.
    """
    for path in _candidates(started_as, search_path):
        if os.path.isfile(path) and os.access(path, os.X_OK) and not _is_fleeting(path):
            return os.path.abspath(path)
    return None


def _candidates(started_as: str, search_path: str) -> Iterator[str]:
    if os.path.basename(started_as) == NAME and os.sep in started_as:
        yield started_as
    for folder in filter(None, search_path.split(os.pathsep)):
        yield os.path.join(folder, NAME)


def _is_fleeting(path: str) -> bool:
    return any(_FLEETING.search(seen) for seen in (os.path.abspath(path), os.path.realpath(path)))
