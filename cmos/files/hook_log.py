"""What hooks did, line by line, in the common git folder."""

from __future__ import annotations

import os
from typing import Sequence

#: Bytes that the log may have; beyond, its older half goes.
LIMIT = 256 * 1024


def path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "hooks.log")


def write(common_dir: str, head: str, lines: Sequence[str]) -> None:
    """Add what one hook did. Where nothing can be written, nothing is."""
    text = "".join(line + "\n" for line in [head, *("  " + line for line in lines)])
    try:
        os.makedirs(os.path.dirname(path(common_dir)), exist_ok=True)
        with open(path(common_dir), "ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            size = file.tell()
        if size > LIMIT:
            _cut(path(common_dir))
    except OSError:
        pass  # a log is not worth a failed hook


def _cut(log: str) -> None:
    from cmos.files.replace import write_whole

    with open(log, "rb") as file:
        file.seek(-LIMIT // 2, os.SEEK_END)
        rest = file.read()
    write_whole(log, rest.partition(b"\n")[2])
