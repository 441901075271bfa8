"""Exports and imports of a whole project, and what projects kept by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Iterator

import pytest

from cmos.core.errors import DatabaseProblem, FileProblem
from cmos.core.models import Decision, Fact, Session
from cmos.core.report import ImportReport
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.project import rows as project_rows
from cmos.project.project import Project, open_project
from cmos.setup.setup import create_database
from cmos.sync import issue_rows, run
from cmos.transfer import export, transfer
from cmos.transfer.logs import import_project_files

NOW = "2026-04-01T12:00:00Z"
LINE = '{"ts": "2026-03-02T08:00:00Z", "mission": "B1.1", "action": "start"}'
CONTEXT = {
    "project": {"name": "Thermo"},
    "working_memory": {
        "last_session": "2026-03-04T10:00:00Z",
        "domains": {"core": {"decisions_made": ["Use SQLite"], "critical_facts": ["UTC"], "current_mission": "B9"}},
        "session_history": [{"ts": "2026-03-02T08:00:00Z", "mission": "B1.1", "action": "start", "summary": "go"}],
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "projéct"
    (folder / "cmos" / "context").mkdir(parents=True)
    create_database(str(folder))
    return folder


@pytest.fixture
def ws(root: Path) -> Iterator[Project]:
    with open_project(str(root)) as opened:
        yield opened


def take_files(ws: Project) -> ImportReport:
    with run.change(ws) as db:
        return import_project_files(ws, db, now=NOW)


def leftovers(ws: Project):
    return [(one.path, one.line, one.why, one.file_value) for one in issue_rows.open_issues(ws.db, kinds=["leftover"])]


def other(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    create_database(str(folder))
    return folder


def fill(ws: Project) -> None:
    with run.change(ws) as db:
        journal_rows.add_session(db, Session("start", "B1", "ada", "go é", '{"a": 1}', "2026-03-01T08:00:00Z"))
        journal_rows.add_session(db, Session("start", "B1", "ada", "go é", '{"a": 1}', "2026-03-01T08:00:00Z"))
        journal_rows.add_session(
            db, Session("commit", None, "GitHook", "c", None, "2026-03-01T09:00:00Z", "git", "commit:1")
        )
        journal_rows.add_decision(db, Decision("T", "R", "B1", "2026-03-01"))
        journal_rows.add_fact(db, Fact("C", None, None, "2026-03-01", "k"))
        project_rows.put_state(db, "phase", '{"x": 1}')
        project_rows.put_state(db, "empty", None)


def test_logs_and_contexts_of_a_project_are_taken_once(root, ws):
    (root / "SESSIONS.jsonl").write_text('{"ts": "2026-01-01", "mission": "A"}\n' + LINE + "\n", "utf-8")
    (root / "cmos" / "SESSIONS.jsonl").write_text(LINE + "\n" + LINE + "\n", "utf-8")
    (root / "cmos" / "PROJECT_CONTEXT.json").write_text(json.dumps(CONTEXT), "utf-8")
    (root / "PROJECT_CONTEXT.json").write_text(json.dumps({**CONTEXT, "project": "old"}), "utf-8")
    first = take_files(ws)
    assert dict(first.added) == {"sessions": 3, "decisions": 1, "facts": 1, "project_state": 2}
    again = take_files(ws)
    assert (dict(again.added), dict(again.changed), again.leftovers) == ({}, {}, [])
    assert [session.mission_id for session in journal_rows.each_session(ws.db)] == ["A", "B1.1", "B1.1"]
    assert project_rows.get_state(ws.db, "project") == '{"name": "Thermo"}'
    assert [decision.ts for decision in journal_rows.decisions(ws.db)] == [None], "it is not new"


def test_an_event_that_the_log_has_is_not_taken_from_the_history_again(root, ws):
    (root / "cmos" / "PROJECT_CONTEXT.json").write_text(json.dumps(CONTEXT), "utf-8")
    assert take_files(ws).added["sessions"] == 1
    (root / "cmos" / "PROJECT_CONTEXT.json").unlink()
    with run.change(ws) as db:
        db.execute("DELETE FROM sessions")
    (root / "cmos" / "SESSIONS.jsonl").write_text(LINE, "utf-8")
    (root / "cmos" / "PROJECT_CONTEXT.json").write_text(json.dumps(CONTEXT), "utf-8")
    assert take_files(ws).added["sessions"] == 1


def test_state_that_is_set_is_not_touched_by_a_context(root, ws):
    with run.change(ws) as db:
        project_rows.put_state(db, "current_mission", "B1.4")
    (root / "cmos" / "PROJECT_CONTEXT.json").write_text(json.dumps(CONTEXT), "utf-8")
    take_files(ws)
    assert project_rows.get_state(ws.db, "current_mission") == "B1.4"


def test_what_cannot_be_taken_is_kept_once_with_its_text(root, ws):
    (root / "cmos" / "SESSIONS.jsonl").write_text(LINE + "\nnot a line\n", "utf-8")
    (root / "cmos" / "PROJECT_CONTEXT.json").write_text("{\n", "utf-8")
    take_files(ws)
    take_files(ws)
    found = leftovers(ws)
    assert [(path, line, raw) for path, line, _, raw in found] == [
        ("cmos/SESSIONS.jsonl", 2, "not a line"),
        ("cmos/PROJECT_CONTEXT.json", 2, "{\n"),
    ]
    assert journal_rows.count_sessions(ws.db) == 1


def test_folders_dangling_links_and_pipes_are_left_over_and_stop_nothing(root, ws):
    (root / "SESSIONS.jsonl").mkdir()
    (root / "cmos" / "SESSIONS.jsonl").symlink_to(root / "nowhere")
    os.mkfifo(str(root / "cmos" / "PROJECT_CONTEXT.json"))
    (root / "PROJECT_CONTEXT.json").symlink_to("PROJECT_CONTEXT.json")
    (root / "cmos" / "context" / "MASTER_CONTEXT.json").write_text(json.dumps(CONTEXT), "utf-8")
    report = take_files(ws)
    assert [(one.path, one.why) for one in report.leftovers] == [
        ("SESSIONS.jsonl", "cannot be read: a folder, not a file"),
        ("cmos/SESSIONS.jsonl", "cannot be read: a link to a file that is not there"),
        ("cmos/PROJECT_CONTEXT.json", "cannot be read: not a regular file"),
        ("PROJECT_CONTEXT.json", "cannot be read: too many levels of symbolic links"),
    ]
    assert report.added["decisions"] == 1


@pytest.mark.parametrize("format", ["json", "yaml"])
def test_a_database_moves_to_another_project_and_exports_the_same_bytes(ws, tmp_path, format):
    fill(ws)
    text = transfer.export_database(ws, format)
    file = tmp_path / ("dump." + format)
    file.write_bytes(text.encode("utf-8"))
    with open_project(str(other(tmp_path))) as second:
        report = transfer.import_path(second, str(file), now=NOW)
        assert report.added["sessions"] == 3
        assert transfer.export_database(second, format) == text
        again = transfer.import_path(second, str(file), now=NOW)
        assert (dict(again.added), dict(again.changed), again.leftovers) == ({}, {}, [])


def test_rows_that_fit_nowhere_are_kept_and_the_rest_is_taken(ws, tmp_path):
    file = tmp_path / "dump.json"
    tables = {"missions": [{"id": "B1"}, {"id": "B2", "colour": "red"}, 7], "colours": [{"a": 1}]}
    file.write_text(json.dumps({"cmos_export": 1, "schema": 1, "tables": tables}), "utf-8")
    for _ in range(2):
        transfer.import_path(ws, str(file), now=NOW)
    assert [(why, raw) for _, _, why, raw in leftovers(ws)] == [
        ("missions: there is no column colour", '{"id": "B2", "colour": "red"}'),
        ("missions: not a row", "7"),
        ("colours: there is no table colours", '{"a": 1}'),
    ]
    assert [row[0] for row in ws.db.execute("SELECT id FROM missions")] == ["B1"]


def test_an_export_of_a_newer_schema_is_refused(ws, tmp_path):
    file = tmp_path / "dump.yaml"
    file.write_text("cmos_export: 1\nschema: 999\ntables: {}\n", "utf-8")
    with pytest.raises(DatabaseProblem):
        transfer.import_path(ws, str(file), now=NOW)


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("dump.json", '{"cmos_export": 1,\n"schema": ', ":2:"),
        ("dump.yaml", "cmos_export: 1\nschema: 1\ntables: *x\n", ":3:"),
        ("facts.json", "[\n{]", ":2:"),
        ("decisions.json", "{}", ":1:"),
        ("PROJECT_CONTEXT.json", "{\n", ":2:"),
        ("other.json", '{"a": 1}', ""),
        ("other.txt", "text", ""),
    ],
)
def test_a_file_that_is_nothing_to_import_changes_nothing(ws, tmp_path, name, text, place):
    before = transfer.export_database(ws, "json")
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(FileProblem) as caught:
        transfer.import_path(ws, str(tmp_path / name), now=NOW)
    assert place in caught.value.message
    assert transfer.export_database(ws, "json") == before


def test_the_readable_files_go_back_without_adding_anything(ws, tmp_path):
    fill(ws)
    folder = tmp_path / "out"
    names = [os.path.basename(path) for path in export.export_all(ws, str(folder))]
    assert names == ["backlog.yaml", "SESSIONS.jsonl", "decisions.json", "facts.json", "state.json"]
    assert sorted(os.listdir(str(folder))) == sorted(names)
    before = transfer.export_database(ws, "json")
    (folder / "backlog.yaml").unlink()
    report = transfer.import_path(ws, str(folder), now=NOW)
    assert (dict(report.added), dict(report.changed), report.leftovers) == ({}, {}, [])
    assert transfer.export_database(ws, "json") == before


def test_the_readable_files_fill_another_project_and_come_out_the_same(ws, tmp_path):
    fill(ws)
    folder, again = tmp_path / "out", tmp_path / "again"
    export.export_all(ws, str(folder))
    (folder / "backlog.yaml").unlink()
    with open_project(str(other(tmp_path))) as second:
        for _ in range(2):
            transfer.import_path(second, str(folder), now=NOW)
        export.export_all(second, str(again))
    for name in ("SESSIONS.jsonl", "decisions.json", "facts.json", "state.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_a_line_added_to_an_exported_log_is_the_only_one_that_is_taken(ws, tmp_path):
    fill(ws)
    log = tmp_path / "SESSIONS.jsonl"
    log.write_text(export.export_sessions(ws) + LINE + "\n", "utf-8")
    assert transfer.import_path(ws, str(log), now=NOW).added["sessions"] == 1
    assert export.export_sessions(ws) == log.read_text("utf-8")


def test_an_edited_state_and_a_new_fact_are_taken_from_the_readable_files(ws, tmp_path):
    fill(ws)
    folder = tmp_path / "out"
    export.export_all(ws, str(folder))
    (folder / "backlog.yaml").unlink()
    (folder / "state.json").write_text('{"phase": "two", "number": 3}', "utf-8")
    (folder / "facts.json").write_text('[{"content": "New", "mission": "B1"}, {"kind": "k"}, "text"]', "utf-8")
    report = transfer.import_path(ws, str(folder), now=NOW)
    assert (report.changed["project_state"], report.added["project_state"], report.added["facts"]) == (1, 1, 1)
    assert [one.why for one in report.leftovers] == ["facts: it has no content", "facts: not an object"]
    assert (project_rows.get_state(ws.db, "phase"), project_rows.get_state(ws.db, "number")) == ("two", "3")
    assert journal_rows.facts(ws.db)[-1].mission_id == "B1"


def test_an_export_that_cannot_be_written_leaves_no_temporary_file(ws, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(FileProblem):
        export.write_text(str(tmp_path / "taken"), "text")
    assert not [name for name in os.listdir(str(tmp_path)) if name.endswith(".tmp")]


BACKLOG = """domainFields:
  sprints:
  - sprintId: Sprint 1
    missions:
    - {id: B1.1, name: One, status: Completed, completed_at: "2026-01-01"}
    - {id: B1.2, name: Two, status: Completed}
    - {id: B1.3, name: Three, status: Current}
"""


def take_backlog(ws: Project, folder: Path, text: str) -> ImportReport:
    (folder / "plan.yaml").write_text(text, "utf-8")
    return transfer.import_path(ws, str(folder / "plan.yaml"), now=NOW)


def times(ws: Project):
    return [(one.id, one.status, one.completed_at) for one in mission_rows.listing(ws.db)]


def test_a_backlog_goes_to_another_project_and_comes_out_the_same(ws, tmp_path):
    take_backlog(ws, tmp_path, BACKLOG)
    assert times(ws)[1] == ("B1.2", "Completed", None)  # no time is made up
    with open_project(str(other(tmp_path))) as second:
        take_backlog(second, tmp_path, export.export_backlog(ws))
        assert export.export_backlog(second) == export.export_backlog(ws)


def test_statuses_of_an_edited_backlog_are_taken_once_and_kept_as_facts(ws, tmp_path):
    take_backlog(ws, tmp_path, BACKLOG)
    edited = export.export_backlog(ws).replace("Current", "Completed")
    edited = edited.replace("One\n      status: Completed\n", "One\n      status: Queued\n")
    assert take_backlog(ws, tmp_path, edited).changed["missions"] == 2
    assert times(ws) == [("B1.1", "Queued", None), ("B1.2", "Completed", None), ("B1.3", "Completed", ws.now)]
    assert ["2026-01-01" in fact.content for fact in journal_rows.facts(ws.db)] == [True]
    assert [session.action for session in journal_rows.each_session(ws.db)] == ["complete"]
    assert not take_backlog(ws, tmp_path, edited).changed
    assert len(journal_rows.facts(ws.db)) == 1


def test_what_differs_in_a_backlog_that_no_export_wrote_is_left_unless_told(ws, tmp_path):
    take_backlog(ws, tmp_path, BACKLOG)
    edited = BACKLOG.replace("Two", "Zwei").replace("Current", "Completed") + "    - {id: B1.4, name: Four}\n"
    report = take_backlog(ws, tmp_path, edited)
    assert (report.added["missions"], report.changed["missions"]) == (1, 0)
    assert [(one.mission_id, one.field, one.what) for one in report.differences] == [
        ("B1.2", "name", "left"),
        ("B1.3", "status", "left"),
    ]
    report = transfer.import_path(ws, str(tmp_path / "plan.yaml"), now=NOW, replaces=True)
    assert report.changed["missions"] == 2 and times(ws)[2][1] == "Completed"


def test_the_order_of_an_edited_backlog_counts(ws, tmp_path):
    take_backlog(ws, tmp_path, BACKLOG)
    head, rest = BACKLOG[: BACKLOG.index("    - {id")], BACKLOG[BACKLOG.index("    - {id") :].splitlines(True)
    new = "    - {id: B1.9, name: Nine, status: Queued}\n"
    take_backlog(ws, tmp_path, head + rest[2] + new + rest[0] + rest[1])
    assert [one.id for one in mission_rows.listing(ws.db)] == ["B1.3", "B1.9", "B1.1", "B1.2"]


def test_a_line_that_was_mended_is_no_leftover_any_more(root, ws):
    log = root / "cmos" / "SESSIONS.jsonl"
    log.write_text(LINE + "\nnot a line\nnor this\n", "utf-8")
    take_files(ws)
    log.write_text(LINE + "\nnor this\n", "utf-8")
    take_files(ws)
    assert [raw for _, _, _, raw in leftovers(ws)] == ["nor this"]
