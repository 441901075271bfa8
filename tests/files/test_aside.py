"""What was swapped out by a write, as seen by a process that does not hold the lock."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cmos.files import exchange

OLD = "0" * 40 + ".01234567"


def test_a_file_that_another_process_has_just_removed_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / OLD).write_bytes(b"text")
    time.sleep(exchange.LATE_NS / 1e9 + 0.02)
    (path,) = exchange.lies_aside(str(tmp_path))
    exchange.remove(path)
    exchange.remove(path)
    with pytest.raises(FileNotFoundError):
        exchange.late_content(path)


def test_what_a_command_did_not_put_there_is_none_of_its_business(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "precious.txt").write_bytes(b"text")
    outside = tmp_path / "outside"
    outside.write_bytes(b"text")
    os.symlink(str(outside), str(tmp_path / OLD))
    time.sleep(exchange.LATE_NS / 1e9 + 0.02)
    (path,) = exchange.lies_aside(str(tmp_path))
    with pytest.raises(OSError):
        exchange.late_content(path)


def test_a_folder_that_is_a_link_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / OLD).write_bytes(b"text")
    os.symlink("there", str(tmp_path / "aside"))
    time.sleep(exchange.LATE_NS / 1e9 + 0.02)
    assert exchange.lies_aside(str(tmp_path / "aside")) == []
    with pytest.raises(OSError):
        exchange.remove(str(tmp_path / "aside" / OLD))
    with pytest.raises(OSError):
        exchange.put_aside(str(tmp_path / "there" / OLD), str(tmp_path / "aside"), "0" * 40)


def test_a_file_is_left_to_a_late_writer_for_a_moment(tmp_path: Path) -> None:
    (tmp_path / OLD).write_bytes(b"text")
    assert exchange.lies_aside(str(tmp_path)) == []
