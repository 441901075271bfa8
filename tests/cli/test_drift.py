"""Files that say another status than the database, git at work, and folders that are not where they were."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, List

import pytest

from cmos.core.errors import GitProblem
from cmos.git import head, process
from cmos.sync import run

B12 = "cmos/missions/sprint-01/B1.2_store-the-readings.yaml"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=str(folder), capture_output=True, check=True)
    return done.stdout.decode("utf-8")


@pytest.fixture
def repo(cm: Callable[..., Any], station: Path) -> Path:
    if not (station / ".git").exists():
        git(station, "init", "-q")
    git(station, "add", "-A")
    git(station, "commit", "-q", "--no-verify", "--allow-empty", "-m", "all")
    assert cm("sync").code == 0
    return station


def says(repo: Path) -> str:
    found = re.search(r"^status: *[\"']?([A-Za-z ]+)", (repo / B12).read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found.group(1).strip()


# ---- A5: drift has a cure ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cure", ["sync --write-status", "sync --write-status b1.2", "mission complete B1.2"])
def test_drift_has_a_cure(cm, repo: Path, cure: str) -> None:
    assert cm("mission", "complete", "B1.2").code == 0 and says(repo) == "Completed"
    git(repo, "checkout", "-q", "--", "cmos")
    told = cm("sync")
    assert says(repo) == "Current" and "cmosctl sync --write-status B1.2" in told.out
    assert cm(*cure.split()).code == 0
    assert says(repo) == "Completed"
    left = cm("sync", "--check")
    assert "B1.2" not in left.out
    assert cm("sync", "--write-status").code == 0 and cm("sync", "--check").code == 0


def test_writing_a_status_names_an_unknown_mission(cm, repo: Path) -> None:
    assert cm("sync", "--write-status", "B9.9").code == 4
    assert cm("sync", "B1.2").code == 2
    assert cm("sync", "--write-status", "--check").code == 2


# ---- A6: the truth behind the gate ---------------------------------------------------------------------------


def test_what_waits_for_git_is_out_of_step_and_told(cm, repo: Path) -> None:
    lock = repo / ".git" / "index.lock"
    lock.write_text("", "utf-8")
    assert cm("mission", "complete", "B1.2").code == 0
    for line in (["sync", "--check"], ["sync", "--dry-run"], ["sync"]):
        told = cm(*line)
        assert "waits for git: status of B1.2 -> Completed, since 2" in told.out
        assert "in step" not in told.out and "another git command" in told.err
    assert cm("sync", "--check").code == 1
    assert {one["mission_id"] for one in cm("sync", "--check", "--json").data["waiting"]} >= {"B1.2"}
    lock.unlink()
    assert cm("sync").code == 0 and says(repo) == "Completed" and cm("sync", "--check").code == 0


def test_nothing_that_waits_is_in_step(cm, repo: Path) -> None:
    (repo / ".git" / "index.lock").write_text("", "utf-8")
    told = cm("sync", "--check")
    assert told.code == 0 and "another git command" in told.err


def test_a_lock_that_is_old_is_named_and_not_waited_for(cm, repo: Path) -> None:
    lock = repo / ".git" / "index.lock"
    lock.write_text("", "utf-8")
    os.utime(str(lock), (time.time() - 200, time.time() - 200))
    told = cm("mission", "complete", "B1.2")
    assert told.code == 0 and "%s is 3 minutes old: if no git runs here, remove it" % lock in told.err
    assert lock.exists()


def test_many_writers_behind_a_lock_all_get_their_turn(repo: Path) -> None:
    (repo / ".git" / "index.lock").write_text("", "utf-8")
    line = [sys.executable, "-c", "from cmos.cli.main import main; main()", "fact", "--kind", "k", "--content", "c"]
    quiet = subprocess.DEVNULL
    started = [subprocess.Popen(line, cwd=str(repo), stdout=quiet, stderr=quiet) for _ in range(12)]
    assert [one.wait() for one in started] == [0] * 12


def test_the_writer_lock_is_free_while_a_command_waits_for_git(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cmos.db.lock import writer_lock
    from cmos.project.project import open_project

    (repo / ".git" / "index.lock").write_text("", "utf-8")
    tried: List[bool] = []

    def look(seconds: float) -> None:
        with writer_lock(str(repo / ".git" / "cmos.lock"), patience=0.0):
            tried.append(True)

    monkeypatch.setattr(head.time, "sleep", look)
    with open_project(str(repo)) as ws, run.change(ws):
        pass
    assert len(tried) == 25


def test_a_slow_git_has_one_limit_for_all_of_a_command(repo: Path, tmp_path: Path, monkeypatch) -> None:
    slow, calls = tmp_path / "slow" / "git", tmp_path / "calls"
    slow.parent.mkdir()
    script = "#!/bin/sh\necho call >> '%s'\nsleep 0.3\nexec %s \"$@\"\n" % (calls, shutil.which("git"))
    slow.write_text(script, "utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (slow.parent, os.environ["PATH"]))
    for name, seconds in (("ALL", 0.5), ("_SLOW", 0.1), ("_spent", 0.0)):
        monkeypatch.setattr(process, name, seconds)
    for _ in range(5):
        process.ask(str(repo), "rev-parse", "HEAD")
    assert len(calls.read_text("utf-8").split()) == 2
    with pytest.raises(GitProblem, match="too slow"):
        process.run(str(repo), "rev-parse", "HEAD")
    process.begin()
    assert process.run(str(repo), "version")


# ---- A11 to A13 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sprint", ["templates", "Templates", "--- TEMPLATES"])
def test_a_sprint_named_like_the_templates_has_a_folder_of_its_own(cm, station: Path, sprint: str) -> None:
    before = len(cm("mission", "list", "--json").data)
    assert cm("mission", "add", "Z1.1", "x", "--sprint", sprint).code == 0
    assert len(cm("mission", "list", "--json").data) == before + 1
    assert "missing" not in cm("sync").out


def test_a_sparse_checkout_lets_the_brake_go(cm, repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/*", "!/cmos/missions/sprint-01/")
    told = cm("mission", "list")
    assert "at once" not in told.err
    other = repo / "cmos" / "missions" / "sprint-02" / "B2.2_publish-the-page.yaml"
    other.write_text("name: By hand\n" + other.read_text("utf-8"), "utf-8")
    assert "By hand" in cm("mission", "list").out
    assert cm("sync", "--check").code == 0
    git(repo, "sparse-checkout", "disable")
    assert cm("sync", "--check").code == 0 and "B1.2" in cm("mission", "list").out


def test_files_that_were_moved_away_from_their_database_are_named(cm, repo: Path, monkeypatch) -> None:
    (repo / "sub").mkdir()
    git(repo, "mv", "cmos", "sub/cmos")
    told = cm("mission", "add", "Z1.1", "x")
    assert told.code == 6 and "cmos/ was moved to" in told.err and "mv " in told.err
    assert not (repo / "cmos").exists()
    assert "cmos/ was moved to" in cm("sync").err
    monkeypatch.chdir(repo / "sub")
    for line, code in (("status", 3), ("init", 8)):
        told = cm(line)
        assert told.code == code and "was moved" in told.err
    os.rename(str(repo / ".cmos"), str(repo / "sub" / ".cmos"))
    assert cm("status").code == 0 and cm("sync", "--check").code == 0
