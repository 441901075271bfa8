"""Missions that only a backlog or a plan lists have all that others have; prerequisites in files hold back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest

PLAN = """\
sprint: 7
title: Harbour
missions:
  - id: H7.1
    name: Dredge the basin   # by spring
    objective: Boats of two metres draught can enter.
    successCriteria:
      - the pilot has sounded it
  - { id: H7.2, name: Light the pier }
  - name: Paint the cranes
    id: H7.3
    summary: Yellow.
    status: Queued
    dependsOn: [H7.1]
"""
MISSION = """\
missionId: H8.1
objective: |
  Open the harbour.
  Then close it.
context: {dependencies: ["H7.2: the lights", "good weather"]}
successCriteria: [it is open]
deliverables: [a harbour]
sprint: 8
"""


@pytest.fixture
def harbour(project: Path, run: Callable[..., Any]) -> Path:
    folder = project / "cmos" / "missions"
    (folder / "sprint-07.yaml").write_text(PLAN, "utf-8")
    (folder / "sprint-08").mkdir()
    (folder / "sprint-08" / "H8.1.yaml").write_text(MISSION, "utf-8")
    assert run("init", "--no-hooks").code == 0
    return folder


def test_a_row_is_shown_with_its_line_and_its_text(harbour: Path, run: Callable[..., Any]) -> None:
    told = run("mission", "show", "H7.1", "--json").data
    assert (told["path"], told["line"]) == ("cmos/missions/sprint-07.yaml", 4)
    assert told["objective"] == "Boats of two metres draught can enter."
    assert told["text"].endswith("- the pilot has sounded it") and "H7.2" not in told["text"]
    text = run("mission", "show", "H7.3").out
    assert "cmos/missions/sprint-07.yaml:11" in text and "Yellow." in text and "dependsOn" in text


def test_a_status_is_written_into_a_row_that_has_none(harbour: Path, run: Callable[..., Any]) -> None:
    for id in ("H7.1", "H7.2"):
        assert run("mission", "complete", id).code == 0
    expected = PLAN.replace("id: H7.1\n", "id: H7.1\n    status: Completed\n").replace(
        "id: H7.2,", "id: H7.2, status: Completed,"
    )
    assert (harbour / "sprint-07.yaml").read_text("utf-8").replace("status: Current", "status: Queued") == expected
    assert run("sync", "--check").code == 0


def test_prerequisites_in_files_and_rows_hold_back(harbour: Path, run: Callable[..., Any]) -> None:
    assert run("mission", "next", "--json").data["id"] != "H8.1"
    for id in ("H8.1", "H7.3"):
        assert "waits for" in run("mission", "start", id, "--agent", "ada").err
    assert run("mission", "verify").out.count("good") == 0, "a prerequisite that is no mission is no fault"
    told = run("mission", "complete", "H7.2")
    assert told.code == 0
    (harbour / "sprint-08" / "H8.1.yaml").write_text(MISSION.replace("H7.2: the", "the"), "utf-8")
    links = run("mission", "show", "H8.1", "--json").data["dependencies"]
    assert [link["from_id"] for link in links] == ["the", "good"]


def test_prerequisites_go_with_a_file_that_moves(harbour: Path, run: Callable[..., Any]) -> None:
    (harbour / "sprint-08" / "H8.1.yaml").rename(harbour / "sprint-08" / "H8.1_open.yaml")
    links = run("mission", "show", "H8.1", "--json").data["dependencies"]
    assert [link["from_id"] for link in links] == ["H7.2", "good"]


def test_a_mission_without_a_name_shows_its_objective(harbour: Path, run: Callable[..., Any]) -> None:
    (harbour / "sprint-08" / "X9.yaml").write_text("missionId: X9\nobjective: |\n  Sound it.\n  Twice.\n", "utf-8")
    assert "X9" in run("mission", "list").out and "Sound it." in run("mission", "list").out


def test_a_value_for_which_the_file_has_no_key_gets_one(harbour: Path, run: Callable[..., Any]) -> None:
    told = run("mission", "edit", "H7.1", "--notes", "by spring")
    assert (told.code, told.err) == (0, "")
    assert run("mission", "show", "H7.1", "--json").data["notes"] == "by spring"
    plans = [one.read_text("utf-8") for one in harbour.rglob("*.yaml")]
    assert sum("notes: by spring" in plan or 'notes: "by spring"' in plan for plan in plans) == 1
    assert run("sync", "--check").code == 0


def test_a_value_for_which_there_is_no_place_is_said_to_be_in_the_database_alone(
    harbour: Path, run: Callable[..., Any]
) -> None:
    (harbour / "sprint-08" / "X8.yaml").write_text("missionId: &id X8\nobjective: Sound it.\n", "utf-8")
    told = run("mission", "edit", "X8", "--notes", "by spring")
    assert told.code == 0 and "X8.yaml has no key for the notes; only the database has the new value" in told.err
    (harbour / "sprint-08" / "X9.yaml").write_text(
        "missionId: X9\nname: Generic.Pack.v1\ndisplayName: Pack\nversion: 1\nobjective: Sound it.\n", "utf-8"
    )
    told = run("mission", "edit", "X9", "--name", "Lead line")
    assert told.code == 0 and "X9.yaml has no key for the name; only the database has the new value" in told.err
    assert run("mission", "show", "X9", "--json").data["name"] == "Lead line"
    assert run("sync", "--check").code == 0


def test_a_row_without_an_id_and_a_mission_in_two_plans_are_told(harbour: Path, run: Callable[..., Any]) -> None:
    rows = "sprint: Sprint 7\nmissions:\n- id: P1\n  objective: a\n- objective: no id\n"
    (harbour / "one.yaml").write_text(rows, "utf-8")
    (harbour / "two.yaml").write_text("sprint: Sprint 9\nmissions:\n- id: P1\n  objective: a\n- id: P2\n", "utf-8")
    (harbour / "three.yaml").write_text("sprint: sprint-09\nmissions:\n- id: P2\n", "utf-8")
    run("sync")
    found = {one["code"]: one for one in run("mission", "verify", "--json").data["findings"]}
    assert (found["no-id"]["path"], found["no-id"]["line"]) == ("cmos/missions/one.yaml", 5)
    told = [one for one in run("mission", "verify", "--json").data["findings"] if one["code"] == "listed-twice"]
    assert [one["mission_id"] for one in told] == ["P1"]
    assert "cmos/missions/two.yaml" in told[0]["message"]
    assert run("mission", "show", "P1", "--json").data["sprint_id"] == "Sprint 7"
