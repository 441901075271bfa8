"""Looking at a mission file without parsing it: its text, and where its id stands."""

from __future__ import annotations

import os
import re
from typing import Optional

_ID_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:\{[ \t]*)?["']?(?:missionId|mission_id|id|mission)["']?[ \t]*:[ \t]*["']?([^\s"',}]+)""",
    re.MULTILINE,
)


def text_of(root: str, path: str) -> Optional[str]:
    """Return the text of a file of the project; None when it cannot be read. Bytes that are not UTF-8 are replaced."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            return file.read().decode("utf-8-sig", "replace")
    except OSError:
        return None


def line_of(text: str, file_id: str) -> int:
    """Return the line, from 1, on which an id is given; 1 when it is not to be found."""
    for found in _ID_LINE.finditer(text):
        if found.group(1) == file_id:
            return text.count("\n", 0, found.start(1)) + 1
    return 1
