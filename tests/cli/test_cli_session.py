"""``session log|list|show``: exit codes and output."""

from __future__ import annotations

from pathlib import Path

import pytest


def log(cm, *more: str):
    return cm("session", "log", "--type", "commit", "--summary", "half of it", *more)


def test_a_line_is_logged_for_the_open_mission(cm) -> None:
    told = log(cm)
    assert told.code == 0 and told.out.startswith("Logged session ") and told.out.endswith(" for B1.2.\n")
    last = cm("session", "list", "--json").data[-1]
    assert (last["mission_id"], last["action"], last["summary"]) == ("B1.2", "commit", "half of it")
    assert last["agent"] == "human" and last["ts"].endswith("Z") and last["origin"] == "command"


def test_logging_changes_no_status(cm) -> None:
    before = cm("mission", "list", "--json").data
    cm("session", "log", "--type", "complete", "--summary", "done", "--mission", "B1.3")
    assert cm("mission", "list", "--json").data == before


def test_details_that_are_json_stay_json(cm) -> None:
    assert log(cm, "--details", '{"files": 3}', "--json").data["details"] == {"files": 3}


def test_other_details_are_kept_as_text(cm) -> None:
    data = log(cm, "--details", "three files {", "--json").data
    assert data["details"] == "three files {"
    assert cm("session", "show", str(data["id"]), "--json").data == data
    assert "three files {" in cm("session", "show", str(data["id"])).out


def test_an_unknown_type_is_a_usage_error(cm) -> None:
    told = cm("session", "log", "--type", "party", "--summary", "x", "--json")
    assert told.code == 2 and told.error["code"] == "usage"
    assert all(word in told.error["message"] for word in ("start", "complete", "blocked", "commit"))


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--summary", "x"), "--type"),
        (("--type", "start"), "--summary"),
        (("--type", "start", "--summary", " "), "--summary"),
    ],
)
def test_what_is_missing_is_named(cm, arguments, option: str) -> None:
    told = cm("session", "log", *arguments)
    assert told.code == 2 and option in told.err


def test_an_unknown_mission_is_code_four(cm) -> None:
    assert log(cm, "--mission", "B9.9").code == 4
    assert cm("session", "list", "--mission", "B9.9").code == 4


def test_without_an_open_mission_a_session_belongs_to_none(cm) -> None:
    cm("mission", "complete", "B1.2", "--no-promote")
    assert log(cm, "--json").data["mission_id"] is None


def test_the_list_is_filtered(cm) -> None:
    log(cm, "--agent", "ada", "--mission", "B1.3")
    log(cm, "--agent", "codex", "--mission", "B1.3")
    log(cm, "--agent", "ada", "--mission", "B1.4")

    def agents(*arguments: str):
        return [(one["agent"], one["mission_id"]) for one in cm("session", "list", "--json", *arguments).data]

    assert agents("--mission", "b1.3") == [("ada", "B1.3"), ("codex", "B1.3")]
    assert agents("--agent", "ada") == [("ada", "B1.3"), ("ada", "B1.4")]
    assert agents("--limit", "1") == [("ada", "B1.4")]
    assert agents("--since", "2999") == []
    assert agents("--type", "commit", "--agent", "codex") == [("codex", "B1.3")]


def test_the_table_has_the_newest_last(cm) -> None:
    log(cm)
    lines = cm("session", "list").out.splitlines()
    assert lines[0].split() == ["ID", "TIME", "MISSION", "TYPE", "AGENT", "SUMMARY"]
    assert lines[-1].endswith("half of it")


def test_an_empty_list_is_done_and_says_so_aside(cm) -> None:
    told = cm("session", "list", "--agent", "nobody")
    assert (told.code, told.out) == (0, "") and told.err


def test_an_unknown_session_is_code_four(cm) -> None:
    told = cm("session", "show", "999999999999999999999", "--json")
    assert told.code == 4 and told.error["code"] == "not_found"
    assert cm("session", "show", "x").code == 2


def test_a_limit_may_be_any_number(cm) -> None:
    everything = cm("session", "list", "--json").data
    assert cm("session", "list", "--limit", "9" * 30, "--json").data == everything


def test_details_are_the_same_value_wherever_a_session_is_shown(cm) -> None:
    done = cm("mission", "complete", "B1.2", "--json").data["session"]
    assert done["details"] == {"was": "Current", "promoted": "B1.3"}
    assert cm("session", "show", str(done["id"]), "--json").data == done
    assert cm("mission", "show", "B1.2", "--json").data["sessions"][-1] == done
    assert cm("status", "--json").data["recent_sessions"][-1] == done


def test_json_has_no_numbers_that_are_none(cm) -> None:
    assert log(cm, "--details", '{"a": NaN, "b": 1e999}', "--json").data["details"] == {"a": "nan", "b": "inf"}


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "", "1"])
def test_a_time_that_is_none_is_a_usage_error(cm, since: str) -> None:
    told = cm("session", "list", "--since", since, "--json")
    assert (told.code, told.error["code"]) == (2, "usage")


@pytest.mark.parametrize(("since", "found"), [("2026", 3), ("2026-01-10", 2), ("2026-01-10 16:00", 1)])
def test_sessions_since_a_time(cm, since: str, found: int) -> None:
    listed = cm("session", "list", "--since", since, "--json").data
    assert sum(one["origin"] == "import" for one in listed) == found


def test_a_type_that_no_session_has_is_a_usage_error(cm) -> None:
    assert cm("session", "list", "--type", "foo").code == 2
    assert [one["action"] for one in cm("session", "list", "--type", "build", "--json").data] == ["build"]


def test_a_commit_is_shown_with_its_author_and_a_merge_is_no_work(cm, station: Path, git) -> None:
    git("checkout", "--quiet", "-b", "side", cwd=station)
    git("commit", "--quiet", "--allow-empty", "--message", "B1.2: work", cwd=station)
    git("checkout", "--quiet", "-", cwd=station)
    git("commit", "--quiet", "--allow-empty", "--message", "other", cwd=station)
    git("merge", "--quiet", "--no-ff", "--message", "Merge B1.2", "side", cwd=station)
    cm("session", "list")
    shown = [line for line in cm("session", "list").out.splitlines() if "GitHook" in line]
    assert len(shown) >= 2 and all("GitHook (" in line for line in shown)
    (told,) = cm("mission", "audit", "1", "--json").data["reviews"]
    (commits,) = [one["commits"] for one in told["missions"] if one["id"] == "B1.2"]
    assert any("work" in one for one in commits) and not any("Merge" in one for one in commits)
    assert "Merge B1.2" in cm("mission", "show", "B1.2").out
