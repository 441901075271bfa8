"""``mission add|edit``: exit codes, output, and what stands in the files."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cmos.cli import editor as cli_edit
from cmos.cli import main as entry

CHECKOUT = Path(entry.__file__).parents[2]


def folder(station: Path) -> Path:
    return station / "cmos" / "missions"


def b13(station: Path) -> Path:
    return folder(station) / "sprint-01" / "B1.3_derive-a-daily-mean.yaml"


@pytest.fixture
def types(monkeypatch):
    """``types("s/a/b/")`` makes the editor a sed script."""

    def use(script: str) -> None:
        monkeypatch.setenv("EDITOR", "sed -i -e '%s'" % script)

    return use


def test_adding_makes_a_file_that_sync_agrees_with(cm, station: Path) -> None:
    told = cm("mission", "add", "B1.5", 'Calibrate the "sensor" – ü', "--sprint", "1")
    assert (told.code, told.err) == (0, "")
    path = folder(station) / "sprint-01" / "B1.5_calibrate-the-sensor-u.yaml"
    assert told.out == "B1.5 added: %s.\n" % path.relative_to(station).as_posix() or path.name in told.out
    data = cm("mission", "show", "B1.5", "--json").data
    assert (data["name"], data["sprint_id"], data["status"]) == ('Calibrate the "sensor" – ü', "Sprint 01", "Queued")
    assert data["missing"] == ["objective", "context", "successCriteria", "deliverables"]
    before = path.read_bytes()
    assert cm("sync", "--check").code == 0
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []


def test_a_new_sprint_gets_a_folder_of_its_number(cm, station: Path) -> None:
    cm("mission", "add", "B3.1", "Begin", "--sprint", "Sprint 3")
    assert (folder(station) / "sprint-03" / "B3.1_begin.yaml").exists()


def test_a_folder_that_means_the_sprint_is_used(cm, station: Path) -> None:
    (folder(station) / "sprint-011").mkdir()
    cm("mission", "add", "B11.1", "Begin", "--sprint", "11")
    assert (folder(station) / "sprint-011" / "B11.1_begin.yaml").exists()


def test_without_a_sprint_the_file_is_at_the_top(cm, station: Path) -> None:
    cm("mission", "add", "X1", "Alone")
    assert (folder(station) / "X1_alone.yaml").exists()
    assert cm("mission", "show", "X1", "--json").data["sprint_id"] is None


def test_without_a_file_there_is_a_row_only(cm, station: Path) -> None:
    told = cm("mission", "add", "X1", "Alone", "--no-file", "--sprint", "2", "--json")
    assert (told.data["path"], told.data["sprint_id"], told.data["missing"]) == (None, "Sprint 02", None)
    assert not list(folder(station).rglob("X1*"))
    assert cm("sync", "--check").code == 0


@pytest.mark.parametrize("id", ["B1.2", "b1.2"])
def test_an_id_that_is_taken_is_code_five(cm, id: str) -> None:
    told = cm("mission", "add", id, "Again", "--json")
    assert told.code == 5 and "B1.2" in told.error["message"]


@pytest.mark.parametrize("id", ["", "a/b", "a\\b", "..", ".hidden", "a b", "a\nb", "x" * 101])
def test_an_id_that_cannot_be_one_is_code_two(cm, station: Path, id: str) -> None:
    before = sorted(folder(station).rglob("*"))
    assert cm("mission", "add", "--", id, "Name").code == 2
    assert sorted(folder(station).rglob("*")) == before


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1bb", "x" * 501])
def test_a_name_that_cannot_be_one_is_code_two(cm, name: str) -> None:
    assert cm("mission", "add", "X1", name).code == 2


@pytest.mark.parametrize("name", ["yes", "null", "1.0", "a: b", "# none", "'", '"', "\\", "日本", "a\u2028b", "{x}"])
def test_any_other_name_comes_back_as_it_was(cm, name: str) -> None:
    assert cm("mission", "add", "X1", name).code == 0
    assert cm("mission", "show", "X1", "--json").data["name"] == name
    assert cm("sync", "--check").code == 0


def test_a_file_in_the_way_is_not_replaced(cm, station: Path) -> None:
    path = folder(station) / "X1_alone.yaml"
    path.write_text("just notes\n", "utf-8")
    told = cm("mission", "add", "X1", "Alone")
    assert told.code == 5 and path.read_text("utf-8") == "just notes\n"


def test_of_many_who_add_one_id_one_wins(station: Path) -> None:
    command = [sys.executable, "-c", "from cmos.cli.main import main; main()", "mission", "add", "X1"]

    def add(number: int) -> int:
        environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
        return subprocess.run([*command, "name %d" % number], cwd=str(station), env=environment).returncode

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [0, 5, 5, 5]
    assert len(list(folder(station).rglob("X1*"))) == 1


def test_adding_when_nothing_is_open_says_what_to_do(cm) -> None:
    cm("mission", "complete", "B1.2", "--no-promote")
    assert "cmosctl mission start X1" in cm("mission", "add", "X1", "Alone").err


def test_fields_are_written_into_the_files(cm, station: Path) -> None:
    told = cm("mission", "edit", "B1.3", "--name", "A daily mean")
    assert (told.code, told.out) == (0, "B1.3: name changed.\n")
    assert "name: 'A daily mean'" in b13(station).read_text("utf-8")
    assert '- id: "B1.3"\n          name: "A daily mean"' in (folder(station) / "backlog.yaml").read_text("utf-8")
    assert cm("sync", "--check").code == 0


def test_notes_and_sprint_are_set(cm) -> None:
    data = cm("mission", "edit", "B2.1", "--notes", "two\nlines", "--sprint", "1", "--json").data
    assert data["changed"] == ["sprint_id", "notes"]
    assert (data["mission"]["notes"], data["mission"]["sprint_id"]) == ("two\nlines", "Sprint 01")


def test_the_same_value_again_changes_nothing(cm) -> None:
    assert "nothing changed" in cm("mission", "edit", "B1.2", "--name", "Store the readings").out


@pytest.mark.parametrize(("typed", "status"), [("in_progress", "In Progress"), ("deferred", "Deferred")])
def test_a_status_goes_through_the_lifecycle(cm, typed: str, status: str) -> None:
    assert cm("mission", "edit", "B1.3", "--status", typed).out == "B1.3 is now %s.\n" % status


def test_a_completion_by_edit_promotes_and_logs(cm) -> None:
    assert cm("mission", "edit", "B1.2", "--status", "Completed").out == "B1.2 is now Completed. B1.3 is now Current.\n"
    last = cm("session", "list", "--json").data[-1]
    assert (last["mission_id"], last["action"]) == ("B1.2", "complete")


def test_making_one_current_puts_the_other_back(cm) -> None:
    assert cm("mission", "edit", "B1.4", "--status", "Current").out == "B1.4 is now Current. B1.2 is now Queued.\n"


def test_a_completed_mission_is_opened_again_only_so(cm) -> None:
    told = cm("mission", "start", "B1.1")
    assert told.code == 5 and "--status Queued" in told.err
    assert cm("mission", "edit", "B1.1", "--status", "In Progress").out == "B1.1 is now In Progress.\n"
    data = cm("mission", "show", "B1.1", "--json").data
    assert data["completed_at"] is None and "2026-01-10T15:17:23Z" in data["facts"][-1]["content"]
    assert cm("mission", "complete", "B1.1").code == 0


def test_an_unknown_status_lists_the_six(cm) -> None:
    told = cm("mission", "edit", "B1.2", "--status", "Paused")
    assert told.code == 2 and "Queued, Current, In Progress, Completed, Blocked, Deferred" in told.err


def test_blocked_and_its_reason_go_together(cm) -> None:
    assert "--reason" in cm("mission", "edit", "B1.2", "--status", "Blocked").err
    assert cm("mission", "edit", "B1.2", "--reason", "x").code == 2
    assert cm("mission", "edit", "B1.2", "--status", "Blocked", "--reason", "x").code == 0


def test_all_or_nothing(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    told = cm("mission", "edit", "B1.2", "--name", "New", "--status", "In Progress", "--agent", "codex")
    assert told.code == 5
    assert cm("mission", "show", "B1.2", "--json").data["name"] == "Store the readings"


def test_without_a_terminal_and_an_editor_the_options_are_named(cm) -> None:
    told = cm("mission", "edit", "B1.3", "--json")
    assert told.code == 2 and "--name" in told.error["hint"]


def test_an_editor_that_is_not_there_is_code_two(cm, monkeypatch) -> None:
    monkeypatch.setenv("EDITOR", "/no/such/editor --wait")
    assert cm("mission", "edit", "B1.3").code == 2


def test_visual_counts_before_editor(cm, monkeypatch, types) -> None:
    types("s/daily/monthly/")
    monkeypatch.setenv("VISUAL", "sed -i s/daily/yearly/")
    cm("mission", "edit", "B1.3")
    assert "yearly" in cm("mission", "show", "B1.3", "--json").data["name"]


def test_an_edited_file_is_put_back_and_taken_in(cm, station: Path, types) -> None:
    types("s/daily/yearly/")
    assert cm("mission", "edit", "B1.3").out == "B1.3: changed.\n"
    assert "yearly" in b13(station).read_text("utf-8")
    assert cm("mission", "show", "B1.3", "--json").data["name"] == "Dérive a yearly mean"
    assert not list(b13(station).parent.glob(".*"))


def test_an_editor_that_changes_nothing_changes_nothing(cm, station: Path, types) -> None:
    before = (os.stat(b13(station)).st_mtime_ns, os.stat(b13(station)).st_ino)
    types("")
    assert cm("mission", "edit", "B1.3").out == "B1.3: nothing changed.\n"
    assert (os.stat(b13(station)).st_mtime_ns, os.stat(b13(station)).st_ino) == before


@pytest.mark.parametrize("script", ["s/^objective:/objective/", "s/^id: .*/name2: x/"])
def test_a_broken_edit_is_kept_and_the_file_left(cm, station: Path, types, script: str) -> None:
    before = b13(station).read_bytes()
    types(script)
    told = cm("mission", "edit", "B1.3", "--json")
    assert told.code == 6 and b13(station).read_bytes() == before
    (kept,) = (station / ".cmos" / "rejected").iterdir()
    assert str(kept) in told.error["message"] and kept.read_bytes() != before


def test_an_editor_that_fails_loses_no_text(cm, station: Path, monkeypatch) -> None:
    monkeypatch.setenv("EDITOR", 'sh -c \'echo "# mine" >> "$0"; exit 3\'')
    assert cm("mission", "edit", "B1.3").code == 6
    (kept,) = (station / ".cmos" / "rejected").iterdir()
    assert kept.read_text("utf-8").endswith("# mine\n")


def test_a_file_that_changed_meanwhile_is_not_replaced(cm, station: Path, monkeypatch) -> None:
    def edit(content: bytes, name: str) -> cli_edit.Left:
        b13(station).write_bytes(content + b"# theirs\n")
        return cli_edit.Left(content + b"# mine\n")

    monkeypatch.setattr(cli_edit, "edit_text", edit)
    told = cm("mission", "edit", "B1.3", "--json")
    assert told.code == 5 and b13(station).read_bytes().endswith(b"# theirs\n")
    (kept,) = (station / ".cmos" / "rejected").iterdir()
    assert kept.read_bytes().endswith(b"# mine\n") and str(kept) in told.error["message"]


def test_on_a_terminal_a_broken_edit_is_offered_again(cm, station: Path, monkeypatch) -> None:
    texts = [b"{", b13(station).read_bytes() + b"notes: mended\n"]
    seen = []

    def edit(content: bytes, name: str) -> cli_edit.Left:
        seen.append(content)
        return cli_edit.Left(texts.pop(0))

    monkeypatch.setattr(cli_edit, "edit_text", edit)
    monkeypatch.setattr("cmos.cli.editor._again", lambda: True)
    assert cm("mission", "edit", "B1.3").code == 0
    assert seen[1] == b"{"
    assert cm("mission", "show", "B1.3", "--json").data["notes"] == "mended"


def test_a_status_typed_in_the_editor_is_a_proposal(cm, types) -> None:
    types("s/^status: .*/status: Completed/")
    told = cm("mission", "edit", "B1.3")
    assert told.code == 0 and "cmosctl mission complete B1.3" in told.err
    assert cm("mission", "show", "B1.3", "--json").data["status"] == "Queued"


def test_a_mission_without_a_file_is_edited_by_its_fields(cm, types) -> None:
    cm("mission", "add", "X1", "Alone", "--no-file")
    types("s/Alone/Together/")
    assert cm("mission", "edit", "X1").code == 0
    assert cm("mission", "show", "X1", "--json").data["name"] == "Together"


def test_who_loses_against_an_edit_of_the_file_reads_no_success(cm, station: Path) -> None:
    b13(station).write_text(b13(station).read_text("utf-8").replace("name: 'D", "name: 'A d"), "utf-8")
    told = cm("mission", "edit", "B1.3", "--name", "Another", "--json")
    assert (told.code, told.out, told.error["code"]) == (5, "", "conflict")


@pytest.mark.parametrize("name", ["A dérive a daily mean", "Another"])
def test_naming_either_value_settles_a_conflict(cm, station: Path, name: str) -> None:
    text = b13(station).read_text("utf-8").replace("Dérive a daily mean", "A dérive a daily mean")
    b13(station).write_text(text, "utf-8")
    assert cm("mission", "edit", "B1.3", "--name", "Another").code == 5
    assert cm("sync", "--check").code == 1
    assert cm("mission", "edit", "B1.3", "--name", name).code == 0
    assert cm("mission", "show", "B1.3", "--json").data["name"] == name
    assert cm("sync", "--check").code == 0


def test_asking_for_the_status_that_it_has_rejects_a_typed_one(cm, station: Path) -> None:
    b13(station).write_text(b13(station).read_text("utf-8").replace("Queued", "Completed"), "utf-8")
    assert "stays Queued" in cm("mission", "edit", "B1.3", "--status", "Queued").err
    assert [issue["kind"] for issue in cm("sync", "--json").data["issues"]] == ["proposal"]
    cm("mission", "edit", "B1.3", "--status", "Queued")
    assert cm("sync", "--json").data["issues"] == []


def test_the_editor_tells_which_fields_changed(cm, station: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "sed -i s/daily/weekly/")
    assert cm("mission", "edit", "B1.3", "--json").data["changed"] == ["name"]


def test_any_key_of_its_file_is_set_by_command(cm, station: Path) -> None:
    before = b13(station).read_text("utf-8")
    told = cm("mission", "edit", "B1.3", "--set", "objective=A mean: daily", "--add", "successCriteria=it is right")
    assert (told.code, told.out, told.err) == (0, "B1.3: objective, successCriteria changed.\n", "")
    assert cm("mission", "show", "B1.3", "--json").data["objective"] == "A mean: daily"
    after = b13(station).read_text("utf-8")
    assert "it is right" in after and "A mean: daily" in after
    assert len(set(before.splitlines()) - set(after.splitlines())) <= 3
    assert cm("sync", "--check").code == 0


@pytest.mark.parametrize(
    ("given", "code", "why"),
    [
        (("--set", "objective"), 2, "'objective' is not KEY=TEXT."),
        (("--set", "objective=x", "--name", "y"), 2, "'--set' and '--add' go without the other options."),
        (("--set", "status=Completed"), 2, "status is what commands set"),
        (("--add", "dependsOn=B9.9"), 3, "B9.9"),
        (("--add", "dependsOn=B1.3"), 2, "B1.3 cannot depend on itself"),
        (("--set", "objective=" + "x" * 1_100_000), 2, ""),
    ],
)
def test_what_cannot_be_set_changes_nothing(cm, station: Path, given, code, why) -> None:
    before = b13(station).read_bytes()
    told = cm("mission", "edit", "B1.3", "--set", "name=first", *given)
    assert told.code != 0 and why in told.err, told
    assert b13(station).read_bytes() == before


def test_a_ring_of_prerequisites_is_refused(cm, station: Path) -> None:
    assert cm("mission", "edit", "B1.3", "--add", "dependsOn=B2.1").code == 0
    assert "B2.1" in [one["from_id"] for one in cm("mission", "show", "B1.3", "--json").data["dependencies"]]
    told = cm("mission", "edit", "B2.1", "--add", "dependsOn=b1.3")
    assert told.code != 0 and "B2.1 would wait for itself: B2.1 waits for" in told.err


def test_a_text_comes_from_the_standard_input(station: Path) -> None:
    command = [sys.executable, "-m", "cmos", "mission", "edit", "B1.3", "--set", "notes=-"]
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    assert subprocess.run(command, cwd=str(station), env=environment, input=b"two\nlines\n").returncode == 0
    assert "notes: |\n  two\n  lines\n" in b13(station).read_text("utf-8")


def test_the_first_mission_becomes_current(cm, station: Path) -> None:
    for id in ("B1.2", "B1.3", "B1.4", "B2.1", "B2.2"):
        cm("mission", "edit", id, "--status", "Deferred")
    told = cm("mission", "add", "C1", "Begin anew")
    assert (told.code, told.err) == (0, "nothing else is open: C1 is Current\n")
    assert cm("mission", "add", "C2", "Go on", "--json").data["status"] == "Queued"
    assert cm("mission", "next", "--json").data["id"] == "C1"
    assert cm("sync", "--check").code == 0
