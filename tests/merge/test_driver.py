"""The merge driver in real repositories: registered, run by git, taken out again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Callable, Dict, List, Optional

import pytest

from cmos.cli.main import run as run_command
from cmos.core.errors import GitProblem
from cmos.git.repository import open_repository
from cmos.merge import driver
from cmos.merge.merge import Style, merge_files
from cmos.missionfile.reader import read

CHECKOUT = Path(__file__).resolve().parents[2]
BACKLOG = "cmos/missions/backlog.yaml"
Git = Callable[..., str]


@pytest.fixture
def command(scripts: Path, tmp_path: Path) -> str:
    """A ``cmosctl`` that runs this checkout, at a path that a shell would misread."""
    folder = tmp_path / "bin 100%A"
    shutil.copytree(str(scripts), str(folder))
    return str(folder / "cmosctl")


def statuses(project: Path) -> Dict[str, Optional[str]]:
    contents = read((project / BACKLOG).read_bytes())
    assert contents.faults == ()
    return {one.id: one.fields["status"].value for one in contents.records}


def rewrite(project: Path, *changes: str) -> None:
    path = project / BACKLOG
    text = path.read_text("utf-8")
    for old, new in zip(changes[::2], changes[1::2]):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def two_branches(project: Path, git: Git) -> None:
    """On each branch a mission is completed; the lines are neighbours, and one is the same."""
    git("switch", "-qc", "one")
    rewrite(
        project,
        '"Store the readings"\n          status: "Current"',
        '"Store the readings"\n          status: "Completed"',
    )
    rewrite(project, 'mean"\n          status: "Queued"', 'mean"\n          status: "Current"')
    git("commit", "-qam", "one")
    git("switch", "-qc", "two", "main")
    rewrite(project, 'mean"\n          status: "Queued"', 'mean"\n          status: "Completed"')
    rewrite(project, 'name: "Report gaps", status: "Queued"', 'name: "Report gaps", status: "Current"')
    git("commit", "-qam", "two")


def register(folder: Path, command: str = "cmosctl") -> None:
    with open_repository(str(folder)) as repo:
        driver.register(repo, command=command)


def unregister(folder: Path) -> None:
    with open_repository(str(folder)) as repo:
        driver.unregister(repo)


def is_registered(folder: Path) -> bool:
    with open_repository(str(folder)) as repo:
        return driver.is_registered(repo)


def merging(project: Path, git: Git, **environment: str) -> subprocess.CompletedProcess[bytes]:
    call = ["git", "merge", "--no-edit", "one"]
    return subprocess.run(call, cwd=str(project), capture_output=True, env=dict(os.environ, **environment))


DONE = {"B1.1": "Completed", "B1.2": "Completed", "B1.3": "Completed", "B1.4": "Current"}


def test_stock_git_conflicts_where_the_driver_merges(project: Path, git: Git, command: str) -> None:
    two_branches(project, git)
    assert merging(project, git).returncode == 1
    assert b"<<<<<<< HEAD" in (project / BACKLOG).read_bytes()
    git("merge", "--abort")
    register(project, command=command)
    done = merging(project, git)
    assert (done.returncode, done.stderr) == (0, b"")
    assert {id: status for id, status in statuses(project).items() if id in DONE} == DONE
    assert git("status", "--porcelain") == ""


def test_a_real_conflict_is_an_ordinary_one(project: Path, git: Git, command: str) -> None:
    register(project, command=command)
    git("switch", "-qc", "one")
    rewrite(project, "Store the readings", "Keep the readings")
    git("commit", "-qam", "one")
    git("switch", "-qc", "two", "main")
    rewrite(
        project,
        "Store the readings",
        "Save the readings",
        '"Current"\n        - id: "B1.3"',
        '"Completed"\n        - id: "B1.3"',
    )
    git("commit", "-qam", "two")
    done = merging(project, git)
    assert (done.returncode, done.stderr) == (1, b"")
    # newer gits tell a driver the names of the branches
    text = (project / BACKLOG).read_text("utf-8").replace(">>>>>>> one", ">>>>>>> theirs")
    assert (
        'readings"\n=======\n          name: "Keep the readings"\n>>>>>>> theirs\n          status: "Completed"' in text
    )
    assert git("diff", "--name-only", "--diff-filter=U") == BACKLOG + "\n"


@pytest.mark.parametrize("script", [None, "exit 127", "exit 1", "exit 3", "echo x >&2; kill -9 $$"])
def test_a_cmosctl_that_does_not_answer_leaves_an_ordinary_conflict(
    project: Path, git: Git, command: str, script: Optional[str]
) -> None:
    two_branches(project, git)
    register(project, command=command)
    if script is None:
        Path(command).unlink()
    else:
        Path(command).write_text("#!/bin/sh\n%s\n" % script, "utf-8")
    assert merging(project, git, PATH="/usr/bin:/bin").returncode == 1
    text = (project / BACKLOG).read_text("utf-8")
    assert "<<<<<<< ours" in text and ">>>>>>> theirs" in text


def test_the_switch_for_hooks_turns_the_driver_off(project: Path, git: Git, command: str) -> None:
    two_branches(project, git)
    register(project, command=command)
    assert merging(project, git, CMOSCTL_HOOKS="0").returncode == 1


def test_cherry_pick_and_a_linked_worktree_use_the_driver(
    project: Path, git: Git, command: str, tmp_path: Path
) -> None:
    two_branches(project, git)
    other = tmp_path / "other"
    git("worktree", "add", "-q", str(other), "-b", "three", "two")
    register(other, command=command)
    assert is_registered(project)
    git("cherry-pick", "one", cwd=other)
    assert statuses(other)["B1.2"] == "Completed"


def test_a_project_in_a_subfolder_is_merged_too(tmp_path: Path, project: Path, git: Git, command: str) -> None:
    git("mv", "cmos", "station")
    (project / "deep" / "er").mkdir(parents=True)
    git("mv", "station", "deep/er/cmos")
    register(project / "deep", command=command)
    assert git("check-attr", "merge", "deep/er/" + BACKLOG).endswith("merge: cmos\n")
    assert git("check-attr", "merge", "cmos/missions/sprint 1/B1.yml").endswith("merge: cmos\n")
    assert git("check-attr", "merge", "cmos/docs/x.yaml").endswith("merge: unspecified\n")


@pytest.mark.parametrize("before", [None, b"# mine\n*.txt merge=union\n", b"*.txt merge=union", b"a\r\n"])
def test_to_register_and_to_unregister_give_every_byte_back(project: Path, git: Git, before: Optional[bytes]) -> None:
    attributes, config = project / ".git" / "info" / "attributes", project / ".git" / "config"
    if before is not None:
        attributes.write_bytes(before)
    settings = config.read_bytes()
    assert not is_registered(project)
    register(project)
    once = attributes.read_bytes(), config.read_bytes()
    register(project)
    assert (attributes.read_bytes(), config.read_bytes()) == once
    assert is_registered(project)
    assert git("status", "--porcelain") == ""
    for _ in range(2):
        unregister(project)
        assert (attributes.read_bytes() if attributes.exists() else None, config.read_bytes()) == (before, settings)
    assert not is_registered(project)


def test_lines_that_came_after_ours_stay(project: Path) -> None:
    attributes = project / ".git" / "info" / "attributes"
    attributes.write_bytes(b"one x")
    register(project)
    with attributes.open("ab") as file:
        file.write(b"two y\n")
    unregister(project)
    assert attributes.read_bytes() == b"one x\ntwo y\n"


def test_a_linked_attributes_file_is_not_written_through(project: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").write_bytes(b"")
    (project / ".git" / "info" / "attributes").symlink_to(tmp_path / "shared")
    with pytest.raises(GitProblem, match="symbolic link"):
        register(project)
    assert (tmp_path / "shared").read_bytes() == b""


def test_outside_of_git_is_said(tmp_path: Path) -> None:
    with pytest.raises(GitProblem):
        register(tmp_path)


def test_the_result_takes_the_place_of_ours_alone(tmp_path: Path) -> None:
    texts = ("id: A\nstatus: Queued\n", "id: A\nstatus: Current\n", "id: A\nstatus: Completed\n")
    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, text in zip(paths, texts):
        path.write_text(text, "utf-8")
    assert merge_files(*map(str, paths), Style())
    assert [path.read_text("utf-8") for path in paths] == [texts[0], texts[2], texts[2]]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["HEAD", "a b"], ["HEAD", "a b"]), (["%X", "%Y"], ["ours", "theirs"]), (["", "x"], ["ours", "theirs"])],
)
def test_markers_name_what_git_names(tmp_path: Path, labels: List[str], expected: List[str]) -> None:
    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path in paths:
        path.write_text("id: A\nname: %s\n" % path.name, "utf-8")
    assert run_command(["hook", "merge-driver", *map(str, paths), "a.yaml", "--labels", *labels]) == 1
    lines = paths[1].read_text("utf-8").splitlines()
    assert [lines[1], lines[-1]] == ["<<<<<<< " + expected[0], ">>>>>>> " + expected[1]]


def test_markers_are_as_long_as_git_asks(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path in paths:
        path.write_text("id: A\nname: %s\n" % path.name, "utf-8")
    assert not merge_files(*map(str, paths), Style(9))
    assert paths[1].read_text("utf-8").splitlines()[1] == "<" * 9 + " ours"
