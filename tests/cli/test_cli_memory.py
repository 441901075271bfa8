"""``decision``, ``fact`` and ``memory list``."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest


def decide(cm, title: str, *more: str):
    return cm("decision", "--title", title, "--rationale", "because of " + title, *more)


def note(cm, content: str, *more: str, kind: str = "finding"):
    return cm("fact", "--kind", kind, "--content", content, *more)


def texts(cm, *arguments: str):
    return [one["text"] for one in cm("memory", "list", "--json", *arguments).data]


def test_a_decision_is_of_the_current_mission(cm, station: Path) -> None:
    told = decide(cm, "One file per day")
    assert (told.code, told.out) == (0, "Recorded decision 1 for B1.2.\n")
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        (row,) = db.execute("SELECT * FROM decisions WHERE mission_id LIKE 'B1.%'")
    db.close()
    assert row[2:5] == ("B1.2", "One file per day", "because of One file per day") and row[1].endswith("Z")


def test_a_note_is_of_the_mission_that_the_agent_is_at(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    cm("mission", "start", "B1.3", "--agent", "codex")
    assert note(cm, "x", "--agent", "codex", "--json").data["mission_id"] == "B1.3"
    assert note(cm, "x", "--agent", "ada", "--json").data["mission_id"] == "B1.2"
    assert note(cm, "x", "--agent", "eve", "--json").data["mission_id"] is None, "nobody's mission is handed out"


def test_a_note_may_name_any_mission_and_only_one_that_exists(cm) -> None:
    assert note(cm, "x", "--mission", "b2.1", "--json").data["mission_id"] == "B2.1"
    assert decide(cm, "x", "--mission", "B9.9").code == 4
    assert note(cm, "x", "--mission", "B9.9").code == 4
    assert texts(cm, "--text", "because of x") == []


def test_without_an_open_mission_a_note_belongs_to_none(cm) -> None:
    cm("mission", "complete", "B1.2", "--no-promote")
    assert note(cm, "x").out.endswith(".\n") and " for " not in note(cm, "x").out


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("decision", "--rationale", "r"), "--title"),
        (("decision", "--title", "t"), "--rationale"),
        (("decision", "--title", "t", "--rationale", " "), "--rationale"),
        (("fact", "--content", "c"), "--kind"),
        (("fact", "--kind", "k"), "--content"),
    ],
)
def test_what_is_missing_is_named(cm, arguments, option: str) -> None:
    told = cm(*arguments)
    assert told.code == 2 and option in told.err


@pytest.mark.parametrize("wrong", ["two\nlines", "\x1b[2J", "x" * 501])
def test_a_title_or_a_kind_that_is_no_line_is_refused(cm, wrong: str) -> None:
    assert decide(cm, wrong).code == 2
    assert note(cm, "c", kind=wrong).code == 2


def test_a_text_comes_from_stdin_when_asked_for(run, started: Path) -> None:
    assert run("fact", "--kind", "risk", "--content", "-", stdin="two\r\nlines\n").code == 0
    assert run("decision", "--title", "T", "--rationale", "-", stdin="why\n").code == 0
    assert [(one["text"], one["rationale"]) for one in run("memory", "list", "--limit", "2", "--json").data] == [
        ("T", "why"),
        ("two\nlines", None),
    ]


def test_stdin_that_was_not_asked_for_is_left_alone(run, started: Path) -> None:
    told = run("fact", "--kind", "risk", stdin="the next line of somebody's loop\n")
    assert told.code == 2 and "--content -" in told.err
    assert "loop" not in run("memory", "list", "--json").out


@pytest.mark.parametrize("stdin", ["", " \n"])
def test_an_empty_stdin_is_a_usage_error(run, started: Path, stdin: str) -> None:
    told = run("decision", "--title", "T", "--rationale", "-", stdin=stdin)
    assert told.code == 2 and "--rationale" in told.err


def test_the_list_is_newest_first_and_filtered(cm, station: Path) -> None:
    decide(cm, "One file per day")
    note(cm, "The SENSOR lags", kind="Risk")
    note(cm, "Ein Überlauf", "--mission", "B2.1")
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.execute("UPDATE decisions SET ts = '2031-01-02T00:00:00Z' WHERE title = 'One file per day'")
        db.execute("UPDATE facts SET ts = '2031-01-03T00:00:00Z' WHERE mission_id = 'B1.2'")
        db.execute("UPDATE facts SET ts = '2031-01-01T00:00:00Z' WHERE mission_id = 'B2.1'")
    db.close()
    assert texts(cm, "--limit", "3") == ["The SENSOR lags", "One file per day", "Ein Überlauf"]
    assert texts(cm, "--mission", "b1.2") == ["The SENSOR lags", "One file per day"]
    assert texts(cm, "--sprint", "2") == ["Ein Überlauf"]
    assert texts(cm, "--kind", "risk", "--sprint", "1") == ["The SENSOR lags"]
    assert texts(cm, "--kind", "decision", "--sprint", "1") == ["One file per day"]
    assert texts(cm, "--since", "2031-01-02") == ["The SENSOR lags", "One file per day"]
    assert texts(cm, "--text", "sensor  LAGS") == ["The SENSOR lags"]
    assert texts(cm, "--text", "BECAUSE of one") == ["One file per day"]
    assert texts(cm, "--text", "überlauf") == ["Ein Überlauf"]


def test_the_table_says_all_of_a_decision(cm) -> None:
    decide(cm, "One file per day")
    head, line = cm("memory", "list", "--mission", "B1.2").out.splitlines()
    assert head.split() == ["NO", "TIME", "MISSION", "KIND", "TEXT"]
    assert line.endswith("B1.2     decision  One file per day: because of One file per day")


def test_imported_ones_keep_date_and_origin(cm, station: Path, tmp_path: Path) -> None:
    context = {"working_memory": {"decisions_made": [{"decision": "Use SI units", "date": "2025-03-04"}]}}
    (tmp_path / "context.json").write_text(json.dumps(context), "utf-8")
    assert cm("db", "import", str(tmp_path / "context.json")).code == 0
    decide(cm, "Use UTC")
    found = {one["text"]: one for one in cm("memory", "list", "--kind", "decision", "--json").data}
    assert (found["Use SI units"]["ts"], found["Use SI units"]["origin"]) == ("2025-03-04", "import")
    assert found["Use UTC"]["origin"] == "command"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--mission", "B9.9"), 4), (("--sprint", "77"), 4), (("--kind", "odd"), 2), (("--since", "soon"), 2)],
)
def test_a_filter_that_names_nothing_is_an_error(cm, arguments, code: int) -> None:
    assert cm("memory", "list", *arguments, "--json").code == code


def test_an_empty_list_is_done_and_says_so_aside(cm) -> None:
    told = cm("memory", "list", "--mission", "B2.2")
    assert (told.code, told.out) == (0, "") and told.err
    assert cm("memory", "list", "--mission", "B2.2", "--json").data == []


def test_a_new_record_replaces_one_that_was_wrong(cm) -> None:
    first = cm("decision", "--title", "Use paper", "--rationale", "cheap", "--json").data["id"]
    cm("decision", "--title", "Use slate", "--rationale", "lasts", "--replaces", str(first))
    wrong = note(cm, "It rains", "--json").data["id"]
    note(cm, "It pours", "--replaces", str(wrong))
    texts = [entry["text"] for entry in cm("memory", "list", "--json").data]
    assert "Use slate" in texts and "It pours" in texts and not {"Use paper", "It rains"} & set(texts)
    told = json.loads(cm("context").out)
    assert "It pours" in str(told["facts"]) and "It rains" not in str(told["facts"])
    refused = note(cm, "x", "--replaces", "4711")
    assert refused.code == 4 and "there is no fact 4711" in refused.err
