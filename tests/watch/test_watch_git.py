"""Git moves files about all day under a running watcher: no final state is wrong and no status moves."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from watch_world import World, eventually, in_step, settled, write_missions

TRIES = int(os.environ.get("CMOS_SOAK_TRIES", "100"))
SLOW_TRIES = max(TRIES // 10, 1)


@pytest.fixture
def busy(world: World) -> World:
    """A project with forty more missions, committed, and a watcher."""
    write_missions(world, "sprint-03", ["B3.%d" % number for number in range(1, 41)], "As begun")
    world.git("add", "--all")
    world.git("commit", "--quiet", "--message", "forty more")
    world("cmosctl", "sync", check=False)
    world.start()
    in_step(world)
    return world


def statuses(world: World) -> Dict[str, Any]:
    return dict(world.ask("SELECT id, status FROM missions"))


def commit(world: World, message: str) -> None:
    world.git("commit", "--quiet", "--all", "--message", message)


def on_a_branch(world: World, name: str, ids: List[str], objective: str) -> None:
    """Make a branch whose files say something else, and come back from it."""
    world.git("switch", "--quiet", "--create", name)
    write_missions(world, "sprint-03", ids, objective)
    commit(world, name)
    world.git("switch", "--quiet", "-")


def switch_there_and_back(world: World, number: int) -> None:
    if number == 0:
        on_a_branch(world, "there", ["B3.%d" % one for one in range(1, 41)], "As over there")
        in_step(world)
    world.git("switch", "--quiet", "there")
    in_step(world)
    world.git("switch", "--quiet", "-")
    in_step(world)


def stash_and_pop(world: World, number: int) -> None:
    world.edit("B3.7", "objective: ", "objective: Hidden %d, " % number if number == 0 else "objective: ")
    write_missions(world, "sprint-03", ["B3.8"], "Stashed %d" % number)
    world.git("stash", "--quiet")
    in_step(world)
    world.git("stash", "pop", "--quiet")
    in_step(world)
    assert world.value("objective", "B3.8") == "Stashed %d" % number
    commit(world, "unstashed %d" % number)


def rebase_of_twenty_commits(world: World, number: int) -> None:
    world.git("switch", "--quiet", "--create", "side-%d" % number)
    for step in range(20):
        write_missions(world, "sprint-03", ["B3.%d" % (step + 1)], "Step %d of %d" % (step, number))
        commit(world, "step %d" % step)
    world.git("switch", "--quiet", "main")
    write_missions(world, "sprint-03", ["B3.30"], "Meanwhile %d" % number)
    commit(world, "meanwhile %d" % number)
    world.git("switch", "--quiet", "side-%d" % number)
    world.git("rebase", "--quiet", "main")
    in_step(world)
    world.git("switch", "--quiet", "main")
    in_step(world)


def folders_and_a_file_at_once(world: World, number: int) -> None:
    write_missions(world, "new-%d/deeper/still" % number, ["N%d.1" % number], "New %d" % number)
    in_step(world)
    write_missions(world, "new-%d/deeper/still" % number, ["N%d.1" % number], "Newer %d" % number)
    in_step(world)


def a_folder_moved_out_and_back(world: World, number: int) -> None:
    here, there = world.missions / "sprint-03", world.folder / "sprint-03-away"
    here.rename(there)
    settled(world) if number == 0 else None
    (there / "B3.9_task.yaml").write_text(
        (there / "B3.9_task.yaml").read_text("utf-8").replace("objective:", "objective: #", 1).replace(
            '#  "', '"').replace("# ", ""), "utf-8",
    )  # fmt: skip
    there.rename(here)
    write_missions(world, "sprint-03", ["B3.10"], "Back again %d" % number)
    in_step(world)


def a_folder_moved_in(world: World, number: int) -> None:
    beside = world.folder / ("in-%d" % number)
    beside.mkdir()
    (beside / "deep").mkdir()
    write_missions(world, os.path.relpath(str(beside / "deep"), str(world.missions)), ["I%d.1" % number], "Moved in")
    beside.rename(world.missions / ("in-%d" % number))
    in_step(world)
    write_missions(world, "in-%d/deep" % number, ["I%d.1" % number], "Seen in there %d" % number)
    in_step(world)


def the_root_removed_and_made_again(world: World, number: int) -> None:
    if number == 0:
        world.git("switch", "--quiet", "--create", "without")
        world.git("rm", "--quiet", "-r", "cmos")
        world.git("commit", "--quiet", "--message", "without a project")
        world.git("switch", "--quiet", "main")
    world.git("switch", "--quiet", "without")
    world.git("switch", "--quiet", "main")
    write_missions(world, "sprint-03", ["B3.11"], "After all %d" % number)
    in_step(world)
    commit(world, "after all %d" % number)


ACTS: Dict[str, Callable[[World, int], None]] = {
    one.__name__: one
    for one in (
        switch_there_and_back,
        stash_and_pop,
        rebase_of_twenty_commits,
        folders_and_a_file_at_once,
        a_folder_moved_out_and_back,
        a_folder_moved_in,
        the_root_removed_and_made_again,
    )
}
SLOW = ("rebase_of_twenty_commits",)


def _try(world: World, name: str, tries: int) -> None:
    before = statuses(world)
    for number in range(tries):
        ACTS[name](world, number)
    after = statuses(world)
    assert {one: after[one] for one in before} == before
    assert world.me()["writes"] == 0


@pytest.mark.parametrize("name", sorted(ACTS))
def test_git_and_folders_under_a_watcher(busy: World, name: str) -> None:
    _try(busy, name, 1)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(ACTS))
def test_git_and_folders_under_a_watcher_many_times(busy: World, name: str) -> None:
    _try(busy, name, SLOW_TRIES if name in SLOW else TRIES)


def _checkout(world: World, files: int, tries: int) -> None:
    ids = ["B4.%d" % number for number in range(files)]
    write_missions(world, "sprint-04", ids, "As begun")
    world.git("add", "--all")
    commit(world, "many")
    world("cmosctl", "sync", check=False)
    world.start()
    world.git("switch", "--quiet", "--create", "other")
    write_missions(world, "sprint-04", ids, "As on the other branch")
    commit(world, "other")
    in_step(world)
    for _ in range(tries):
        world.git("switch", "--quiet", "main")
        in_step(world)
        world.git("switch", "--quiet", "other")
        in_step(world)
        assert world.git("status", "--porcelain") == ""


def test_a_checkout_of_many_changed_files(world: World) -> None:
    _checkout(world, 200, 1)


@pytest.mark.soak
def test_a_checkout_of_a_thousand_changed_files(world: World) -> None:
    _checkout(world, 1000, SLOW_TRIES)


@pytest.mark.soak
def test_what_is_written_while_it_is_stopped_is_seen_when_it_goes_on(world: World) -> None:
    for number in range(max(SLOW_TRIES // 2, 1)):
        pid = world.start()
        os.kill(pid, signal.SIGSTOP)
        for folder in range(14):
            ids = ["F%d.%d" % (folder, one) for one in range(1000)]
            write_missions(world, "flood-%d" % folder, ids, "Flood %d" % number)
        os.kill(pid, signal.SIGCONT)
        in_step(world, patience=120)
        # it hears again what happens in folders that came in the flood
        settled(world)
        write_missions(world, "flood-7", ["F7.7"], "After flood %d" % number)
        eventually(lambda n=number: world.value("objective", "F7.7") == "After flood %d" % n, patience=5)
        world("cmosctl", "watch", "stop")


def test_a_hand_typed_status_during_a_rebase_waits_for_its_end(busy: World) -> None:
    rebase = busy.folder / ".git" / "rebase-merge"
    rebase.mkdir()
    busy.edit("B3.1", '"Queued"', '"Completed"')
    eventually(lambda: "git" in busy.me()["trouble"])
    assert '"Completed"' in busy.file("B3.1").read_text("utf-8")
    rebase.rmdir()
    eventually(lambda: '"Queued"' in busy.file("B3.1").read_text("utf-8"))
    eventually(lambda: busy.me()["trouble"] == {})
    assert busy.git("status", "--porcelain") == ""


def test_what_a_command_set_during_a_merge_is_written_when_it_is_over(busy: World) -> None:
    head = busy.folder / ".git" / "MERGE_HEAD"
    head.write_text(busy.git("rev-parse", "HEAD"))
    busy("cmosctl", "mission", "complete", "B3.2")
    assert '"Queued"' in busy.file("B3.2").read_text("utf-8")
    head.unlink()
    eventually(lambda: '"Completed"' in busy.file("B3.2").read_text("utf-8"))


def test_pre_commit_s_stashing_moves_no_status(busy: World, tmp_path: Path) -> None:
    # what it does around each hook: unstaged changes go into a patch, then come back
    busy("cmosctl", "mission", "complete", "B3.3")
    write_missions(busy, "sprint-03", ["B3.4"], "Not staged")
    in_step(busy)
    before = statuses(busy)
    patch = tmp_path / "patch"
    patch.write_bytes(busy("git", "diff", "--binary").stdout)
    for _ in range(2):
        busy.git("checkout", "--", ".")
        settled(busy)
        busy.git("apply", str(patch))
        in_step(busy)
        assert statuses(busy) == before
    assert busy("git", "diff", "--binary").stdout == patch.read_bytes()


def test_a_status_set_with_sql_reaches_the_file(busy: World) -> None:
    busy("cmosctl", "db", "shell", "-c", "UPDATE missions SET status = 'Completed' WHERE id = 'B3.5'")
    eventually(lambda: '"Completed"' in busy.file("B3.5").read_text("utf-8"))
    assert busy.value("completed_at", "B3.5")
    rows = busy.ask("SELECT action, origin FROM sessions WHERE mission_id = 'B3.5'")
    assert rows == [("complete", "sql")]


def test_another_worktree_s_watcher_writes_nothing_there(busy: World, worlds: Callable[[Path], World]) -> None:
    other = worlds(busy.folder.parent / "another é")
    busy.git("worktree", "add", "--quiet", "-b", "other", str(other.folder))
    other.start()
    busy("cmosctl", "mission", "complete", "B3.6")
    settled(other)
    assert other.git("status", "--porcelain") == "" and other.me()["writes"] == 0
    shutil.rmtree(str(other.folder))
