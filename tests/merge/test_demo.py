"""The demo in docs/merging.md, typed as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable

LIST = re.compile(r"^ *(B1\.\d)  +(\w+(?: \w+)?)  ", re.MULTILINE)


def test_stock_git_and_the_driver_end_with_the_same_statuses(typed: Callable[[str], str], tmp_path: Path) -> None:
    told = typed("merging.md")
    assert told.count("CONFLICT") == 1 and told.count("Merge made by") == 1
    assert LIST.findall(told) == 2 * [("B1.1", "Completed"), ("B1.2", "Completed"), ("B1.3", "Current")]
    backlog = (tmp_path / "station" / "cmos" / "missions" / "backlog.yaml").read_text("utf-8")
    assert re.findall(r'status: "(.*)"', backlog) == ["Completed", "Completed", "Queued"]
