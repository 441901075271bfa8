"""Repositories in which something is odd: git goes on as without cmos, and one line says what is wrong."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Callable

import pytest
from hook_world import Shell

from cmos.hooks import install as hook_install
from cmos.hooks.block import NAMES

#: As husky 9 does it: git looks in .husky/_, and what is there runs the file of the same name above it.
HUSKY = """\
#!/usr/bin/env sh
file=$(dirname "$(dirname "$0")")/$(basename "$0")
[ -f "$file" ] || exit 0
sh -e "$file" "$@"
"""
LEFTHOOK = '#!/bin/sh\nif [ "$LEFTHOOK" = "0" ]; then exit 0; fi\ncall_lefthook run "post-commit" "$@"\n'
STRANGER = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def only_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith("cmosctl:")]
    assert len(lines) == 1 and "Traceback" not in text, text
    return lines[0]


def test_husky_with_the_lines_that_are_shown_logs_and_stops_pushes(sh: Shell, tmp_path: Path) -> None:
    for name in NAMES:
        executable(sh.folder / ".husky" / "_" / name, HUSKY)
    sh.git("config", "core.hooksPath", ".husky/_")
    refused = sh("cmosctl", "hook", "install", check=False)
    assert refused.returncode == 7 and "git runs: husky" in refused.out
    for hook in hook_install.hook_status(str(sh.folder), command=str(sh.script)).hooks:
        assert hook.where == ".husky/%s, at its beginning" % hook.name
        executable(sh.folder / ".husky" / hook.name, hook.lines)
    assert sh("cmosctl", "hook", "install").returncode == 0
    assert sh("cmosctl", "hook", "status").returncode == 0
    sh.git("commit", "--allow-empty", "-m", "through husky")
    assert sh.commits()["through husky"] == 1
    sh.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    (sh.folder / "cmos" / "missions" / "B9.9_x.yaml").write_text("<<<<<<< a\n=======\n>>>>>>> b\n", "utf-8")
    sh.git("add", "--all")
    sh.git("commit", "-q", "-m", "bad")
    assert sh("git", "push", str(tmp_path / "remote.git"), "main", check=False).returncode == 1


def test_lefthook_is_installed_once_its_configuration_has_the_lines(sh: Shell, install: Callable[..., Any]) -> None:
    executable(sh.folder / ".git" / "hooks" / "post-commit", LEFTHOOK)
    (hook,) = [hook for hook in install().hooks if hook.state == "refused"]
    assert (hook.name, hook.where) == ("post-commit", "lefthook.yml")
    (sh.folder / hook.where).write_text("# %s" % hook.lines.replace("\n", "\n# "), "utf-8")
    assert not hook_install.hook_status(str(sh.folder)).is_complete
    (sh.folder / hook.where).write_text(hook.lines, "utf-8")
    assert hook_install.hook_status(str(sh.folder)).is_complete
    assert (sh.folder / ".git" / "hooks" / "post-commit").read_text("utf-8") == LEFTHOOK


def test_before_the_first_commit(sh: Shell, sample: Path, tmp_path: Path) -> None:
    fresh = Shell(tmp_path / "unborn é", sh.script.parent)
    shutil.copytree(str(sample / "cmos"), str(fresh.folder / "cmos"))
    fresh.git("init", "-q")
    assert "Traceback" not in fresh("cmosctl", "init").err
    assert fresh("cmosctl", "hook", "status").returncode == 0
    fresh.git("init", "-q", "--bare", "../remote.git")
    # git fails by itself, and we have nothing to add
    assert "cmosctl" not in fresh("git", "push", "../remote.git", "--all", check=False).err
    fresh.git("add", "--all")
    done = fresh("git", "commit", "-q", "-m", "the first")
    assert (done.out, done.err) == ("", "")
    assert fresh.commits() == {"the first": 1}


def test_on_a_detached_head(sh: Shell, install: Callable[..., Any]) -> None:
    install()
    sh.git("switch", "-q", "--detach")
    done = sh("git", "commit", "-q", "--allow-empty", "-m", "apart")
    assert (done.out, done.err) == ("", "")
    sh.git("commit", "-q", "--allow-empty", "--amend", "-m", "apart, amended")
    sh("cmosctl", "status")
    assert sh.commits() == {"apart": 1}


def test_in_a_shallow_clone(sh: Shell, tmp_path: Path) -> None:
    sh.git("commit", "--allow-empty", "-m", "B1.2: the newest")
    sh.git("clone", "-q", "--bare", str(sh.folder), str(tmp_path / "remote.git"))
    clone = Shell(tmp_path / "shallow", sh.script.parent)
    sh.git("clone", "-q", "--depth", "1", "file://%s" % (tmp_path / "remote.git"), str(clone.folder))
    clone("cmosctl", "init")
    clone.git("commit", "-q", "--allow-empty", "-m", "B1.2: in the clone")
    done = clone("git", "push", "-q", "origin", "HEAD:fresh")
    assert (done.out, done.err) == ("", "")
    assert clone.commits() == {"B1.2: the newest": 1, "B1.2: in the clone": 1}


def test_without_git_what_needs_none_works_and_the_rest_says_so(sh: Shell, install: Callable[..., Any]) -> None:
    install()
    sh.git("commit", "-q", "--allow-empty", "-m", "B1.2: not seen yet", CMOSCTL_HOOKS="0")
    alone = {"PATH": str(sh.script.parent)}
    for words in (["status"], ["mission", "next"], ["sync"]):
        done = sh("cmosctl", *words, **alone)
        assert "the history could not be read: git cannot be run" in done.err
    for word in ("install", "status", "uninstall"):
        done = sh("cmosctl", "hook", word, check=False, **alone)
        assert done.returncode == 7
        assert only_line(done.err) == "cmosctl: git cannot be run" and "install git" in done.err
    assert "git's hooks were not changed: git cannot be run" in sh("cmosctl", "init", **alone).err
    sh("cmosctl", "status")
    assert sh.commits() == {"B1.2: not seen yet": 1}


def test_a_repository_of_somebody_else(sh: Shell) -> None:
    assert sh("git", "status", check=False, **STRANGER).returncode == 128
    for word in ("install", "status", "uninstall"):
        done = sh("cmosctl", "hook", word, check=False, **STRANGER)
        assert done.returncode == 7 and "belongs to somebody else" in only_line(done.err)
        assert "git config --global --add safe.directory" in done.err and "git init" not in done.err
    assert "belongs to somebody else" in sh("cmosctl", "init", **STRANGER).err
    assert not (sh.folder / ".git" / "hooks" / "post-commit").exists()
    sh.git("commit", "-q", "--allow-empty", "-m", "B1.2: of the owner")
    assert "belongs to somebody else" in sh("cmosctl", "status", **STRANGER).err
    sh("cmosctl", "status")
    assert sh.commits() == {"B1.2: of the owner": 1}


def test_the_hooks_of_a_repository_that_git_was_told_to_trust(sh: Shell, install: Callable[..., Any]) -> None:
    install()
    done = sh("git", "-c", "safe.directory=*", "commit", "-q", "--allow-empty", "-m", "trusted", **STRANGER)
    assert (done.out, done.err) == ("", "")
    assert sh.commits() == {"trusted": 1}


@pytest.mark.parametrize("junk", ["truncate -s 100", "truncate -s 0", "cp .git/hooks/pre-commit", "rm -rf"])
def test_a_database_that_breaks_in_the_middle_of_a_commit(sh: Shell, install: Callable[..., Any], junk: str) -> None:
    install()
    executable(sh.folder / ".git" / "hooks" / "pre-commit", "#!/bin/sh\n%s .cmos/memory.db\n" % junk)
    done = sh("git", "commit", "-q", "--allow-empty", "-m", "through it", check=False)
    assert (done.returncode, done.out) == (0, "")
    assert "database" in only_line(done.err)
    assert sh.git("log", "-1", "--format=%s") == "through it\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_project_that_cannot_be_written_fails_no_commit(sh: Shell, install: Callable[..., Any]) -> None:
    install()
    (sh.folder / ".cmos").chmod(0o555)
    (sh.folder / ".cmos" / "memory.db").chmod(0o444)
    try:
        done = sh("git", "commit", "-q", "--allow-empty", "-m", "all the same", check=False)
        assert done.returncode == 0 and only_line(done.err)
    finally:
        (sh.folder / ".cmos").chmod(0o755)
