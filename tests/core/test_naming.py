"""What a new mission may be called."""

from __future__ import annotations

import pytest

from cmos.core.errors import InvalidValue
from cmos.core.ids import check_id, check_line, check_text


@pytest.mark.parametrize("id", ["B1.1", "B16.10a", "sprint-09-b1", "R13.1-20251013", "Ünï", "B1.1'"])
def test_ids_that_real_projects_use_are_taken(id: str) -> None:
    assert check_id(id) == id


@pytest.mark.parametrize(
    "id", ["", " ", "a b", "a/b", "a\\b", ".", "..", "-x", "~x", "a\x00", "a\x7f", "a\u202eb", "x" * 101]
)
def test_ids_that_break_a_path_or_a_terminal_are_refused(id: str) -> None:
    with pytest.raises(InvalidValue):
        check_id(id)


def test_a_line_is_stripped() -> None:
    assert check_line("  two words ", "the name") == "two words"


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "a\tb", "a\x1bb", "\ud800", "x" * 501])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="the name"):
        check_line(text, "the name")


def test_a_text_may_have_lines_but_no_control_characters() -> None:
    assert check_text("a\n\tb", "the notes") == "a\n\tb"
    with pytest.raises(InvalidValue):
        check_text("a\x9bb", "the notes")
