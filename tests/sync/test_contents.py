"""What was read before is not parsed again; and a cache that is lost, damaged or of another time changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import List

import pytest

from cmos.missionfile import events
from cmos.missionfile.reader import read
from cmos.missionfile.records import as_text, from_text
from cmos.missions import rows as mission_rows
from cmos.setup.setup import set_up
from cmos.sync import content_rows, run

SHAPES = Path(__file__).resolve().parents[1] / "shapes"
MISSION = "missionId: M%d\nname: %s\nstatus: Queued\nobjective: o%d\ndependsOn: [M1]\n"
COUNT = 30


@pytest.mark.parametrize("path", sorted(SHAPES.glob("*.yaml")), ids=lambda path: path.name)
def test_contents_are_read_back_as_they_were(path: Path) -> None:
    contents = read(path.read_bytes())
    assert from_text(as_text(contents)) == contents
    assert repr(from_text(as_text(contents))) == repr(contents)


NONE = ["", "nul", "{}", "[]", "[1, 2, 3, 4, 5, 6, 7]", '[[["a"]], [], null, {}, [], 0, []]', None, 5, b"x"]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_contents_is_none(text: object) -> None:
    assert from_text(text) is None


@pytest.fixture
def place(tmp_path: Path, git) -> Path:
    """A repository whose branch ``other`` names all missions otherwise, both looked at."""
    root = tmp_path / "pläce"
    folder = root / "cmos" / "missions"
    folder.mkdir(parents=True)
    git("init", "--quiet", "-b", "main", cwd=root)
    for branch in ("main", "other"):
        if branch == "other":
            git("switch", "--quiet", "--create", branch, cwd=root)
        for number in range(COUNT):
            (folder / ("M%d.yaml" % number)).write_text(MISSION % (number, "Of %s" % branch, number), "utf-8")
        git("add", "cmos", cwd=root)
        git("commit", "--quiet", "--message", branch, cwd=root)
        set_up(str(root))
    return root


def names(root: Path) -> List[str]:
    from cmos.project.project import open_project

    with open_project(str(root)) as project:
        run.refresh(project)
        return sorted({one.name or "" for one in mission_rows.listing(project.db)})


def cache(root: Path) -> Path:
    return root / ".git" / "cmos" / "contents.db"


def test_a_branch_that_comes_back_is_not_parsed_again(place: Path, git, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(place) == ["Of other"]
    parsed: List[str] = []
    parse = events.parse
    monkeypatch.setattr("cmos.missionfile.parts.parse", lambda text, *more: parsed.append(text) or parse(text, *more))
    git("switch", "--quiet", "main", cwd=place)
    assert names(place) == ["Of main"] and parsed == []
    git("worktree", "add", "--quiet", "--detach", "../wörk", "other", cwd=place)
    assert names(place.parent / "wörk") == ["Of main"] and parsed == []  # a first look takes no name


@pytest.mark.parametrize("how", ["gone", "garbage", "empty", "rows", "table", "older", "folder"])
def test_a_cache_of_any_state_changes_nothing(place: Path, git, how: str) -> None:
    path = cache(place)
    assert path.is_file()
    if how in ("gone", "folder"):
        path.unlink()
        if how == "folder":
            path.mkdir()
    elif how in ("garbage", "empty"):
        path.write_bytes(b"SQLite format 3\0" + b"x" * 5000 if how == "garbage" else b"")
    else:
        with sqlite3.connect(str(path)) as db:
            db.execute(
                {
                    "rows": "UPDATE contents SET said = substr(said, 2)",
                    "table": "DROP TABLE contents",
                    "older": "PRAGMA user_version = 99",
                }[how]
            )
        db.close()
    git("switch", "--quiet", "main", cwd=place)
    assert names(place) == ["Of main"]
    git("switch", "--quiet", "other", cwd=place)
    assert names(place) == ["Of other"]


def test_what_was_remembered_longest_ago_is_forgotten(place: Path, git) -> None:
    folder = place / "cmos" / "missions"
    for turn in range(8):
        for number in range(COUNT):
            (folder / ("M%d.yaml" % number)).write_text(MISSION % (number, "Turn %d" % turn, number), "utf-8")
        assert names(place) == ["Turn %d" % turn]
    with sqlite3.connect(str(cache(place))) as db:
        count = db.execute("SELECT count(*) FROM contents").fetchone()[0]
    db.close()
    assert count == content_rows._TIMES * COUNT
