"""`hook install --method config`: hooks in git's configuration, where git is new enough to run them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hook_world import Shell, snapshot

from cmos.git.repository import open_repository
from cmos.hooks import install as hook_install

IN_CONFIG = ("cmosctl", "hook", "install", "--method", "config")


def are_run(sh: Shell) -> bool:
    with open_repository(str(sh.folder)) as repo:
        return bool(repo.git.version_info >= hook_install.SINCE)


@pytest.fixture
def new(sh: Shell) -> Shell:
    if not are_run(sh):
        pytest.skip("this git runs no hooks from its configuration")
    return sh


def config(sh: Shell) -> bytes:
    return (sh.folder / ".git" / "config").read_bytes()


def test_a_git_that_would_not_run_them_is_refused_and_nothing_is_changed(sh: Shell) -> None:
    if are_run(sh):
        pytest.skip("this git runs them")
    before = config(sh), snapshot(sh.folder / ".git" / "hooks")
    done = sh(*IN_CONFIG, check=False)
    assert done.returncode == 7
    assert "need git 2.54 or newer" in done.err and "--method files" in done.err
    assert (config(sh), snapshot(sh.folder / ".git" / "hooks")) == before


def test_install_and_uninstall_leave_every_byte_as_it_was(new: Shell) -> None:
    new.git("config", "hook.linter.event", "pre-commit")
    new.git("config", "hook.linter.command", "true")
    before = config(new), snapshot(new.folder / ".git" / "hooks")
    for _ in range(2):
        new(*IN_CONFIG)
        assert snapshot(new.folder / ".git" / "hooks") == before[1]
    assert new("cmosctl", "hook", "status").out.count("installed") == 4
    for _ in range(2):
        new("cmosctl", "hook", "uninstall")
        assert config(new) == before[0]
    assert new("cmosctl", "hook", "status", check=False).returncode == 1


def test_the_method_in_use_stays_and_can_be_changed(new: Shell) -> None:
    new("cmosctl", "hook", "install")
    files = snapshot(new.folder / ".git" / "hooks")
    new(*IN_CONFIG)
    assert "post-commit" not in snapshot(new.folder / ".git" / "hooks")
    new("cmosctl", "init")
    assert "post-commit" not in snapshot(new.folder / ".git" / "hooks")
    new("cmosctl", "hook", "install", "--method", "files")
    assert snapshot(new.folder / ".git" / "hooks") == files
    assert b"cmosctl-post" not in config(new)


def test_a_commit_is_logged_once(new: Shell) -> None:
    new(*IN_CONFIG)
    assert new("git", "commit", "--allow-empty", "-m", "B1.2: once").err == ""
    new.git("commit", "--quiet", "--allow-empty", "--amend", "-m", "B1.2: better")
    new.git("commit", "--quiet", "--allow-empty", "-m", "off", CMOSCTL_HOOKS="0")
    assert new.commits()["B1.2: once"] == 1


def test_a_push_is_stopped_or_goes_through(new: Shell, tmp_path: Path) -> None:
    new(*IN_CONFIG)
    new.git("init", "--quiet", "--bare", str(tmp_path / "far"))
    new.git("remote", "add", "origin", str(tmp_path / "far"))
    new.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
    broken = new.folder / "cmos" / "missions" / "sprint-01" / "B1.1_wire-the-thermometer.yaml"
    broken.write_text("<<<<<<< ours\n" + broken.read_text("utf-8"), "utf-8")
    new.git("commit", "--quiet", "--all", "-m", "broken")
    stopped = new("git", "push", "origin", "HEAD:refs/heads/main", check=False)
    assert stopped.returncode == 1
    assert "the push is stopped" in stopped.err


def test_without_cmosctl_git_goes_on(new: Shell) -> None:
    new(*IN_CONFIG)
    new.script.rename(new.script.with_name("gone"))
    try:
        assert new("git", "commit", "--allow-empty", "-m", "alone").err == ""
    finally:
        new.script.with_name("gone").rename(new.script)
