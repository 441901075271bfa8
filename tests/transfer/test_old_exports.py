"""An export of every schema that was released imports whole.

The cmosctl of each schema wrote ``exports/schema-N.*`` itself. Schemas 1 and 2 had no exporter: schema 3's wrote them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest

from cmos.core.report import ImportReport
from cmos.core.schema import NEWEST
from cmos.db import sql
from cmos.project.project import Project, open_project
from cmos.setup.setup import create_database
from cmos.transfer import dump, transfer
from cmos.transfer import rows as transfer_rows
from cmos.transfer.rows import Restorer

NOW = "2026-12-01T12:00:00Z"
EXPORTS = {int(path.stem.split("-")[1]): path for path in (Path(__file__).parent / "exports").iterdir()}
#: Tables of old exports that hold nothing a person would miss.
PASSED_OVER = {"seen"}

Rows = List[Dict[str, Any]]


@pytest.fixture
def ws(tmp_path):
    create_database(str(tmp_path))
    with open_project(str(tmp_path)) as opened:
        yield opened


def told_by(path: Path) -> Dict[str, Rows]:
    read = dump.from_json if path.suffix == ".json" else dump.from_yaml
    tables = {name: list(rows) for name, rows in read(path.read_text("utf-8")).tables if name not in PASSED_OVER}
    for mission in tables["missions"]:
        mission.pop("digest", None)
    return tables


def held_by(project: Project, told: Dict[str, Rows]) -> Dict[str, Rows]:
    """Return the rows of the same tables, in the same columns."""
    held = {name: list(transfer_rows.rows(project.db, name)) for name in told}
    return {
        name: [{column: row[column] for column in told[name][0]} for row in rows] if told[name] else rows
        for name, rows in held.items()
    }


def imported(project: Project, path: Path) -> ImportReport:
    return transfer.import_path(project, str(path), now=NOW)


def test_there_is_an_export_of_every_schema_before_the_newest():
    assert set(range(1, NEWEST)) <= set(EXPORTS)


@pytest.mark.parametrize("number", sorted(EXPORTS))
def test_an_old_export_arrives_whole(ws, number):
    told = told_by(EXPORTS[number])
    report = imported(ws, EXPORTS[number])
    assert (report.leftovers, report.remarks, report.differences) == ([], [], [])
    assert report.added == {name: len(rows) for name, rows in told.items()}
    assert held_by(ws, told) == told


@pytest.mark.parametrize("number", sorted(EXPORTS))
def test_an_old_export_adds_nothing_the_second_time(ws, number):
    imported(ws, EXPORTS[number])
    again = imported(ws, EXPORTS[number])
    assert (again.leftovers, again.differences, sum(again.added.values())) == ([], [], 0)


def test_an_export_of_a_schema_with_all_tables_has_rows_in_each(ws):
    empty = [name for name in sql.tables(ws.db) for number in (4, 5, 6, 7) if not told_by(EXPORTS[number])[name]]
    assert empty == []


def test_a_table_of_a_person_with_the_name_of_a_dropped_one_is_restored(ws):
    ws.db.execute("CREATE TABLE seen (bird TEXT)")
    assert Restorer(ws.db, "seen").put({"bird": "wren"}).what == "added"


def test_a_column_that_was_renamed_or_dropped_is_known_by_name(ws, monkeypatch):
    monkeypatch.setitem(transfer_rows.RETIRED, "facts.text", "content")
    monkeypatch.setitem(transfer_rows.RETIRED, "facts.mood", None)
    monkeypatch.setitem(transfer_rows.RETIRED, "truths", "facts")
    assert Restorer(ws.db, "truths").put({"text": "UTC", "mood": "good"}).what == "added"
    assert [row["content"] for row in transfer_rows.rows(ws.db, "facts")] == ["UTC"]
