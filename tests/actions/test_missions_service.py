"""The way of a mission through the real database and its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

import pytest

from cmos.actions import act as actions
from cmos.actions import draft as drafts
from cmos.actions import edit as editing
from cmos.actions.act import Act
from cmos.actions.edit import Fields
from cmos.core.errors import NeedsPerson, UnknownRecord
from cmos.journal import rows as journal_rows
from cmos.missions import find
from cmos.missions import rows as mission_rows
from cmos.missions.choice import Actor
from cmos.overview import overview
from cmos.project import rows as project_rows
from cmos.project.project import Project, open_project
from cmos.sync import issue_rows, run

ADA = Act("ada")


@pytest.fixture
def ws(project: Path) -> Iterator[Project]:
    from cmos.setup.setup import set_up

    set_up(str(project))
    with open_project(str(project)) as workspace:
        yield workspace


def path(ws: Project, name: str) -> Path:
    return next(Path(ws.layout.missions).rglob(name + "*"))


def test_on_a_full_disk_reading_goes_on_with_what_there_is(ws: Project) -> None:
    run.refresh(ws)
    file = path(ws, "B1.3")
    before, text = file.read_text("utf-8"), "objective: Koala %s\n" % ("koala " * 20_000)
    file.write_text(re.sub("^objective: .*\n", lambda _: text, before, flags=re.MULTILINE), "utf-8")
    pages = ws.db.execute("PRAGMA page_count").fetchone()[0]
    ws.db.execute("PRAGMA max_page_count = %d" % pages)
    assert run.refresh(ws) and "full" in ws.notices[0]
    assert "full" in ws.problems[0].message and not mission_rows.get(ws.db, "B1.3").objective.startswith("Koala")
    ws.check_failures()
    ws.db.execute("PRAGMA max_page_count = %d" % (pages + 10_000))
    assert run.refresh(ws) and not ws.problems
    assert mission_rows.get(ws.db, "B1.3").objective.startswith("Koala")


def test_a_refused_action_leaves_no_trace(ws: Project) -> None:
    actions.start(ws, "B1.2", ADA)
    before = (
        mission_rows.listing(ws.db),
        journal_rows.count_sessions(ws.db),
        project_rows.all_state(ws.db),
        path(ws, "B1.2").read_bytes(),
    )
    with pytest.raises(NeedsPerson):
        actions.start(ws, "B1.2", Act("codex"))
    assert before == (
        mission_rows.listing(ws.db),
        journal_rows.count_sessions(ws.db),
        project_rows.all_state(ws.db),
        path(ws, "B1.2").read_bytes(),
    )


def test_the_state_names_the_mission_that_is_open(ws: Project) -> None:
    actions.start(ws, "B2.1", ADA)
    assert project_rows.get_state(ws.db, "current_mission") == "B2.1"
    assert project_rows.get_state(ws.db, "current_sprint") == "Sprint 02"
    actions.complete(ws, "B2.1", ADA)
    assert project_rows.get_state(ws.db, "current_mission") == "B1.2"


def test_with_nothing_open_there_is_no_current_mission(ws: Project) -> None:
    actions.complete(ws, "B1.2", ADA._replace(promote=False))
    assert project_rows.get_state(ws.db, "current_mission") is None
    assert project_rows.get_state(ws.db, "current_sprint") == "Sprint 01"
    assert find.next_mission(ws, Actor("ada", ".")).mission == mission_rows.get(ws.db, "B1.3")


def test_ones_own_mission_comes_first(ws: Project) -> None:
    actions.start(ws, "B1.2", ADA)
    actions.start(ws, "B1.3", Act("codex"))
    for agent, id in (("ada", "B1.2"), ("codex", "B1.3"), ("human", "B1.4")):
        found = find.next_mission(ws, Actor(agent, ".")).mission
        assert found is not None and found.id == id


def test_a_status_set_by_hand_is_a_fact_and_no_session(ws: Project) -> None:
    before = journal_rows.count_sessions(ws.db)
    outcome = editing.set_status(ws, "B1.1", editing.Move("queued"), ADA)
    assert outcome.mission.status == "Queued"
    assert journal_rows.count_sessions(ws.db) == before
    assert "B1.1 set from Completed to Queued by ada" in overview.show(ws, "B1.1").facts[-1].content


def test_a_name_that_a_hand_changed_meanwhile_is_a_conflict_that_keeps_both(project: Path, ws: Project) -> None:
    file = path(ws, "B1.2")
    file.write_text(file.read_text("utf-8").replace("Store the readings", "Keep the readings"), "utf-8")
    with pytest.raises(NeedsPerson), open_project(str(project)) as other:
        editing.edit(other, "B1.2", Fields(name="Save the readings"), act=ADA)
    assert "Keep the readings" in file.read_text("utf-8")
    (issue,) = issue_rows.open_issues(ws.db, mission_id="B1.2", kinds=["conflict"])
    assert {issue.file_value, issue.database_value} == {"Keep the readings", "Save the readings"}


def test_an_id_as_the_file_spells_it_finds_the_mission(ws: Project) -> None:
    file = path(ws, "B1.4")
    file.write_text(file.read_text("utf-8").replace("missionId: B1.4", "missionId: B1.4-20260131"), "utf-8")
    assert overview.show(ws, "B1.4-20260131").mission.id == "B1.4"


def test_an_unknown_mission_is_said_with_near_ids(ws: Project) -> None:
    with pytest.raises(UnknownRecord) as caught:
        overview.show(ws, "B1.11")
    assert "B1.1" in caught.value.hint


def test_a_revised_text_that_cannot_be_written_is_kept(ws: Project, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    given = drafts.draft(ws, "B1.2")
    monkeypatch.setattr("cmos.files.exchange.exchange", full)
    with pytest.raises(Exception, match="your text is kept in"):
        drafts.put(ws, given, given.content + b"# mine\n", ADA)
    (kept,) = Path(ws.layout.home, "rejected").iterdir()
    assert kept.read_bytes().endswith(b"# mine\n")
    assert path(ws, "B1.2").read_bytes() == given.content


def test_two_rejected_texts_of_one_second_are_both_kept(ws: Project) -> None:
    given = drafts.draft(ws, "B1.2")
    assert drafts.reject(ws, given, b"one") != drafts.reject(ws, given, b"two")
