"""Who is at work: the flag, the variable, the environment's signs, a human."""

from __future__ import annotations

from typing import Dict

import pytest

from cmos.core.agents import SIGNS, detect


@pytest.mark.parametrize(
    ("environment", "agent"),
    [
        ({}, "human"),
        ({"CLAUDECODE": "1"}, "claude"),
        ({"CODEX_SANDBOX": "seatbelt"}, "codex"),
        ({"CURSOR_AGENT": "1"}, "cursor"),
        ({"GEMINI_CLI": "1"}, "gemini"),
        ({"AI_AGENT": "kiro@1.2"}, "kiro"),
        ({"CMOS_AGENT": "ada", "CLAUDECODE": "1"}, "ada"),
        ({"CMOS_AGENT": "  ", "CLAUDECODE": "0"}, "human"),
        ({"CURSOR_TRACE_ID": "abc"}, "human"),
    ],
)
def test_the_environment_gives_the_agent_away(environment: Dict[str, str], agent: str) -> None:
    assert detect(environment) == agent


@pytest.mark.parametrize("variable", ["CMOS_AGENT", "AI_AGENT"])
def test_a_name_out_of_the_environment_can_always_be_kept_and_shown(variable: str) -> None:
    # a byte that is not UTF-8 arrives as half a character, which no database takes
    assert detect({variable: "a\udcffb\x1b[2J"}) == "a?b?[2J"
    assert detect({variable: " x" * 500}) == ("x " * 100)
    assert detect({}, given="\x9bada") == "?ada"


def test_the_flag_counts_before_all_else() -> None:
    assert detect({"CMOS_AGENT": "ada", "CLAUDECODE": "1"}, given="codex") == "codex"


def test_no_variable_is_listed_twice() -> None:
    assert len({variable for variable, _ in SIGNS}) == len(SIGNS)
