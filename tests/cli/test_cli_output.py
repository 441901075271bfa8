"""Output: what cannot steer a terminal, columns that line up, bars that do not lie."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.cli.base import output


@given(st.text())
def test_cleaned_text_has_no_control_characters(text: str) -> None:
    shown = output.clean(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u200f\u2028" for c in shown)


@given(st.text())
def test_cleaned_lines_keep_line_breaks_and_tabs_only(text: str) -> None:
    shown = output.clean(text, lines=True)
    assert not any((ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in shown)


@given(st.text())
def test_json_reads_back_and_carries_no_control_characters(text: str) -> None:
    shown = output.dumps({"text": text})
    assert json.loads(shown) == {"text": text}
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)


def test_an_escape_sequence_is_shown_not_obeyed() -> None:
    assert output.clean("\x1b[2Jred\x9b\u202e") == "\\x1b[2Jred\\x9b\\u202e"


@pytest.mark.parametrize(
    ("done", "total", "full"), [(0, 0, 0), (0, 9, 0), (1, 1000, 1), (999, 1000, 19), (1, 2, 10), (3, 3, 20)]
)
def test_a_bar_is_full_only_when_all_is_done(done: int, total: int, full: int) -> None:
    assert output.bar(done, total).count("\u2588") == full
    assert len(output.bar(done, total)) == 20


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("é", 1)])
def test_width_counts_columns(text: str, cells: int) -> None:
    assert output.width(text) == cells


def test_columns_line_up_with_wide_characters() -> None:
    lines = output.columns([("日本", "x"), ("a", "y")], heads=("NAME", "B"))
    assert [output.width(line[: line.index(mark)]) for line, mark in zip(lines, "Bxy")] == [6, 6, 6]


def test_a_text_is_cut_with_an_ellipsis() -> None:
    assert output.fit("abcdef", 4) == "abc…" and output.fit("日本語", 4) == "日…"


def test_there_is_no_colour_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output.status_style("Blocked") == "Blocked"


def test_there_is_colour_on_a_terminal_unless_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert output.status_style("Blocked") != "Blocked"
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.status_style("Blocked") == "Blocked"


@pytest.mark.parametrize(
    ("option", "environment", "is_coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "0"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "auto"), {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_an_option_then_no_color_then_force_color_decide(cm, monkeypatch, option, environment, is_coloured) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in cm(*option, "mission", "list").out) is is_coloured
    assert "\x1b[" not in cm(*option, "mission", "list", "--json").out


def test_in_a_pipe_a_line_stays_a_line_however_long(cm) -> None:
    long = "far too long " * 2000
    assert cm("mission", "edit", "B1.3", "--notes", long).code == 0
    assert long.strip() in cm("mission", "show", "B1.3").out
    cm("fact", "--kind", "k", "--content", long)
    assert not any(line.startswith(" ") for line in cm("memory", "list").out.splitlines())
