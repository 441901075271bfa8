"""Reading SESSIONS.jsonl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.transfer.session_log import LONGEST_LINE, parse

SHAPES = Path(__file__).resolve().parents[1] / "shapes"


def only(line: str):
    (entry,) = parse(line.encode("utf-8")).entries
    return entry


@pytest.mark.parametrize(
    ("line", "mission", "action", "ts", "agent", "summary"),
    [
        (
            {"ts": "2026-03-02T08:00:00Z", "mission": "B1.1", "action": "start", "agent": "ada", "summary": "go"},
            "B1.1",
            "start",
            "2026-03-02T08:00:00Z",
            "ada",
            "go",
        ),
        (
            {"date": "2026-03-02", "mission_id": "B1.1", "status": "completed"},
            "B1.1",
            "complete",
            "2026-03-02",
            None,
            None,
        ),
        (
            {"timestamp": "2026-03-02T08:00:00.123Z", "missionId": "B2", "type": "mission_complete", "notes": "done"},
            "B2",
            "complete",
            "2026-03-02T08:00:00.123Z",
            None,
            "done",
        ),
        (
            {"ts": "2026-03-02", "type": "build", "status": "in_progress", "ai_model": "m"},
            None,
            "start",
            "2026-03-02",
            "m",
            None,
        ),
        (
            {"ts": "2026-03-02", "type": "build", "achievements": ["one", "two"]},
            None,
            "build",
            "2026-03-02",
            None,
            "one",
        ),
        ({"ts": "2026-03-02", "action": "commit", "status": "commit"}, None, "commit", "2026-03-02", None, None),
        ({"ts": "2026-03-02", "action": "demo day"}, None, "demo day", "2026-03-02", None, None),
        (
            {"ts": "2026-03-02", "mission": {"id": "B3", "name": "x"}, "status": "blocked"},
            "B3",
            "blocked",
            "2026-03-02",
            None,
            None,
        ),
    ],
)
def test_each_generation_of_lines_is_understood(line, mission, action, ts, agent, summary):
    session = only(json.dumps(line)).session
    assert (session.mission_id, session.action, session.ts) == (mission, action, ts)
    assert (session.agent, session.summary, session.origin) == (agent, summary, "import")


def test_the_object_is_kept_as_it_stands():
    raw = '{"ts" :  "2026-03-02", "x": 1.50, "é": "\\u00e9"}'
    assert only("  %s \r\n" % raw).session.details == raw


def test_two_objects_on_one_line_are_two_sessions():
    log = parse(
        b'{"ts":"2026-01-01","mission":"A"} {"ts":"2026-01-02","mission":"B"},{"ts":"2026-01-03","mission":"C"}\n'
    )
    assert [entry.session.mission_id for entry in log.entries] == ["A", "B", "C"]
    assert {entry.line for entry in log.entries} == {1}
    assert log.unread == ()


def test_the_order_of_the_file_is_kept_whatever_the_times_say():
    log = parse(b'{"ts":"2026-02-01","mission":"A"}\n\n{"ts":"2026-01-01","mission":"B"}\n')
    assert [(entry.session.mission_id, entry.line) for entry in log.entries] == [("A", 1), ("B", 3)]


@pytest.mark.parametrize(
    "ts", ["2026-10-10T14:54:04.3NZ", "2026-13-01", "2026-02-30T10:00:00Z", "yesterday", 1760322523082]
)
def test_an_invalid_time_is_kept_and_reported(ts):
    entry = only(json.dumps({"ts": ts, "mission": "A"}))
    assert entry.session.ts == str(ts)
    assert "not a valid time" in entry.remark


def test_equal_lines_have_different_keys_and_the_same_ones_next_time():
    data = b'{"ts":"2026-01-01"}\n{"ts":"2026-01-01"}\n{"ts":"2026-01-02"}\n'
    keys = [entry.session.key for entry in parse(data).entries]
    assert len(set(keys)) == 3
    assert keys == [entry.session.key for entry in parse(data).entries]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a": "\0"}', "NUL"),
        (b"[1, 2]", "not an object"),
        (b"plain text", "not valid JSON"),
        (b'{"a": 1', "not valid JSON"),
        (b'{"a": ' + b"[" * 100_000, "nested"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"a": "' + b"x" * LONGEST_LINE + b'"}', "bytes"),
    ],
)
def test_what_cannot_be_read_is_reported_and_the_rest_is_taken(line, cause):
    log = parse(b'{"ts":"2026-01-01"}\n' + line + b'\n{"ts":"2026-01-03"}\n')
    assert [entry.line for entry in log.entries] == [1, 3]
    (unread,) = log.unread
    assert (unread.line, cause in unread.cause) == (2, True)
    assert unread.raw


def test_text_after_an_object_is_reported_with_its_column():
    log = parse(b'{"ts":"2026-01-01"} and then some\n')
    assert len(log.entries) == 1
    assert [(one.column, one.raw) for one in log.unread] == [(21, "and then some")]


def test_half_a_character_becomes_a_mark_that_a_database_takes():
    session = only('{"ts":"2026-01-01","summary":"a\\ud800b"}').session
    assert session.summary == "a\ufffdb"
    assert (session.details or "").encode("utf-8")


def test_a_line_of_many_tiny_objects_takes_no_time_to_speak_of():
    assert len(parse(b"{}" * 100_000).entries) == 100_000


@given(st.binary())
def test_random_bytes_never_raise(data):
    log = parse(data)
    assert all(one.line >= 1 and one.cause for one in log.unread)


_PIECES = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"\\",
        b"\\ud800",
        b'"ts"',
        b'"mission"',
        b"1e999",
        b"NaN",
        b"\n",
        b"\0",
        b"\xe2",
    ]
)


@given(st.lists(_PIECES, max_size=40))
def test_broken_json_never_raises(pieces):
    parse(b"".join(pieces))


@pytest.mark.parametrize(
    ("name", "sessions", "remarks"),
    [
        (
            "sessions-first.jsonl",
            [
                (1, "B1.1", "build", "keeper-1", "2026-01-05T15:00:00Z", "Cork, not wood"),
                (2, "B1.2", "complete", None, "2026-01-06", "Reads once a minute"),
                (4, "B1.3", "complete", None, "2026-01-07T16:00:00Z", "Print"),
            ],
            [],
        ),
        (
            "sessions-mixed.jsonl",
            [
                (1, "B2.1", "complete", None, "2026-02-01T00:00:00.000Z", "A curve → a page"),
                (2, "B2.2", "complete", None, "2026-02-03T14:54:04.3NZ", "The page"),
                (3, "B2.3", "start", "Bo", "2026-02-04T15:17:23Z", "Ring the bell"),
                (3, "B2.3", "complete", "bo", "2026-02-04T16:17:23Z", "Rung"),
                (4, "B2.4", "blocked", "bo", "2026-02-05T09:00:00Z", "No rope"),
                (5, "B2.4", "blocked", "bo", "2026-02-05T09:00:00Z", "No rope"),
            ],
            [(2, "not a valid time: 2026-02-03T14:54:04.3NZ")],
        ),
        (
            "sessions-of-a-tool.jsonl",
            [
                (1, "B3.1", "start", "cy", "2026-03-01T21:08:20Z", "Look at the lamp"),
                (2, "B3.1", "commit", "git-hook", "2026-03-01T21:47:58Z", "lamp: trim the wick"),
                (3, "B3.1", "complete", "cy", "2026-03-01T23:01:49Z", "Burns till dawn."),
            ],
            [],
        ),
    ],
)
def test_logs_of_each_generation_are_read_whole(name, sessions, remarks):
    log = parse((SHAPES / name).read_bytes())
    assert log.unread == ()
    assert [
        (line, one.mission_id, one.action, one.agent, one.ts, one.summary) for one, line, _ in log.entries
    ] == sessions
    assert [(entry.line, entry.remark) for entry in log.entries if entry.remark] == remarks
    assert len({entry.session.key for entry in log.entries}) == len(sessions)
