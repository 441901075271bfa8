"""Exporting all rows and putting them back, through the texts of both formats."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Callable, Dict, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cmos.core.schema import NEWEST
from cmos.db import migrate, sql
from cmos.transfer import dump, dump_write
from cmos.transfer import rows as transfer_rows
from cmos.transfer.dump import Dump, load
from cmos.transfer.json_text import Unreadable
from cmos.transfer.rows import Restorer

FORMATS = {"json": (dump_write.to_json, dump.from_json), "yaml": (dump_write.to_yaml, dump.from_yaml)}
CACHES = {"files", "records", "worktrees", "pending", "looks"}


def new() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate.apply(connection)
    return connection


@pytest.fixture
def make() -> Iterator[Callable[[], sqlite3.Connection]]:
    made = []

    def one() -> sqlite3.Connection:
        made.append(new())
        return made[-1]

    yield one
    for connection in made:
        connection.close()


def text_of(db: sqlite3.Connection, format: str) -> str:
    with transfer_rows.snapshot(db):
        return "".join(FORMATS[format][0](Dump(NEWEST, transfer_rows.everything(db))))


def restore(db: sqlite3.Connection, text: str, format: str) -> Dict[str, int]:
    outcomes: Dict[str, int] = Counter()
    for table, rows in FORMATS[format][1](text).tables:
        restorer = Restorer(db, table)
        for row in rows:
            outcomes[restorer.put(row).what if isinstance(row, dict) else "bad"] += 1
    return dict(outcomes)


def fill(db: sqlite3.Connection) -> None:
    odd = "a\u2028\x85\ufeff\x7f\x1b\0 é \U0001f600\n'\"\\"
    db.execute("INSERT INTO missions (id, name, notes, position) VALUES ('B1.10', ?, 'null', 3)", (odd,))
    db.execute("INSERT INTO missions (id, name, status) VALUES ('B1.2', '1.0', NULL)")
    db.execute("INSERT INTO sprints VALUES ('09', 'yes', NULL, '', 1.0), ('x', NULL, NULL, NULL, 1e999)")
    db.execute("INSERT INTO dependencies VALUES ('', 0, 'a', 'b', 'Blocks'), ('', 5, 'a', 'b', 'Blocks')")
    db.execute("INSERT INTO sessions (id, action, key) VALUES (7, 'start', NULL), (9, 'start', NULL), (12, 'x', 'k')")
    db.execute("INSERT INTO decisions (id, title) VALUES (3, ?)", (odd,))
    db.execute("INSERT INTO facts (id, kind, content) VALUES (4, 'k', CAST(x'ff41' AS TEXT))")
    db.execute("INSERT INTO project_state VALUES ('a', '{\"b\": 1}'), ('n', NULL)")
    db.execute("INSERT INTO issues (kind, why, since, worktree) VALUES ('drift', 'w', '2026', '.')")
    db.execute("INSERT INTO texts VALUES ('h', 'p', 'w', 't', 3, x'789c0001')")


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_put_into_an_empty_database_exports_the_same_bytes(make, format):
    first, second = make(), make()
    fill(first)
    text = text_of(first, format)
    assert set(restore(second, text, format)) == {"added"}
    assert text_of(second, format) == text
    for other in FORMATS:
        assert text_of(second, other) == text_of(first, other)


@pytest.mark.parametrize("format", FORMATS)
def test_putting_an_export_back_where_it_came_from_changes_nothing(make, format):
    db = make()
    fill(db)
    text = text_of(db, format)
    assert set(restore(db, text, format)) == {"unchanged"}
    assert text_of(db, format) == text


def test_every_table_but_caches_is_exported(make):
    db = make()
    db.execute('CREATE TABLE "my ""own""" (a, b TEXT)')
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    expected = {name for name in tables if not name.startswith(("sqlite_", "kb_"))} - CACHES
    assert set(sql.tables(db)) == expected
    assert {"missions", "sessions", "texts", 'my "own"'} <= expected


def test_a_table_that_people_made_survives(make):
    first, second = make(), make()
    for db in (first, second):
        db.execute('CREATE TABLE "my ""own""" (a, "yes" TEXT)')
    first.execute('INSERT INTO "my ""own""" VALUES (1, 2), (1, 2), (1.5, NULL)')
    text = text_of(first, "yaml")
    restore(second, text, "yaml")
    assert text_of(second, "yaml") == text


VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.binary(max_size=20)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]))


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(VALUES | TEXT, TEXT, VALUES | TEXT), max_size=6))
def test_any_value_of_any_type_survives(format, rows):
    first, second = new(), new()
    try:
        first.executemany("INSERT INTO sessions (summary, details, mission_id) VALUES (?, ?, ?)", rows)
        for key, value, _ in rows:
            first.execute("INSERT OR REPLACE INTO project_state VALUES (?, ?)", (repr(key), value))
            first.execute("INSERT OR REPLACE INTO missions (id, position) VALUES (?, ?)", ("-" + value, key))
        text = text_of(first, format)
        restore(second, text, format)
        assert text_of(second, format) == text
        restore(second, text, format)
        assert text_of(second, format) == text
    finally:
        first.close()
        second.close()


def test_other_readers_of_yaml_read_the_same(make):
    db = make()
    fill(db)
    db.execute("DELETE FROM facts")
    document = YAML(typ="safe", pure=True).load(text_of(db, "yaml"))
    (row,) = [row for row in document["tables"]["missions"] if row["id"] == "B1.10"]
    assert row["name"] == "a\u2028\x85\ufeff\x7f\x1b\0 é \U0001f600\n'\"\\"
    assert (row["notes"], row["position"], row["completed_at"]) == ("null", 3, None)


def test_a_row_that_is_there_stays_and_sessions_are_added(make):
    first, second = make(), make()
    first.execute("INSERT INTO missions (id, status) VALUES ('B1', 'Completed'), ('B2', 'Queued')")
    first.execute("INSERT INTO sessions (id, action) VALUES (1, 'start')")
    second.execute("INSERT INTO missions (id, status) VALUES ('B1', 'Queued'), ('B3', 'Queued')")
    second.execute("INSERT INTO sessions (id, action) VALUES (1, 'complete')")
    assert restore(second, text_of(first, "json"), "json") == {"unchanged": 1, "added": 2}
    assert dict(second.execute("SELECT id, status FROM missions")) == {
        "B1": "Queued",
        "B2": "Queued",
        "B3": "Queued",
    }
    assert second.execute("SELECT id, action FROM sessions ORDER BY id").fetchall() == [(1, "complete"), (2, "start")]


def test_a_mission_without_a_sort_key_gets_one(make):
    db = make()
    Restorer(db, "missions").put({"id": "B1.10"})
    Restorer(db, "missions").put({"id": "B1.9"})
    assert [row[0] for row in db.execute("SELECT id FROM missions ORDER BY sort_key")] == ["B1.9", "B1.10"]


@pytest.mark.parametrize(
    ("table", "row", "why"),
    [
        ("nothing", {"a": 1}, "no table"),
        ("files", {"worktree": "."}, "no table"),
        ("sqlite_master", {"sql": "x"}, "no table"),
        ("missions", {"id": "B1", "colour": "red"}, "no column"),
        ("missions", {"name": "x"}, "no id"),
        ("sessions", {"id": "seven"}, "refuses"),
        ("sessions", {"id": 2**63}, "refuses"),
        ("sessions", {"summary": "\ud800"}, "refuses"),
        ("texts", {"hash": "h"}, "refuses"),
    ],
)
def test_a_row_that_fits_nowhere_is_refused_with_the_reason(make, table, row, why):
    db = make()
    outcome = Restorer(db, table).put(row)
    assert (outcome.what, why in outcome.why) == ("", True)
    assert text_of(db, "json") == text_of(make(), "json")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"cmos_export": 2, "schema": 1, "tables": {}}',
        '{"cmos_export": 1, "schema": "x", "tables": {}}',
        '{"cmos_export": 1, "schema": 1, "tables": []}',
        '{"cmos_export": 1, "schema": 1, "tables": {',
        "[" * 100_000,
    ],
)
def test_what_is_no_export_is_refused(format, text):
    with pytest.raises(Unreadable):
        FORMATS[format][1](text)


def test_rows_that_hold_no_values_are_named():
    text = '{"cmos_export": 1, "schema": 1, "tables": {"a": [1, {"b": [2]}, {"b": {"base64": "?"}}, {}], "c": 3}}'
    found = [(table, [row.why for row in rows]) for table, rows in dump.from_json(text).tables]
    value = "b holds something that is not a value"
    assert found == [("a", ["not a row", value, value, "not a row"]), ("c", ["not a list of rows"])]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a: &x 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!python/object:os.system {}\n", 2, "tag"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: [\n", 2, "not valid YAML"),
        ("? [a]\n: 1\n", 1, "key"),
        ("- " * 60 + "1", 1, "nested"),
    ],
)
def test_yaml_that_is_not_plain_is_refused_with_its_line(text, line, why):
    with pytest.raises(Unreadable) as caught:
        load(text)
    assert (caught.value.line, why in caught.value.why) == (line, True)


@given(st.text())
def test_any_text_is_plain_yaml_or_a_problem(text):
    try:
        load(text)
    except Unreadable:
        pass
