"""`cmosctl hook run`: what git's own commands do while it fails in every way it can."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, List

import pytest
from hook_world import Shell

from cmos.core.schema import NEWEST
from cmos.files import write as file_write

CHECKOUT = Path(__file__).resolve().parent.parent.parent
HOOK = "from cmos.__main__ import main; main()"


def commit(sh: Shell, subject: str, **options: Any) -> Any:
    return sh("git", "commit", "--allow-empty", "-m", subject, check=False, **options)


def one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if "cmosctl" in line]
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]


@pytest.fixture(autouse=True)
def hooks(install: Callable[..., Any]) -> None:
    assert install().is_complete


def test_a_commit_is_logged_once_and_nothing_is_said(sh: Shell) -> None:
    done = commit(sh, "B1.2: a first reading")
    assert (done.returncode, done.err) == (0, "")
    assert sh.commits()["B1.2: a first reading"] == 1
    assert sh.git("status", "--porcelain") == ""


def test_a_commit_from_a_subfolder_with_an_index_of_its_own(sh: Shell) -> None:
    (sh.folder / "cmos" / "docs" / "new.md").write_text("new\n", "utf-8")
    (sh.folder / "cmos" / "docs" / "other.md").write_text("other\n", "utf-8")
    sh.git("add", "--all")
    done = sh("git", "commit", "-m", "only one of them", "new.md", cwd=sh.folder / "cmos" / "docs")
    assert done.err == ""
    assert sh.git("status", "--porcelain") == "A  cmos/docs/other.md\n"
    assert sh.commits()["only one of them"] == 1


def test_amend_rebase_and_merge_keep_each_commit_once(sh: Shell) -> None:
    commit(sh, "first")
    sh.git("commit", "--amend", "--allow-empty", "-m", "first, said better")
    sh.git("checkout", "-q", "-b", "side", "HEAD~1")
    (sh.folder / "side.txt").write_text("side\n", "utf-8")
    sh.git("add", "side.txt")
    commit(sh, "on the side")
    sh.git("rebase", "-q", "main")
    sh.git("checkout", "-q", "main")
    done = sh("git", "merge", "--no-ff", "-m", "together", "side")
    assert "cmosctl" not in done.err
    assert sh.git("status", "--porcelain") == ""
    commits = sh.commits()
    # the amended one has the session that it had before
    assert commits.get("first", 0) + commits.get("first, said better", 0) == 1
    assert commits["on the side"] == 1 and commits["together"] == 1


def test_without_a_database_one_line_says_so(sh: Shell) -> None:
    (sh.folder / ".cmos" / "memory.db").unlink()
    done = commit(sh, "no database")
    assert done.returncode == 0
    assert "is gone" in one_line(done.err) and "cmosctl init" in done.err


def test_in_a_repository_without_a_project_nothing_is_said(tmp_path: Path, scripts: Path, sh: Shell) -> None:
    other = tmp_path / "other"
    other.mkdir()
    sh.git("init", "-q", cwd=other)
    sh("cmosctl", "hook", "install", cwd=other)
    done = commit(sh, "nothing of cmos here", cwd=other)
    assert (done.returncode, done.err) == (0, "")


def test_a_corrupt_database_fails_no_commit(sh: Shell) -> None:
    (sh.folder / ".cmos" / "memory.db").write_bytes(b"this is no database" * 500)
    done = commit(sh, "corrupt")
    assert done.returncode == 0 and "damaged" in one_line(done.err)


def test_a_newer_schema_fails_no_commit_and_is_not_touched(sh: Shell) -> None:
    from cmos.db.connection import connect

    database = sh.folder / ".cmos" / "memory.db"
    with connect(str(database)) as db:
        db.execute("PRAGMA user_version=%d" % (NEWEST + 1))
    db.close()
    before = database.read_bytes()
    done = commit(sh, "newer")
    assert done.returncode == 0 and "newer cmosctl" in one_line(done.err)
    assert database.read_bytes() == before


def test_a_busy_database_is_waited_for_two_seconds(sh: Shell) -> None:
    from cmos.db.lock import writer_lock

    with writer_lock(str(sh.folder / ".git" / "cmos.lock")):
        began = time.monotonic()
        done = commit(sh, "busy")
        took = time.monotonic() - began
    assert done.returncode == 0 and "busy" in one_line(done.err)
    assert took < 5
    # history is the record: the next command has it
    sh("cmosctl", "sync")
    assert sh.commits()["busy"] == 1


def test_a_bug_of_ours_fails_no_commit(sh: Shell, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['sqlite3'] = None\n", "utf-8")
    done = commit(sh, "no sqlite3", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0 and "the hook gave up: ModuleNotFoundError" in one_line(done.err)


@pytest.mark.parametrize("gone", ["script", "python"])
def test_when_the_installation_is_gone_git_goes_on(sh: Shell, tmp_path: Path, gone: str) -> None:
    from cmos.hooks import install as hook_install

    script = tmp_path / "venv" / "bin" / "cmosctl"
    script.parent.mkdir(parents=True)
    script.write_text("#!%s/venv/bin/python\n" % tmp_path, "utf-8")
    script.chmod(0o755)
    hook_install.install(str(sh.folder), command=str(script))
    if gone == "script":
        script.unlink()
    path = "/usr/local/bin:/usr/bin:/bin"
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    environment = dict(os.environ, PATH=path)
    for words in (
        ["git", "commit", "--allow-empty", "-m", "alone"],
        ["git", "commit", "--allow-empty", "--amend", "-m", "alone, again"],
        ["git", "push", "-q", str(remote), "main"],
    ):
        done = subprocess.run(words, cwd=str(sh.folder), env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert gone == "python" or done.stderr == b""


def test_the_switch_and_the_guard_turn_it_off(sh: Shell) -> None:
    log = Path(file_write.hook_log_path(str(sh.folder / ".git")))
    commit(sh, "off", CMOSCTL_HOOKS="0")
    commit(sh, "within a hook", CMOSCTL_IN_HOOK="1")
    assert not log.exists()
    commit(sh, "on")
    assert "post-commit 0" in log.read_text("utf-8")


def test_the_log_holds_no_control_characters(sh: Shell) -> None:
    file_write.write_hook_log(str(sh.folder / ".git"), "head", ["a\x1b[2J\x9b\u202eb\udcff\nc"])
    text = Path(file_write.hook_log_path(str(sh.folder / ".git"))).read_text("utf-8")
    assert text == "head\n  a\\x1b[2J\\x9b\\u202eb\\udcff\\x0ac\n"


def test_the_log_is_cut(sh: Shell) -> None:
    log = Path(file_write.hook_log_path(str(sh.folder / ".git")))
    log.write_bytes(b"an old line\n" * 40_000)
    commit(sh, "cut")
    text = log.read_bytes()
    assert len(text) <= file_write.LIMIT and text.startswith(b"an old line\n") and b"post-commit 0\n" in text[-40:]


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path, sh: Shell, sample: Path) -> None:
    import shutil

    mono = tmp_path / "mono"
    shutil.copytree(str(sample / "cmos"), str(mono / "apps" / "station" / "cmos"))
    sh.git("init", "-q", cwd=mono)
    sh("cmosctl", "init", cwd=mono / "apps" / "station")
    commit(sh, "B1.2: from the top", cwd=mono)
    assert sh.commits(mono / "apps" / "station")["B1.2: from the top"] == 1


def test_a_repository_whose_files_lie_in_another_one_is_not_taken_for_it(sh: Shell, tmp_path: Path) -> None:
    beside = tmp_path / "dotfiles.git"
    sh.git("init", "-q", "--bare", str(beside))
    sh("cmosctl", "hook", "install", cwd=beside)
    commit(sh, "of the station, not logged yet", CMOSCTL_HOOKS="0")
    whole = ["git", "--git-dir=%s" % beside, "--work-tree=%s" % sh.folder]
    done = sh(*whole, "commit", "--allow-empty", "-m", "a dotfile")
    assert done.err == ""
    assert not {"a dotfile", "of the station, not logged yet"} & set(sh.commits())


def test_what_git_sets_for_a_hook_is_gone_before_anything_is_asked(
    station: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cmos.hooks.run import Call, answer

    monkeypatch.setenv("GIT_INDEX_FILE", str(station / "another-index"))
    monkeypatch.setenv("GIT_DIR", ".git")
    said: List[str] = []
    assert answer(Call("post-commit", [], "", str(station)), said.append) == 0
    assert said == [] and not {"GIT_INDEX_FILE", "GIT_DIR"} & set(os.environ)


@pytest.mark.parametrize("stdin", [b"", b"nonsense\n", b"\xff\xfe \0\n"])
@pytest.mark.parametrize("name", ["post-commit", "post-merge", "post-rewrite", "pre-push", "of-the-future"])
def test_odd_calls_end_well(station: Path, name: str, stdin: bytes) -> None:
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    done = subprocess.run(
        [sys.executable, "-c", HOOK, "hook", "run", name, "--odd", "x"],
        cwd=str(station), env=environment, input=stdin, capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert b"Traceback" not in done.stderr


def test_the_fast_path_starts_no_slow_library(sh: Shell) -> None:
    commit(sh, "seen")
    script = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); " + HOOK
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    done = subprocess.run(
        [sys.executable, "-c", script, "hook", "run", "post-commit"],
        cwd=str(sh.folder), env=environment, capture_output=True, check=True,
    )  # fmt: skip
    loaded = {name.split(".")[0] for name in done.stdout.decode().split()}
    assert "sqlite3" in loaded and not loaded & {"click", "git", "ruamel", "_ruamel_yaml", "watchdog"}


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_name_with_odd_characters_breaks_no_line(sh: Shell, tmp_path: Path, locale: str) -> None:
    bug = "import sqlite3\ndef fail(*a, **k): raise RuntimeError('\\x1b\\u00e9\\n\\ud800')\nsqlite3.connect = fail\n"
    (tmp_path / "sitecustomize.py").write_text(bug, "utf-8")
    done = commit(sh, "odd", PYTHONPATH=str(tmp_path), LC_ALL=locale, PYTHONIOENCODING="")
    assert done.returncode == 0 and "\x1b" not in one_line(done.err)
