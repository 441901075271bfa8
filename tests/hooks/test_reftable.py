"""Refs in a table (reftable), which only git reads: the same as in files."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hook_world import Shell

from cmos.git import branches, checkout, head


def has_reftable(folder: Path) -> bool:
    done = subprocess.run(["git", "init", "--quiet", "--ref-format=reftable", str(folder)], capture_output=True)
    return done.returncode == 0


@pytest.fixture
def tabled(tmp_path: Path, station: Path, scripts: Path) -> Shell:
    """The sample project in a repository whose refs are in a table, with hooks."""
    folder = tmp_path / "tâbled"
    if not has_reftable(folder):
        pytest.skip("this git has no reftable")
    (station / "cmos").rename(folder / "cmos")
    sh = Shell(folder, scripts)
    sh.git("add", "--all")
    sh.git("commit", "--quiet", "--message", "begin")
    sh("cmosctl", "init")
    return sh


def where(sh: Shell) -> Any:
    found = checkout.find_checkout(str(sh.folder))
    assert found is not None
    return found


def typed(sh: Shell) -> str:
    return str(sh("cmosctl", "sync").err)


def test_head_is_what_git_says(tabled: Shell) -> None:
    sha = tabled.git("rev-parse", "HEAD").strip()
    assert head.head(where(tabled)) == (sha, "refs/heads/main")
    tabled.git("checkout", "--quiet", "--detach")
    assert head.head(where(tabled)) == (sha, None)
    tabled.git("checkout", "--quiet", "--orphan", "new")
    assert head.head(where(tabled)) == (None, "refs/heads/new")


def test_the_reflog_tells_what_was_made_here(tabled: Shell) -> None:
    tabled.git("commit", "--quiet", "--allow-empty", "-m", "one")
    old = tabled.git("rev-parse", "HEAD").strip()
    tabled.git("commit", "--quiet", "--allow-empty", "--amend", "-m", "better")
    tabled.git("checkout", "--quiet", "-b", "side")
    new = tabled.git("rev-parse", "HEAD").strip()
    told = branches.read_reflog(where(tabled), "refs/heads/side")
    assert told is not None
    assert (told.made[old], told.made[new], told.amended, told.last) == ("main", "main", {new: old}, (new, new))


def test_commits_are_logged_once_with_hooks_and_without(tabled: Shell) -> None:
    tabled.git("commit", "--quiet", "--allow-empty", "-m", "B1.2: one")
    tabled.git("commit", "--quiet", "--allow-empty", "--amend", "-m", "B1.2: better")
    tabled.git("checkout", "--quiet", "-b", "side", CMOSCTL_HOOKS="0")
    tabled.git("commit", "--quiet", "--allow-empty", "-m", "B1.3: unseen", CMOSCTL_HOOKS="0")
    tabled("cmosctl", "status")
    logged = tabled.commits()
    assert (logged["B1.2: one"], logged["B1.3: unseen"]) == (1, 1)
    assert "B1.2: better" not in logged


def test_a_checkout_is_no_hand_that_types(tabled: Shell) -> None:
    tabled.git("branch", "old")
    tabled("cmosctl", "mission", "complete", "B1.2")
    tabled.git("commit", "--quiet", "--all", "--message", "done")
    tabled.git("checkout", "--quiet", "old")
    assert "typed" not in typed(tabled)
    assert tabled.git("status", "--porcelain") == ""
    assert "Completed" in tabled("cmosctl", "mission", "show", "B1.2").out


@pytest.mark.parametrize("command", ["cherry-pick", "revert"])
def test_hands_off_while_git_is_in_the_middle_of_something(tabled: Shell, command: str) -> None:
    notes = tabled.folder / "notes.txt"
    for text in ("one", "two"):
        notes.write_text(text, "utf-8")
        tabled.git("add", "notes.txt")
        tabled.git("commit", "--quiet", "--message", text)
    tabled.git(command, "HEAD~1", check=False)
    assert "a %s" % command == head.at_work(where(tabled))
    tabled.git(command, "--abort")
    assert head.at_work(where(tabled)) == ""


def test_a_linked_worktree_has_a_head_of_its_own(tabled: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    tabled.git("worktree", "add", "--quiet", "-b", "there", str(other))
    tabled.git("commit", "--quiet", "--allow-empty", "-m", "B1.2: there", cwd=other)
    found = checkout.find_checkout(str(other))
    assert found is not None
    assert head.head(found) == (tabled.git("rev-parse", "HEAD", cwd=other).strip(), "refs/heads/there")
    assert tabled.commits()["B1.2: there"] == 1
