"""``mission verify|incomplete|audit``: exit codes and output."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest


def path(station: Path, name: str) -> Path:
    return next((station / "cmos" / "missions").rglob(name + "*"))


def mend(station: Path) -> None:
    with path(station, "B1.3").open("a", encoding="utf-8") as file:
        file.write("context: c\nsuccessCriteria: [s]\ndeliverables: [d]\n")


def test_verify_names_file_and_line(cm) -> None:
    told = cm("mission", "verify")
    assert told.code == 1
    (line,) = told.out.splitlines()
    assert line.startswith("cmos/missions/sprint-01/B1.3_derive-a-daily-mean.yaml:1: error: B1.3 lacks context,")
    assert told.err == "6 missions: 1 error, 0 warnings\n"


def test_verify_as_json(cm) -> None:
    data = cm("mission", "verify", "--json").data
    assert (data["missions"], data["errors"], data["warnings"]) == (6, 1, 0)
    (finding,) = data["findings"]
    assert sorted(finding) == ["code", "column", "line", "message", "mission_id", "path", "severity", "sprint_id"]
    assert (finding["code"], finding["mission_id"], finding["line"]) == ("incomplete", "B1.3", 1)


def test_verify_of_a_sound_project_is_silent(cm, station: Path) -> None:
    mend(station)
    told = cm("mission", "verify")
    assert (told.code, told.out) == (0, "")


def test_warnings_alone_are_no_failure(cm, station: Path) -> None:
    mend(station)
    cm("mission", "add", "X1", "Alone", "--no-file")
    told = cm("mission", "verify")
    assert told.code == 0 and "X1: warning: X1 has no mission file" in told.out


def test_a_file_that_does_not_parse_is_found_with_its_line(cm, station: Path) -> None:
    mend(station)
    path(station, "B1.4").write_text("id: B1.4\nstatus: Queued\nname: [\n", "utf-8")
    told = cm("mission", "verify", "--json")
    (finding,) = [one for one in told.data["findings"] if one["severity"] == "error"]
    assert told.code == 1 and finding["code"] == "quarantine"
    assert finding["path"].endswith("B1.4_report-gaps.yaml") and finding["line"] in (3, 4)


def test_an_id_in_two_files_is_found(cm, station: Path) -> None:
    mend(station)
    copy = path(station, "B1.4").with_name("B1.4_copy.yaml")
    copy.write_bytes(path(station, "B1.4").read_bytes())
    codes = [one["code"] for one in cm("mission", "verify", "--json").data["findings"] if one["severity"] == "error"]
    assert codes == ["duplicate"]


def test_incomplete_lists_what_is_lacking(cm, station: Path) -> None:
    told = cm("mission", "incomplete", "--json")
    assert told.code == 1
    assert [(one["id"], one["missing"]) for one in told.data] == [
        ("B1.3", ["context", "successCriteria", "deliverables"])
    ]
    assert "context, successCriteria, deliverables" in cm("mission", "incomplete").out
    mend(station)
    told = cm("mission", "incomplete", "--json")
    assert (told.code, told.data) == (0, [])


def test_audit_counts_each_sprint(cm, station: Path) -> None:
    mend(station)
    told = cm("mission", "audit")
    assert told.code == 0
    assert "Sprint 01  Read the sensors" in told.out and "1/4  2 Queued, 1 Current, 1 Completed" in told.out
    assert "B2.2  Publish the page: waits for B2.1" in told.out


@pytest.mark.parametrize("sprint", ["1", "Sprint 01", "sprint-1"])
def test_audit_of_one_sprint(cm, sprint: str) -> None:
    told = cm("mission", "audit", sprint, "--json")
    assert told.code == 1
    assert [one["sprint_id"] for one in told.data["sprints"]] == ["Sprint 01"]
    assert [one["code"] for one in told.data["findings"]] == ["incomplete"]


def test_audit_says_since_when_a_mission_is_blocked(cm) -> None:
    cm("mission", "block", "B1.2", "--reason", "no key")
    (blocker,) = cm("mission", "audit", "1", "--json").data["sprints"][0]["blockers"]
    assert (blocker["mission_id"], blocker["reason"]) == ("B1.2", "no key") and blocker["since"].endswith("Z")


def test_audit_of_an_unknown_sprint_is_code_four(cm) -> None:
    told = cm("mission", "audit", "77", "--json")
    assert told.code == 4 and "Sprint 01" in told.error["hint"]


def test_audit_finds_gaps_and_contradictions(cm, station: Path) -> None:
    backlog = station / "cmos" / "missions" / "backlog.yaml"
    text = backlog.read_text("utf-8").replace('status: "Planned"', 'status: "Completed"', 1)
    backlog.write_text(text, "utf-8")
    cm("mission", "add", "B5.1", "Far away", "--sprint", "Sprint 5")
    found = {one["code"]: one["message"] for one in cm("mission", "audit", "--json").data["findings"]}
    assert "sprint 3 to 4 is missing" in found["sprint-gap"]
    assert "2 of its missions are not" in found["sprint-not-done"]


def test_a_file_that_reads_like_a_mission_but_has_no_id_is_found(cm, station: Path) -> None:
    mend(station)
    folder = station / "cmos" / "missions"
    (folder / "noid.yaml").write_text("# a note\nname: No id\nobjective: o\ndeliverables: [d]\n", "utf-8")
    (folder / "notes.yaml").write_text("name: Some notes\ncontext: c\n", "utf-8")
    for command in ("verify", "audit"):
        (finding,) = cm("mission", command, "--json").data["findings"]
        assert (finding["code"], finding["path"], finding["line"]) == ("no-id", "cmos/missions/noid.yaml", 2)
    (one,) = cm("mission", "verify", "cmos/missions/noid.yaml", "--json").data["findings"]
    assert (one["code"], one["line"]) == ("no-id", 2)


def test_the_audit_of_a_sprint_has_its_duplicates(cm, station: Path) -> None:
    mend(station)
    (station / "cmos" / "missions" / "b.yaml").write_text("id: B1.4\nname: again\n", "utf-8")
    assert [one["code"] for one in cm("mission", "audit", "1", "--json").data["findings"]] == ["duplicate"]
    assert cm("mission", "audit", "2", "--json").data["findings"] == []


def test_what_was_typed_by_hand_is_shown_with_both_values(cm, station: Path) -> None:
    mend(station)
    path(station, "B1.3").write_text(path(station, "B1.3").read_text("utf-8").replace("Queued", "Blocked"), "utf-8")
    assert 'the file said "Blocked", the database "Queued"' in cm("sync").out
    assert "cmosctl sync --accept-status" in cm("mission", "verify").out


def test_a_place_is_said_once(cm, station: Path) -> None:
    path(station, "B1.4").write_text("id: B1.4\nstatus: Queued\nname: [\n", "utf-8")
    for command in (("sync",), ("mission", "verify")):
        (line,) = [one for one in cm(*command).out.splitlines() if "B1.4" in one]
        assert ".yaml:4:1: " in line and "column" not in line


def test_the_review_of_a_sprint_as_markdown(cm, station: Path) -> None:
    mend(station)
    cm("decision", "--title", "One file per day", "--rationale", "disks break")
    cm("fact", "--kind", "question", "--content", "Who owns the clock?")
    cm("fact", "--kind", "finding", "--content", "It lags", "--mission", "B2.1")
    cm("mission", "block", "B1.2", "--reason", "no disk")
    told = cm("mission", "audit", "1", "--format", "md")
    head = "# Review of Sprint 01: Read the sensors\n\n1 of 4 missions are done.\n"
    assert told.code == 0 and told.out.startswith(head)
    parts = dict(part.split("\n\n", 1) for part in told.out.split("\n## ")[1:])
    assert list(parts) == ["Done", "Not done", "Decisions", "Facts", "Open questions", "Commits", "To mend"]
    assert "**B1.1**" in parts["Done"]
    assert "blocked: no disk (for less than a day, since 20" in parts["Not done"]
    assert "**One file per day** (B1.2) disks break" in parts["Decisions"]
    assert parts["Open questions"] == "- question (B1.2): Who owns the clock?\n" and "It lags" not in told.out
    assert not list((station / "cmos" / "docs").glob("*review*"))


def test_a_question_that_was_answered_is_open_no_more(cm) -> None:
    cm("fact", "--kind", "question", "--content", "Who owns the clock?")
    assert "Who owns the clock?  (open)" in cm("mission", "audit", "1").out
    cm("fact", "--kind", "answer", "--content", "Who owns the clock? The station.")
    assert "(open)" not in cm("mission", "audit", "1").out


def test_the_audit_of_a_sprint_says_each_mission_once(cm) -> None:
    cm("mission", "block", "B1.2", "--reason", "no disk")
    lines = [line for line in cm("mission", "audit", "1").out.splitlines() if line.startswith("  B1.")]
    assert [line.split()[0] for line in lines] == ["B1.1", "B1.2", "B1.3", "B1.4"]
    assert lines[0] == "  B1.1  Wire the thermometer: done"
    assert "blocked: no disk; for less than a day, since 20" in lines[1]


def test_the_review_is_in_the_json_of_an_audit(cm) -> None:
    (one,) = cm("mission", "audit", "1", "--json").data["reviews"]
    assert (one["total"], one["done"], len(one["missions"])) == (4, 1, 4)


@pytest.mark.parametrize("format", ["text", "md"])
def test_a_verbose_status_has_the_review_of_the_sprint_at_work(cm, format: str) -> None:
    cm("decision", "--title", "Twelve volts", "--rationale", "it is there")
    assert "Twelve volts" not in cm("status", "--format", format).out
    told = cm("status", "--verbose", "--format", format)
    assert "Twelve volts" in told.out and "eview of Sprint 01" in told.out
    assert cm("status", "--verbose", "--json").data["reviews"][0]["sprint_id"] == "Sprint 01"


def test_audit_reports_claims_that_went_silent_and_those_of_a_lost_worktree(cm, station: Path) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    assert "stale-claim" not in cm("mission", "audit", "--json").out
    findings = cm("mission", "audit", "--stale", "0", "--json").data["findings"]
    (silent,) = [one["message"] for one in findings if one["code"] == "stale-claim"]
    assert silent.startswith("B1.2 is held by ada and nothing was heard of it for less than a minute; to take it over")
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.execute("UPDATE missions SET worktree = 'gone' WHERE id = 'B1.2'")
    db.close()
    assert "B1.2 is held by ada in a worktree that is gone, gone" in cm("mission", "audit", "1").out
    assert "stale-claim" not in cm("mission", "audit", "2", "--json").out
