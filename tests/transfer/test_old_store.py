"""The database of an older tool of this workflow: what it holds comes in, what has no place is named."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from each_command import call

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
SCRIPT = """
CREATE TABLE missions (id TEXT PRIMARY KEY, name TEXT, status TEXT, sprint_id TEXT, objective TEXT, completed_at TEXT);
INSERT INTO missions VALUES ('B1.3', 'Another name', 'Completed', 'Sprint 01', NULL, '2026-02-01T00:00:00Z'),
  ('B1.9', 'Count the rain', 'queued', 'Sprint 01', 'Know how much fell', NULL),
  ('B 1', 'odd id', 'Queued', NULL, NULL, NULL),
  ('B1.8', 'Was stuck', 'Blocked', 'Sprint 09', NULL, NULL);
CREATE TABLE sprints (id TEXT, title TEXT, focus TEXT, status TEXT);
INSERT INTO sprints VALUES ('Sprint 09', 'Rain', 'Water', 'Planned');
CREATE TABLE mission_dependencies (from_id TEXT, to_id TEXT, type TEXT);
INSERT INTO mission_dependencies VALUES ('B1.3', 'B1.9', 'Blocks'), (NULL, 'B1.9', 'Blocks');
CREATE TABLE session_events (id INTEGER PRIMARY KEY, ts TEXT, agent TEXT, mission TEXT, action TEXT, summary TEXT);
INSERT INTO session_events VALUES (1, '2026-02-01T00:00:00Z', 'gpt', 'B1.3', 'complete', 'It means'),
  (2, NULL, NULL, NULL, NULL, x'ff00');
CREATE TABLE sessions (id TEXT, title TEXT, started_at TEXT, captures TEXT);
INSERT INTO sessions VALUES ('PS-1', 'A talk', '2026-02-02T00:00:00Z',
  '[{"category": "decision", "content": "Rain counts", "context": "It falls"},
    {"category": "learning", "content": "It rains"}]'),
  ('PS-2', 'Broken', NULL, '{[');
CREATE TABLE contexts (id TEXT, content TEXT);
INSERT INTO contexts VALUES ('project_context', '{"project": {"name": "Wetter"}, "decisions_made": ["Twelve volts"]}'),
  ('odd', '{');
CREATE TABLE strategic_decisions (id INTEGER, decision TEXT, rationale TEXT, created_at TEXT);
INSERT INTO strategic_decisions VALUES (1, 'One page only', 'Nobody reads two', '2026-02-03T00:00:00Z');
CREATE TABLE telemetry (id INTEGER); INSERT INTO telemetry VALUES (1), (2);
CREATE VIEW prompts AS SELECT * FROM missions;
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    root = tmp_path / "plätz one"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    (root / "cmos" / "db").mkdir()
    return root


def store(place: Path, script: str = SCRIPT) -> Path:
    path = place / "cmos" / "db" / "cmos.sqlite"
    db = sqlite3.connect(str(path))
    db.executescript(script)
    db.close()
    return path


def data(root: Path, line: str) -> Any:
    code, told = call(root, line + " --json")
    assert code == 0, told
    return json.loads(told)["data"]


def test_the_first_import_takes_it_all_and_names_the_rest(place: Path) -> None:
    path = store(place)
    before = {one: one.read_bytes() for one in (place / "cmos").rglob("*") if one.is_file()}
    code, told = call(place, "init --no-hooks")
    assert code == 0, told
    missions = {one["id"]: one for one in data(place, "mission list")}
    assert (missions["B1.3"]["status"], missions["B1.3"]["completed_at"]) == ("Completed", "2026-02-01T00:00:00Z")
    assert missions["B1.3"]["name"] != "Another name", "files own the name"
    assert (missions["B1.9"]["status"], missions["B1.9"]["objective"]) == ("Queued", "Know how much fell")
    assert (missions["B1.8"]["status"], missions["B1.8"]["sprint_id"]) == ("Blocked", "Sprint 09")
    links = data(place, "mission show B1.9")["dependencies"]
    assert ["B1.3", "B1.9", "Blocks"] in [list(one.values()) for one in links]
    assert "It means" in [one["summary"] for one in data(place, "session list --mission B1.3")]
    texts = [one["text"] for one in data(place, "memory list")]
    assert {"Rain counts", "It rains", "One page only", "Twelve volts"} <= set(texts)
    code, told = call(place, "sync")
    assert "the table telemetry has no place here (2 rows)" in told and "B 1" in told
    assert "prompts" not in told, "a view is no table"
    assert {one: one.read_bytes() for one in before} == before and not list(path.parent.glob("cmos.sqlite-*"))


def test_once_more_adds_nothing_and_takes_no_status_back(place: Path) -> None:
    path = store(place)
    call(place, "init --no-hooks")
    assert call(place, "mission edit B1.3 --status Queued")[0] == 0
    counts = {name: len(data(place, line)) for name, line in (("s", "session list"), ("m", "memory list"))}
    for line in ("init --no-hooks", "db import cmos/db/cmos.sqlite"):
        assert call(place, line)[0] == 0
    assert {name: len(data(place, line)) for name, line in (("s", "session list"), ("m", "memory list"))} == counts
    assert data(place, "mission show B1.3")["status"] == "Queued" and path.exists()


@pytest.mark.parametrize(
    "script",
    [
        "CREATE VIEW missions AS SELECT 'B7.7' id, 'x' name",
        "CREATE VIRTUAL TABLE missions USING fts5(id, name); INSERT INTO missions VALUES ('B7.7', 'x')",
        "CREATE TABLE missions (name TEXT); INSERT INTO missions VALUES ('x')",
        "CREATE TABLE missions (id BLOB, status TEXT); INSERT INTO missions VALUES (x'ff1b', 'x')",
    ],
)
def test_what_is_odd_brings_nothing_and_stops_nothing(place: Path, script: str) -> None:
    store(place, script)
    assert call(place, "init --no-hooks")[0] == 0
    assert "B7.7" not in [one["id"] for one in data(place, "mission list")] and len(data(place, "mission list")) == 6


@pytest.mark.parametrize("kind", ["damaged", "link", "folder", "fifo"])
def test_a_file_that_cannot_be_read_is_named(place: Path, kind: str) -> None:
    path = place / "cmos" / "db" / "cmos.sqlite"
    if kind == "damaged":
        path.write_bytes(b"SQLite format 3\0" + b"x" * 9000)
    elif kind == "link":
        other = store(place)
        other.rename(place / "elsewhere.sqlite")
        path.symlink_to(place / "elsewhere.sqlite")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(str(path))
    code, told = call(place, "init --no-hooks")
    assert code == 0 and "cmos/db/cmos.sqlite" in told + call(place, "sync")[1]
    assert len(data(place, "mission list")) == 6


def test_a_log_after_a_context_with_the_same_events_adds_none(place: Path) -> None:
    (place / "cmos" / "SESSIONS.jsonl").unlink()
    event = {"ts": "2026-03-01T10:00:00Z", "mission": "B1.3", "action": "start", "agent": "gpt"}
    context = {"working_memory": {"session_history": [dict(event, summary="begun")]}}
    (place / "cmos" / "PROJECT_CONTEXT.json").write_text(json.dumps(context), "utf-8")
    call(place, "init --no-hooks")
    before = len(data(place, "session list"))
    (place / "later.jsonl").write_text(json.dumps(dict(event, summary="begun, in other words")) + "\n", "utf-8")
    for _ in range(2):
        assert call(place, "db import later.jsonl")[0] == 0
        assert len(data(place, "session list")) == before
