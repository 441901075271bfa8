"""The line or two that a search shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cmos.search.rank import BEGIN, END, mark, snippet


def shown(text: str, *words: str, size: int = 60):
    found, line = snippet(mark(text, words), size=size)
    return found.replace(BEGIN, "[").replace(END, "]"), line


def test_the_line_with_most_of_the_words_is_shown() -> None:
    text = "a red line\nnothing\n\na red and green line that is long enough to stand by itself"
    assert shown(text, "red", "green") == ("a [red] and [green] line that is long enough to stand by itself", 3)


def test_short_lines_are_joined_and_rulers_left_out() -> None:
    assert shown("# =====\nkey:\n  - one\n# -----\n  - two", "key") == ("[key]: - one - two", 1)


def test_without_a_mark_it_is_the_beginning() -> None:
    assert shown("\n\nfirst\nsecond", "zzz") == ("first second", 2)


def test_a_long_line_is_cut_around_the_first_mark() -> None:
    found, _ = shown("x " * 200 + "needle" + " y" * 200, "needle")
    assert "[needle]" in found and found.startswith("…") and found.endswith("…") and len(found) < 75


def test_a_mark_is_never_cut_open() -> None:
    found, _ = shown("needle " + "x " * 20 + "n" * 90, "n" * 90, "needle")
    assert found.count("[") == found.count("]") == 2
    found, _ = shown("n" * 90 + " x", "n" * 90)
    assert found == "[%s]\u2026" % ("n" * 90)


@given(text=st.text("ab \n" + BEGIN + END, max_size=200))
def test_any_text_has_a_snippet_on_one_line(text: str) -> None:
    found, line = snippet(text, size=20)
    assert "\n" not in found and 0 <= line <= text.count("\n")
