"""``cmosctl db`` on the command line."""

from __future__ import annotations

import json
import os
import sqlite3
import sys

import pytest


def test_init_creates_the_database_and_says_so_only_once(run, project):
    first = run("db", "init")
    assert (first.code, "Created" in first.out) == (0, True)
    assert (project / ".cmos" / "memory.db").exists()
    again = run("db", "init", "--json")
    assert (again.code, again.data["is_new"]) == (0, False)


def test_an_empty_database_names_what_init_would_take_in(run, project) -> None:
    told = run("db", "init").err
    assert "it is empty; to take in cmos/missions, cmos/SESSIONS.jsonl, cmos/PROJECT_CONTEXT.json, the history" in told


def test_migrate_has_nothing_to_do_on_a_new_database(run, started):
    assert run("db", "migrate").out == "Nothing to migrate.\n"
    assert run("db", "migrate", "--json").data["backup"] is None


def test_migrate_keeps_a_copy_of_an_older_database(run, project):
    from cmos.core.schema import NEWEST
    from cmos.db.migrate import migrations

    (project / ".cmos").mkdir()
    db = sqlite3.connect(str(project / ".cmos" / "memory.db"))
    db.executescript(migrations()[0].sql + "PRAGMA user_version=1;")
    db.execute("INSERT INTO missions (id) VALUES ('B9.9')")
    db.commit()
    db.close()
    assert run("mission", "list").code == 8
    migrated = run("db", "migrate", "--json")
    assert migrated.code == 0, migrated.err
    assert os.path.exists(migrated.data["backup"])
    shell = run("db", "shell", "-c", "SELECT id FROM missions WHERE id = 'B9.9'; PRAGMA user_version", "--json")
    assert shell.data == [[{"id": "B9.9"}], [{"user_version": NEWEST}]]


def test_shell_runs_statements_and_prints_rows(run, started):
    ran = run("db", "shell", "-c", "SELECT id, status FROM missions WHERE id = 'B1.1'; SELECT 1 AS one")
    assert ran.code == 0
    assert [line.split() for line in ran.out.splitlines()][0::2] == [["id", "status"], ["one"]]


def test_shell_keeps_semicolons_in_texts_and_shows_blobs(run, started):
    ran = run("db", "shell", "-c", "SELECT 'a;b' AS t, x'00ff' AS b, NULL AS n;", "--json")
    assert ran.data == [[{"t": "a;b", "b": "x'00ff'", "n": None}]]


def test_shell_says_what_sqlite_does_not_understand(run, started):
    ran = run("db", "shell", "-c", "SELEC 1")
    assert (ran.code, ran.out) == (2, "")
    assert "syntax error" in ran.err


def test_shell_without_sqlite3_reads_statements(run, started, tmp_path):
    python = {"PATH": str(tmp_path)}
    ran = run("db", "shell", stdin=".tables\nSELECT count(*)\nAS n FROM sprints;\n.quit\nSELECT 7;\n", env=python)
    assert ran.code == 0, ran.err
    assert "missions" in ran.out.split()
    assert ran.out.splitlines()[-2:] == ["n", "2"]


@pytest.mark.skipif(sys.platform == "win32", reason="a script stands for sqlite3")
def test_shell_hands_over_to_sqlite3_where_there_is_one(run, started, tmp_path):
    program = tmp_path / "sqlite3"
    program.write_text('#!/bin/sh\necho "opened $1"\n', "utf-8")
    program.chmod(0o755)
    ran = run("db", "shell", env={"PATH": "%s:%s" % (tmp_path, os.environ["PATH"])})
    assert ran.out == "opened %s\n" % (started / ".cmos" / "memory.db")


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_an_export_goes_to_stdout_or_to_a_file(run, started, format, tmp_path):
    shown = run("db", "export", format)
    assert shown.code == 0
    assert "cmos_export" in shown.out.splitlines()[0 if format == "yaml" else 1]
    file = tmp_path / "dump"
    written = run("db", "export", format, "--output", str(file))
    assert (written.code, written.out) == (0, "")
    assert file.read_text("utf-8") == shown.out


def test_an_import_says_what_it_added(run, started, tmp_path):
    file = tmp_path / "SESSIONS.jsonl"
    file.write_text('{"ts": "2027-01-01", "mission": "B1.1", "action": "start"}\nnot a line\n', "utf-8")
    ran = run("db", "import", str(file))
    assert ran.code == 0
    assert ran.out.splitlines()[-1].split() == ["sessions", "1", "0", "0"]
    assert "%s:2: not taken" % file in ran.err
    assert run("db", "import", str(file), "--json").data["added"] == {}


@pytest.mark.parametrize(("name", "code"), [("nothing.json", 6), ("wrong.json", 6), ("", 6)])
def test_what_cannot_be_imported_is_a_file_problem(run, started, tmp_path, name, code):
    (tmp_path / "wrong.json").write_text("[1]", "utf-8")
    ran = run("db", "import", str(tmp_path / name) if name else os.devnull, "--json")
    assert (ran.code, ran.out) == (code, "")
    assert json.loads(ran.err)["error"]["code"] == "file"


def test_an_unknown_format_is_a_usage_error(run, started):
    assert run("db", "export", "xml").code == 2


def test_outside_of_a_project_nothing_is_made(run, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    for command in (["export"], ["import", "x"], ["shell", "-c", "SELECT 1"], ["migrate"]):
        assert run("db", *command, cwd=folder).code == 3
    assert os.listdir(str(folder)) == []


def test_shell_refuses_what_is_no_text(run, started, tmp_path):
    ran = run("db", "shell", stdin="SELECT \0 1;\n", env={"PATH": str(tmp_path)})
    assert (ran.code, "Traceback" in ran.err) == (2, False)


def test_shell_knows_how_json_writes_infinity(run, started):
    assert run("db", "shell", "-c", "SELECT 1e999 AS n", "--json").data == [[{"n": "inf"}]]


def test_init_looks_at_what_is_there(run, started):
    (started / ".cmos" / "memory.db").write_bytes(b"hello")
    ran = run("db", "init")
    assert (ran.code, ran.out) == (8, "") and "damaged" in ran.err
