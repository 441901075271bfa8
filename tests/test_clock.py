"""Times as a person gives them, and how long ago they are."""

from __future__ import annotations

import pytest

from cmos.clock import how_long, since
from cmos.core.errors import InvalidValue

NOW = "2026-01-31T09:30:00Z"


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        ("2026-01-31T09:00:00Z", "less than a day"),
        ("2026-01-30", "1 day"),
        ("2026-01-29T09:30:00Z", "2 days"),
        ("2025-01-31 09:30", "365 days"),
        ("2026-02-01", None),
        ("long ago", None),
        (None, None),
    ],
)
def test_how_long_it_is_since_a_time(begun, told) -> None:
    assert how_long(begun, NOW) == told


@pytest.mark.parametrize("text", ["2026", "2026-01", "2026-01-31", "2026-01-31T09:30:00Z"])
def test_a_time_or_the_beginning_of_one_is_taken_as_it_is(text: str) -> None:
    assert since(text) == text


@pytest.mark.parametrize("text", ["", "now", "2026-13", "1"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        since(text)
