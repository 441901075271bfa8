"""Sessions, decisions, facts, state and leftovers in a real database."""

from __future__ import annotations

import sqlite3
from typing import Iterator

import pytest

from cmos.core.models import Decision, Fact, Session
from cmos.core.report import Leftover
from cmos.db import migrate
from cmos.db.sql import where
from cmos.journal import rows as journal_rows
from cmos.journal.rows import SessionFilter
from cmos.project import rows as project_rows
from cmos.sync import issue_rows


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate.apply(connection)
    yield connection
    connection.close()


def test_a_session_comes_back_as_it_was_given(db):
    given = Session("start", "B1", "ada", "go", "{}", "2026-01-01", "git", "commit:1")
    number = journal_rows.add_session(db, given)
    assert number == 1
    assert journal_rows.get_session(db, 1) == Session(
        "start", "B1", "ada", "go", "{}", "2026-01-01", "git", "commit:1", 1
    )


def test_a_second_session_with_the_same_key_is_not_added(db):
    assert journal_rows.add_session(db, Session("start", key="k")) == 1
    assert journal_rows.add_session(db, Session("complete", key="k")) is None
    assert journal_rows.count_sessions(db) == 1


def test_sessions_without_a_key_are_never_the_same(db):
    assert [journal_rows.add_session(db, Session("start")) for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (SessionFilter(), [1, 2, 3]),
        (SessionFilter(mission_id="B1"), [1, 3]),
        (SessionFilter(action="start"), [1, 2]),
        (SessionFilter(agent="bob"), [2]),
        (SessionFilter(since="2026-01-02"), [2, 3]),
        (SessionFilter(mission_id="B1", action="start"), [1]),
        (SessionFilter(mission_id="' OR 1=1 --"), []),
    ],
)
def test_filters_choose_sessions(db, wanted, ids):
    journal_rows.add_session(db, Session("start", "B1", "ada", ts="2026-01-01T10:00:00Z"))
    journal_rows.add_session(db, Session("start", "B2", "bob", ts="2026-01-02T10:00:00Z"))
    journal_rows.add_session(db, Session("complete", "B1", "ada", ts="2026-01-03T10:00:00Z"))
    assert [session.id for session in journal_rows.list_sessions(db, wanted)] == ids
    assert journal_rows.count_sessions(db, wanted) == len(ids)


def test_a_limit_keeps_the_newest(db):
    for _ in range(5):
        journal_rows.add_session(db, Session("start"))
    assert [session.id for session in journal_rows.list_sessions(db, limit=2)] == [4, 5]


@pytest.mark.parametrize("number", [0, -1, 7, 2**63, 10**40])
def test_a_session_that_is_not_there_is_none(db, number):
    assert journal_rows.get_session(db, number) is None


def test_an_event_is_known_by_time_mission_and_action(db):
    journal_rows.add_session(db, Session("start", "B1", ts="2026-01-01"))
    assert journal_rows.has_event(db, Session("start", "B1", summary="other words", ts="2026-01-01"))
    assert not journal_rows.has_event(db, Session("start", "B2", ts="2026-01-01"))
    assert not journal_rows.has_event(db, Session("start", "B1"))


def test_nothing_is_committed_by_the_store(db):
    db.execute("BEGIN")
    journal_rows.add_session(db, Session("start"))
    journal_rows.add_fact(db, Fact("x"))
    journal_rows.add_decision(db, Decision("x"))
    project_rows.put_state(db, "k", "v")
    assert db.in_transaction
    db.execute("ROLLBACK")
    assert (journal_rows.count_sessions(db), journal_rows.counts(db), project_rows.all_state(db)) == (0, (0, 0), {})


def test_decisions_and_facts_are_added_once_and_listed_in_order(db):
    assert journal_rows.add_decision(db, Decision("T", "R", "B1", "2026-01-01", "k")) == 1
    assert journal_rows.add_decision(db, Decision("U", key="k")) is None
    assert journal_rows.add_fact(db, Fact("C", "risk", "B1", "2026-01-01", "k")) == 1
    assert journal_rows.add_fact(db, Fact("D", key="k")) is None
    assert journal_rows.add_fact(db, Fact("E", "finding", ts="2026-01-02")) == 2
    assert journal_rows.decisions(db) == [Decision("T", "R", "B1", "2026-01-01", "k", 1)]
    assert [fact.content for fact in journal_rows.facts(db)] == ["C", "E"]
    assert journal_rows.decisions(db, mission_id="B2") == []


def test_decisions_and_facts_are_one_list_with_the_newest_first(db):
    db.execute("INSERT INTO missions (id, sprint_id) VALUES ('B1', 'Sprint 1')")
    journal_rows.add_fact(db, Fact("old", "Risk", "B1", "2025-01-01", "import:1"))
    journal_rows.add_decision(db, Decision("new", "why", "B9", "2026-01-01"))
    journal_rows.add_fact(db, Fact("newest", ts="2026-01-02"))
    assert [(one.text, one.kind, one.sprint_id, one.origin) for one in journal_rows.entries(db)] == [
        ("newest", None, None, "command"),
        ("new", "decision", None, "command"),
        ("old", "Risk", "Sprint 1", "import"),
    ]
    assert [one.text for one in journal_rows.entries(db, limit=1)] == ["newest"]
    assert [one.text for one in journal_rows.entries(db, journal_rows.MemoryFilter(sprints=["Sprint 1"]))] == ["old"]
    assert [one.text for one in journal_rows.entries(db, journal_rows.MemoryFilter(kind="risk"))] == ["old"]
    assert [one.text for one in journal_rows.entries_by_id(db, [("fact", 1), ("decision", 7), ("decision", 1)])] == [
        "old",
        "new",
    ]
    assert [one.text for one in journal_rows.last_recorded(db, limit=1)] == ["newest", "new"]
    assert (journal_rows.has_mission(db, "B9"), journal_rows.has_mission(db, "B2"), journal_rows.kinds(db)) == (
        True,
        False,
        ["Risk"],
    )


def test_state_is_replaced_or_kept(db):
    project_rows.put_state(db, "phase", "one")
    project_rows.put_state(db, "phase", "two")
    assert not project_rows.put_new_state(db, "phase", "three")
    assert project_rows.put_new_state(db, "sprint", None)
    assert project_rows.all_state(db) == {"phase": "two", "sprint": None}
    assert (project_rows.get_state(db, "phase"), project_rows.get_state(db, "nothing")) == ("two", None)


def test_a_leftover_is_kept_once_even_after_it_was_closed(db):
    leftover = Leftover("a/SESSIONS.jsonl", 3, "not valid JSON", "{")
    assert issue_rows.add_leftovers(db, leftover, now="2026-01-01")
    db.execute("UPDATE issues SET closed_at = '2026-01-02'")
    assert not issue_rows.add_leftovers(db, leftover._replace(path="b/SESSIONS.jsonl", line=9), now="2026-01-03")
    assert issue_rows.add_leftovers(db, leftover._replace(raw="["), now="2026-01-03")
    assert issue_rows.add_leftovers(db, leftover._replace(raw=None), now="2026-01-03")
    assert not issue_rows.add_leftovers(db, leftover._replace(raw=None), now="2026-01-03")


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ((("a = ?", None),), ("", [])),
        ((("a = ?", ""), ("b = ?", None), ("c >= ?", 2)), ("WHERE a = ? AND c >= ?", ["", 2])),
        ((("a IN (?)", ["x", "y"]), ("b IN (?)", [])), ("WHERE a IN (?,?) AND b IN ()", ["x", "y"])),
    ],
)
def test_a_where_has_the_tests_that_have_values(tests, expected):
    assert where(*tests) == expected
