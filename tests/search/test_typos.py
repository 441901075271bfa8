"""Typing errors: what a word that is nowhere was meant to be."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.search.query import Term, corrected, vocabulary

TEXT = "mission missions commission, permission_cache successCriteria rain B1.2 2026"
KNOWN = vocabulary([*TEXT.split(), "x" * 41])


def guesses(word: str) -> List[str]:
    term = corrected(Term(((word,),)), KNOWN)
    return list(term.spellings[0]) if term else []


def test_the_vocabulary_holds_words_as_they_are_and_apart_but_no_numbers() -> None:
    words = {"mission", "missions", "commission", "permission", "cache", "successcriteria", "success", "criteria"}
    assert words | {"rain"} == KNOWN


@pytest.mark.parametrize("word", ["misison", "mision", "mmission", "messiom", "misssionn"])
def test_a_word_with_one_typing_error_or_two_is_corrected(word: str) -> None:
    assert "mission" in guesses(word)


@pytest.mark.parametrize("word", ["rian", "raain", "rein", "raan"])
def test_a_short_word_with_one_typing_error_is_corrected(word: str) -> None:
    assert guesses(word) == ["rain"]


@pytest.mark.parametrize("word", ["reni", "zzzzqqqq"])
def test_a_word_that_looks_like_none_is_not(word: str) -> None:
    assert guesses(word) == []


@pytest.mark.parametrize("word", ["ran", "x" * 41])
def test_a_very_short_or_long_word_is_left_as_it_is(word: str) -> None:
    assert guesses(word) == [word]


def test_words_that_go_on_from_it_come_before_those_that_look_like_it() -> None:
    assert guesses("missio") == ["mission", "missions"]


def test_a_phrase_is_corrected_word_by_word_or_not_at_all() -> None:
    assert corrected(Term((("rian",), ("mission",)), True), KNOWN) == Term((("rain",), ("mission",)), True)
    assert corrected(Term((("rain",), ("mission",)), True), KNOWN) is None


@given(word=st.text("abcdeé", max_size=12), known=st.sets(st.text("abcdeé", min_size=4, max_size=8)))
def test_a_guess_is_a_known_word_or_the_word_itself(word: str, known) -> None:
    term = corrected(Term(((word,),)), known)
    assert term is None or set(term.spellings[0]) <= known | {word}
