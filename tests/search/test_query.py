"""What is typed to what FTS5 takes."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.search.query import MOST, all_of, any_of, terms


def spellings(query: str):
    return [" ".join(word[0] for word in term.spellings) for term in terms(query)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("two words", ["two", "words"]),
        ("how do the hooks work", ["hooks", "work"]),
        ("the", ["the"]),
        ('"in this order" x', ["in this order", "x"]),
        ('an open "quote', ["open", "quote"]),
        ("successCriteria kb_chunks a-b B1.2", ["success criteria", "kb chunks", "a b", "b1 2"]),
        ("HTTPServer sprint02", ["http server", "sprint 02"]),
        ("twice Twice", ["twice"]),
        ("x AND NEAR(y*)", ["x", "near y"]),
        ("* - \" ( \0 '' ^ :", []),
    ],
)
def test_a_query_becomes_terms(query: str, found) -> None:
    assert spellings(query) == found


@pytest.fixture(scope="module")
def table():
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(text, heading)")
    yield db
    db.close()


@given(query=st.text(max_size=60))
def test_any_text_is_a_valid_expression(table: sqlite3.Connection, query: str) -> None:
    expressions = [term.match for term in terms(query.encode("utf-8", "replace").decode())]
    for whole in filter(None, (all_of(expressions), any_of(expressions))):
        assert table.execute("SELECT count(*) FROM t WHERE t MATCH ?", (whole,)).fetchone() == (0,)


def test_a_query_of_ten_thousand_words_is_cut(table: sqlite3.Connection) -> None:
    asked = terms(" ".join("word%d_x" % number for number in range(10_000)))
    assert len(asked) == MOST
    table.execute("SELECT * FROM t WHERE t MATCH ?", (any_of(term.match for term in asked),)).fetchall()


def test_the_words_of_an_identifier_may_also_stand_apart_but_those_of_an_id_may_not(table: sqlite3.Connection) -> None:
    table.execute("DELETE FROM t")
    table.executemany("INSERT INTO t (text) VALUES (?)", [("a cache of permissions, by permission",), ("B1.3 and 2",)])
    queries = ("permission_cache", "B1.2", "B1.3")
    sql = "SELECT rowid FROM t WHERE t MATCH ?"
    found = [table.execute(sql, (terms(query)[0].match,)).fetchall() for query in queries]
    table.execute("DELETE FROM t")
    assert found == [[(1,)], [], [(2,)]]
