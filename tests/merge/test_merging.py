"""Three texts of a mission file merged into one, with git's own merge by lines underneath."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cmos.merge.merge import Merged, Style, Texts, merge, merge_lines, side_by_side
from cmos.missionfile.reader import read
from cmos.missionfile.splice import Edit, Refused, apply

BACKLOG = """\
name: Planning.SprintPlan.v1
---
# the plan
missionId: SP-MAIN-001
domainFields:
  sprints:
  - sprintId: Sprint 1
    missions:
    - id: B1   # the base of it all
      name: Foundation
      status: 'Current'
      completed_at:
      notes: one
    - id: B2
      name: Walls
      status: "Queued"
    - { id: B3, name: Roof, status: Queued, notes: "flow" }
    - { id: B4, name: Door, status: Queued }
  - sprintId: Sprint 2
    missions:
    - id: B5
      status: Queued
      name: Garden
"""
MISSION = "missionId: B1\nname: Foundation\nstatus: Current\nobjective: |\n  Stand.\n  Firm.\nnotes: x\n"


SHAPES = Path(__file__).resolve().parents[1] / "shapes"


def by_lines(texts: Texts) -> Merged:
    return Merged(*merge_lines(*texts, size=7, labels=("ours", "base", "theirs")))


def merged(base: str, ours: str, theirs: str) -> Tuple[str, bool]:
    made = merge(Texts(base.encode(), ours.encode(), theirs.encode()), by_lines)
    return made.data.decode(), made.conflicts


def edited(text: str, *edits: Tuple[str, str, Optional[str]], kind: str = "row") -> str:
    return apply(text.encode(), [Edit(id, kind, field, value) for id, field, value in edits]).decode()


def values(text: str) -> Dict[Tuple[str, str], Dict[str, Optional[str]]]:
    contents = read(text.encode())
    assert contents.faults == ()
    return {(one.id, one.kind): {name: field.value for name, field in one.fields.items()} for one in contents.records}


def test_two_branches_that_finish_different_missions_merge() -> None:
    ours = edited(BACKLOG, ("B1", "status", "Completed"), ("B2", "status", "Current"))
    theirs = edited(BACKLOG, ("B2", "status", "Completed"), ("B3", "status", "Current"), ("B1", "status", "Queued"))
    assert by_lines(Texts(BACKLOG.encode(), ours.encode(), theirs.encode())).conflicts
    text, conflicts = merged(BACKLOG, ours, theirs)
    assert not conflicts
    expected = (("B1", "status", "Completed"), ("B2", "status", "Completed"), ("B3", "status", "Current"))
    assert text == edited(BACKLOG, *expected)


def test_two_current_missions_are_both_kept() -> None:
    ours = edited(BACKLOG, ("B2", "status", "Current"))
    theirs = edited(BACKLOG, ("B3", "status", "Current"))
    text, conflicts = merged(BACKLOG, ours, theirs)
    assert not conflicts
    assert [values(text)[id, "row"]["status"] for id in ("B2", "B3")] == ["Current", "Current"]


def test_comments_and_layout_of_ours_stay() -> None:
    ours = edited(BACKLOG.replace("base of it all", "very base"), ("B1", "name", "Rock")).replace('"flow"', "'flow'  ")
    theirs = edited(BACKLOG, ("B1", "status", "Completed"), ("B3", "status", "Current"))
    text, conflicts = merged(BACKLOG, ours, theirs)
    assert not conflicts
    assert text == edited(ours, ("B1", "status", "Completed"), ("B3", "status", "Current"))


def test_other_lines_are_merged_as_git_does() -> None:
    ours = edited(BACKLOG.replace("# the plan", "# our plan"), ("B1", "status", "Completed"))
    theirs = BACKLOG.replace("    - id: B5", "    - id: B4.5\n      status: Queued\n    - id: B5")
    text, conflicts = merged(BACKLOG, ours, theirs)
    assert not conflicts and "# our plan" in text
    assert values(text)["B4.5", "row"]["status"] == "Queued" and values(text)["B1", "row"]["status"] == "Completed"


def test_two_texts_for_one_field_are_an_ordinary_conflict_and_the_rest_is_decided() -> None:
    ours = edited(BACKLOG, ("B1", "notes", "ours"), ("B1", "status", "In Progress"))
    theirs = edited(BACKLOG, ("B1", "notes", "theirs"), ("B1", "status", "Completed"), ("B2", "status", "Current"))
    text, conflicts = merged(BACKLOG, ours, theirs)
    assert conflicts
    assert "<<<<<<< ours\n      notes: ours\n=======\n      notes: theirs\n>>>>>>> theirs\n" in text
    assert "status: 'Completed'" in text.split("<<<<<<<")[0] and 'status: "Current"' in text.split(">>>>>>>")[1]
    assert text.count("<<<<<<<") == 1


def test_blocked_against_completed_is_a_conflict() -> None:
    one, other = (edited(BACKLOG, ("B1", "status", word)) for word in ("Blocked", "Completed"))
    text, conflicts = merged(BACKLOG, one, other)
    assert conflicts and "status: 'Blocked'\n=======\n      status: 'Completed'\n" in text


def test_both_sides_add_a_status_line() -> None:
    base = MISSION.replace("status: Current\n", "")
    sides = [
        apply(base.encode(), [Edit("B1", "file", "status", word, True)]).decode() for word in ("Current", "Completed")
    ]
    text, conflicts = merged(base, *sides)
    assert (text, conflicts) == (sides[1], False)


def test_both_sides_add_the_same_file() -> None:
    ours, theirs = MISSION, edited(MISSION, ("B1", "status", "Completed"), kind="file")
    assert merged("", ours, theirs) == (theirs, False)


def test_a_row_that_moved_takes_its_new_status_along() -> None:
    line = "    - { id: B4, name: Door, status: Queued }\n"
    ours = BACKLOG.replace(line, "") + line
    text, conflicts = merged(BACKLOG, ours, edited(BACKLOG, ("B4", "status", "Completed")))
    assert (text, conflicts) == (ours.replace("Door, status: Queued", "Door, status: Completed"), False)


def test_a_row_that_both_sides_add_at_two_places_is_a_conflict() -> None:
    line = "    - { id: B9, name: Fence, status: Queued }\n"
    ours = BACKLOG.replace("    - { id: B4", line + "    - { id: B4")
    text, conflicts = merged(BACKLOG, ours, BACKLOG + line)
    assert conflicts and text.count("B9") == 2 and "<<<<<<< ours\n" in text


def test_a_key_that_both_sides_add_at_two_places_is_a_conflict_and_not_invalid() -> None:
    base = "missionId: B1\n" + "".join("k%d: x\n" % n for n in range(9))
    ours, theirs = base.replace("k1", "owner: a\nk1"), base.replace("k8", "owner: b\nk8")
    assert not by_lines(Texts(base.encode(), ours.encode(), theirs.encode())).conflicts
    text, conflicts = merged(base, ours, theirs)
    assert conflicts and "owner: a\n" in text and "owner: b\n" in text and "\n=======\n" in text


def test_a_row_that_one_side_removed_and_the_other_changed_is_a_conflict() -> None:
    theirs = edited(BACKLOG, ("B4", "status", "Completed"))
    text, conflicts = merged(BACKLOG, BACKLOG.replace("    - { id: B4, name: Door, status: Queued }\n", ""), theirs)
    assert conflicts and "<<<<<<< ours" in text


def test_lines_of_a_block_merge_as_lines() -> None:
    base = "missionId: B1\nnotes: |\n  a\n  b\n  c\n  d\n  e\nstatus: Queued\n"
    text, conflicts = merged(
        base, base.replace("  a", "  A"), base.replace("  e\n", "  E\n").replace("Queued", "Current")
    )
    assert (text, conflicts) == (
        base.replace("  a", "  A").replace("  e\n", "  E\n").replace("Queued", "Current"),
        False,
    )


def test_a_side_that_does_not_parse_is_merged_by_lines() -> None:
    broken = MISSION + "broken: [\n"
    theirs = edited(MISSION, ("B1", "status", "Completed"), kind="file")
    assert merged(MISSION, broken, theirs) == (broken.replace("Current", "Completed"), False)
    other = edited(MISSION, ("B1", "status", "In Progress"), kind="file")
    text, conflicts = merged(broken, other, theirs)
    assert conflicts and "status: In Progress\n=======\nstatus: Completed\n" in text


def test_what_is_no_text_stays_ours() -> None:
    made = merge(Texts(b"\0a", b"\0b", b"\0c"), by_lines)
    assert made == Merged(b"\0b", True)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_byte_order_mark_line_endings_and_a_missing_last_one_stay(mark: str, ending: str, last: bool) -> None:
    def dressed(text: str) -> str:
        return mark + (text if last else text[:-1]).replace("\n", ending)

    ours = edited(BACKLOG, ("B1", "status", "Completed"), ("B2", "status", "Current"), ("B5", "name", "Lawn"))
    theirs = edited(BACKLOG, ("B2", "status", "Completed"), ("B5", "status", "Current"))
    expected = edited(ours, ("B2", "status", "Completed"), ("B5", "status", "Current"))
    assert merged(*map(dressed, (BACKLOG, ours, theirs))) == (dressed(expected), False)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_two_whole_texts_as_one_conflict(ending: bytes) -> None:
    ours, theirs = b"a|b|c|d".replace(b"|", ending), b"a|x|c|d".replace(b"|", ending)
    expected = b"a|<<<<<<< ours|b|=======|x|>>>>>>> theirs|c|d".replace(b"|", ending)
    assert side_by_side(ours, theirs, Style()) == expected
    assert side_by_side(b"a", b"b", Style(3)) == b"<<< ours\na\n===\nb\n>>> theirs\n"


# ---- random edits on both sides ------------------------------------------------------------------------------

STATUSES = ["Queued", "Current", "In Progress", "Completed", "Blocked", "Deferred", "on hold"]
TEXTS = st.sampled_from(["x", "y: z", "a #b", "it's", '"', "", "null", "7", "é, [b]", "two\nlines", "- a"])
FIELDS = [
    (record.id, name)
    for record in read(BACKLOG.encode()).records
    for name, field in record.fields.items()
    if not field.locked
]
CHANGES = st.dictionaries(st.sampled_from(FIELDS), TEXTS, max_size=6)
PICKS = st.lists(st.sampled_from(STATUSES), min_size=len(FIELDS), max_size=len(FIELDS))
DONE = ["Completed"] * len(FIELDS)
CONFLICT = re.compile(r"^<{7} ours\r?\n(.*?)^={7}\r?\n(.*?)^>{7} theirs\r?\n", re.MULTILINE | re.DOTALL)


def side(changes: Dict[Tuple[str, str], str], picks: List[str]) -> str:
    edits = []
    for place, (id, name) in enumerate(FIELDS):
        if (id, name) in changes:
            edits.append((id, name, picks[place] if name == "status" else changes[id, name]))
    return edited(BACKLOG, *edits)


@settings(max_examples=50)
@given(CHANGES, PICKS, CHANGES, PICKS)
@example({("B1", "status"): "x", ("B1", "completed_at"): "x"}, DONE, {("B1", "completed_at"): ""}, DONE)
def test_no_edits_of_two_sides_give_invalid_yaml_or_lose_a_value(one, picks, other, others) -> None:
    ours, theirs = side(one, picks), side(other, others)
    text, conflicts = merged(BACKLOG, ours, theirs)
    assert conflicts == ("<<<<<<< ours" in text)
    mine, yours, before = values(ours), values(theirs), values(BACKLOG)
    as_ours, as_theirs = values(CONFLICT.sub(r"\1", text)), values(CONFLICT.sub(r"\2", text))
    assert as_ours.keys() == as_theirs.keys() == before.keys()
    for key, fields in before.items():
        for name, old in fields.items():
            here = (as_ours[key][name], as_theirs[key][name])
            sides = (mine[key][name], yours[key][name])
            if old in sides or sides[0] == sides[1]:
                new = sides[0] if sides[1] == old else sides[1]
                # a time of completion stays beside a status that is in conflict
                assert here == (new, new) or (name == "completed_at" and here == sides)
            elif name == "status":
                assert here == sides or (here[0] == here[1] and here[0] in sides)
            elif name == "completed_at" and here != sides:
                # a side that has no time has none to lose beside the other's completion
                (time,) = (one for one in sides if one and one.strip())
                assert here == (time, time) and as_ours[key]["status"] == "Completed"
            else:
                assert here == sides


MOVES = st.lists(
    st.tuples(st.sampled_from(["cut", "copy", "swap", "edit"]), st.integers(0, 25), st.integers(0, 25)), max_size=4
)


def rearranged(moves: List[Tuple[str, int, int]], word: str) -> str:
    lines = BACKLOG.splitlines(True)
    for what, place, other in moves:
        place, other = place % len(lines), other % len(lines)
        if what == "cut":
            del lines[place]
        elif what == "copy":
            lines.insert(other, lines[place])
        elif what == "swap":
            lines[place], lines[other] = lines[other], lines[place]
        else:
            lines[place] = lines[place].replace("Queued", word).replace("Current", word)
    return "".join(lines)


@settings(max_examples=50)
@given(MOVES, MOVES)
def test_two_valid_sides_never_give_an_invalid_file(one, other) -> None:
    ours, theirs = rearranged(one, "Completed"), rearranged(other, "In Progress")
    text, conflicts = merged(BACKLOG, ours, theirs)
    if conflicts:
        assert "<<<<<<< ours" in text
    elif not (read(ours.encode()).faults or read(theirs.encode()).faults):
        assert read(text.encode()).faults == ()


# ---- files in the shapes that people's files have ------------------------------------------------------------


def changed(data: bytes, places: List[Tuple[str, str, str]], word: str) -> Tuple[bytes, List[Edit]]:
    """Return a file with those of the fields changed that can be, and the edits that did it."""
    made = []
    for id, kind, name in places:
        edit = Edit(id, kind, name, word if name == "status" else "by hand")
        try:
            data = apply(data, [edit])
        except Refused:
            continue
        made.append(edit)
    return data, made


def test_edits_of_different_fields_of_a_file_never_conflict() -> None:
    chance, stock, files = random.Random(7), 0, 0
    for data in (path.read_bytes() for _ in range(10) for path in sorted(SHAPES.glob("*.yaml"))):
        contents = read(data)
        fields = [(r.id, r.kind, name) for r in contents.records for name, one in r.fields.items() if not one.locked]
        if contents.faults or len(fields) < 2:
            continue
        chance.shuffle(fields)
        half = min(len(fields) // 2, 5)
        ours, _ = changed(data, fields[:half], "Completed")
        theirs, edits = changed(data, fields[half : 2 * half], "In Progress")
        texts = Texts(data, ours, theirs)
        assert merge(texts, by_lines) == Merged(apply(ours, edits), False)
        stock += by_lines(texts).conflicts
        files += 1
    assert files == 100 and stock > files // 4
