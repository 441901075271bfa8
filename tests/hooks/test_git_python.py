"""Which commands go through GitPython, and what it must not do there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Set

import pytest
from hook_world import Shell, snapshot

from cmos.core.errors import GitProblem
from cmos.git import repository
from cmos.git.repository import open_repository

CHECKOUT = Path(__file__).resolve().parents[2]
LISTING = """
import atexit, sys
atexit.register(lambda: print("MODULES", *sys.modules, file=sys.stderr))
from cmos.__main__ import main
main()
"""


def loaded(folder: Path, *arguments: str) -> Set[str]:
    """Run a command as a process and return the modules that it loaded."""
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    words = [sys.executable, "-c", LISTING, *arguments]
    done = subprocess.run(words, cwd=str(folder), env=environment, capture_output=True, stdin=subprocess.DEVNULL)
    (line,) = [line for line in done.stderr.decode("utf-8").splitlines() if line.startswith("MODULES")]
    return set(line.split())


@pytest.mark.parametrize("command", ["init", "init --no-hooks", "hook install", "hook status", "hook uninstall"])
def test_what_sets_a_project_up_goes_through_git_python(sh: Shell, command: str) -> None:
    assert "git.repo.base" in loaded(sh.folder, *command.split())


def test_the_demo_goes_through_git_python(sh: Shell, tmp_path: Path) -> None:
    assert "git.repo.base" in loaded(sh.folder, "demo", str(tmp_path / "demo"))


@pytest.mark.parametrize("command", ["sync", "mission next", "hook run post-commit", "hook run pre-push origin x"])
def test_what_runs_often_does_not(sh: Shell, command: str) -> None:
    for number in range(3):
        sh.git("commit", "-q", "--allow-empty", "-m", "not seen yet %d" % number)
    assert not [name for name in loaded(sh.folder, *command.split()) if name.split(".")[0] == "git"]


def test_an_opened_repository_leaves_no_file_process_or_thread(sh: Shell) -> None:
    before = os.listdir("/proc/self/fd"), threading.active_count()
    with pytest.raises(KeyError), open_repository(str(sh.folder)) as repo:
        assert repo.head.commit.tree.blobs is not None
        raise KeyError
    assert (os.listdir("/proc/self/fd"), threading.active_count()) == before


def test_what_a_hook_was_told_is_not_believed(sh: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    sh.git("init", "-q", str(other))
    for name in ("GIT_DIR", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    with open_repository(str(sh.folder)) as repo:
        repository.configure(repo, "cmos.trunk", "here")
        assert repository.ask(repo, "rev-parse", "--show-toplevel") == os.path.realpath(str(sh.folder))
    assert b"here" in (sh.folder / ".git" / "config").read_bytes()
    assert b"here" not in (other / ".git" / "config").read_bytes()


def test_a_folder_that_says_where_another_repository_is_changes_nothing_there(sh: Shell, tmp_path: Path) -> None:
    bare = tmp_path / "downloaded" / "bare"
    sh.git("init", "-q", "--bare", str(bare))
    sh.git("config", "--file", str(bare / "config"), "core.worktree", str(sh.folder))
    before = snapshot(sh.folder)
    sh("cmosctl", "hook", "install", cwd=bare, check=False)
    assert snapshot(sh.folder) == before


def test_a_top_folder_that_looks_like_a_repository_is_none(sh: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    sh.git("init", "-q", str(other))
    for name in ("objects", "refs"):
        (sh.folder / name).mkdir()
    (sh.folder / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    (sh.folder / "config").write_text("[core]\n\tworktree = %s\n" % other, "utf-8")
    before = snapshot(other), (sh.folder / "config").read_bytes()
    sh("cmosctl", "hook", "install")
    assert (snapshot(other), (sh.folder / "config").read_bytes()) == before
    assert (sh.folder / ".git" / "hooks" / "post-commit").exists()


def test_the_formatting_of_the_configuration_stays(sh: Shell) -> None:
    path = sh.folder / ".git" / "config"
    text = path.read_bytes()
    text += b"# mine\n[alias]\n   st=status ; short\n\tname = J\xfcrgen\n[include]\n path = nowhere\n"
    path.write_bytes(text)
    sh("cmosctl", "hook", "install")
    assert path.read_bytes().startswith(text)
    sh("cmosctl", "hook", "uninstall")
    assert path.read_bytes() == text


def test_a_folder_named_like_a_variable(sh: Shell, tmp_path: Path) -> None:
    for name in ("$HOME", "%s", "~"):
        sh.git("clone", "-q", str(sh.folder), str(tmp_path / name))
        sh("cmosctl", "hook", "install", cwd=tmp_path / name)
        assert (tmp_path / name / ".git" / "hooks" / "post-commit").exists()


@pytest.mark.parametrize("config", [b"no section = 1\n", b"[core]\n\tbare = maybe\n", b"[core\n", b"\xff\xfe"])
def test_a_repository_with_a_broken_configuration_is_a_clear_error(tmp_path: Path, sh: Shell, config: bytes) -> None:
    sh.git("init", "-q", "--bare", str(tmp_path / "bare"))
    for folder, git_dir in ((sh.folder, sh.folder / ".git"), (tmp_path / "bare", tmp_path / "bare")):
        (git_dir / "config").write_bytes(config)
        done = sh("cmosctl", "hook", "status", cwd=folder, check=False)
        assert done.returncode == 7 and "Traceback" not in done.err


def test_a_git_command_that_hangs_is_given_up(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmos.git.process.TIMEOUT", 0.2)
    os.mkfifo(str(sh.folder / ".git" / "waits"))
    with open_repository(str(sh.folder)) as repo, pytest.raises(GitProblem, match="did not complete"):
        repository.run(repo, "config", "--file", str(sh.folder / ".git" / "waits"), "--list")
