"""The order of what was found: each sign decides where all else speaks against it, or is equal."""

from __future__ import annotations

from typing import List

import pytest

from cmos.search.rank import SHARE, Match, rank

ALPHA = [(("alpha",),)]
BOTH = [(("alpha",),), (("beta",),)]
MANY = "alpha among nine other words that nobody asked for"


def place(id: int, score: float, text: str, heading: str = "zeta", above: str = "", **more) -> Match:
    kind, file = more.get("kind", "doc"), more.get("file", "%d.md" % id)
    return Match(id, score, kind, file, 1, None, None, above, heading, "", text)


@pytest.mark.parametrize(
    ("asked", "better", "worse"),
    [
        pytest.param(BOTH, place(1, 1.0, "alpha beta"), place(2, 1.0, "alpha " * 10), id="it holds more of it"),
        pytest.param(ALPHA, place(1, 0.8, "alpha", MANY), place(2, 1.0, "alpha", above="alpha"), id="in its heading"),
        pytest.param(ALPHA, place(1, 0.8, "alpha", above="alpha"), place(2, 1.0, "alpha"), id="in a heading above"),
        pytest.param(ALPHA, place(1, 0.8, "alpha", "alpha"), place(2, 1.0, "alpha", MANY), id="its heading is just it"),
        pytest.param(ALPHA, place(1, 0.5, "alpha " * 10), place(2, 1.0, "alpha"), id="it holds it more often"),
        pytest.param(ALPHA, place(1, 1.0, "alpha"), place(2, 1.0, "alpha", kind="template"), id="it is no template"),
        pytest.param(ALPHA, place(1, 1.0, "alpha"), place(2, 0.5, "alpha"), id="the index says so"),
    ],
)
def test_a_place_is_better_when(asked, better: Match, worse: Match) -> None:
    for found in ([better, worse], [worse, better]):
        assert [match.id for match in rank(found, asked)] == [1, 2]


def test_other_forms_of_a_word_in_a_heading_count_too() -> None:
    calibrated = place(1, 0.5, "x", "Calibrating a barometer")
    assert rank([place(2, 1.0, "x"), calibrated], [(("calibrate",),)])[0].id == 1


def test_what_exceeds_the_share_of_a_file_comes_after_the_others() -> None:
    found = [place(number, 9.0 - number, "alpha", file="a.md") for number in range(SHARE + 2)]
    found.append(place(99, 0.1, "alpha"))
    ids: List[int] = [match.id for match in rank(found, ALPHA)]
    assert ids == [*range(SHARE), 99, SHARE, SHARE + 1]
