"""What hooks did, line by line, in the common git folder."""

from __future__ import annotations

import os
from typing import Sequence

from cmos.core.text import visible
from cmos.files import log_file


def path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "hooks.log")


def write(common_dir: str, head: str, lines: Sequence[str]) -> None:
    """Add what one hook did."""
    told = [head, *("  " + visible(line) for line in lines)]
    log_file.append(path(common_dir), "".join(line + "\n" for line in told))
