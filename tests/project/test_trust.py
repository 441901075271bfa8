"""Which `.cmos` is used: of a real folder, an owner whom git accepts, this repository, and not tracked."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest
from each_command import call

from cmos.core.errors import CmosError, DatabaseProblem, FileProblem
from cmos.core.schema import NEWEST
from cmos.db.migrate import migrations
from cmos.git import process
from cmos.project import rows as project_rows
from cmos.project import trust
from cmos.project.project import find_project, new_project, open_project

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
ORIGINAL = """
CREATE TABLE missions (
  id TEXT PRIMARY KEY, sprint_id TEXT, name TEXT, status TEXT, created_at TEXT, completed_at TEXT, notes TEXT
);
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY, ts TEXT, mission_id TEXT, action TEXT, agent TEXT, summary TEXT, details TEXT
);
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project's files in a repository, without a database."""
    root = tmp_path / "päce one"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "files")
    return root


def git(root: Path, *arguments: str) -> str:
    return process.run(str(root), *arguments).decode("utf-8")


def init(root: Path, *options: str) -> str:
    code, told = call(root, " ".join(("init", "--no-hooks", *options)))
    assert code == 0, told
    return told


def sql(root: Path, script: str) -> None:
    db = sqlite3.connect(str(root / ".cmos" / "memory.db"))
    db.executescript(script)
    db.close()


def tokens(root: Path) -> List[str]:
    db = sqlite3.connect(str(root / ".cmos" / "memory.db"))
    found = [row[0] for row in db.execute("SELECT token FROM repository")]
    db.close()
    return [*found, (root / ".git" / "cmos" / "token").read_text("ascii").strip()]


def notices(root: Path) -> List[str]:
    with open_project(str(root)) as ws:
        return ws.notices


def refusal(root: Path) -> CmosError:
    with pytest.raises(CmosError) as raised:
        notices(root)
    return raised.value


# ---- tokens --------------------------------------------------------------------------------------------------


def test_a_database_has_the_token_of_its_repository_and_no_export_has_it(place: Path) -> None:
    init(place)
    one, other = tokens(place)
    assert one == other and len(one) == 32
    for line in ("db export json", "db export yaml", "export all", "db shell -c .tables"):
        code, told = call(place, line)
        assert code == 0 and one not in told
    assert all(one not in file.read_text("utf-8") for file in (place / ".cmos" / "export").iterdir())


def test_a_project_from_before_there_were_tokens_gets_one_with_one_line(place: Path) -> None:
    init(place)
    sql(place, "DROP TABLE repository")
    (place / ".git" / "cmos" / "token").unlink()
    assert [line for line in notices(place) if "belongs to this repository" in line]
    assert len(set(tokens(place))) == 1 and notices(place) == []


def test_git_init_may_come_later(tmp_path: Path) -> None:
    root = tmp_path / "later"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    init(root)
    git(root, "init", "-q")
    assert len(notices(root)) == 1 and len(set(tokens(root))) == 1 and notices(root) == []


@pytest.mark.parametrize("move", [shutil.copytree, shutil.move])
def test_a_project_that_is_copied_or_moved_whole_goes_on_without_a_word(place: Path, tmp_path: Path, move) -> None:
    init(place)
    move(str(place), str(tmp_path / "elsewhere"))
    assert notices(tmp_path / "elsewhere") == []


def test_a_database_of_another_repository_is_refused_until_it_is_adopted(place: Path, tmp_path: Path) -> None:
    init(place)
    git(tmp_path, "clone", "-q", str(place), "clone")
    clone = tmp_path / "clone"
    shutil.copytree(str(place / ".cmos"), str(clone / ".cmos"))
    problem = refusal(clone)
    assert problem.exit_code == 8 and "not made for this repository" in problem.message and "--adopt" in problem.hint
    assert "belongs to this repository" in init(clone, "--adopt")
    assert notices(clone) == [] and tokens(clone)[0] != tokens(place)[0]


def test_a_database_without_a_token_is_refused_where_the_repository_has_one(place: Path) -> None:
    init(place)
    sql(place, "DROP TABLE repository")
    assert refusal(place).exit_code == 8
    init(place, "--adopt")
    assert len(set(tokens(place))) == 1


def test_projects_of_one_repository_share_its_token(place: Path) -> None:
    init(place)
    shutil.copytree(str(SAMPLE), str(place / "sub" / "cmos"))
    init(place / "sub")
    assert (notices(place), notices(place / "sub")) == ([], [])


def test_where_the_token_cannot_be_written_the_database_is_checked_and_used(place: Path) -> None:
    init(place)
    sql(place, "DROP TABLE repository")
    shutil.rmtree(str(place / ".git" / "cmos"))
    (place / ".git" / "cmos").write_text("in the way", "utf-8")
    with open_project(str(place)) as ws:
        assert ws.notices == []
    sql(place, "CREATE VIEW v AS SELECT 1")
    assert "a view of its own: v" in refusal(place).message


# ---- what is taken over --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script, told",
    [
        ("CREATE TRIGGER t AFTER INSERT ON sessions BEGIN DELETE FROM facts; END", "a trigger of its own: t"),
        ("CREATE VIEW v AS SELECT 1", "a view of its own: v"),
        ("CREATE VIRTUAL TABLE z USING fts5(x)", "a table of its own: z"),
        ("DROP TABLE texts", "its table texts"),
        ("DROP INDEX sessions_by_key", "its index sessions_by_key"),
        ("ALTER TABLE facts ADD COLUMN x", "its table facts"),
        ("INSERT INTO files VALUES ('.', '', '../x', 'a', 1, 1, 1, 1, 1, 'c', 'b')", "no"),
        ("INSERT INTO files VALUES ('.', '', 'cmos/missions/x.yaml', 'a', 1, 1, 1, 1, 1, 'cmos/x.yaml', 'b')", "no"),
        ("INSERT INTO files VALUES ('.', '..', '/etc/passwd', 'x', 1, 1, 1, 1, 1, NULL, NULL)", "/etc/passwd"),
        ("UPDATE OR IGNORE records SET path = 'cmos/missions/../../x'", "none of the project's missions"),
        ("PRAGMA user_version = %d" % (NEWEST + 1), "schema"),
    ],
)
def test_a_foreign_database_is_not_taken_over(place: Path, script: str, told: str) -> None:
    init(place)
    sql(place, script)
    code, said = call(place, "init --no-hooks --adopt")
    assert code == 8 and told in said, said
    assert "is not taken over" in said and ".cmos out of the project" in said


def test_tables_and_indexes_of_a_persons_own_are_no_reason(place: Path) -> None:
    init(place)
    sql(place, "CREATE TABLE mine (x); CREATE INDEX mine_by_x ON mine (x)")
    init(place, "--adopt")


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_every_released_schema_is_taken_over(version: int) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    for migration in migrations()[:version]:
        db.executescript(migration.sql)
        db.execute("PRAGMA user_version = %d" % migration.number)
    project_rows.put_token(db, "x" * 32)
    assert project_rows.foreign_content(db) == ""
    db.close()


def test_the_tables_of_the_original_are_taken_over_and_those_of_another_program_are_not(place: Path) -> None:
    (place / ".cmos").mkdir()
    sql(place, ORIGINAL + "INSERT INTO missions (id, name, status) VALUES ('Z1.1', 'old', 'Queued')")
    init(place)
    code, told = call(place, "mission show Z1.1")
    assert code == 0 and "old" in told
    shutil.rmtree(str(place / ".cmos"))
    shutil.rmtree(str(place / ".git" / "cmos"))
    (place / ".cmos").mkdir()
    sql(place, "CREATE TABLE precious (x)")
    before = (place / ".cmos" / "memory.db").read_bytes()
    code, told = call(place, "init --no-hooks")
    assert code == 8 and "another program" in told and (place / ".cmos" / "memory.db").read_bytes() == before


def test_a_damaged_database_is_not_taken_over(place: Path) -> None:
    init(place)
    path = place / ".cmos" / "memory.db"
    sql(place, "DROP TABLE repository; PRAGMA wal_checkpoint(TRUNCATE)")
    (place / ".git" / "cmos" / "token").unlink()
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 4 * 4096] = b"\x55" * 4096
    path.write_bytes(bytes(data))
    layout = find_project(str(place))
    db = sqlite3.connect(str(path), isolation_level=None)
    with pytest.raises(DatabaseProblem, match="damaged"):
        trust.check_content(layout, db)
    db.close()


# ---- what git tracks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", ["2", "4", "split"])
def test_a_database_that_git_tracks_is_refused_by_every_command_and_names_the_cure(place: Path, index: str) -> None:
    init(place)
    if index == "split":
        git(place, "update-index", "--split-index")
    else:
        git(place, "update-index", "--index-version", index)
    git(place, "add", "-f", ".cmos/memory.db")
    for line in ("status", "sync", "init", "mission next", "db shell -c .tables"):
        code, told = call(place, line)
        assert code == 8 and "git tracks .cmos/memory.db" in told and "git rm -r --cached .cmos" in told
    git(place, "rm", "-r", "-q", "--cached", ".cmos")
    # its token was there for all to read
    assert "not made for this repository" in refusal(place).message
    init(place, "--adopt")


def test_another_file_of_the_folder_costs_no_token(place: Path) -> None:
    init(place)
    git(place, "add", "-f", ".cmos/.gitignore")
    assert "git tracks .cmos/.gitignore" in refusal(place).message
    git(place, "rm", "-r", "-q", "--cached", ".cmos")
    assert notices(place) == []


def test_a_name_that_only_looks_like_it_is_tracked_in_peace(place: Path) -> None:
    init(place)
    for name in ("x.cmos/y", ".cmosx", "sub/.cmos/z", ".CMOS/y"):
        (place / name).parent.mkdir(exist_ok=True, parents=True)
        (place / name).write_text("x", "utf-8")
    git(place, "add", "-f", "-A", "x.cmos", ".cmosx", "sub", ".CMOS")
    assert notices(place) == []


# ---- whose it is ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("what", [".cmos", ".cmos/memory.db"])
def test_another_owner_is_refused_unless_the_repository_is_shared(place: Path, what: str) -> None:
    init(place)
    os.chown(str(place / what), 12345, -1)
    problem = refusal(place)
    assert problem.exit_code == 8 and "another user" in problem.message
    git(place, "config", "core.sharedRepository", "group")
    assert notices(place) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_git_decides_whom_it_trusts(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(place)
    for folder, names, files in os.walk(str(place)):
        for name in (".", *names, *files):
            os.chown(os.path.join(folder, name), 12345, 12345)
    problem = refusal(place)
    assert problem.exit_code == 7 and "safe.directory" in problem.hint
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(place))
    assert notices(place) == []
    for name in ("COUNT", "KEY_0", "VALUE_0"):
        monkeypatch.delenv("GIT_CONFIG_" + name)
    monkeypatch.setenv("SUDO_UID", "12345")
    assert notices(place) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_outside_of_git_the_same_list_counts(tmp_path: Path) -> None:
    init(tmp_path)
    os.chown(str(tmp_path / ".cmos"), 12345, -1)
    problem = refusal(tmp_path)
    assert problem.exit_code == 8 and "--add safe.directory" in problem.hint
    git(tmp_path, "config", "--global", "--add", "safe.directory", str(tmp_path))
    try:
        assert notices(tmp_path) == []
    finally:
        git(tmp_path, "config", "--global", "--unset-all", "safe.directory")


# ---- which project -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["cmos/missions/", "cmos/SESSIONS.jsonl", "cmos/PROJECT_CONTEXT.json"])
def test_a_database_above_does_not_take_a_project_with_files_of_its_own(tmp_path: Path, sign: str) -> None:
    init(tmp_path)
    inner = tmp_path / "projects" / "p1"
    (inner / sign).parent.mkdir(parents=True)
    (inner / sign).mkdir() if sign.endswith("/") else (inner / sign).write_text("", "utf-8")
    assert refusal(inner).exit_code == 3
    assert new_project(str(inner)).root == str(inner)
    assert find_project(str(inner.parent)).root == str(tmp_path)


def test_a_database_elsewhere_is_named_with_its_full_path(place: Path) -> None:
    assert "Created .cmos/memory.db" in init(place)
    below = place / "src"
    below.mkdir()
    assert str(place / ".cmos" / "memory.db") in init(below)


def test_a_link_that_appears_later_is_seen_by_who_has_the_database_open(place: Path, tmp_path: Path) -> None:
    init(place)
    layout = find_project(str(place))
    trust.check(layout)
    (tmp_path / "home").mkdir()
    os.symlink(str(tmp_path / "home"), str(place / ".cmos" / "aside"))
    with pytest.raises(FileProblem, match="aside is a symbolic link"):
        trust.check(layout)


def test_many_commands_at_once_give_a_project_one_token(place: Path) -> None:
    init(place)
    sql(place, "DROP TABLE repository")
    shutil.rmtree(str(place / ".git" / "cmos"))
    line = [sys.executable, "-c", "from cmos.cli.main import main; main()", "mission", "next"]
    quiet = subprocess.DEVNULL
    started = [subprocess.Popen(line, cwd=str(place), stdout=quiet, stderr=quiet) for _ in range(10)]
    assert [one.wait() for one in started] == [0] * 10
    assert len(set(tokens(place))) == 1
