"""A log that stays small: beyond its limit the older half goes."""

from __future__ import annotations

import os

#: Bytes that a log may have.
LIMIT = 256 * 1024


def append(path: str, text: str) -> None:
    """Add a text. Where nothing can be written, nothing is: a log is not worth a failure."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            size = file.tell()
        if size > LIMIT:
            _cut(path)
    except OSError:
        pass


def _cut(path: str) -> None:
    # in its place: a process that was started with the log as its stderr still writes to this very file
    with open(path, "r+b") as file:
        file.seek(-LIMIT // 2, os.SEEK_END)
        rest = file.read().partition(b"\n")[2]
        file.seek(0)
        file.write(rest)
        file.truncate()
