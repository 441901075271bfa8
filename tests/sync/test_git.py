"""What git does to files is told from what hands do (docs/sync.md, S1, S3, S6, S7, S9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from world import MISSION, GitWorld

from cmos.actions import act as actions
from cmos.sync import run


@pytest.fixture
def world(tmp_path: Path) -> GitWorld:
    return GitWorld(tmp_path / "a wörld")


def complete(world: GitWorld, mission_id: str) -> None:
    world.act(actions.complete, mission_id)
    world.commit("complete " + mission_id)


def test_i5_branch_switch(world: GitWorld) -> None:
    world.git("branch", "old")
    complete(world, "B1.2")
    world.git("checkout", "--quiet", "old")
    world.sync()
    assert world.mission("B1.2").status == "Completed"
    assert world.dirty() == ""
    assert ("drift", "B1.2", "status") in world.issues()
    assert not [kind for kind, _, _ in world.issues() if kind == "proposal"]
    world.git("checkout", "--quiet", "-")
    world.sync()
    assert world.issues() == []
    assert world.dirty() == ""


def test_i4_clean_stays_clean_through_stash_and_reset(world: GitWorld) -> None:
    complete(world, "B1.2")
    world.act(actions.complete, "B2.1")
    world.git("stash")
    world.sync()
    assert (world.dirty(), world.mission("B2.1").status) == ("", "Completed")
    world.git("stash", "pop")
    world.sync()
    assert world.mission("B2.1").status == "Completed"
    assert "B2.1_memory" in world.dirty()
    world.git("reset", "--quiet", "--hard", "HEAD~1")
    world.sync()
    assert world.dirty() == ""
    assert [world.mission(one).status for one in ("B1.2", "B2.1")] == ["Completed", "Completed"]


def teammate(world: GitWorld, change: Any) -> None:
    """Let somebody else change the project and push; it is then fetched."""
    clone = world.root.parent / "clone"
    world.git("clone", "--quiet", str(world.root), str(clone))
    change(clone / "cmos" / "missions")
    world.git("add", "--all", cwd=clone)
    world.git("commit", "--quiet", "--message", "from a teammate", cwd=clone)
    world.git("remote", "add", "mate", str(clone))
    world.git("fetch", "--quiet", "mate")


def complete_b22(missions: Path) -> None:
    path = missions / "backlog.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("Search\n      status: Queued", "Search\n      status: Completed"))


def branch(world: GitWorld) -> str:
    return "mate/" + world.git("rev-parse", "--abbrev-ref", "HEAD").strip()


def test_a_teammate_s_status_is_taken_when_it_is_pulled(world: GitWorld) -> None:
    teammate(world, complete_b22)
    world.git("merge", "--quiet", "--ff-only", branch(world))
    world.sync()
    done = world.mission("B2.2")
    assert (done.status, bool(done.completed_at)) == ("Completed", True)
    assert world.dirty() == ""
    assert world.issues() == []
    logged = [(row[2], row[3], row[7]) for row in world.tables()["sessions"] if row[3] != "commit"]
    assert logged == [("B2.2", "complete", "git")]


def test_a_teammate_s_status_is_taken_through_a_true_merge(world: GitWorld) -> None:
    teammate(world, complete_b22)
    world.write("sprint-07/B7.1_new.yaml", MISSION.format(id="B7.1", name="New", status="Queued"))
    world.commit("something of ours")
    world.sync()
    world.git("merge", "--quiet", "--no-edit", branch(world))
    world.sync()
    assert world.mission("B2.2").status == "Completed"
    assert world.dirty() == ""


def test_a_pulled_status_that_contradicts_ours_is_a_conflict(world: GitWorld) -> None:
    teammate(world, complete_b22)
    path = world.path("backlog.yaml")
    path.chmod(0o444)
    world.act(actions.block, "B2.2", reason="no time")
    path.chmod(0o644)
    world.git("merge", "--quiet", "--ff-only", branch(world))
    world.sync()
    assert world.mission("B2.2").status == "Blocked"
    assert "Search\n      status: Completed" in world.read("backlog.yaml")
    assert ("conflict", "B2.2", "status") in world.issues()


def test_a_pulled_revert_is_news(world: GitWorld) -> None:
    complete(world, "B1.2")
    world.sync()
    world.git("revert", "--no-edit", "HEAD")
    world.sync()
    assert world.mission("B1.2").status == "Current"
    assert world.mission("B1.2").completed_at is None
    assert world.dirty() == ""


def test_a_status_typed_after_a_switch_is_still_a_proposal(world: GitWorld) -> None:
    world.git("branch", "old")
    complete(world, "B1.2")
    world.git("checkout", "--quiet", "old")
    world.replace("sprint-03/B3.1_extra.yaml", "status: Queued", "status: Completed")
    world.replace("sprint-01/B1.2_commands.yaml", "name: Commands", "name: Renamed on the old branch")
    world.sync()
    assert world.mission("B1.2").status == "Completed"
    assert "status: Current" in world.read("sprint-01/B1.2_commands.yaml")
    assert world.mission("B1.2").name == "Renamed on the old branch"
    assert [issue for issue in world.issues() if issue[0] == "proposal"] == [("proposal", "B3.1", "status")]
    assert "status: Queued" in world.read("sprint-03/B3.1_extra.yaml")


SIGNS = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_START", "rebase-merge/x", "rebase-apply/x"]


@pytest.mark.parametrize("sign", SIGNS)
def test_i6_hands_off_while_git_is_at_work(world: GitWorld, sign: str) -> None:
    path = world.root / ".git" / sign
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    world.replace("backlog.yaml", "Memory\n      status: Queued", "Memory\n      status: Completed")
    before = world.files()
    world.sync()
    world.act(actions.complete, "B1.2")
    assert world.files() == before
    assert world.mission("B1.2").status == "Completed"
    assert any("git is in the middle of" in notice for notice in notices(world))
    path.unlink()
    if path.parent.name != ".git":
        path.parent.rmdir()
    world.sync()
    assert 'status: "Completed"' in world.read("backlog.yaml")
    assert world.mission("B2.1").status == "Current"


def notices(world: GitWorld) -> list[str]:
    world.sync()
    return world.notices


def test_a_branch_without_the_folder_is_no_mass_change(world: GitWorld) -> None:
    world.git("checkout", "--quiet", "--orphan", "empty")
    world.git("rm", "-r", "--quiet", "--force", "cmos")
    world.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    assert world.sync().report.brake == ""
    assert world.notices == []
    assert world.mission("B1.2").status == "Current"
    world.git("checkout", "--quiet", "master" if "master" in world.git("branch") else "main")
    world.sync()
    assert world.issues() == []
    assert world.dirty() == ""


def test_two_worktrees_share_one_truth(world: GitWorld) -> None:
    other = world.root.parent / "other"
    world.git("worktree", "add", "--quiet", str(other))
    from cmos.project.project import open_project

    with open_project(str(other)) as ws:
        assert ws.layout.database == str(world.root / ".cmos" / "memory.db")
        run.refresh(ws)
        actions.complete(ws, "B1.2", actions.Act("tester"))
    assert world.mission("B1.2").status == "Completed"
    assert world.dirty() == ""
    assert world.git("status", "--porcelain", cwd=other) != ""
    world.sync()
    assert world.dirty() == ""
    assert ("drift", "B1.2", "status") in world.issues()
    world.git("commit", "--quiet", "--all", "--message", "done there", cwd=other)
    world.git("merge", "--quiet", "--ff-only", "other")
    world.sync()
    assert world.issues() == []


def test_i17_git_untouched(world: GitWorld) -> None:
    complete(world, "B1.2")
    index = (world.root / ".git" / "index").read_bytes()
    refs = world.git("for-each-ref")
    world.act(actions.start, "B2.1")
    world.git("stash", "list")
    world.sync()
    assert (world.root / ".git" / "index").read_bytes() == index
    assert world.git("for-each-ref") == refs


def test_the_file_s_filters_do_not_make_a_hand_of_git(world: GitWorld) -> None:
    world.git("config", "core.autocrlf", "true")
    world.git("branch", "old")
    complete(world, "B1.2")
    world.git("checkout", "--quiet", "old")
    assert b"\r\n" in world.path("backlog.yaml").read_bytes()
    world.sync()
    assert world.mission("B1.2").status == "Completed"
    assert not [issue for issue in world.issues() if issue[0] == "proposal"]
    assert world.dirty() == ""


def test_a_commit_of_ours_that_no_sync_saw_makes_no_conflict_of_a_pull(world: GitWorld) -> None:
    world.act(actions.complete, "B1.2")
    world.commit("ours")

    def complete_b21(missions: Path) -> None:
        for name in ("backlog.yaml", "sprint-02/B2.1_memory.yaml"):
            path = missions / name
            path.write_text(path.read_text("utf-8").replace("status: Current", "status: Completed"))

    teammate(world, complete_b21)
    world.git("merge", "--quiet", "--ff-only", branch(world))
    world.sync()
    assert world.issues() == []
    assert world.mission("B2.1").status == "Completed"
    assert world.dirty() == ""


def test_a_left_over_that_somebody_committed_is_left_to_git(world: GitWorld) -> None:
    world.write(".cmos-1-00000000.tmp", "half a")
    world.commit("with what a crash left")
    world.sync()
    assert (world.dirty(), world.kept()) == ("", [])
    world.git("rm", "--quiet", "cmos/missions/.cmos-1-00000000.tmp")
    world.write(".cmos-2-00000000.tmp", "half a")
    world.sync()
    assert (world.path(".cmos-2-00000000.tmp").exists(), world.kept()) == (False, [b"half a"])


def test_accepted_statuses_are_written_once(world: GitWorld) -> None:
    world.replace("backlog.yaml", 'status: "Current"', 'status: "Completed"')
    outcome = world.sync(accept_status_by="ada")
    assert world.notices == []
    assert outcome.accepted == ("B1.2 is Completed now",)
    assert ("B1.2", "Current") not in [(change.mission_id, change.after) for change in outcome.report.written]


def test_a_typed_status_that_the_lifecycle_refuses_is_put_back(world: GitWorld) -> None:
    world.replace("backlog.yaml", "Memory\n      status: Queued", "Memory\n      status: Shipped")
    outcome = world.sync(accept_status_by="ada")
    assert outcome.accepted == ("B2.1: Shipped is no status",)
    assert "Memory\n      status: Queued" in world.read("backlog.yaml")


def test_a_file_that_git_is_told_to_skip_is_never_written(world: GitWorld) -> None:
    name = "sprint-01/B1.2_commands.yaml"
    world.git("update-index", "--skip-worktree", "cmos/missions/" + name)
    before = world.read(name)
    world.act(actions.complete, "B1.2")
    assert world.read(name) == before
    assert 'status: "Completed"' in world.read("backlog.yaml")
    assert ("pending", "B1.2", "status") in world.issues()
