"""Names that are too long to be any: the file says so, and the rest of it counts."""

from __future__ import annotations

import pytest

from cmos.missionfile.reader import read
from cmos.missionfile.records import LONGEST, Fault

LONG = "x" * (LONGEST + 1)


def faults(text: str) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.cause[:30]) for fault in read(text.encode()).faults]


def test_a_name_may_be_as_long_as_the_limit() -> None:
    contents = read(("missionId: %s\nsprint: %s\n" % (LONG[1:], LONG[1:])).encode())
    assert [record.id for record in contents.records] == [LONG[1:]] and contents.faults == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("missionId: A1\n---\n\nmissionId: %s\n", (4, 1, "an id of 501 characters (xxxxx")),
        ("missionId: A1\n---\nmissionId: A2\nsprint: %s\n", (4, 9, "a sprint of 501 characters (xx")),
        ("missionId: A1\r\n---\r\nmissionId: A2\r\nsprint: '%s'\r\n", (4, 9, "a sprint of 501 characters (xx")),
        ("missionId: A1\n---\nmissions:\n- id: %s\n", (4, 1, "an id of 501 characters (xxxxx")),
    ],
)
def test_a_longer_one_is_a_fault_where_it_stands_and_the_rest_counts(text: str, place: tuple[int, int, str]) -> None:
    contents = read((text % LONG).encode())
    assert [record.id for record in contents.records] == ["A1"]
    assert faults(text % LONG) == [place]


def test_a_sprint_of_a_backlog_is_told_once_and_none_of_its_rows_count() -> None:
    rows = "".join("    - id: B%d\n" % number for number in range(5))
    text = "sprints:\n  - sprintId: %s\n    missions:\n%s" % (LONG, rows)
    text += "  - sprintId: '2'\n    missions:\n    - id: C1\n"
    contents = read(text.encode())
    assert [record.id for record in contents.records] == ["C1"]
    assert [sprint.id for sprint in contents.sprints] == ["2"]
    assert faults(text) == [(2, 15, "a sprint of 501 characters (xx")]


def test_a_link_and_a_path_of_such_a_mission_are_left_out() -> None:
    text = "missions:\n- id: A1\nmissionDependencies:\n"
    text += "- {from: A1, to: %s, type: Blocks}\n- {from: A1, to: A2}\n" % LONG
    text += "missionFiles:\n  %s: x.yaml\n  A1: a.yaml\n" % LONG
    contents = read(text.encode())
    assert contents.dependencies == (("A1", "A2", None),)
    assert contents.links == {"A1": "a.yaml"} and contents.faults == ()


def test_thousands_of_them_are_a_hundred_faults_each_of_them_short() -> None:
    text = "---\n".join("missionId: %s%d\n" % (LONG, number) for number in range(1000))
    found = read(text.encode()).faults
    assert len(found) == 100 and all(isinstance(fault, Fault) and len(fault.cause) < 120 for fault in found)
