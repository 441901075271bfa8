"""Typing errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.search.query import distance, one_edit_away

WORDS = st.text("abcdeé", max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("mission", "mission", 0), ("misison", "mission", 1), ("mision", "mission", 1), ("mmission", "mission", 1)]
    + [("messions", "mission", 2), ("", "ab", 2), ("abc", "xyz", 3)],
)
def test_the_steps_between_two_words_are_counted(one: str, other: str, steps: int) -> None:
    assert distance(one, other, limit=3) == steps


@given(one=WORDS, other=WORDS)
def test_the_distance_is_the_same_both_ways_and_stops_at_its_limit(one: str, other: str) -> None:
    assert distance(one, other, limit=2) == distance(other, one, limit=2) <= 3


@given(word=st.text("abc", min_size=1, max_size=6), other=st.text("abc", max_size=7))
def test_what_is_one_edit_away_is_exactly_what_has_a_distance_of_one(word: str, other: str) -> None:
    assert (other in set(one_edit_away(word)) - {word}) == (distance(word, other, limit=1) == 1)
