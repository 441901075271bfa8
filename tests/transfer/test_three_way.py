"""An import of what was exported: the database stays, an edit is taken, two changes are a conflict."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Dict

import pytest
from each_command import call

from cmos.core.status import standard
from cmos.missionfile.reader import read

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
TABLES = ("missions", "sessions", "facts", "decisions", "issues", "texts", "project_state", "pending", "sprints")
FORMS = ("db export json", "db export yaml", "export backlog", "export all")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    root = tmp_path / "plätz one"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    must(root, "init")
    return root


def must(root: Path, line: str) -> str:
    code, told = call(root, line)
    assert code == 0, (line, told)
    return told


def status(root: Path, id: str) -> str:
    return str(json.loads(must(root, "mission show %s --json" % id))["data"]["status"])


def export(root: Path, form: str) -> Path:
    place = root.parent / ("export" if form == "export all" else "export.yaml" if "json" not in form else "export.json")
    must(root, "%s -o %s" % (form, "../" + place.name))
    return place


def edit(place: Path, id: str, old: str, new: str) -> None:
    """Change a value of a mission in an export of whatever form, as a person would."""
    path = place / "backlog.yaml" if place.is_dir() else place
    text = path.read_text("utf-8")
    start = re.search(r"""[-{ ]["']?id["']?: ["']?%s\b""" % re.escape(id), text)
    assert start is not None
    head, rest = text[: start.start()], text[start.start() :]
    path.write_text(head + rest.replace(old, new, 1), "utf-8")


def everything(root: Path) -> Dict[str, Any]:
    """Return every byte that an import could change: rows and files."""
    db = sqlite3.connect(str(root / ".cmos" / "memory.db"))
    found: Dict[str, Any] = {table: db.execute("SELECT * FROM %s" % table).fetchall() for table in TABLES}
    db.close()
    return {**found, **{str(one): one.read_bytes() for one in (root / "cmos").rglob("*") if one.is_file()}}


@pytest.mark.parametrize("form", FORMS)
def test_an_old_export_undoes_no_finished_work(place: Path, form: str) -> None:
    old = export(place, form)
    must(place, "mission complete B1.2 --notes important")
    before = everything(place)
    told = must(place, "db import ../%s" % old.name)
    assert "B1.2 status: Completed here, Current in the file, as when it was written: stays" in told
    assert status(place, "B1.2") == "Completed" and call(place, "sync --check")[0] == 0
    assert everything(place) == before


@pytest.mark.parametrize("form", FORMS)
def test_an_edit_of_an_export_goes_through_the_lifecycle(place: Path, form: str) -> None:
    old = export(place, form)
    edit(old, "B1.2", "Current", "Completed")
    told = must(place, "db import ../%s" % old.name)
    assert "B1.2 status: Current -> Completed" in told
    assert status(place, "B1.2") == "Completed"
    assert "complete" in must(place, "session list --mission B1.2")
    assert call(place, "sync --check")[0] == 0
    written = [one for one in (place / "cmos" / "missions").rglob("B1.2*") if "Completed" in one.read_text("utf-8")]
    assert written, "the file follows"
    again = must(place, "db import ../%s" % old.name)
    assert "->" not in again


@pytest.mark.parametrize("form", FORMS)
def test_what_changed_here_and_in_the_file_is_a_conflict(place: Path, form: str) -> None:
    old = export(place, form)
    edit(old, "B1.2", "Current", "Deferred")
    must(place, "mission complete B1.2")
    before = everything(place)
    code, told = call(place, "db import ../%s" % old.name)
    assert code == 5 and "B1.2 status: Completed here, Deferred in the file: both changed" in told
    assert everything(place) == before
    must(place, "db import ../%s --replace" % old.name)
    assert status(place, "B1.2") == "Deferred" and call(place, "sync --check")[0] == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_dry_run_tells_the_same_and_changes_nothing(place: Path, form: str) -> None:
    old = export(place, form)
    edit(old, "B1.3", "Queued", "Deferred")
    before = everything(place)
    told = must(place, "db import ../%s --dry-run" % old.name)
    assert "B1.3 status: Queued -> Deferred" in told
    assert everything(place) == before
    assert told == must(place, "db import ../%s" % old.name)


def test_a_status_that_the_lifecycle_refuses_is_left_with_its_reason(place: Path) -> None:
    old = export(place, "db export json")
    edit(old, "B1.3", "Queued", "Sideways")
    told = must(place, "db import ../export.json")
    assert "B1.3 status: Queued here, Sideways in the file: left, 'Sideways' is not a status" in told


@pytest.mark.parametrize("seed", range(12))
def test_what_export_all_wrote_comes_back_whatever_the_project_holds(tmp_path: Path, seed: int) -> None:
    """A10: also of a project without missions."""
    chance = random.Random(seed)
    one, other = tmp_path / "one", tmp_path / "other"
    for root in (one, other):
        (root / "cmos" / "missions").mkdir(parents=True)
        must(root, "init")
    for number in range(chance.choice((0, 0, 1, 3))):
        sprint = chance.choice(("", " --sprint S1", " --sprint '09'"))
        must(one, "mission add Z%d name-%d%s --no-file" % (number, number, sprint))
    for number in range(chance.randint(0, 2)):
        must(one, "fact --kind k --content c%d" % number)
        must(one, "decision --title t%d --rationale r" % number)
    must(one, "export all -o ../out")
    must(other, "db import ../out")
    must(other, "export all -o ../again")
    for name in ("backlog.yaml", "facts.json", "decisions.json", "SESSIONS.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    before = everything(other)
    must(other, "db import ../out")
    assert everything(other) == before


@pytest.mark.parametrize("seed", range(6))
def test_i7_in_step_after_imports_is_the_truth(place: Path, seed: int) -> None:
    """Changes here, edits in exports and imports in any order, against a model of what each mission must be."""
    chance = random.Random(seed)
    ids = ["B1.3", "B1.4", "B2.1", "B2.2"]
    model = {id: status(place, id) for id in ids}
    exported: Dict[str, str] = {}
    edited: Dict[str, str] = {}
    old = export(place, "db export json")
    exported = dict(model)
    for _ in range(8):
        id, new = chance.choice(ids), chance.choice(("Queued", "Deferred", "Completed"))
        act = chance.choice(("here", "file", "export", "import"))
        if act == "here":
            must(place, "mission edit %s --status %s" % (id, new))
            # what it promoted is of no interest here
            model = {one: status(place, one) for one in ids}
            assert model[id] in (new, "Current")
        elif act == "file":
            rows = json.loads(old.read_text("utf-8"))
            for row in rows["tables"]["missions"]:
                if row["id"] == id:
                    row["status"] = edited[id] = new
            old.write_text(json.dumps(rows), "utf-8")
        elif act == "export":
            old = export(place, "db export json")
            exported, edited = dict(model), {}
        else:
            call(place, "db import ../export.json")
            for one, value in edited.items():
                if value != exported[one] and model[one] == exported[one]:
                    model[one] = value
        assert {id: status(place, id) for id in ids} == model
        assert call(place, "sync --check")[0] == 0
        for path in (place / "cmos" / "missions").rglob("*.yaml"):
            for record in read(path.read_bytes()).records if "templates" not in path.parts else ():
                if record.id in model and "status" in record.fields:
                    assert standard(record.fields["status"].value) == model[record.id], path
