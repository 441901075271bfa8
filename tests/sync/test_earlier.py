"""What led to the present contents of many files, asked of git in one walk; and young files read twice."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, List

import pytest
from world import GitWorld

from cmos.services.sync import survey
from cmos.vcs import tree

INSIDE = "cmos/missions"


@pytest.fixture
def world(tmp_path: Path) -> GitWorld:
    return GitWorld(tmp_path / "a wörld")


def blob(text: str) -> str:
    done = subprocess.run(["git", "hash-object", "--stdin"], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode().strip()


def save(world: GitWorld, name: str, text: str) -> None:
    world.write(name, text)
    world.commit("%s: %s" % (name, text))


def earlier(world: GitWorld, *names: str, limit: int = 50) -> Dict[str, List[str]]:
    held = tree.blobs(str(world.root), "HEAD", INSIDE)
    present = {path: held[path] for path in ("%s/%s" % (INSIDE, name) for name in names)}
    found = tree.earlier(str(world.root), "HEAD", present, limit=limit)
    return {path[len(INSIDE) + 1 :]: chain for path, chain in found.items()}


def test_each_file_has_its_own_history(world: GitWorld) -> None:
    for text in ("one", "two", "three"):
        save(world, "a.yaml", text)
    save(world, "ö *.yaml", "alone")
    assert earlier(world, "a.yaml", "ö *.yaml") == {"a.yaml": [blob("two"), blob("one")], "ö *.yaml": []}
    assert earlier(world, "a.yaml", limit=2) == {"a.yaml": [blob("two")]}


def test_a_file_that_came_back_has_what_was_before_it_went(world: GitWorld) -> None:
    save(world, "a.yaml", "one")
    world.path("a.yaml").unlink()
    world.commit("gone")
    save(world, "a.yaml", "two")
    assert earlier(world, "a.yaml") == {"a.yaml": [blob("one")]}


def test_what_a_merge_discarded_led_to_nothing(world: GitWorld) -> None:
    save(world, "a.yaml", "one")
    world.git("checkout", "--quiet", "-b", "side")
    save(world, "a.yaml", "discarded")
    world.git("checkout", "--quiet", "-")
    save(world, "b.yaml", "other")
    world.git("merge", "--quiet", "--no-edit", "--strategy", "ours", "side")
    assert earlier(world, "a.yaml") == {"a.yaml": []}
    save(world, "a.yaml", "two")
    assert earlier(world, "a.yaml") == {"a.yaml": [blob("one")]}


def test_both_sides_of_a_merge_led_to_what_it_made(world: GitWorld) -> None:
    save(world, "a.yaml", "one")
    world.git("checkout", "--quiet", "-b", "side")
    save(world, "a.yaml", "theirs")
    world.git("checkout", "--quiet", "-")
    save(world, "a.yaml", "ours")
    world.git("merge", "--quiet", "side", check=False)
    save(world, "a.yaml", "both")
    chain = earlier(world, "a.yaml")["a.yaml"]
    assert (sorted(chain[:2]), chain[2:]) == (sorted([blob("ours"), blob("theirs")]), [blob("one")])


def test_a_project_in_a_subfolder_is_asked_by_its_own_paths(world: GitWorld) -> None:
    inner = world.root / "inner" / INSIDE
    inner.mkdir(parents=True)
    for text in ("one", "two"):
        (inner / "a.yaml").write_text(text, "utf-8")
        world.commit(text)
    folder = str(world.root / "inner")
    path = INSIDE + "/a.yaml"
    assert tree.blobs(folder, "HEAD", INSIDE) == {path: blob("two")}
    assert tree.earlier(folder, "HEAD", {path: blob("two")}, limit=9) == {path: [blob("one")]}


def test_a_save_after_the_first_reading_is_what_is_read(world: GitWorld) -> None:
    path = INSIDE + "/a.yaml"
    world.write("a.yaml", "early")  # World saves files as of long ago: not even a young one
    with world.open() as ws:
        first = survey._read_once(str(world.path("a.yaml")))
        world.write("a.yaml", "late")
        assert survey.read(ws.layout, path, first=first).data == b"late"
