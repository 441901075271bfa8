"""What is asked of git about the commits between two looks; and young files read twice."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import List

import pytest
from world import MISSION, GitWorld

from cmos.git import branches, checkout, objects
from cmos.sync import survey as surveys

INSIDE = "cmos/missions"


@pytest.fixture
def world(tmp_path: Path) -> GitWorld:
    return GitWorld(tmp_path / "a wörld")


def blob(text: str) -> str:
    done = subprocess.run(["git", "hash-object", "--stdin"], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode().strip()


def save(world: GitWorld, name: str, text: str) -> str:
    world.write(name, text)
    world.commit("%s: %s" % (name, text))
    return world.git("rev-parse", "HEAD").strip()


def on_the_way(world: GitWorld, name: str, *without: str, limit: int = 50) -> List[str]:
    commits = ["HEAD", *("^" + one for one in without)]
    found = objects.changes(str(world.root), commits, INSIDE, limit=limit)
    return [change.new or "" for change in found if change.path == "%s/%s" % (INSIDE, name)]


def test_what_commits_changed_comes_the_newest_first(world: GitWorld) -> None:
    first, *_ = [save(world, "a.yaml", text) for text in ("one", "two", "three")]
    save(world, "ö *.yaml", "alone")
    assert on_the_way(world, "a.yaml") == [blob("three"), blob("two"), blob("one")]
    assert on_the_way(world, "a.yaml", first) == [blob("three"), blob("two")]
    assert on_the_way(world, "a.yaml", limit=2) == [blob("three")]
    assert on_the_way(world, "ö *.yaml") == [blob("alone")]


def test_what_a_merge_discarded_was_on_the_way_too(world: GitWorld) -> None:
    first = save(world, "a.yaml", "one")
    world.git("checkout", "--quiet", "-b", "side")
    save(world, "a.yaml", "theirs")
    world.git("checkout", "--quiet", "-")
    save(world, "a.yaml", "ours")
    world.git("merge", "--quiet", "--no-edit", "--strategy", "ours", "side")
    assert sorted(on_the_way(world, "a.yaml", first)) == sorted([blob("ours"), blob("theirs")])


def test_two_commits_are_compared_by_the_project_s_own_paths(world: GitWorld) -> None:
    inner = world.root / "inner" / INSIDE
    inner.mkdir(parents=True)
    (inner / "a.yaml").write_text("one", "utf-8")
    world.commit("one")
    (inner / "a.yaml").rename(inner / "b.yaml")
    world.commit("moved")
    found = objects.differing(str(world.root / "inner"), "HEAD~1", "HEAD", INSIDE)
    one = blob("one")
    assert sorted(found) == [(INSIDE + "/a.yaml", one, None), (INSIDE + "/b.yaml", None, one)]


def test_whether_a_commit_is_behind_others(world: GitWorld) -> None:
    one, two = (save(world, "a.yaml", text) for text in ("one", "two"))
    root = str(world.root)
    assert objects.is_behind(root, one, [two]) and objects.is_behind(root, two, ["0" * 39 + "1", two])
    assert not objects.is_behind(root, two, [one]) and not objects.is_behind(root, two, [])
    assert objects.nearest_ancestors(root, two, [one]) == [one]


def test_git_knows_what_it_ever_got(world: GitWorld) -> None:
    world.write("a.yaml", "staged")
    world.git("add", "--all")
    world.write("a.yaml", "typed")
    assert objects.known_objects(str(world.root), [blob("staged"), blob("typed")]) == {blob("staged")}


def test_a_branch_moves_forward_until_it_is_set_somewhere(world: GitWorld) -> None:
    found = checkout.find_checkout(str(world.root))
    assert found is not None
    one, two = (save(world, "a.yaml", text) for text in ("one", "two"))
    branch = world.git("symbolic-ref", "HEAD").strip()
    assert (branches.forward_moves(found, branch) or [])[0] == (one, two)
    world.git("reset", "--quiet", "--hard", one)
    assert branches.forward_moves(found, branch) == []
    world.git("merge", "--quiet", "--ff-only", two)
    assert branches.forward_moves(found, branch) == [(one, two)]
    world.git("checkout", "--quiet", "--detach", one)
    assert branches.forward_moves(found, None) == []
    assert branches.forward_moves(found, "refs/heads/none") is None


def test_a_line_is_followed_to_the_commit_that_wrote_it(world: GitWorld) -> None:
    name = "sprint-04/B4.1_new.yaml"
    save(world, name, MISSION.format(id="B4.1", name="New", status="Queued"))
    done = save(world, name, MISSION.format(id="B4.1", name="New", status="Completed"))
    world.git("mv", "%s/%s" % (INSIDE, name), "%s/moved.yaml" % INSIDE)
    world.commit("moved")
    save(world, "moved.yaml", "# a line\n" + MISSION.format(id="B4.1", name="Other", status="Completed"))
    wrote = objects.wrote(str(world.root), "HEAD", INSIDE + "/moved.yaml", [5])[5]
    assert (wrote.sha, wrote.line, wrote.committer) == (done, 4, "Ada")


TRUNKS = [
    ([], ("main",)),
    (["branch master"], ("first",)),
    (["branch master", "update-ref refs/remotes/origin/develop HEAD",
      "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/develop"], ("develop",)),
    (["config cmos.trunk develop", "config --add cmos.trunk main"], ("develop", "main")),
    (["config --global cmos.trunk release"], ("release",)),
    (["branch -m main work"], ("first",)),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "expected"), TRUNKS)
def test_what_is_the_trunk(
    world: GitWorld, setting: List[str], expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(world.root.parent / "config"))
    for line in setting:
        world.git(*line.split())
    found = checkout.find_checkout(str(world.root))
    assert found is not None
    assert branches.trunk_names(found, first="first") == expected


def test_a_save_after_the_first_reading_is_what_is_read(world: GitWorld) -> None:
    path = INSIDE + "/a.yaml"
    world.write("a.yaml", "early")  # World saves files as of long ago: not even a young one
    with world.open() as ws:
        first = surveys._read_once(str(world.path("a.yaml")))
        world.write("a.yaml", "late")
        assert surveys.read(ws, path, first=first).data == b"late"
