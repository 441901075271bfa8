from __future__ import annotations

import random
from pathlib import Path
from typing import Iterator, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmos.missionfile import events
from cmos.missionfile.reader import read
from cmos.missionfile.records import Contents, Field

SHAPES = Path(__file__).resolve().parents[1] / "shapes"
FILES = sorted(SHAPES.glob("*.yaml"))

MISSION = b"""\
# a mission
missionId: "B1.2"
name: Store rows
sprint: '09'
status: Queued   # as typed
objective: >
  Rows come back
  as they went in.
context: one
successCriteria: [a]
deliverables:
  - x
"""


def pieces(data: bytes) -> Iterator[str]:
    """Yield what stands in the text where each field says its value is."""
    text = data.decode("utf-8-sig")
    for record in read(data).records:
        for field in record.fields.values():
            yield text[field.start : field.end]


def test_a_mission_is_read_with_the_place_of_each_scalar(parser: str) -> None:
    (record,) = read(MISSION).records
    assert (record.id, record.kind, record.line, record.whole) == ("B1.2", "file", 2, True)
    assert {name: field.value for name, field in record.fields.items()} == {
        "status": "Queued",
        "sprint": "09",
        "name": "Store rows",
    }
    assert sorted(pieces(MISSION)) == ["'09'", "Queued", "Store rows"]
    assert record.objective == "Rows come back as they went in.\n"
    assert record.missing == ()


@pytest.mark.parametrize("change", ["bom", "crlf", "both", "no final newline"])
def test_places_count_characters_whatever_the_bytes_are(parser: str, change: str) -> None:
    data = MISSION.replace(b"Store rows", "Störe 𝒳 rows".encode())
    if change in ("crlf", "both"):
        data = data.replace(b"\n", b"\r\n")
    if change in ("bom", "both"):
        data = b"\xef\xbb\xbf" + data
    if change == "no final newline":
        data = data.rstrip()
    assert sorted(pieces(data)) == ["'09'", "Queued", "Störe 𝒳 rows"]


@pytest.mark.parametrize(
    ("data", "line", "column", "cause"),
    [
        ("id: é\nname: b".encode("utf-16"), 1, 1, "not UTF-8 (looks like UTF-16)"),
        ("id: B1\nname: b\n".encode("utf-16-le"), 1, 1, "not UTF-8 (looks like UTF-16)"),
        (b"id: B1\nname: caf\xe9\n", 2, 10, "not UTF-8 (byte 0xe9)"),
        (b"id: B1\r\nname: a\0b and more text here\r\n", 2, 8, "a NUL byte"),
        (b"#" * 1_048_577, 1, 1, "larger than 1 MB"),
    ],
)
def test_a_file_that_is_not_text_says_where_and_why(data: bytes, line: int, column: int, cause: str) -> None:
    contents = read(data)
    assert contents.records == ()
    assert [tuple(fault) for fault in contents.faults] == [(line, column, cause)]


def test_a_file_of_one_mebibyte_is_read() -> None:
    data = MISSION + b"#" * (1_048_576 - len(MISSION))
    assert read(data).faults == ()


def test_a_control_character_is_a_fault_and_what_stands_before_is_read(parser: str) -> None:
    contents = read(b"id: B1\nname: a\nnotes: \x07\nstatus: Queued\n")
    assert [tuple(fault) for fault in contents.faults] == [(3, 8, "a control character")]
    assert [(record.id, record.whole, sorted(record.fields)) for record in contents.records] == [
        ("B1", False, ["name"])
    ]


def test_conflict_markers_are_a_fault_and_no_value_is_whole(parser: str) -> None:
    data = b"missionId: B1\n<<<<<<< HEAD\nstatus: Queued\n=======\nstatus: Blocked\n>>>>>>> other\n"
    contents = read(data)
    assert [tuple(fault) for fault in contents.faults] == [(2, 1, "unresolved merge conflict")]
    assert [(record.id, record.whole, record.fields) for record in contents.records] == [("B1", False, {})]


def test_a_row_of_equal_signs_alone_is_no_conflict(parser: str) -> None:
    assert read(b"id: B1\nname: |\n  a\n  =======\n  >>>>>>> b\n").faults == ()


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("objective: a: b", 4),
        ('objective: "a" and more', 4),
        ("**Bold** text\n- item", 4),
        ("{{ template }} text", 4),
        ("tasks:\n  - `code`", 5),
        ("missionId: B9.9", 4),
        ('objective: "never closed', 4),
    ],
)
def test_a_broken_part_gives_what_stands_before_the_error(parser: str, broken: str, line: int) -> None:
    contents = read(("missionId: B1.1\nname: First\nstatus: Queued\n%s\nnotes: x\n" % broken).encode())
    (record,) = contents.records
    assert (record.id, record.whole, record.insert_at) == ("B1.1", False, -1)
    assert record.fields["name"].value == "First"
    (fault,) = contents.faults
    assert fault.line >= line
    assert fault.cause
    assert "\n" not in fault.cause


def test_an_id_on_the_line_before_the_error_is_recovered(parser: str) -> None:
    contents = read(b"missionId: B1.1\n`oops`\n")
    assert [(record.id, record.whole) for record in contents.records] == [("B1.1", False)]


def test_a_valid_part_counts_beside_a_broken_one(parser: str) -> None:
    data = b"missionId: B1.1\nname: a\n---\n- Markdown: *here*\n---\nmissionId: B1.2\nname: b\n"
    contents = read(data)
    assert [(record.id, record.whole, record.line) for record in contents.records] == [
        ("B1.1", True, 1),
        ("B1.2", True, 6),
    ]
    assert [fault.line for fault in contents.faults] == [4]
    assert sorted(pieces(data)) == ["a", "b"]


@pytest.mark.parametrize("separator", ["---\n", "--- # next\n", "...\n---\n", "---  \n"])
def test_each_way_to_begin_a_document_is_known(parser: str, separator: str) -> None:
    data = ("missionId: B1.1\nname: a\n%smissionId: B1.2\nname: b\n" % separator).encode()
    contents = read(data)
    assert contents.faults == ()
    assert [record.id for record in contents.records] == ["B1.1", "B1.2"]


def test_a_directive_before_the_document_is_no_fault(parser: str) -> None:
    assert [record.id for record in read(b"%YAML 1.1\n---\nmissionId: B1\n").records] == ["B1"]


def test_no_tag_is_ever_constructed(parser: str) -> None:
    (record,) = read(b"missionId: B1\nname: !!python/object/apply:os.abort []\nnotes: !x y\n").records
    assert record.fields == {"notes": Field("y", 68, 72, "tagged scalar")} or record.fields["notes"].locked
    assert "name" not in record.fields


@pytest.mark.parametrize("data", [b"", b"\n", b"# only\n", b"---\n", b"[]", b"- a\n- b\n", b"text", b"\xef\xbb\xbf"])
def test_a_file_without_a_mapping_says_nothing(parser: str, data: bytes) -> None:
    assert read(data) == Contents()


def test_the_parser_is_not_loaded_before_a_file_is_read() -> None:
    import subprocess
    import sys

    code = "import sys, cmos.missionfile.reader, cmos.missionfile.splice; assert 'ruamel.yaml' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    read(data)


# without \x85, \u2028 and \u2029: breaks of YAML 1.1 that only one of the parsers knows
YAMLISH = st.lists(
    st.sampled_from(
        ["id: B1\n", "missionId: x\n", "---\n", "- ", "{", "}", "[", "]", "&a ", "*a", "<<: *a\n", "? ", ": ", "\n",
         " ", "'", '"', "|\n", ">", "#", "%", "!", "!!x ", "\\", "\t", "\r", "status: Queued\n", "missions:\n",
         "sprints:\n", "domainFields:\n", "  ", "é", "@", "`", "...\n", "metadata:\n",
         "null", "~", ",", "\ufeff"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=250)
@given(YAMLISH)
def test_broken_yaml_never_raises_and_both_parsers_tell_the_same_missions(text: str) -> None:
    contents = read(text.encode())
    present, events.CParser = events.CParser, None
    try:
        pure = read(text.encode())
    finally:
        events.CParser = present
    if not contents.faults and not pure.faults:
        assert [(one.id, one.kind) for one in contents.records] == [(one.id, one.kind) for one in pure.records]


# ---- files in the shapes that people's files have ------------------------------------------------------------


def described(data: bytes) -> Iterator[str]:
    """Yield what a file says, a line each; > stands before a field that is locked."""
    contents = read(data)
    yield from ("fault in line %d" % fault.line for fault in contents.faults)
    yield from ("no id in line %d" % line for line in contents.nameless)
    yield from ("sprint %s: %s, %s, %s" % sprint for sprint in contents.sprints)
    yield from ("from %s to %s: %s" % edge for edge in contents.dependencies or ())
    for record in contents.records:
        part = "" if record.whole else " (part)"
        lacks = " (no status)" if record.insert_at >= 0 and "status" not in record.fields else ""
        yield "%s %s%s%s" % (record.kind, record.id, part, lacks)
        for name, field in sorted(record.fields.items()):
            yield "  %s %s: %r" % (">" if field.locked else " ", name, field.value)
        yield from ("    %s: %r" % pair for pair in (("objective", record.objective), ("path", record.link)) if pair[1])
        if record.prerequisites:
            yield "    depends on %s" % ", ".join(record.prerequisites)
        if record.missing:
            yield "    lacks %s" % ", ".join(record.missing)


def test_what_the_shapes_say_is_read(parser: str) -> None:
    lines: List[str] = []
    for path in FILES:
        lines += ["# " + path.name, *described(path.read_bytes()), ""]
    assert lines == (SHAPES / "as-read.txt").read_text("utf-8").split("\n")[:-1]


def test_both_parsers_read_the_shapes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [read(path.read_bytes()) for path in FILES]
    monkeypatch.setattr(events, "CParser", None)
    for path, expected in zip(FILES, contents):
        pure = read(path.read_bytes())
        assert pure._replace(faults=()) == expected._replace(faults=()), path.name
        assert len(pure.faults) == len(expected.faults), path.name


def test_a_shape_cut_anywhere_never_raises() -> None:
    chance = random.Random(7)
    for path in FILES:
        data = path.read_bytes()
        for _ in range(40):
            read(data[: chance.randrange(len(data))])
            start = chance.randrange(len(data))
            read(data[start : start + 500])
