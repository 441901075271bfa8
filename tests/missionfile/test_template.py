"""The text of a new mission file: it reads back as it was meant, and nothing in it counts as filled in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cmos.files.write import create_file
from cmos.missionfile.reader import read
from cmos.missionfile.scalars import fields_text, file_name, mission_text, slug

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)


@example("SprintPlan", "1")
@given(TEXTS, TEXTS)
def test_a_new_file_reads_back_as_it_was_meant(name: str, sprint: str) -> None:
    contents = read(mission_text("B1.5", name, sprint).encode("utf-8"))
    (record,) = contents.records
    assert not contents.faults
    assert (record.id, record.kind, record.fields["status"].value) == ("B1.5", "file", "Queued")
    assert (record.fields["name"].value, record.fields["sprint"].value) == (name, sprint)
    assert record.missing == ("objective", "context", "successCriteria", "deliverables")


def test_without_a_sprint_there_is_no_such_line() -> None:
    (record,) = read(mission_text("B1.5", "Name", None).encode("utf-8")).records
    assert "sprint" not in record.fields


def test_the_fields_of_a_mission_without_a_file_read_back() -> None:
    text = fields_text("B1.5", name="A: b", sprint=None, notes="two\nlines")
    (record,) = read(text.encode("utf-8")).records
    assert (record.fields["name"].value, record.fields["notes"].value) == ("A: b", "two\nlines")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Store the readings", "store-the-readings"),
        ("It's Ünïcode & more!", "its-unicode-more"),
        ("日本", "mission"),
        ("x" * 80, "x" * 50),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_slug_is_plain(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    assert "/" not in file_name("B1.5", name) and "\0" not in file_name("B1.5", name)


def test_creating_takes_the_place_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.yaml"
    create_file(str(path), b"one")
    with pytest.raises(FileExistsError):
        create_file(str(path), b"two")
    assert path.read_bytes() == b"one" and os.listdir(path.parent) == ["a.yaml"]
    assert os.stat(path).st_nlink == 1


def test_creating_works_without_hard_links(tmp_path: Path, monkeypatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "a.yaml"
    create_file(str(path), b"one")
    with pytest.raises(FileExistsError):
        create_file(str(path), b"two")
    assert path.read_bytes() == b"one" and os.listdir(tmp_path) == ["a.yaml"]


def test_a_failed_creation_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        create_file(str(tmp_path / "a.yaml"), b"one")
    assert os.listdir(tmp_path) == []
