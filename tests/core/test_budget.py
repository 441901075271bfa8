"""A document within a budget of tokens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cmos.core.text import Page, dumps, shorten, tokens, within

ITEMS = st.lists(st.text(max_size=60), max_size=20)


@given(st.text(max_size=3000), st.text(max_size=3000), ITEMS, ITEMS, st.integers(60, 2000))
def test_a_document_keeps_its_budget_and_accounts_for_everything(words, text, first, second, budget: int) -> None:
    lists = {"first": first, "second": second}
    totals = {"text": len(text), "first": len(first) + 7, "second": len(second)}
    page = Page({"id": "B1", "first": [], "second": []}, totals=totals, budget=budget)
    page.put("words", words)
    page.put_parts("text", text.split("\n")[:1], first=1)
    for most in (3, 20):
        for key, items in lists.items():
            page.extend(key, items, most=most)
        page.put_parts("text", text.split("\n"), first=1)
    document = page.done()
    assert tokens(dumps({"schema_version": 1, "data": document}) + "\n") <= budget
    for key, items in lists.items():
        left = iter(items)
        assert all(item in left for item in document[key]), "in their order"
        assert len(document[key]) + document["cut"].get(key, 0) == totals[key]
    shown = document.get("text", "")
    assert len(shown) + document["cut"].get("text", 0) == len(text)


def test_with_room_enough_nothing_is_cut() -> None:
    page = Page({"a": 1, "list": []}, totals={"list": 10, "text": 4}, budget=1000)
    page.extend("list", ["x"] * 10, most=10)
    page.put_parts("text", ["a", "bc"], first=2)
    assert page.done() == {"a": 1, "list": ["x"] * 10, "text": "a\nbc", "cut": {}}


def test_a_long_list_leaves_room_for_the_others() -> None:
    page = Page({"long": [], "short": []}, totals={"long": 100, "short": 1}, budget=300)
    for most in (3, 100):
        page.extend("long", ["x" * 100] * 100, most=most)
        page.extend("short", ["y"], most=most)
    assert page.done()["short"] == ["y"] and 0 < page.done()["cut"]["long"] < 97


def test_a_text_is_cut_at_the_end_of_a_line() -> None:
    page = Page({}, totals={"text": 400}, budget=50)
    page.put_parts("text", ["123456789\n" * 40], first=1)
    assert set(page.done()["text"].split("\n")) == {"123456789"}


def test_each_part_of_a_text_is_cut_on_its_own() -> None:
    parts = ["%s\n" % letter * 400 for letter in "abcd"]
    page = Page({}, totals={"text": len("\n".join(parts))}, budget=600)
    page.put_parts("text", parts, first=4)
    counts = [page.done()["text"].count(letter) for letter in "abcd"]
    assert counts[0] > counts[1] > 50 and min(counts) > 50
    assert page.done()["cut"]["text"] > 800


def test_an_item_that_does_not_fit_leaves_its_room_to_the_next() -> None:
    page = Page({"list": []}, totals={"list": 2}, budget=60)
    page.extend("list", ["x" * 300, "y"], most=2)
    assert page.done() == {"list": ["y"], "cut": {"list": 1}}


def test_a_long_part_is_shortened_not_dropped() -> None:
    page = Page({}, totals={}, budget=100)
    assert page.put("text", "x" * 5000) and page.done()["text"].endswith("\u2026")
    assert not page.put("more", ["x" * 300] * 40)


@given(st.text(max_size=300), st.integers(4, 100))
def test_a_shortened_text_takes_no_more_bytes_than_asked_for(text: str, length: int) -> None:
    assert len(dumps(shorten(text, length)).encode("utf-8")) - 2 <= length


def test_another_form_of_a_document_is_made_smaller_until_it_fits() -> None:
    assert tokens(within(lambda budget: "x" * budget * 8, 100)) <= 100
    assert within(lambda budget: "x" * budget, 100) == "x" * 100
