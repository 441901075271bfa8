"""``status`` and ``context``."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

KEYS = {
    "generated_at", "project", "active_mission", "current_mission", "next_mission", "mission_totals", "sprints",
    "recent_sessions", "decisions", "facts",
}  # fmt: skip


def finished(station: Path, number: int, *, sprints: int = 1) -> None:
    """Add so many completed missions to the database."""
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.executemany(
            "INSERT INTO missions (id, sprint_id, name, status, completed_at) VALUES (?,?,?,'Completed','2025-01-01')",
            [("A%d" % one, "Old %d" % (one % sprints + 1), "an old mission " * 5) for one in range(number)],
        )
    db.close()


def test_status_shows_sprints_and_what_is_going_on(cm) -> None:
    told = cm("status")
    lines = told.out.splitlines()
    assert told.code == 0
    assert any(line.startswith("Sprint 01  \u2588") and "1/4" in line for line in lines)
    assert any(line.split()[:2] == ["current", "B1.2"] for line in lines)
    assert any(line.split()[:2] == ["next", "B1.3"] for line in lines)


def test_status_as_json(cm) -> None:
    data = cm("status", "--json").data
    assert data["totals"]["total"] == 6 and data["totals"]["Completed"] == 1
    assert [mission["id"] for mission in data["open"]] == ["B1.2"]
    assert [(line["sprint_id"], line["done"], line["total"]) for line in data["sprints"]] == [
        ("Sprint 01", 1, 4),
        ("Sprint 02", 0, 2),
    ]


def test_status_tells_what_is_blocked_and_why(cm) -> None:
    cm("mission", "block", "B1.2", "--reason", "The disk has not arrived")
    assert "B1.2  blocked: The disk has not arrived" in cm("status").out


def test_status_tells_of_open_issues_and_what_to_run(cm, station: Path) -> None:
    (station / "cmos" / "missions" / "sprint-01" / "B1.4_report-gaps.yaml").write_text("id: B1.4\nname: [\n", "utf-8")
    told = cm("status")
    assert "invalid file" in told.out and "cmosctl mission verify" in told.out


def test_finished_sprints_are_summed_up_unless_asked_for(cm, station: Path) -> None:
    finished(station, 30, sprints=10)
    short, long = cm("status").out, cm("status", "--verbose").out
    assert "and 4 sprints more" in short and "Old 9" not in short
    assert "Old 9" in long


def test_status_of_an_empty_project(cm, tmp_path: Path, monkeypatch) -> None:
    from cmos.setup.setup import set_up

    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    set_up(str(tmp_path / "empty"))
    assert cm("status").code == 0
    assert cm("mission", "next").code == 1
    assert cm("mission", "next", "--claim", "--json").data is None
    assert cm("mission", "verify").code == 0 and cm("mission", "audit").code == 0
    assert cm("context", "--json").data["current_mission"] is None


def test_context_is_one_object(cm) -> None:
    document = json.loads(cm("context").out)
    assert set(document) >= KEYS
    assert document["current_mission"]["id"] == "B1.2" and document["next_mission"]["id"] == "B1.3"
    assert document["active_mission"] is None and len(document["commands"]) == 5


def test_context_under_json_is_wrapped_like_all_others(cm) -> None:
    bare, wrapped = json.loads(cm("context").out), cm("context", "--json").data
    assert set(bare) == set(wrapped)


def test_the_active_mission_is_ones_own(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    cm("mission", "start", "B1.3", "--agent", "codex")
    document = json.loads(cm("context", "--agent", "codex").out)
    assert document["active_mission"]["id"] == "B1.3"
    assert [mission["id"] for mission in document["in_progress"]] == ["B1.2"]


@pytest.mark.parametrize("budget", [250, 300, 800, 2000])
def test_context_keeps_its_budget_and_counts_what_it_cut(cm, station: Path, budget: int) -> None:
    finished(station, 500, sprints=60)
    for _ in range(40):
        cm("session", "log", "--type", "commit", "--summary", "words " * 60)
    told = cm("context", "--budget", str(budget))
    document = json.loads(told.out)
    assert len(told.out.rstrip("\n")) <= budget * 4
    logged = len(cm("session", "list", "--json").data)
    assert document["cut"]["recent_sessions"] + len(document["recent_sessions"]) == logged
    assert document.get("finished_sprints", 60) == 60
    assert document["cut"].get("sprints", 0) + len(document["sprints"]) == 2


def test_context_does_not_grow_with_finished_missions(cm, station: Path) -> None:
    finished(station, 10, sprints=1)
    few = len(cm("context").out)
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.executemany(
            "INSERT INTO missions (id, sprint_id, status) VALUES (?, 'Old 1', 'Completed')",
            [("Z%d" % one,) for one in range(3000)],
        )
    db.close()
    assert abs(len(cm("context").out) - few) < 60


def test_a_budget_that_is_none_is_a_usage_error(cm) -> None:
    assert cm("context", "--budget", "10").code == 2
    assert cm("context", "--budget", "many").code == 2


@pytest.mark.parametrize("project", ['{broken', "{" + '"a":{' * 3000, '{"name": 5}', '["x"]'])
def test_a_project_section_that_is_odd_stops_nothing(cm, station: Path, project: str) -> None:
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.execute("UPDATE project_state SET value = ? WHERE key = 'project'", (project,))
    db.close()
    assert (cm("status").code, cm("context", "--json").code) == (0, 0)
