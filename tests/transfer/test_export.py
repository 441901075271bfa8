"""The flat files that people know, and reading them back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cmos.core.models import Decision, Dependency, Fact, Mission, Session, Sprint
from cmos.missionfile.reader import read
from cmos.missionfile.scalars import scalar
from cmos.transfer.export import backlog_yaml, notes_json, session_line, sessions_jsonl, state_json
from cmos.transfer.session_log import parse

TEXT = st.text(st.characters(blacklist_categories=["Cs"]))
NAMES = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)

MISSIONS = (
    Mission("B1.1", "Sprint 1", "Wire it", "Completed", None, "2026-03-02T09:00:00Z", "went: well"),
    Mission("B1.2", "Sprint 1", "Store it", "Current"),
    Mission("09", "09", "null", "In Progress", notes="line\nline"),
    Mission("X1", None, "At large", "wild"),
)
SPRINTS = (Sprint("Sprint 1", "Start", "Focus", "Current", 0.0), Sprint("empty", position=1.0))
LINKS = (Dependency("B1.1", "B1.2", "Blocks"), Dependency("B1.2", "09"))


def rows(text: str):
    return [
        (record.id, {name: field.value for name, field in record.fields.items()})
        for record in read(text.encode("utf-8")).records
    ]


def test_the_layout_is_the_one_people_know():
    header, body = YAML(typ="safe").load_all(backlog_yaml(MISSIONS, SPRINTS, LINKS))
    assert header["name"] == "Planning.SprintPlan.v1"
    assert {"version", "displayName", "description"} <= set(header)
    assert body["missionId"] == "SP-MAIN-001"
    fields = body["domainFields"]
    assert fields["type"] == "Planning.SprintPlan.v1"
    first = fields["sprints"][0]
    assert {key: first[key] for key in ("sprintId", "title", "focus", "status")} == {
        "sprintId": "Sprint 1",
        "title": "Start",
        "focus": "Focus",
        "status": "Current",
    }
    assert list(first["missions"][0].items()) == [
        ("id", "B1.1"),
        ("name", "Wire it"),
        ("status", "Completed"),
        ("completed_at", "2026-03-02T09:00:00Z"),
        ("notes", "went: well"),
    ]
    assert fields["missionDependencies"] == [
        {"from": "B1.1", "to": "B1.2", "type": "Blocks"},
        {"from": "B1.2", "to": "09"},
    ]


def test_reading_it_back_gives_the_same_missions():
    assert rows(backlog_yaml(MISSIONS, SPRINTS, LINKS)) == [
        (
            "B1.1",
            {
                "name": "Wire it",
                "status": "Completed",
                "completed_at": "2026-03-02T09:00:00Z",
                "notes": "went: well",
                "sprint": "Sprint 1",
            },
        ),
        ("B1.2", {"name": "Store it", "status": "Current", "sprint": "Sprint 1"}),
        ("09", {"name": "null", "status": "In Progress", "notes": "line\nline", "sprint": "09"}),
        ("X1", {"name": "At large", "status": "wild"}),
    ]


def test_reading_it_back_gives_the_same_sprints_and_dependencies():
    contents = read(backlog_yaml(MISSIONS, SPRINTS, LINKS).encode("utf-8"))
    assert [(one.id, one.title, one.focus, one.status) for one in contents.sprints] == [
        ("Sprint 1", "Start", "Focus", "Current"),
        ("empty", None, None, None),
        ("09", None, None, None),
    ]
    assert contents.dependencies == (("B1.1", "B1.2", "Blocks"), ("B1.2", "09", None))
    assert contents.faults == ()


def test_a_project_with_nothing_in_it_gives_a_valid_backlog():
    contents = read(backlog_yaml((), (), ()).encode("utf-8"))
    assert (contents.records, contents.sprints, contents.faults) == ((), (), ())


@given(st.lists(st.tuples(NAMES, st.none() | NAMES, st.none() | TEXT, TEXT, st.none() | TEXT), max_size=5))
def test_any_text_of_a_mission_comes_back_as_it_was(values):
    missions = [Mission(id, sprint, name, status, notes=notes) for id, sprint, name, status, notes in values]
    found = [
        (id, one.get("sprint"), one.get("name"), one["status"], one.get("notes"))
        for id, one in rows(backlog_yaml(missions, (), ()))
    ]
    assert sorted(found, key=repr) == sorted(values, key=repr)


@pytest.mark.parametrize(
    "word", ["", "null", "Yes", "off", "1.0", "0x1f", "2026-01-01", "- a", "a: b", "a #b", " a", "~"]
)
def test_what_yaml_would_misread_is_quoted(word):
    assert scalar(word).startswith('"')


@pytest.mark.parametrize("pure", [False, True])
@given(text=TEXT)
def test_a_scalar_reads_back_as_its_text(text, pure):
    assert YAML(typ="safe", pure=pure).load("a: %s\n" % scalar(text)) == {"a": text}


def test_an_imported_session_is_written_as_its_line():
    raw = '{"ts" : "2026-01-01",  "mission":"A"}'
    (entry,) = parse(raw.encode("utf-8")).entries
    assert session_line(entry.session) == raw


def test_another_session_is_written_in_the_old_format():
    session = Session("complete", "B1.1", "ada", "Done: é", '{"sha": "abc"}', "2026-03-02T09:00:00Z")
    assert session_line(session) == (
        '{"ts": "2026-03-02T09:00:00Z", "mission": "B1.1", "action": "complete", "agent": "ada", '
        '"summary": "Done: é", "details": {"sha": "abc"}}'
    )


_SESSIONS = st.builds(
    Session,
    action=st.none() | TEXT,
    mission_id=st.none() | TEXT,
    agent=st.none() | TEXT,
    summary=st.none() | TEXT,
    details=st.none() | TEXT | st.just('{"a": "\\ud800"}') | st.just("[" * 5000),
    ts=st.none() | TEXT,
    origin=st.sampled_from(["command", "import", "git"]),
)


@given(st.lists(_SESSIONS, max_size=5))
def test_every_log_is_read_back_line_by_line(sessions):
    text = "".join(sessions_jsonl(sessions))
    text.encode("utf-8")
    assert text.count("\n") == len(sessions)
    again = [entry.session for entry in parse(text.encode("utf-8")).entries]
    if all(session.origin != "import" for session in sessions):
        assert "".join(sessions_jsonl(again)) == text


def test_decisions_facts_and_state_are_json():
    assert json.loads(notes_json([Decision("T", "R", "B1", "2026", "k", 1)], "title", "rationale")) == [
        {"ts": "2026", "mission": "B1", "title": "T", "rationale": "R", "key": "k"}
    ]
    assert json.loads(notes_json([Fact("C", "K")], "kind", "content")) == [
        {"ts": None, "mission": None, "kind": "K", "content": "C", "key": None}
    ]
    assert json.loads(state_json({"a": None, "b": "1"})) == {"a": None, "b": "1"}
    assert json.loads(notes_json([])) == []
