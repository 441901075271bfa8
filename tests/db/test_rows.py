"""Rows that no command of ours wrote: what becomes of them, and what stays as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Iterator, NamedTuple, Optional

import pytest

from cmos.core.models import Mission
from cmos.db import migrate, sql
from cmos.db.connection import Connection, open_database
from cmos.missions import rows as mission_rows
from cmos.review import rows as review_rows

NOW = "2026-01-31T09:30:00Z"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    path = str(tmp_path / "memory.db")
    migrate.create_database(path)
    connection = open_database(path)
    mission_rows.insert_many(connection, [Mission("A1", name="one"), Mission("A2", name="two")], now=NOW)
    yield connection
    connection.close()


class Sample(NamedTuple):
    name: str
    text: str
    note: Optional[str]
    number: int
    line: Optional[int]
    place: Optional[float]
    flag: bool = False


def read(db: Connection, *values: str) -> Sample:
    return next(sql.records(Sample, db.execute("SELECT %s" % ", ".join(values))))


def test_a_value_that_fits_its_field_stays_as_it_is(db: Connection) -> None:
    assert read(db, "'a'", "''", "NULL", "7", "NULL", "1.5") == ("a", "", None, 7, None, 1.5, False)


def test_a_value_that_does_not_fit_becomes_one_that_does(db: Connection) -> None:
    found = read(db, "x'61ff'", "NULL", "7", "'no number'", "9e999", "'first'")
    assert found == ("a\\xff", "", "7", 0, None, None, False)
    assert read(db, "'a'", "2.5", "x'00'", "3.9", "x'31'", "9e999")[1:] == ("2.5", "\0", 3, None, float("inf"), False)


def test_a_text_that_is_not_utf8_is_one_without_half_characters(db: Connection) -> None:
    (text,) = db.execute("SELECT CAST(x'ff41eda0bd' AS TEXT)").fetchone()
    assert text == "\\xffA\\xed\\xa0\\xbd"
    text.encode("utf-8")


@pytest.mark.parametrize("id", ["NULL", "x'4133'", "CAST(x'4133ff' AS TEXT)"])
def test_a_mission_that_nothing_names_is_passed_over(db: Connection, id: str) -> None:
    db.execute("INSERT INTO missions (id, status, status_known) VALUES (%s, 'Queued', 'Current')" % id)
    assert [mission.id for mission in mission_rows.listing(db)] == mission_rows.all_ids(db) == ["A1", "A2"]
    assert not mission_rows.is_set_by_sql(db) and mission_rows.set_by_sql(db) == []


def test_what_nothing_names_does_not_count(db: Connection) -> None:
    db.execute("INSERT INTO missions (id, status) VALUES (NULL, 'Queued'), (x'4133', 'Blocked')")
    assert mission_rows.counts(db) == [mission_rows.SprintCount(None, "Queued", 2)]


def test_a_status_that_is_a_blob_counts_with_the_text_it_says(db: Connection) -> None:
    db.execute("UPDATE missions SET status = CAST(status AS BLOB) WHERE id = 'A1'")
    assert mission_rows.counts(db) == [mission_rows.SprintCount(None, "Queued", 2)]
    assert [mission.status for mission in mission_rows.listing(db)] == ["Queued", "Queued"]


def test_a_broken_text_among_many_rows_costs_no_other_row(db: Connection) -> None:
    db.execute("UPDATE missions SET name = CAST(x'ff' AS TEXT) WHERE id = 'A2'")
    assert [mission.name for mission in mission_rows.listing(db)] == ["one", "\\xff"]
    # and the next query reads as before
    assert db.execute("SELECT CAST(x'ff' AS TEXT)").fetchone() == ("\\xff",)


def test_a_query_that_is_wrong_is_still_told(db: Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        sql.fetch(db, "SELECT * FROM none")


def test_nothing_is_odd_in_a_database_of_our_own(db: Connection) -> None:
    assert review_rows.odd_values(db) == []


def test_each_odd_value_is_found_where_it_is(db: Connection) -> None:
    db.execute("INSERT INTO missions (id) VALUES (NULL), (x'4133')")
    db.execute("UPDATE missions SET name = CAST(x'ff41' AS TEXT), position = 'first' WHERE id = 'A1'")
    db.execute("INSERT INTO facts (content) VALUES ('good'), (x'ff')")
    db.execute("INSERT INTO commit_missions (mission_id, sha) VALUES (CAST(x'42ff' AS TEXT), '1')")
    found = {(odd.table, odd.column, odd.what, odd.rows, odd.in_key) for odd in review_rows.odd_values(db)}
    assert found == {
        ("missions", "id", "missing", 1, True),
        ("missions", "id", "a BLOB", 1, True),
        ("missions", "name", "not UTF-8", 1, False),
        ("missions", "position", "no number", 1, False),
        ("facts", "content", "a BLOB", 1, False),
        ("commit_missions", "mission_id", "not UTF-8", 1, False),
    }


def test_the_statements_that_it_gives_mend_or_show_the_row(db: Connection) -> None:
    db.execute("INSERT INTO missions (id) VALUES (NULL)")
    db.execute("UPDATE missions SET notes = x'6e6f' WHERE id = 'A1'")
    db.execute("UPDATE missions SET name = CAST(x'ff41' AS TEXT) WHERE id = 'A2'")
    for odd in review_rows.odd_values(db):
        shown = db.execute(odd.mend).fetchall()
        assert shown == ([("\\xffA",)] if odd.what == "not UTF-8" else [])
    assert sorted((m.id, m.notes) for m in mission_rows.listing(db)) == [("A1", "no"), ("A2", None), ("B9.9", None)]
    assert [odd.what for odd in review_rows.odd_values(db)] == ["not UTF-8"]
