"""Finding the line of an id without parsing."""

from __future__ import annotations

import pytest

from cmos.files.scan import mission_text
from cmos.missionfile.reader import line_of


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("missionId: B1.1\n", 1),
        ('# a\r\n\r\nmissionId: "B1.1"  # x\r\n', 3),
        ("id: B1.10\n---\nid: 'B1.1'\n", 3),
        ("- name: x\n  id: B1.1\n", 2),
        ("a:\n  - { id: B1.1, name: x }\n", 2),
        ("name: B1.1\n", 1),
        ("", 1),
    ],
)
def test_the_line_of_an_id(text: str, line: int) -> None:
    assert line_of(text, "B1.1") == line


def test_a_file_that_is_not_there_has_no_text(tmp_path) -> None:
    assert mission_text(str(tmp_path), "nothing.yaml") is None


def test_bytes_that_are_no_text_are_replaced(tmp_path) -> None:
    (tmp_path / "cmos" / "missions").mkdir(parents=True)
    (tmp_path / "cmos" / "missions" / "a.yaml").write_bytes(b"\xef\xbb\xbfid: \xff\n")
    assert mission_text(str(tmp_path), "cmos/missions/a.yaml") == "id: \ufffd\n"


@pytest.mark.parametrize("path", ["a.yaml", "cmos/missions/../a.yaml", "/a.yaml", "cmos/missions/x/a.yaml", None])
def test_nothing_else_is_read(tmp_path, path) -> None:
    (tmp_path / "cmos" / "missions").mkdir(parents=True)
    (tmp_path / "there").mkdir()
    for place in ("a.yaml", "cmos/a.yaml", "there/a.yaml"):
        (tmp_path / place).write_bytes(b"id: secret\n")
    (tmp_path / "cmos" / "missions" / "x").symlink_to(tmp_path / "there")
    assert mission_text(str(tmp_path), path) is None
