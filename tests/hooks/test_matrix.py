"""Beside a twin without cmos: git says, does and leaves behind the same, and each commit is logged once."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Callable, Dict, Tuple

import pytest
from matrix_rows import ROWS, Row
from matrix_world import PLACES, World, build
from ruamel.yaml import YAML

from cmos.hooks.block import NAMES

MANIFEST = Path(__file__).resolve().parents[2] / ".pre-commit-hooks.yaml"
#: What pre-commit is tried with by default: one of each hook. The rest of its column is a soak.
SOME = ("commit", "commit --amend", "merge, clean", "rebase", "push")

Twins = Tuple[World, World]


@pytest.fixture(scope="session")
def project_files(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project, to be committed with a configuration for pre-commit that calls cmosctl on the PATH."""
    folder = tmp_path_factory.mktemp("files") / "project"
    World(sample, ".").must("git clone -q . '%s'" % folder)
    hooks = [dict(hook, language="system") for hook in YAML(typ="safe").load(MANIFEST.read_text("utf-8"))]
    with open(str(folder / ".pre-commit-config.yaml"), "w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"repos": [{"repo": "local", "hooks": hooks}]}, file)
    return folder


@pytest.fixture(scope="session")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cmosctl that does nothing."""
    folder = tmp_path_factory.mktemp("idle")
    (folder / "cmosctl").write_text("#!/bin/sh\n", "utf-8")
    (folder / "cmosctl").chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def pairs(
    project_files: Path, scripts: Path, idle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Twins]:
    """``pairs(place, way)``: a checkout with cmos and its twin without, each made once."""
    made: Dict[Tuple[str, ...], World] = {}

    def plain(place: str) -> World:
        if (place,) not in made:
            made[(place,)] = build(tmp_path_factory.mktemp("plain é") / "a world", place, project_files)
        return made[(place,)]

    def one(place: str, way: str, commands: Path) -> World:
        key = (place, way, str(commands))
        if key not in made:
            world = plain(place).copy(tmp_path_factory.mktemp("way") / "a wörld", str(commands))
            if way != "native":
                types = " ".join("-t " + name for name in ("pre-commit", *NAMES))
                world.must("'%s' -m pre_commit install %s" % (sys.executable, types))
            if commands == scripts:
                world.must("cmosctl init%s\ncmosctl status" % (" --no-hooks" if way == "pre-commit" else ""))
            made[key] = world
        return made[key]

    return lambda place, way: (one(place, way, scripts), one(place, way, idle))


def compare(row: Row, twins: Twins, folder: Path) -> None:
    mine, twin = [one.copy(folder / name) for one, name in zip(twins, ("mine", "twin"))]
    before = Counter(mine.logged())
    assert mine.run(row.script) == twin.run(row.script)
    left = twin.state()
    assert mine.state() == left
    assert mine.logged() == before + Counter(row.logged)
    mine.look()
    assert mine.state() == left
    assert mine.logged() == before + Counter(row.logged + row.later)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_with_hooks_of_our_own(row: Row, place: str, pairs: Callable[[str, str], Twins], tmp_path: Path) -> None:
    compare(row, pairs(place, "native"), tmp_path)


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in SOME], ids=lambda row: row.name)
def test_through_pre_commit(row: Row, pairs: Callable[[str, str], Twins], tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    compare(row, pairs("main", "pre-commit"), tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("place, way", [*((place, "pre-commit") for place in PLACES), ("main", "both")])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_through_pre_commit_and_through_both(
    row: Row, place: str, way: str, pairs: Callable[[str, str], Twins], tmp_path: Path
) -> None:
    pytest.importorskip("pre_commit")
    compare(row, pairs(place, way), tmp_path)
