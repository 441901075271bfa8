"""The sprint in docs/agents.md, typed as it stands there."""

from __future__ import annotations

from typing import Callable


def test_a_sprint_is_done_with_an_agents_commands_only(typed: Callable[[str], str]) -> None:
    told = typed("agents.md")
    contexts = [line for line in told.splitlines() if line.startswith('{"generated_at"')]
    assert ['"because": "sprint"' in one for one in contexts] == [False, True]
    review = dict(part.split("\n\n", 1) for part in told.split("# Review of Sprint 1")[1].split("\n## ")[1:])
    assert [name in review["Done"] for name in ("B1.1", "B1.2", "B1.3")] == [True, True, True]
    assert review["Not done"] == "None.\n" and review["Open questions"] == "None.\n"
    assert "**A gap is ten minutes** (B1.3) Shorter ones are the radio" in review["Decisions"]
    assert "B1.1: read once a minute" in review["Commits"]
    assert "3 of 3 missions completed" in told
