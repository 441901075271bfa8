"""Every way to the newest schema: nothing that carries information is lost, and a person's own tables stay."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from cmos.core.schema import NEWEST, TABLES
from cmos.db import migrate

#: Tables whose rows are made anew from files and history, or stand elsewhere since.
MOVED = ("base", "base_records", "scans", "heads", "intents", "floors", "seen", "kb_looks", "kb_words")
#: Columns that make the next pass read every file anew.
FORGOTTEN = ("size", "folders")
ORIGINAL = {"missions", "sessions", "project_state", "decisions", "facts", "kb_sources", "kb_chunks", "kb_chunks_fts"}
OWN = "CREATE TABLE notes_of_mine (x); INSERT INTO notes_of_mine VALUES ('mine')"

FIRST_TOOL = """
ALTER TABLE kb_sources ADD COLUMN title TEXT;
ALTER TABLE kb_sources ADD COLUMN fingerprint TEXT;
ALTER TABLE kb_chunks ADD COLUMN order_index INTEGER;
ALTER TABLE kb_chunks ADD COLUMN section TEXT;
ALTER TABLE kb_chunks ADD COLUMN line INTEGER;
INSERT INTO missions (id, name, status) VALUES ('Z1.1', 'old', 'Queued');
INSERT INTO decisions (mission_id, title, rationale) VALUES ('Z1.1', 'kept', 'because');
INSERT INTO kb_sources (path, last_indexed_ts, title, fingerprint) VALUES ('docs/a.md', '2025-01-01', 'A', 'f');
INSERT INTO kb_chunks (source_id, text, order_index, section, line) VALUES (1, 'quux', 0, 'A', 3);
"""


def database(path: Path, number: int, *scripts: str) -> sqlite3.Connection:
    """Make a database of an older schema, without cmosctl."""
    path.parent.mkdir(exist_ok=True)
    db = sqlite3.connect(str(path), isolation_level=None)
    for migration in migrate.migrations()[:number]:
        db.executescript(migration.sql)
    for script in scripts:
        db.executescript(script)
    db.execute("PRAGMA user_version = %d" % number)
    return db


def names(db: sqlite3.Connection) -> List[str]:
    found = [str(row[0]) for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in found if not name.startswith(("sqlite_", "kb_chunks_fts_"))]


def fill(db: sqlite3.Connection) -> None:
    """Put two rows into each table, with a value in each column."""
    for table in set(names(db)) - {"kb_chunks_fts"}:
        columns = db.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
        for number in (1, 2):
            values = [value(column, kind, number) for column, kind in columns]
            marks = ",".join("?" * len(values))
            db.execute("INSERT INTO %s VALUES (%s)" % (table, marks), values)


def value(column: str, kind: str, number: int) -> Any:
    if kind == "INTEGER":
        return number
    if kind == "BLOB":
        return b"\x01\xab%d" % number
    if column in ("worktree", "hash", "ref", "sha", "path"):
        return {"sha": "%040d" % number, "ref": "refs/heads/%d" % number}.get(column, "%s-%d" % (column, number))
    return "%s %d" % (column, number) if kind != "REAL" else float(number)


def rows(db: sqlite3.Connection) -> Dict[str, List[Tuple[Any, ...]]]:
    found = {}
    for table in names(db):
        columns = [str(row[0]) for row in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        if table != "kb_chunks_fts":
            select = "SELECT %s FROM %s ORDER BY 1" % (", ".join(columns), table)
            found[table] = [tuple(zip(columns, row)) for row in db.execute(select)]
    return found


@pytest.mark.parametrize("number", range(NEWEST))
def test_every_row_survives_every_migration(tmp_path: Path, number: int) -> None:
    path = tmp_path / "memory.db"
    db = database(path, max(number, 1))
    db.execute("PRAGMA user_version = %d" % number)  # 0: the tables of the original alone
    fill(db)
    db.executescript(OWN)
    before = rows(db)
    db.close()

    backup = migrate.migrate(str(path), stamp="then")

    assert backup is not None and os.path.exists(backup)
    db = sqlite3.connect(str(path))
    after = rows(db)
    assert db.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for table, old in before.items():
        if table in MOVED:
            continue
        assert len(after[table]) >= len(old), table
        new = [set(row) for row in after[table]]
        old = [[pair for pair in row if table not in ("files", "worktrees") or pair[0] not in FORGOTTEN] for row in old]
        assert all(any(set(row) <= one for one in new) for row in old), table
    db.close()


def test_what_a_worktree_was_at_moves_to_its_row(tmp_path: Path) -> None:
    db = database(tmp_path / "memory.db", 7)
    db.executescript(
        """
        INSERT INTO scans VALUES ('.', 'HEAD', CAST('abc refs/heads/main' AS BLOB), 0);
        INSERT INTO scans VALUES ('.', '', X'', 7), ('.', 'cmos/missions', X'0AFF', 8);
        INSERT INTO scans VALUES ('w', 'cmos/missions', X'01', 9);
        INSERT INTO heads VALUES ('.', 'abc', 'main'), ('w', '', NULL);
        INSERT INTO kb_looks VALUES ('.', X'77', 5), ('', X'78', 6);
        INSERT INTO floors VALUES ('f1');
        INSERT INTO base VALUES ('.', 'cmos/missions', 'cmos/missions/a.yaml', 'h', 1, 2, 3, 4, 5);
        INSERT INTO intents VALUES ('.', 'cmos/missions/a.yaml', 'h', 'n', 'cmos/missions/.cmos-1.tmp');
        """
    )
    db.executescript(migrate.migrations()[7].sql)

    found = db.execute("SELECT * FROM worktrees ORDER BY worktree").fetchall()
    folders = {row[0]: set((row[2] or "").split("//")) for row in found}
    assert [(row[0], row[1], *row[3:]) for row in found] == [
        ("", None, None, b"x", 6),
        (".", "abc refs/heads/main", "abc", b"w", 5),
        ("w", None, "", None, None),
    ]
    assert folders == {"": {""}, ".": {":7:", "0AFF:8:cmos/missions"}, "w": {"01:9:cmos/missions"}}
    assert db.execute("SELECT * FROM looks").fetchall() == [("floor f1", "f1")]
    assert db.execute("SELECT hash, new_hash, temporary FROM files").fetchall() == [
        ("h", "n", "cmos/missions/.cmos-1.tmp")
    ]
    db.close()


@pytest.mark.parametrize("number", [0, 7])
def test_tables_of_a_persons_own_keep_their_rows_whatever_their_name(tmp_path: Path, number: int) -> None:
    taken = "CREATE TABLE %s (x); INSERT INTO %s VALUES ('mine')"
    new = {"files", "worktrees"} if number else set(TABLES) - ORIGINAL - {"repository"}
    db = database(tmp_path / "memory.db", number, *(taken % (name, name) for name in sorted(new)))
    migrate.apply(db)
    moved = {name for name in names(db) if "_before_" in name}
    assert {name.partition("_before_")[0] for name in moved} == new
    assert all(db.execute("SELECT * FROM %s" % name).fetchall() == [("mine",)] for name in moved)
    db.close()


def test_a_database_of_the_authors_first_tool_is_used(run: Callable[..., Any], project: Path) -> None:
    database(project / ".cmos" / "memory.db", 0, migrate.migrations()[0].sql, FIRST_TOOL, OWN).close()

    assert run("init", "--no-hooks").code == 0

    assert "old" in run("mission", "show", "Z1.1").out
    assert run("mission", "start", "Z1.1").code == 0
    (project / "cmos" / "docs" / "a.md").write_text("# A\n\nAbout quux and xyzzy.\n", "utf-8")
    assert "cmos/docs/a.md" in run("kb", "search", "xyzzy").out
    assert "kept" in run("kb", "search", "kept").out
    db = sqlite3.connect(str(project / ".cmos" / "memory.db"))
    assert db.execute("SELECT x FROM notes_of_mine").fetchall() == [("mine",)]
    db.close()


def test_each_table_is_described_and_there_are_no_others(started: Path) -> None:
    db = sqlite3.connect(str(started / ".cmos" / "memory.db"))
    assert set(names(db)) == set(TABLES)
    db.close()


def test_recovery_takes_what_a_copy_of_an_older_schema_remembers(run: Callable[..., Any], started: Path) -> None:
    copy = started / ".git" / "cmos" / "memory.db.copy"
    copy.unlink()
    database(copy, 7, "INSERT INTO floors VALUES ('%s')" % ("a" * 40)).close()
    (started / ".cmos" / "memory.db").unlink()

    assert run("db", "recover").code == 0

    db = sqlite3.connect(str(started / ".cmos" / "memory.db"))
    assert ("floor " + "a" * 40,) in db.execute("SELECT ref FROM looks").fetchall()
    db.close()


def test_the_newest_schema_is_that_of_the_last_migration() -> None:
    assert [migration.number for migration in migrate.migrations()] == list(range(1, NEWEST + 1))
