"""Finding a mission in a file, and its parts, without parsing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.files.scan import mission_text
from cmos.missionfile.sections import document_of, line_of, row_of, sections


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


@pytest.mark.parametrize(
    ("text", "line", "row"),
    [
        ("missions:\n- id: B1.1\n  name: x\n\n  b: 1\n- id: B1.2\n", 2, "- id: B1.1\n  name: x\n\n  b: 1"),
        ("m:\n - t:\n   - t\n   id: B1.1\n- id: B2", 4, " - t:\n   - t\n   id: B1.1"),
        ('a: [{id: "B1.10"}, {name: x, id: "B1.1", n: y}, {id: B1.2}]\n', 1, '{name: x, id: "B1.1", n: y}'),
        ("a:\n- {\n  id: B1.1,\n  name: x }\nb: 1\n", 3, "{\n  id: B1.1,\n  name: x }"),
        ("- id: B1.1", 1, "- id: B1.1"),
        ("", 1, ""),
    ],
)
def test_the_row_of_a_mission_alone(text: str, line: int, row: str) -> None:
    assert row_of(text, "B1.1") == (line, row)


def test_the_document_of_a_mission_alone() -> None:
    text = "head: 1\n---\nmissionId: A\nx: 1\n--- \nmissionId: B1.1\nx: 2\n---\nrest\n"
    assert document_of(text, "B1.1") == "missionId: B1.1\nx: 2\n"
    assert document_of("missionId: B1.1\n", "B1.1") == "missionId: B1.1\n"
    assert document_of("", "B1.1") == ""


def test_what_is_needed_comes_first_and_what_says_nothing_is_left_out() -> None:
    text = "# ====\nmissionId: B1.1\nname: x\nnotes: |\n  objective: no\n# ----\nempty: []\nnone:\n  # nothing\n"
    text += "acceptance:\n- a: b\n- c\ngoal: g\nconstraints: {a: 1}\ndeliverables:\n\n  - d\n"
    assert [(one.key, one.text) for one in sections(text)] == [
        ("goal", "goal: g"),
        ("acceptance", "acceptance:\n- a: b\n- c"),
        ("deliverables", "deliverables:\n\n  - d"),
        ("constraints", "constraints: {a: 1}"),
        ("notes", "notes: |\n  objective: no"),
    ]


def test_the_fields_of_a_spec_are_fields_of_the_mission() -> None:
    text = "kind: Mission\nmetadata:\n  id: B1.1\n  owner: ada\nspec:\n  context: c\n  objective: |\n    o\n"
    assert [one.key for one in sections(text)] == ["objective", "kind", "owner", "context"]


@given(st.text("ab:-#{}[]|> \n\r\t'\"é", max_size=200), st.text("aé:", min_size=1, max_size=3))
def test_no_text_is_too_odd_to_be_cut(text: str, id: str) -> None:
    for part in sections(document_of(text, id)) + sections(row_of(text, id)[1]):
        assert all(line in text for line in part.text.split("\n"))


def test_a_comment_goes_with_the_key_below_it() -> None:
    text = (
        "missionId: X\n# of objective\nobjective: a\n\n# of context\ncontext: ''\n# of criteria\n#  - more\n"
        "successCriteria:\n  - b\n  # inside\nnotes: |\n  x\n  # text\n# the end\ndependsOn:\n- Y\n"
    )
    found = [(one.key, one.text) for one in sections(text)]
    assert found == [
        ("objective", "# of objective\nobjective: a"),
        ("successCriteria", "# of criteria\n#  - more\nsuccessCriteria:\n  - b\n  # inside"),
        ("notes", "notes: |\n  x\n  # text"),
        ("dependsOn", "# the end\ndependsOn:\n- Y"),
    ]
