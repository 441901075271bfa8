"""Which mission is the one to work on, and in what order the others follow."""

from __future__ import annotations

from cmos.core.models import Mission
from cmos.missions import choice


def test_promotion_goes_on_with_the_sprint_then_the_later_ones_then_the_earlier() -> None:
    order = ["Sprint 1", "Sprint 2", "Sprint 3"]
    assert choice.promotion_order("Sprint 2", ["Sprint 1", "Sprint 2", "Sprint 3", None], order) == [
        "Sprint 2",
        "Sprint 3",
        "Sprint 1",
        None,
    ]


def test_without_a_sprint_to_go_on_with_the_order_is_that_of_the_list() -> None:
    order = ["Sprint 1", "Sprint 2"]
    assert choice.promotion_order(None, [None, "odd", "Sprint 2", "Sprint 1"], order) == [*order, "odd", None]


def test_promotion_knows_a_sprint_in_other_clothes() -> None:
    assert choice.promotion_order("sprint-02", ["Sprint 1", "Sprint 2"], ["Sprint 1", "Sprint 2"])[0] == "Sprint 2"


def test_promotion_after_a_sprint_with_nothing_left_goes_to_the_next() -> None:
    order = ["Sprint 1", "Sprint 2", "Sprint 3"]
    assert choice.promotion_order("Sprint 2", ["Sprint 1", "Sprint 3"], order) == ["Sprint 3", "Sprint 1"]


def test_the_current_mission_is_ones_own_first() -> None:
    missions = [
        Mission("B1.1", status="Current"),
        Mission("B1.2", status="In Progress", agent="ada"),
        Mission("B1.3", status="In Progress", agent="claude"),
    ]
    assert choice.current(missions, agent="claude").id == "B1.3"
    assert choice.current(missions, agent="codex").id == "B1.1"
    assert choice.current(missions).id == "B1.2"
    assert choice.current(missions[:1]).id == "B1.1"
    assert choice.current([]) is None
