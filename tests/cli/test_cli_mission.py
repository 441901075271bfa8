"""``mission next|start|complete|block|list|show``: exit codes and output."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cmos.cli import main as entry

CHECKOUT = Path(entry.__file__).parents[2]


def text(station: Path, name: str) -> str:
    (path,) = (station / "cmos" / "missions").rglob(name + "*")
    return path.read_text("utf-8")


def test_next_shows_the_current_mission(cm) -> None:
    told = cm("mission", "next")
    assert told.code == 0 and told.err == ""
    assert told.out.splitlines()[0] == "B1.2  Store the readings"
    assert "cmos/missions/sprint-01/B1.2_store-the-readings.yaml" in told.out


def test_next_as_json_has_the_columns_and_the_path(cm) -> None:
    data = cm("mission", "next", "--json").data
    assert (data["id"], data["status"], data["sprint_id"]) == ("B1.2", "Current", "Sprint 01")
    assert data["path"] == "cmos/missions/sprint-01/B1.2_store-the-readings.yaml"


def test_next_changes_nothing(cm, station: Path) -> None:
    before = (station / ".cmos" / "memory.db").read_bytes()
    cm("mission", "next")
    cm("mission", "next")
    assert cm("mission", "list", "--json").data == cm("mission", "list", "--json").data
    assert cm("session", "list", "--mission", "B1.2", "--json").code == 0
    assert before[:100] == (station / ".cmos" / "memory.db").read_bytes()[:100]


def test_next_without_a_current_mission_is_the_first_that_is_ready(cm) -> None:
    cm("mission", "complete", "B1.2", "--no-promote")
    told = cm("mission", "next", "--json")
    assert (told.code, told.data["id"], told.data["status"]) == (0, "B1.3", "Queued")


def test_next_names_what_others_hold_and_hands_out_none_of_it(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    told = cm("mission", "next", "--agent", "bob")
    assert told.out.startswith("B1.3 ") and "B1.2: ada, less than a minute" in told.out
    assert cm("mission", "next", "--agent", "ada", "--json").data["id"] == "B1.2"


def test_whoever_holds_one_gets_it_back_told_since_when_and_whether_another_run_took_it(cm, monkeypatch) -> None:
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "one")
    first = cm("mission", "next", "--claim", "--json")
    assert (first.data["id"], first.err) == ("B1.2", "")
    again = cm("mission", "next", "--claim")
    assert again.out.startswith("B1.2 ") and "you hold B1.2 since 2" in again.err and "another run" not in again.err
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "two")
    assert "another run of claude took it" in cm("mission", "next", "--claim").err
    assert cm("mission", "next", "--claim", "--another", "--json").data["id"] == "B1.3"
    assert cm("mission", "next", "--another").code == 2


def test_waiting_ends_when_a_mission_is_free(cm, station: Path) -> None:
    for id in ("B1.2", "B1.3", "B1.4", "B2.1"):
        cm("mission", "start", id, "--agent", "ada")
    asked = [sys.executable, "-m", "cmos", "mission", "next", "--claim", "--wait", "60", "--agent", "bob", "--json"]
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    with subprocess.Popen(asked, cwd=str(station), env=environment, stdout=subprocess.PIPE) as waiting:
        cm("mission", "complete", "B2.1", "--agent", "ada")
        assert json.loads(waiting.communicate(timeout=90)[0])["data"]["id"] == "B2.2"


def test_waiting_costs_hardly_anything(cm, station: Path) -> None:
    for id in ("B1.2", "B1.3", "B1.4", "B2.1"):
        cm("mission", "start", id, "--agent", "ada")
    asked = [sys.executable, "-m", "cmos", "mission", "next", "--claim", "--wait", "5", "--agent", "bob"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(asked, cwd=str(station), env=dict(os.environ, PYTHONPATH=str(CHECKOUT)), capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 1
    # of the processor, and not of the clock: a loop that never rests uses all five seconds
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.5


def test_waiting_in_vain_is_code_one(cm) -> None:
    cm("mission", "next", "--claim", "--agent", "ada")
    for id in ("B1.3", "B1.4", "B2.1"):
        cm("mission", "start", id, "--agent", "ada")
    assert cm("mission", "next", "--wait", "1", "--agent", "bob").code == 1


def test_when_nothing_is_left_nobody_is_kept_waiting_or_told_to_wait(cm) -> None:
    for id in ("B1.2", "B1.3", "B1.4", "B2.1", "B2.2"):
        cm("mission", "complete", id)
    left = [one["id"] for one in cm("mission", "list", "--json").data if one["status"] not in ("Completed", "Deferred")]
    for id in left:
        cm("mission", "drop", id, "--reason", "for the test")
    told = cm("mission", "next", "--claim", "--wait", "86400")  # a day: it would not come back
    assert told.code == 1 and told.err.startswith("no work is left ("), told.err
    commands = cm("context", "--json").data["commands"]
    assert commands == ["cmosctl status", "cmosctl mission add ID NAME"], commands
    cm("mission", "add", "B9.1", "One more")
    assert cm("mission", "next", "--claim", "--json").data["id"] == "B9.1"


def test_complete_without_an_id_is_what_one_holds_and_names_what_is_ready_now(cm) -> None:
    assert "human holds no mission here" in cm("mission", "complete").err
    cm("mission", "start", "B2.1", "--agent", "ada")
    told = cm("mission", "complete", "--agent", "ada")
    assert told.out == "B2.1 completed. Ready now: B2.2.\n"
    cm("mission", "start", "B1.3", "--agent", "ada")
    cm("mission", "start", "B1.4", "--agent", "ada")
    told = cm("mission", "block", "--reason", "no key", "--agent", "ada")
    assert told.code == 2 and "ada holds B1.3 and B1.4 here" in told.err


def test_what_another_agent_holds_is_refused_unless_it_is_taken(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    for command in ("complete", "block --reason x", "start", "release", "edit --status Completed"):
        verb, *options = command.split()
        told = cm("mission", verb, "B1.2", *options, "--agent", "bob")
        assert told.code == 5 and "ada has had it since 2" in told.err and "--take" in told.err, command
    assert "was held by ada" in cm("mission", "complete", "B1.2", "--agent", "bob", "--take").err
    assert cm("session", "list", "--json").data[-1]["details"]["taken_from"] == "ada"


def test_a_claim_is_given_back(cm, station: Path) -> None:
    cm("mission", "next", "--claim", "--agent", "ada")
    assert cm("mission", "release", "B1.2", "--agent", "ada").out == "B1.2 is free again: Current.\n"
    assert cm("mission", "release", "B1.2", "--agent", "ada").out == "nobody holds B1.2; it is Current.\n"
    assert cm("mission", "next", "--json", "--agent", "bob").data["id"] == "B1.2"
    assert cm("sync", "--check").code == 0


def test_completing_promotes_and_writes_both_files(cm, station: Path) -> None:
    told = cm("mission", "complete", "B1.2", "--summary", "Readings survive")
    assert (told.code, told.out) == (0, "B1.2 completed. B1.3 is now Current.\n")
    assert 'status: "Completed"' in text(station, "B1.2")
    assert "status: Current" in text(station, "B1.3")
    backlog = text(station, "backlog")
    assert backlog.count('"Completed"') == 2 and 'status: "Current"\n        - { id: "B1.4"' in backlog
    assert cm("session", "list", "--json").data[-1]["summary"] == "Readings survive"
    assert cm("sync", "--check").code == 0


def test_completing_twice_says_so_and_changes_nothing(cm) -> None:
    cm("mission", "complete", "B1.2")
    sessions = cm("session", "list", "--json").data
    told = cm("mission", "complete", "B1.2", "--json")
    assert told.code == 0 and told.data["already"] is True and told.data["session"] is None
    assert cm("session", "list", "--json").data == sessions
    assert "nothing changed" in cm("mission", "complete", "B1.2").out


def test_an_outcome_as_json(cm) -> None:
    data = cm("mission", "complete", "B1.2", "--agent", "ada", "--json").data
    assert sorted(data) == ["already", "mission", "promoted", "ready", "session", "warnings"]
    assert (data["mission"]["status"], data["promoted"]["id"], data["session"]["agent"]) == ("Completed", "B1.3", "ada")


def test_an_id_in_other_case_is_found(cm) -> None:
    assert cm("mission", "show", "b1.2", "--json").data["id"] == "B1.2"


def test_an_unknown_id_is_code_four_with_near_ones(cm) -> None:
    told = cm("mission", "complete", "B1.22", "--json")
    assert told.code == 4 and told.error["code"] == "not_found" and "B1.2" in told.error["hint"]


def test_project_state_follows(cm, station: Path) -> None:
    cm("mission", "complete", "B1.2")
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        state = dict(db.execute("SELECT key, value FROM project_state"))
    db.close()
    assert (state["current_mission"], state["current_sprint"]) == ("B1.3", "Sprint 01")


def test_the_next_sprint_follows_when_one_is_done(cm) -> None:
    for id in ("B1.2", "B1.3", "B1.4"):
        told = cm("mission", "complete", id)
    assert told.out == "B1.4 completed. B2.1 is now Current.\n"


def test_blocking_needs_a_reason(cm) -> None:
    told = cm("mission", "block", "B1.2")
    assert told.code == 2 and "--reason" in told.err


def test_blocking_keeps_the_reason_and_promotes(cm) -> None:
    told = cm("mission", "block", "B1.2", "--reason", "The disk has not arrived")
    assert (told.code, told.out) == (0, "B1.2 is now Blocked. B1.3 is now Current.\n")
    assert cm("mission", "show", "B1.2", "--json").data["blocked_reason"] == "The disk has not arrived"
    assert cm("session", "list", "--json").data[-1]["action"] == "blocked"
    assert cm("mission", "start", "B1.2").out == "B1.2 is now In Progress.\n"
    assert cm("mission", "show", "B1.2", "--json").data["blocked_reason"] is None


def test_starting_what_another_agent_has_is_code_five(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    told = cm("mission", "start", "B1.2", "--agent", "codex", "--json")
    assert told.code == 5 and told.error["code"] == "conflict" and "ada" in told.error["message"]
    assert "already In Progress" in cm("mission", "start", "B1.2", "--agent", "ada").out


def test_the_environment_names_the_agent(cm, monkeypatch) -> None:
    monkeypatch.setenv("CLAUDECODE", "1")
    assert cm("mission", "start", "B1.2", "--json").data["mission"]["agent"] == "claude"


def test_claims_take_one_after_the_other_until_none_is_ready(cm) -> None:
    taken = [cm("mission", "next", "--claim", "--another", "--json") for _ in range(5)]
    assert [told.data and told.data["id"] for told in taken] == ["B1.2", "B1.3", "B1.4", "B2.1", None]
    assert [told.code for told in taken] == [0, 0, 0, 0, 1]
    assert cm("mission", "show", "B2.2", "--json").data["status"] == "Queued"  # it waits for B2.1


def test_claims_of_many_processes_are_all_different(station: Path) -> None:
    code = "from cmos.cli.main import main; main()"
    command = [sys.executable, "-c", code, "mission", "next", "--claim", "--json"]

    def claim(number: int) -> bytes:
        import os

        environment = dict(os.environ, PYTHONPATH=str(CHECKOUT), CMOS_AGENT="agent-%d" % number)
        return subprocess.run(command, cwd=str(station), capture_output=True, env=environment).stdout

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(claim, range(6)))
    taken = [out.split(b'"id": "')[1].split(b'"')[0] for out in told if b'"id"' in out]
    assert sorted(taken) == [b"B1.2", b"B1.3", b"B1.4", b"B2.1"]


def test_list_is_in_the_backlogs_order(cm) -> None:
    ids = [mission["id"] for mission in cm("mission", "list", "--json").data]
    assert ids == ["B1.1", "B1.2", "B1.3", "B1.4", "B2.1", "B2.2"]


@pytest.mark.parametrize("sprint", ["2", "02", "Sprint 02", "sprint-2"])
def test_a_sprint_in_any_clothes_is_listed(cm, sprint: str) -> None:
    assert [mission["id"] for mission in cm("mission", "list", "--sprint", sprint, "--json").data] == ["B2.1", "B2.2"]


def test_list_of_statuses(cm) -> None:
    data = cm("mission", "list", "--status", "completed", "--status", "Current", "--json").data
    assert [mission["id"] for mission in data] == ["B1.1", "B1.2"]


def test_an_empty_list_is_empty_and_done(cm) -> None:
    told = cm("mission", "list", "--status", "Blocked", "--json")
    assert (told.code, told.data) == (0, [])
    assert cm("mission", "list", "--status", "Blocked").out == ""


def test_a_filter_that_means_nothing_is_an_error(cm) -> None:
    assert cm("mission", "list", "--status", "nonsense").code == 2
    assert cm("mission", "list", "--sprint", "77").code == 4


def test_show_has_everything(cm) -> None:
    cm("mission", "start", "B1.2")
    cm("session", "log", "--type", "commit", "--summary", "half of it", "--mission", "B1.2")
    data = cm("mission", "show", "B1.2", "--json").data
    assert data["path"].endswith("B1.2_store-the-readings.yaml")
    assert data["text"].startswith("missionId:")
    assert data["dependencies"] == [{"from_id": "B1.1", "to_id": "B1.2", "type": "Blocks"}]
    assert "half of it" in [session["summary"] for session in data["sessions"]]
    shown = cm("mission", "show", "B1.2").out
    assert "B1.1 Blocks B1.2" in shown and "half of it" in shown and "Readings are lost" in shown


def test_show_tells_of_a_status_typed_into_the_file(cm, station: Path) -> None:
    path = station / "cmos" / "missions" / "sprint-01" / "B1.3_derive-a-daily-mean.yaml"
    path.write_text(path.read_text("utf-8").replace("status: Queued", "status: Completed"), "utf-8")
    data = cm("mission", "show", "B1.3", "--json").data
    assert data["status"] == "Queued"
    assert [(issue["kind"], issue["file_value"]) for issue in data["issues"]] == [("proposal", "Completed")]
    assert "the file says: Completed" in cm("mission", "show", "B1.3").out


def test_control_characters_of_a_name_do_not_reach_the_terminal(cm, station: Path) -> None:
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.execute("UPDATE missions SET name = ? WHERE id = 'B1.2'", ("red \x1b[31m alert",))
    db.close()
    for command in (("mission", "list"), ("mission", "next"), ("mission", "show", "B1.2"), ("status",)):
        assert "\x1b" not in cm(*command).out


def test_missions_without_a_sprint_are_last_in_the_list_and_in_the_queue(cm) -> None:
    cm("mission", "add", "A1", "Alone", "--no-file")
    cm("mission", "add", "Z1", "In a phase", "--no-file", "--sprint", "Phase X")
    assert [one["id"] for one in cm("mission", "list", "--json").data][-2:] == ["Z1", "A1"]


def test_since_when_somebody_is_at_it_is_said_of_nothing_else(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    assert "In Progress by ada since " in cm("mission", "show", "B1.2").out
    cm("mission", "complete", "B1.2", "--agent", "ada")
    assert "status     Completed by ada\n" in cm("mission", "show", "B1.2").out


def test_a_queue_that_waits_is_not_offered(cm) -> None:
    for id in ("B1.2", "B1.3", "B1.4", "B2.1"):
        cm("mission", "start", id, "--agent", "ada")
    told = cm("mission", "next", "--claim", "--agent", "bob")
    assert told.code == 1 and "B2.2 waits for B2.1; see: cmosctl mission show B2.2" in told.err
    assert "in progress: B1.2: ada, less than a minute" in told.err
    assert "mission start" not in told.err


def test_a_list_of_what_may_be_begun_what_is_stuck_and_who_holds_what(cm) -> None:
    def ids(*options: str):
        return [one["id"] for one in cm("mission", "list", "--json", *options).data]

    assert ids("--ready") == ["B1.2", "B1.3", "B1.4", "B2.1"] and ids("--ready", "--limit", "1") == ["B1.2"]
    assert cm("mission", "next", "--json").data["id"] == "B1.2", "one order"
    cm("mission", "block", "B1.4", "--reason", "no key")
    assert ids("--blocked") == ["B1.4", "B2.2"]
    cm("mission", "start", "B1.3", "--agent", "ada")
    assert ids("--agent", "ada") == ["B1.3"] and ids("--mine") == [] and ids("--mine", "--agent", "ada") == ["B1.3"]
    assert cm("mission", "list", "--mine").err == "no missions match\n"


def test_a_status_that_nobody_knows_is_answered_with_the_nearest(cm, station: Path) -> None:
    path = next((station / "cmos" / "missions").rglob("B1.3*"))
    path.write_text(path.read_text("utf-8").replace("Queued", "Complted"), "utf-8")
    assert "did you mean Completed?" in cm("mission", "list").err
