"""Adding missions: what a crash, a gate and a hand edit leave behind."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, Tuple

import pytest

from cmos.actions import edit as editing
from cmos.core.errors import CmosError, NeedsPerson
from cmos.core.models import NEEDED_BY, Dependency, Words
from cmos.missionfile.reader import read
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.project.project import Project, open_project
from cmos.sync import run
from cmos.sync.run import is_quiet


@pytest.fixture
def ws(project: Path) -> Iterator[Project]:
    from cmos.setup.setup import set_up

    set_up(str(project))
    with open_project(str(project)) as workspace:
        yield workspace


def test_a_file_whose_command_died_is_registered_by_the_next_one(ws: Project, monkeypatch) -> None:
    def die(_: object, path: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "register", die)
        with pytest.raises(KeyboardInterrupt):
            editing.add(ws, "B1.5", "Calibrate", sprint="1")
    assert mission_rows.get(ws.db, "B1.5") is None
    run.refresh(ws)
    found = mission_rows.get(ws.db, "B1.5")
    assert found is not None and (found.name, found.sprint_id, found.status) == ("Calibrate", "Sprint 01", "Queued")


def test_a_second_command_meets_the_id_even_if_the_first_one_died(ws: Project, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run, "register", lambda _, path: None)
        editing.add(ws, "B1.5", "Calibrate", sprint="1")
    with pytest.raises(NeedsPerson, match=r"B1\.5"):
        editing.add(ws, "B1.5", "Something else")


def test_the_row_is_the_one_that_sync_makes_of_the_file(ws: Project) -> None:
    added = editing.add(ws, "B1.5", "Calibrate", sprint="Sprint 1")
    with run.change(ws):
        pass
    assert mission_rows.get(ws.db, "B1.5") == added.mission


def test_reading_after_adding_needs_no_closer_look(ws: Project) -> None:
    editing.add(ws, "B1.5", "Calibrate")
    assert is_quiet(ws)


def test_while_git_is_at_work_the_file_waits(ws: Project) -> None:
    lock = Path(ws.layout.root, ".git", "index.lock")
    lock.touch()
    added = editing.add(ws, "B1.5", "Calibrate", sprint="1")
    assert added.path is not None and Path(ws.layout.root, added.path).exists()
    lock.unlink()
    run.refresh(ws)
    assert mission_rows.get(ws.db, "B1.5") is not None


def test_a_folder_of_links_and_odd_names_is_no_folder_of_a_sprint(ws: Project) -> None:
    Path(ws.layout.missions, "Sprint 7").write_text("not a folder", "utf-8")
    added = editing.add(ws, "B7.1", "Begin", sprint="7")
    assert added.path == "cmos/missions/sprint-07/B7.1_begin.yaml"


def test_a_mission_with_all_its_texts_lacks_nothing(ws: Project) -> None:
    words = Words("Tell \"it\": now", "line one\nline two", ("a: b", "# c"), ("x.py",), ("b1.2",))
    added = editing.add(ws, "B1.9", "New", words=words)
    assert added.mission.missing == () and added.mission.objective == 'Tell "it": now'
    assert [(one.from_id, one.to_id) for one in link_rows.dependencies(ws.db, "B1.9")] == [("B1.2", "B1.9")]
    record = read((Path(ws.layout.root) / (added.path or "")).read_bytes()).records[0]
    assert record.prerequisites == ("B1.2",) and not record.missing


@pytest.mark.parametrize(
    ("depends_on", "message"),
    [
        (("B1.9",), "B1.9 cannot depend on itself"),
        (("B7.7",), "there is no mission B7.7"),
        (("B1.4",), "B1.9 would wait for itself: B1.9 waits for B1.4 waits for B1.3 waits for B1.9"),
    ],
)
def test_prerequisites_that_cannot_be_are_refused_and_nothing_is_written(
    ws: Project, depends_on: Tuple[str, ...], message: str
) -> None:
    links = [Dependency("B1.9", "B1.3", "Blocks"), Dependency("B1.3", "B1.4", NEEDED_BY)]
    with ws.db:
        link_rows.replace_dependencies(ws.db, "test", links)
    before = sorted(Path(ws.layout.missions).rglob("*"))
    with pytest.raises(CmosError) as caught:
        editing.add(ws, "B1.9", "New", words=Words(depends_on=depends_on))
    assert caught.value.message == message and sorted(Path(ws.layout.missions).rglob("*")) == before
