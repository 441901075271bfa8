"""pre-push: stops what would hurt others, warns of drift, and never fails by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from hook_world import Shell

from cmos.hooks.block import STOP

MISSIONS = "cmos/missions/sprint-01"


@pytest.fixture
def remote(sh: Shell, tmp_path: Path, install: Callable[..., Any]) -> Path:
    """A remote that has all there is; the station has the hooks."""
    folder = tmp_path / "remote.git"
    sh.git("init", "-q", "--bare", str(folder))
    sh.git("remote", "add", "origin", str(folder))
    sh.git("push", "-q", "origin", "main")
    install()
    return folder


def first_mission(sh: Shell) -> Path:
    return sorted((sh.folder / MISSIONS).glob("B1.1*.yaml"))[0]


def push(sh: Shell, *words: str, **env: str) -> Any:
    return sh("git", "push", *(words or ("origin", "main")), check=False, **env)


def commit_all(sh: Shell, subject: str = "a change") -> None:
    sh.git("add", "--all")
    sh.git("commit", "-q", "-m", subject)


def conflicted(path: Path) -> None:
    text = path.read_text("utf-8")
    path.write_text(text + "notes: |\n<<<<<<< ours\n  a\n=======\n  b\n>>>>>>> theirs\n", "utf-8")


def test_a_good_push_goes_through_and_nothing_is_said(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    path.write_text(path.read_text("utf-8") + "remark: The curve jumps.\n", "utf-8")
    commit_all(sh)
    done = push(sh, "-q", "origin", "main")
    assert (done.returncode, done.err) == (0, "")


def test_conflict_markers_stop_it(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    conflicted(path)
    commit_all(sh)
    done = push(sh)
    line = path.read_text("utf-8").splitlines().index("<<<<<<< ours") + 1
    assert done.returncode == 1
    assert "%s/%s:%d: git's conflict markers" % (MISSIONS, path.name, line) in done.err
    assert "git push --no-verify" in done.err and "Traceback" not in done.err
    assert push(sh, CMOSCTL_HOOKS="0").returncode == 0


def test_no_verify_passes(sh: Shell, remote: Path) -> None:
    conflicted(first_mission(sh))
    commit_all(sh)
    assert push(sh, "--no-verify", "origin", "main").returncode == 0


def test_a_file_that_was_valid_and_is_no_longer_stops_it(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    path.write_text(path.read_text("utf-8") + 'broken: "no end\n', "utf-8")
    commit_all(sh)
    done = push(sh, "origin", "HEAD:refs/heads/a-new-branch")
    assert done.returncode == 1 and "no longer valid" in done.err


def test_what_counts_is_the_commit_that_is_pushed_not_the_folder(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    good = path.read_text("utf-8")
    conflicted(path)
    commit_all(sh, "oh")
    path.write_text(good + "remark: mended\n", "utf-8")
    assert push(sh).returncode == 1
    commit_all(sh, "mended")
    assert push(sh).returncode == 0


def test_what_was_broken_before_does_not_stop_it(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    path.write_text(path.read_text("utf-8") + 'broken: "no end\n', "utf-8")
    commit_all(sh)
    push(sh, "--no-verify", "origin", "main")
    path.write_text(path.read_text("utf-8") + "more\n", "utf-8")
    (sh.folder / MISSIONS / "B1.99_new.yaml").write_text("missionId: B1.99\nname: 'no end\n", "utf-8")
    commit_all(sh)
    assert push(sh).returncode == 0


def test_what_a_merge_brings_from_the_remote_does_not_stop_it(sh: Shell, remote: Path) -> None:
    sh.git("checkout", "-q", "-b", "side")
    (sh.folder / "side.txt").write_text("side\n", "utf-8")
    commit_all(sh, "on the side")
    sh.git("checkout", "-q", "main")
    conflicted(first_mission(sh))
    commit_all(sh, "a bad one")
    push(sh, "--no-verify", "origin", "main")
    sh.git("checkout", "-q", "side")
    sh.git("merge", "-q", "--no-edit", "main")
    assert push(sh, "origin", "side").returncode == 0


def test_a_merge_that_was_committed_with_its_markers_is_stopped(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    text = path.read_text("utf-8")
    for branch, word in (("one", "red"), ("two", "blue")):
        sh.git("checkout", "-q", "-b", branch, "main")
        path.write_text(text + "colour: %s\n" % word, "utf-8")
        commit_all(sh, branch)
        assert push(sh, "origin", branch).returncode == 0
    assert sh("git", "merge", "one", check=False).returncode == 1
    assert "<<<<<<<" in path.read_text("utf-8")
    commit_all(sh, "together")
    done = push(sh, "origin", "two")
    assert done.returncode == 1 and "conflict markers" in done.err


def test_a_huge_push_is_looked_at_in_part_and_says_so(
    sh: Shell, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cmos.hooks import push as hook_push
    from cmos.project.project import find_project

    monkeypatch.setattr(hook_push, "_MOST", 2)
    for number in range(5):
        text = "missionId: B3.%d\nname: One of many\n" % number
        (sh.folder / MISSIONS / ("B3.%d_new.yaml" % number)).write_text(text, "utf-8")
    commit_all(sh)
    found = hook_push.check_push(find_project(str(sh.folder)), hook_push.Push("HEAD", None, "origin"))
    assert found.problems == [] and "the first 2 of 5" in found.notes[0]


@pytest.mark.parametrize("new", [True, False])
def test_an_id_that_is_given_twice_stops_it(sh: Shell, remote: Path, new: bool) -> None:
    twin = sh.folder / MISSIONS / "B1.1_twin.yaml"
    twin.write_text(first_mission(sh).read_text("utf-8").replace("x", "y"), "utf-8")
    commit_all(sh)
    done = push(sh, "origin", "HEAD:refs/heads/new" if new else "main")
    assert done.returncode == 1
    assert "B1.1 is given more than once" in done.err and twin.name in done.err


def test_a_renamed_file_is_no_second_one(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    path.rename(path.with_name("B1.1_renamed.yaml"))
    commit_all(sh)
    assert push(sh).returncode == 0


def test_a_template_may_hold_what_it_likes(sh: Shell, remote: Path) -> None:
    folder = sh.folder / "cmos" / "missions" / "templates"
    folder.mkdir(exist_ok=True)
    (folder / "mission.yaml").write_text("missionId: B1.1\n<<<<<<< \n=======\n>>>>>>> \n", "utf-8")
    (sh.folder / "notes.yaml").write_text("missionId: B1.1\n<<<<<<< \n=======\n>>>>>>> \n", "utf-8")
    commit_all(sh)
    assert push(sh).returncode == 0


def test_a_status_that_is_not_the_databases_is_a_warning(sh: Shell, remote: Path) -> None:
    path = first_mission(sh)
    text = path.read_text("utf-8")
    was = next(line for line in text.splitlines() if line.startswith("status:"))
    path.write_text(text.replace(was, "status: Blocked"), "utf-8")
    sh.git("add", "--all")
    sh.git("commit", "-q", "-m", "typed", CMOSCTL_HOOKS="0")
    done = push(sh)
    assert done.returncode == 0
    assert "B1.1 is pushed as Blocked" in done.err and "the database says" in done.err


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_broken_database_stops_no_push(sh: Shell, remote: Path, damage: str) -> None:
    database = sh.folder / ".cmos" / "memory.db"
    path = first_mission(sh)
    path.write_text(path.read_text("utf-8").replace("status: Completed", "status: Queued"), "utf-8")
    sh.git("add", "--all")
    sh.git("commit", "-q", "-m", "typed", CMOSCTL_HOOKS="0")
    database.unlink() if damage == "missing" else database.write_bytes(b"nothing" * 999)
    done = push(sh)
    assert done.returncode == 0 and "Traceback" not in done.err


def test_a_broken_tool_stops_no_push(sh: Shell, remote: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['cmos.hooks.push'] = None\n", "utf-8")
    conflicted(first_mission(sh))
    commit_all(sh)
    assert push(sh, PYTHONPATH=str(tmp_path)).returncode == 0


@pytest.mark.parametrize(
    "words",
    ["--dry-run origin main", "origin :gone", "--tags origin", "origin blob", "--all origin"],
)
def test_odd_pushes_pass(sh: Shell, remote: Path, words: str) -> None:
    sh.git("push", "-q", "--no-verify", "origin", "HEAD:refs/heads/gone")
    sh.git("tag", "-a", "-m", "a tag", "v1")
    sh.git("tag", "blob", sh.git("hash-object", "-w", ".git/HEAD").strip())
    done = push(sh, *words.split())
    assert done.returncode == 0, done.err


def test_the_first_push_of_a_whole_history_to_an_address(sh: Shell, remote: Path, tmp_path: Path) -> None:
    conflicted(first_mission(sh))
    commit_all(sh)
    sh.git("init", "-q", "--bare", str(tmp_path / "fresh.git"))
    assert push(sh, str(tmp_path / "fresh.git"), "main").returncode == 1


def test_a_project_in_a_folder_of_the_repository(sh: Shell, tmp_path: Path, station: Path) -> None:
    import shutil

    mono = Shell(tmp_path / "mono", sh.script.parent)
    shutil.copytree(str(station / "cmos"), str(mono.folder / "apps" / "one" / "cmos"))
    mono.git("init", "-q")
    mono("cmosctl", "init", cwd=mono.folder / "apps" / "one")
    conflicted(sorted((mono.folder / "apps" / "one" / MISSIONS).glob("B1.1*"))[0])
    commit_all(mono)
    mono.git("init", "-q", "--bare", str(tmp_path / "fresh.git"))
    done = push(mono, str(tmp_path / "fresh.git"), "main")
    assert done.returncode == 1 and "apps/one/cmos/missions" in done.err


def test_from_a_linked_worktree(sh: Shell, remote: Path, tmp_path: Path) -> None:
    other = Shell(tmp_path / "linked", sh.script.parent)
    sh.git("worktree", "add", "-q", "-b", "side", str(other.folder))
    conflicted(first_mission(other))
    commit_all(other)
    assert push(sh, "origin", "main").returncode == 0
    assert push(other, "origin", "side").returncode == 1


def test_under_pre_commit_the_ends_are_in_the_environment(sh: Shell, remote: Path) -> None:
    before = sh.git("rev-parse", "HEAD").strip()
    conflicted(first_mission(sh))
    commit_all(sh)
    told = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": "HEAD"}
    assert sh("cmosctl", "hook", "run", "pre-push", check=False, **told).returncode == STOP
    # all is new to the remote: pre-commit then names no ends
    told = {"PRE_COMMIT_REMOTE_NAME": "other", "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main"}
    assert sh("cmosctl", "hook", "run", "pre-push", check=False, **told).returncode == STOP
    told = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_FROM_REF": "HEAD", "PRE_COMMIT_TO_REF": "HEAD"}
    assert sh("cmosctl", "hook", "run", "pre-push", **told).returncode == 0
    assert sh("cmosctl", "hook", "run", "pre-push").returncode == 0
