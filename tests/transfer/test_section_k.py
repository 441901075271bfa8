"""Editing by hand what was exported, and importing it: what is in the files of the project then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, List

import pytest
from each_command import call

SAMPLE = Path(__file__).resolve().parent.parent / "sample"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    root = tmp_path / "plätz one"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    assert call(root, "init")[0] == 0
    assert call(root, "export all -o ../out")[0] == 0
    return root


def data(root: Path, line: str) -> Any:
    code, told = call(root, line + " --json")
    assert code == 0, told
    return json.loads(told)["data"]


def edit(root: Path, *pairs: str) -> None:
    path = root.parent / "out" / "backlog.yaml"
    text = path.read_text("utf-8")
    for old, new in zip(pairs[::2], pairs[1::2]):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def read_in(root: Path) -> str:
    code, told = call(root, "db import ../out")
    assert code == 0, told
    assert call(root, "sync --check")[0] == 0
    return told


def tracked(root: Path) -> str:
    return "".join(one.read_text("utf-8") for one in sorted((root / "cmos" / "missions").rglob("*.yaml")))


def order(root: Path) -> List[str]:
    return [one["id"] for one in data(root, "mission list")]


def test_names_statuses_and_notes_arrive_in_database_and_files(place: Path) -> None:
    edit(place, "name: Store the readings\n      status: Current", "name: Keep them\n      status: Completed")
    read_in(place)
    mission = data(place, "mission show B1.2")
    assert (mission["name"], mission["status"]) == ("Keep them", "Completed")
    text = (place / "cmos" / "missions" / "sprint-01" / "B1.2_store-the-readings.yaml").read_text("utf-8")
    assert 'name: "Keep them"' in text and 'status: "Completed"' in text


def test_a_title_of_a_sprint_arrives_in_database_and_file(place: Path) -> None:
    edit(place, "title: Read the sensors", "title: 'Read: all of them'")
    before = tracked(place)
    read_in(place)
    (line,) = [one for one in data(place, "status")["sprints"] if one["sprint_id"] == "Sprint 01"]
    assert line["title"] == "Read: all of them"
    assert tracked(place) == before.replace('"Read the sensors"', '"Read: all of them"')
    read_in(place)
    assert tracked(place) == before.replace('"Read the sensors"', '"Read: all of them"')


def test_a_title_that_changed_here_too_stays(place: Path) -> None:
    edit(place, "title: Read the sensors", "title: Theirs")
    backlog = place / "cmos" / "missions" / "backlog.yaml"
    backlog.write_text(backlog.read_text("utf-8").replace("Read the sensors", "Ours"), "utf-8")
    read_in(place)
    assert data(place, "status")["sprints"][0]["title"] == "Ours" and "Theirs" not in tracked(place)


def test_new_missions_get_files(place: Path) -> None:
    row = "    - id: %s\n      name: Count the rain\n      status: %s\n"
    new = row % ("B1.9", "Queued") + row % ("B1.8", "Deferred")
    edit(place, "  - sprintId: Sprint 02", new + "  - sprintId: Sprint 02")
    read_in(place)
    mission = data(place, "mission show B1.9")
    assert (mission["status"], mission["sprint_id"]) == ("Queued", "Sprint 01")
    assert mission["path"] == "cmos/missions/sprint-01/B1.9_count-the-rain.yaml"
    assert data(place, "mission show B1.8")["status"] == "Deferred" and 'status: "Deferred"' in tracked(place)


def test_the_order_arrives(place: Path) -> None:
    path = place.parent / "out" / "backlog.yaml"
    text = path.read_text("utf-8")
    one, other = text.index("    - id: B1.3"), text.index("    - id: B1.4")
    end = text.index("  - sprintId: Sprint 02")
    path.write_text(text[:one] + text[other:end] + text[one:other] + text[end:], "utf-8")
    before = tracked(place)
    read_in(place)
    assert order(place)[2:4] == ["B1.4", "B1.3"]
    after = tracked(place)
    assert after.index('id: "B1.4"') < after.index('id: "B1.3"') and before != after
    assert sorted(before.splitlines()) == sorted(after.splitlines())
    read_in(place)
    assert tracked(place) == after


def test_an_order_that_no_file_can_take_is_told(place: Path) -> None:
    backlog = place / "cmos" / "missions" / "backlog.yaml"
    text = backlog.read_text("utf-8")
    start, end = text.index('        - { id: "B2.1"'), text.index("  missionDependencies")
    flow = text[start:end].replace("        - {", "          {").replace("}", "},")
    backlog.write_text(text[:start] + "        [\n" + flow.rstrip() + "\n        ]\n\n" + text[end:], "utf-8")
    path = place.parent / "out" / "backlog.yaml"
    text = path.read_text("utf-8")
    one, other, end = text.index("    - id: B2.1"), text.index("    - id: B2.2"), text.index("  missionDep")
    path.write_text(text[:one] + text[other:end] + text[one:other] + text[end:], "utf-8")
    before = tracked(place)
    told = read_in(place)
    assert "the order of cmos/missions/backlog.yaml is in the database alone" in told, told
    assert tracked(place) == before and order(place)[-2:] == ["B2.2", "B2.1"]


def test_links_arrive_in_database_and_files(place: Path) -> None:
    edit(place, "  missionDependencies:\n", "  missionDependencies:\n  - {from: B1.3, to: B1.4, type: Blocks}\n")
    read_in(place)
    assert "dependsOn:" in tracked(place)
    links = [(one["from_id"], one["to_id"]) for one in data(place, "mission show B1.4")["dependencies"]]
    assert links == [("B1.3", "B1.4")]
    assert "B1.4" not in [one["id"] for one in data(place, "mission list --ready")]


def test_what_was_removed_is_named_and_stays(place: Path) -> None:
    edit(place, "    - id: B1.4\n      name: Report gaps\n      status: Queued\n", "")
    told = read_in(place)
    assert "B1.4 is not in the file any more, and stays; to give it up: cmosctl mission drop B1.4" in told
    assert "B1.4" in order(place)


def test_an_export_that_nobody_edited_changes_nothing(place: Path) -> None:
    before = tracked(place)
    told = read_in(place)
    assert "not in the file" not in told and tracked(place) == before


def test_a_dry_run_writes_nothing(place: Path) -> None:
    row = "    - id: B1.9\n      name: Count the rain\n      status: Queued\n"
    edit(place, "  - sprintId: Sprint 02", row + "  - sprintId: Sprint 02", "title: Read the sensors", "title: Other")
    before = tracked(place)
    assert call(place, "db import ../out --dry-run")[0] == 0
    assert tracked(place) == before and "B1.9" not in order(place)
