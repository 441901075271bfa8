"""What was swapped out by a write, as seen by a process that does not hold the lock."""

from __future__ import annotations

import os
import time
from pathlib import Path

from cmos.files import aside


def test_a_file_that_another_process_has_just_removed_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"text")
    os.symlink("removed", str(tmp_path / "gone"))
    time.sleep(aside.LATE_NS / 1e9 + 0.02)
    assert aside.lies_aside(str(tmp_path)) == [str(tmp_path / "old")]


def test_a_file_is_left_to_a_late_writer_for_a_moment(tmp_path: Path) -> None:
    (tmp_path / "young").write_bytes(b"text")
    assert aside.lies_aside(str(tmp_path)) == []
