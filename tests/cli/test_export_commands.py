"""``cmosctl export`` on the command line."""

from __future__ import annotations

import json
import os

from cmos.missionfile.reader import read


def test_the_backlog_is_a_backlog(run, started):
    ran = run("export", "backlog")
    assert ran.code == 0
    contents = read(ran.out.encode("utf-8"))
    assert contents.is_backlog
    assert [record.id for record in contents.records][:2] == ["B1.1", "B1.2"]


def test_the_log_is_the_projects_own_log(run, started):
    ran = run("export", "sessions")
    assert ran.out.encode("utf-8") == (started / "cmos" / "SESSIONS.jsonl").read_bytes()


def test_a_file_is_written_instead_of_stdout(run, started, tmp_path):
    file = tmp_path / "new" / "backlog.yaml"
    ran = run("export", "backlog", "--output", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert file.read_text("utf-8") == run("export", "backlog").out


def test_everything_goes_to_a_folder_that_git_does_not_see(run, started, git):
    ran = run("export", "all", "--json")
    names = ["backlog.yaml", "SESSIONS.jsonl", "decisions.json", "facts.json", "state.json"]
    assert [os.path.basename(path) for path in ran.data["paths"]] == names
    assert sorted(os.listdir(str(started / ".cmos" / "export"))) == sorted(names)
    assert git("status", "--porcelain") == ""


def test_json_wraps_the_text(run, started):
    assert run("export", "sessions", "--json").data == {"path": None, "text": run("export", "sessions").out}


def test_a_place_that_cannot_be_written_is_a_file_problem(run, started, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    ran = run("export", "all", "--output", str(tmp_path / "file"), "--json")
    assert (ran.code, ran.out) == (6, "")
    assert json.loads(ran.err)["error"]["code"] == "file"


def test_under_json_an_error_is_alone_on_stderr(run, started, tmp_path):
    (started / "cmos" / "missions" / "broken.yaml").write_text("id: [\n", "utf-8")
    ran = run("export", "backlog", "--output", str(tmp_path), "--json")
    assert ran.code == 6
    assert json.loads(ran.err)["error"]["code"] == "file"
