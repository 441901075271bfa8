"""Looking at a mission file without parsing it: its text, and where its id stands."""

from __future__ import annotations

import re
from typing import Optional

from cmos.files.scan import mission_file, read_regular

_ID_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:\{[ \t]*)?["']?(?:missionId|mission_id|id|mission)["']?[ \t]*:[ \t]*["']?([^\s"',}]+)""",
    re.MULTILINE,
)


def text_of(root: str, path: str) -> Optional[str]:
    """Return the text of a mission file; None when it cannot be read. Bytes that are not UTF-8 are replaced."""
    full = mission_file(root, path)
    try:
        return None if full is None else read_regular(full).decode("utf-8-sig", "replace")
    except OSError:
        return None


def line_of(text: str, file_id: str) -> int:
    """Return the line, from 1, on which an id is given; 1 when it is not to be found."""
    for found in _ID_LINE.finditer(text):
        if found.group(1) == file_id:
            return text.count("\n", 0, found.start(1)) + 1
    return 1
