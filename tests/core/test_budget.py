"""A document within a budget of tokens."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cmos.core import budget

ITEMS = st.lists(st.text(max_size=60), max_size=20)


@settings(deadline=None)
@given(st.text(max_size=3000), ITEMS, ITEMS, st.integers(60, 2000))
def test_a_document_keeps_its_budget_and_accounts_for_every_item(text, first, second, tokens: int) -> None:
    lists = [("first", list(first)), ("second", list(second))]
    document = budget.fit({"text": text}, lists, budget=tokens)
    for name, items in lists:
        assert document[name] == items[: len(document[name])]
        assert len(document[name]) + document["cut"].get(name, 0) == len(items)
    assert budget.tokens(document) <= tokens or (document["first"], document["second"]) == ([], [])


def test_with_room_enough_nothing_is_cut() -> None:
    document = budget.fit({"a": 1}, [("list", ["x"] * 10)], budget=1000)
    assert document == {"a": 1, "list": ["x"] * 10, "cut": {}}


def test_a_long_list_does_not_push_out_the_others() -> None:
    document = budget.fit({}, [("long", ["x" * 100] * 100), ("short", ["y"])], budget=300)
    assert document["short"] == ["y"] and document["cut"]["long"] > 0


def test_a_long_text_of_the_fixed_part_is_shortened_not_dropped() -> None:
    document = budget.fit({"text": "x" * 5000}, [], budget=100)
    assert document["text"].endswith("…") and budget.tokens(document) <= 100
