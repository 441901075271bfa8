"""Reading context files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.transfer.context_file import parse

SHAPES = Path(__file__).resolve().parents[1] / "shapes"

SAMPLE = {
    "project": {"name": "Thermo", "current_sprint": "Sprint 2"},
    "working_memory": {
        "active_domain": "page",
        "last_session": "2026-03-04T10:00:00Z",
        "domains": {
            "core": {
                "current_mission": "B1.4",
                "critical_facts": ["Readings are UTC"],
                "constraints": ["No cloud"],
                "decisions_made": ["Use SQLite", "Chosen 2026-03-01: no ORM"],
            },
            "page": {"current_mission": "B2.1", "critical_facts": ["Readings are UTC"], "achievements": ["A curve"]},
        },
        "session_history": [
            {"ts": "2026-03-02T08:00:00Z", "mission": "B1.1", "action": "start", "agent": "ada", "summary": "go"},
            {"ts": "2026-03-02T09:00:00Z", "mission": "B1.1", "action": "complete", "decisions": ["not one"]},
        ],
    },
    "key_decisions_log": [
        {"date": "2026-02-01", "decision": "One file", "rationale": "Portable", "impact": "Easy copies"},
    ],
    "learnings_and_facts": [{"category": "Users", "fact": "They read YAML", "captured": "2026-02-02"}],
}


def read(document: object):
    return parse(json.dumps(document).encode("utf-8"))


def test_decisions_are_found_under_every_domain_and_in_every_shape():
    found = [(one.title, one.rationale, one.ts) for one in read(SAMPLE).decisions]
    assert found == [
        ("One file", "Portable\nImpact: Easy copies", "2026-02-01"),
        ("Use SQLite", None, None),
        ("Chosen 2026-03-01: no ORM", None, "2026-03-01"),
    ]


def test_facts_have_a_kind_and_stand_once():
    found = [(one.kind, one.content, one.ts) for one in read(SAMPLE).facts]
    assert found == [
        ("fact", "Users: They read YAML", "2026-02-02"),
        ("fact", "Readings are UTC", None),
        ("constraint", "No cloud", None),
        ("achievement", "A curve", None),
    ]


def test_keys_depend_on_what_is_said_and_not_on_where():
    moved = {"decisions": ["Use SQLite"], "facts": ["Readings are UTC"]}
    assert read(moved).decisions[0].key in {one.key for one in read(SAMPLE).decisions}
    assert read(moved).facts[0].key in {one.key for one in read(SAMPLE).facts}


def test_the_session_history_is_read_as_sessions():
    first, second = read(SAMPLE).sessions
    assert (first.ts, first.mission_id, first.action, first.agent) == ("2026-03-02T08:00:00Z", "B1.1", "start", "ada")
    assert first.key != second.key
    assert (first.key or "").startswith("history:")


def test_the_key_of_a_past_event_does_not_depend_on_its_words():
    event = {"ts": "2026-03-02T08:00:00Z", "mission": "B1.1", "action": "start"}
    one = read({"working_memory": {"session_history": [{**event, "summary": "go"}]}}).sessions[0]
    other = read({"working_memory": {"session_history": [{**event, "summary": "went"}]}}).sessions[0]
    assert one.key == other.key


@pytest.mark.parametrize(
    ("document", "mission"),
    [
        (SAMPLE, "B2.1"),
        ({"working_memory": {"active_mission": "B7.1"}}, "B7.1"),
        ({"current_sprint": {"active_mission": "B5.1: Catalog Index"}}, "B5.1"),
        ({"current_sprint": {"active_mission": "Sprint close complete, on to 23"}}, None),
        ({"mission_planning": {"current_mission": {"id": "M12.4", "name": "x"}}}, "M12.4"),
        ({"technical_context": {"mission_planning": {"current_mission": {"id": "B22.8"}}}}, "B22.8"),
        ({"working_memory": {"domains": []}, "project": "text"}, None),
    ],
)
def test_the_current_mission_is_found_in_each_shape(document, mission):
    assert read(document).current_mission == mission


@pytest.mark.parametrize(
    ("document", "sprint"),
    [
        (SAMPLE, "Sprint 2"),
        ({"current_sprint": {"sprint": 12}}, "12"),
        ({"sprint_planning": {"current_sprint": {"id": "Sprint 1"}}}, "Sprint 1"),
        ({"technical_context": {"current_sprint": {"sprint": "22"}}}, "22"),
        ({"current_sprint": {"week": 5}}, "5"),
        ({}, None),
    ],
)
def test_the_current_sprint_is_found_in_each_shape(document, sprint):
    assert read(document).current_sprint == sprint


@pytest.mark.parametrize(
    ("data", "line", "cause"),
    [
        (b'{\n "a": 1,\n x}', 3, "not valid JSON"),
        (b"\n\xff", 2, "not UTF-8"),
        (b"[]", 1, "not an object"),
        (b"", 1, "not valid JSON"),
        (b'{"a": 1}\n{"b": 2}', 2, "after the end"),
        (b"[" * 50_000, 1, "nested"),
    ],
)
def test_an_invalid_file_is_one_problem_with_its_line(data, line, cause):
    contents = parse(data)
    (problem,) = contents.problems
    assert (problem.line, cause in problem.cause) == (line, True)
    assert contents.decisions == contents.facts == contents.sessions == ()


@given(st.binary())
def test_random_bytes_never_raise(data):
    parse(data)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "decisions_made",
                    "critical_facts",
                    "constraints",
                    "working_memory",
                    "session_history",
                    "domains",
                    "ts",
                    "mission",
                    "project",
                    "current_sprint",
                    "current_mission",
                    "id",
                    "fact",
                    "decision",
                    "action",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_any_shape_is_read_without_an_error(document):
    contents = read(document)
    assert all(one.title for one in contents.decisions)
    assert all(one.content for one in contents.facts)


@pytest.mark.parametrize(
    ("name", "decisions", "facts", "sessions", "sprint", "mission"),
    [
        ("context-of-domains.json", 3, 8, 0, None, "B2.4"),
        ("context-master.json", 2, 5, 0, "Sprint 3", None),
        ("context-with-history.json", 1, 4, 3, "4", "B4.2"),
    ],
)
def test_context_files_of_each_shape_are_read(name, decisions, facts, sessions, sprint, mission):
    contents = parse((SHAPES / name).read_bytes())
    assert contents.problems == ()
    assert (len(contents.decisions), len(contents.facts), len(contents.sessions)) == (decisions, facts, sessions)
    assert (contents.current_sprint, contents.current_mission) == (sprint, mission)
    assert len({note.key for note in (*contents.decisions, *contents.facts, *contents.sessions)}) == (
        decisions + facts + sessions
    )


def test_what_the_shapes_call_a_decision_or_a_fact_is_one():
    contents = [parse(path.read_bytes()) for path in sorted(SHAPES.glob("context*.json"))]
    assert [(note.title, note.rationale, note.ts) for one in contents for note in one.decisions] == [
        ("One wick", "Two smoke\nImpact: Less light", "2026-03-01"),
        ("Oil, not gas", None, "2026-03-02"),
        ("2026-01-05: cork, not wood", None, "2026-01-05"),
        ("Read once a minute", None, None),
        ("Grease once a month", None, None),
        ("Two horns", "One may fail", None),
    ]
    assert [(note.kind, note.content, note.ts) for note in contents[0].facts] == [
        ("fact", "Fog: It comes at dawn", "2026-03-02"),
        ("fact", "Oil: It thickens in frost", None),
        ("fact", "The lens turns in 12 s", None),
        ("constraint", "Dark by day", None),
        ("achievement", "Burns till dawn", None),
    ]
