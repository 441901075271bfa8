"""The rows of a backlog in another order: each with its comments, and nothing else moves."""

from __future__ import annotations

import random
from collections import Counter
from typing import List

import pytest
from test_splice import SHAPES

from cmos.missionfile.order import arrange
from cmos.missionfile.reader import decode, read
from cmos.missionfile.splice import Refused

TEXT = """\
# top
sprints:
  - id: S1
    missions:
      # of the list
      - id: A   # first
        notes: |
          - id: not a row

      # of B
      - {id: B, name: "b"}
      - name: c
        id: C
  - id: S2
    missions:
    - id: D
    # of E
    - id: E"""


def rows(data: bytes) -> List[str]:
    return [one.id for one in read(data).records if one.kind == "row"]


def test_rows_move_with_their_comments_and_gaps_stay() -> None:
    new = arrange(TEXT.encode(), ["C", "E", "D", "B", "A"]).decode()
    first = TEXT.split("      # of the list\n")[0]
    head = first + "      # of the list\n" + "      - name: c\n        id: C\n\n"
    assert new == head + (
        '      # of B\n      - {id: B, name: "b"}\n'
        "      - id: A   # first\n        notes: |\n          - id: not a row\n"
        "  - id: S2\n    missions:\n    # of E\n    - id: E\n    - id: D"
    )


@pytest.mark.parametrize("ids", [["A", "B", "C", "D", "E"], [], ["X"], ["D", "A"], ["E"]])
def test_what_is_in_order_stays_as_it_is(ids: List[str]) -> None:
    assert arrange(TEXT.encode(), ids).decode() == TEXT


def test_a_row_that_is_not_named_keeps_its_place() -> None:
    assert rows(arrange(TEXT.encode(), ["C", "A"])) == ["C", "B", "A", "D", "E"]


@pytest.mark.parametrize(
    "text",
    [
        "sprints:\n- id: S\n  missions:\n  - &a {id: A}\n  - {id: B, of: *a}\n",
        "sprints:\n- id: S\n  missions:\n  - {id: A, x: &a 1, y: &a 2}\n  - {id: B, of: *a}\n",
        "sprints:\n- id: S\n  missions: [{id: A}, {id: B}]\n",
        "sprints:\n- id: S\n  missions:\n  - id: A\n    notes: |+\n      x\n\n  - id: B\n",
    ],
)
def test_what_cannot_be_moved_safely_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        arrange(text.encode(), ["B", "A"])


@pytest.mark.parametrize("path", sorted(SHAPES.glob("*.yaml")), ids=lambda path: path.name)
def test_any_order_is_read_back_and_every_line_stays(path) -> None:
    data = path.read_bytes()
    before = rows(data)
    chance = random.Random(path.name)
    for _ in range(10):
        wanted = chance.sample(before, len(before))
        try:
            new = arrange(data, wanted)
        except Refused:
            continue
        assert Counter(decode(new).text.splitlines()) == Counter(decode(data).text.splitlines())
        told = {one.id: {key: field.value for key, field in one.fields.items()} for one in read(data).records}
        assert told == {one.id: {key: field.value for key, field in one.fields.items()} for one in read(new).records}
        for sprint in {told[id].get("sprint") for id in before}:
            of = [id for id in rows(new) if told[id].get("sprint") == sprint]
            assert of == [id for id in wanted if told[id].get("sprint") == sprint]
