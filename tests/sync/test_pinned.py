"""Single behaviours of the sync. Each pins a line that could once be wrong without a test that noticed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from world import BACKLOG, MISSION, GitWorld, World

from cmos.actions import act as actions
from cmos.core.errors import FileProblem
from cmos.files import exchange
from cmos.missions.find import find_mission
from cmos.setup.setup import set_up
from cmos.sync import run
from cmos.sync.record import save


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A project; in a repository where the test asks for a GitWorld."""
    is_git = request.function.__annotations__["world"] == "GitWorld"
    return (GitWorld if is_git else World)(tmp_path / "w")


def test_a_hand_edit_beside_a_known_difference_rewrites_no_status(world: World) -> None:
    world.write("sprint-05/B1.1_late.yaml", MISSION.format(id="B1.1", name="Late", status="Queued"))
    world.sync()
    world.replace("sprint-05/B1.1_late.yaml", "name: Late", "name: Later")
    world.sync()
    assert "status: Queued" in world.read("sprint-05/B1.1_late.yaml")
    assert world.issues() == [("drift", "B1.1", "status")]


def test_a_commit_that_leaves_the_status_alone_is_no_conflict(world: GitWorld) -> None:
    world.write("sprint-05/B1.1_late.yaml", MISSION.format(id="B1.1", name="Late", status="Queued"))
    world.commit("late")
    world.sync()
    assert world.issues() == [("drift", "B1.1", "status")]
    world.git("checkout", "--quiet", "-b", "x")
    world.git("checkout", "--quiet", "-")
    world.git("checkout", "--quiet", "x")
    world.replace("sprint-05/B1.1_late.yaml", "name: Late", "name: Later")
    world.commit("later")
    world.git("checkout", "--quiet", "-")
    world.sync()
    world.git("merge", "--quiet", "--ff-only", "x")
    world.sync()
    assert world.issues() == [("drift", "B1.1", "status")]
    assert world.mission("B1.1").status == "Completed"


def test_at_the_first_import_the_backlog_s_status_counts(tmp_path: Path) -> None:
    w = World.__new__(World)
    w.root = tmp_path / "n"
    w.write("backlog.yaml", BACKLOG.format(name="Search"))
    w.write("sprint-01/B1.1_f.yaml", MISSION.format(id="B1.1", name="Foundation", status="Queued"))
    set_up(str(w.root))
    assert w.mission("B1.1").status == "Completed"
    assert ("drift", "B1.1", "status") in w.issues()


def test_a_written_file_keeps_its_mode(world: World) -> None:
    p = world.path("sprint-01/B1.2_commands.yaml")
    p.chmod(0o640)
    world.act(actions.complete, "B1.2")
    assert stat.S_IMODE(p.stat().st_mode) == 0o640 and "Completed" in p.read_text()


def test_a_symbolic_link_is_never_written(world: World) -> None:
    p = world.path("sprint-01/B1.2_commands.yaml")
    t = world.root / "elsewhere.yaml"
    p.rename(t)
    p.symlink_to(t)
    before = t.read_bytes()
    world.act(actions.complete, "B1.2")
    world.sync()
    assert p.is_symlink() and t.read_bytes() == before


def test_a_racing_save_survives_without_an_atomic_exchange(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_rename_exchange", lambda a, b: False)
    real = exchange._swap
    saves = ["name: Commands, renamed in the race"]

    def swap(one, other):
        if saves and other.endswith("B1.2_commands.yaml"):
            world.replace("sprint-01/B1.2_commands.yaml", "name: Commands", saves.pop())
        real(one, other)

    monkeypatch.setattr(exchange, "_swap", swap)
    world.act(actions.complete, "B1.2")
    text = world.read("sprint-01/B1.2_commands.yaml")
    assert "renamed in the race" in text and "status: Completed" in text


def test_a_text_that_a_write_replaces_is_kept(world: World) -> None:
    world.replace("sprint-01/B1.2_commands.yaml", "name: Commands", "name: Never committed")
    world.sync()
    old = world.read("sprint-01/B1.2_commands.yaml").encode()
    world.act(actions.complete, "B1.2")
    assert old in world.kept()


def test_two_racing_saves_survive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = exchange._swap
    n = [0]

    def swap(one, other):
        if other.endswith("B1.2_commands.yaml") and n[0] < 2:
            n[0] += 1
            world.write(
                "sprint-01/B1.2_commands.yaml", MISSION.format(id="B1.2", name="save %d" % n[0], status="Current")
            )
        real(one, other)

    monkeypatch.setattr(exchange, "_swap", swap)
    world.act(actions.complete, "B1.2")
    world.sync()
    all_texts = [*world.kept(), *world.files().values()]
    assert any(b"save 1" in t for t in all_texts) and any(b"save 2" in t for t in all_texts)


def test_typing_back_what_a_command_replaced_is_a_proposal(world: World) -> None:
    world.act(actions.complete, "B1.2")
    world.replace("sprint-01/B1.2_commands.yaml", "status: Completed", "status: Current")
    world.sync()
    assert "status: Completed" in world.read("sprint-01/B1.2_commands.yaml")
    assert ("proposal", "B1.2", "status") in world.issues()


def test_a_status_with_an_anchor_stays_pending(world: World) -> None:
    world.replace("sprint-03/B3.1_extra.yaml", "status: Queued", "status: &s Queued")
    world.sync()
    world.act(actions.start, "B3.1")
    assert "&s Queued" in world.read("sprint-03/B3.1_extra.yaml")
    assert world.issues() == [("pending", "B3.1", "status")]


def test_the_status_of_an_invalid_part_stays_pending(world: World) -> None:
    p = "sprint-01/B1.2_commands.yaml"
    world.write(p, world.read(p) + "\nx: [\n")
    world.sync()
    world.act(actions.complete, "B1.2")
    assert ("pending", "B1.2", "status") in world.issues()


def test_a_command_that_settles_a_drift_closes_it(world: World) -> None:
    world.write("sprint-05/B2.2_late.yaml", MISSION.format(id="B2.2", name="Search", status="Blocked"))
    world.sync()
    assert ("drift", "B2.2", "status") in world.issues()
    world.act(actions.start, "B2.2")
    assert ("drift", "B2.2", "status") not in world.issues()


def test_a_blocked_mission_that_arrives_has_a_reason(world: GitWorld) -> None:
    world.git("checkout", "--quiet", "-b", "mate")
    world.replace("backlog.yaml", "Search\n      status: Queued", "Search\n      status: Blocked")
    world.commit("x")
    world.git("checkout", "--quiet", "-")
    world.git("merge", "--quiet", "--ff-only", "mate")
    world.sync()
    m = world.mission("B2.2")
    assert (m.status, m.blocked_reason) == ("Blocked", "arrived through git")


def test_what_the_commit_says_waits_for_none_when_a_stash_comes_back(world: GitWorld) -> None:
    world.git("branch", "mate")
    world.act(actions.complete, "B2.2")
    world.commit("done")
    world.git("checkout", "--quiet", "mate")
    world.sync()
    world.act(actions.complete, "B2.1")
    world.git("stash")
    world.sync()
    world.git("stash", "pop")
    world.sync()
    assert world.issues() == [("drift", "B2.2", "status")]


def test_a_note_about_a_status_is_closed_when_the_status_arrives(world: GitWorld) -> None:
    world.git("checkout", "--quiet", "-b", "mate")
    world.replace("backlog.yaml", "Search\n      status: Queued", "Search\n      status: Completed")
    world.commit("x")
    world.git("checkout", "--quiet", "-")
    world.replace("backlog.yaml", "Search\n      status: Queued", "Search\n      status: Completed")
    world.sync()
    assert ("waiting", "B2.2", "status") in world.issues()
    world.git("checkout", "--quiet", "--", ".")
    world.git("merge", "--quiet", "--ff-only", "mate")
    world.sync()
    assert world.mission("B2.2").status == "Completed" and world.issues() == []


def test_a_dependency_taken_out_of_the_backlog_is_gone(world: World) -> None:
    world.replace("backlog.yaml", "  - {from: B1.2, to: B2.1, type: Blocks}\n", "")
    world.replace("backlog.yaml", "  missionDependencies:\n", "  missionDependencies: []\n")
    world.sync()
    assert world.tables()["dependencies"] == []


def test_the_order_of_missions_is_the_backlog_s(tmp_path: Path) -> None:
    w = World(tmp_path / "o")
    t = w.read("backlog.yaml")
    a = "    - id: B2.1\n      name: Memory\n      status: Queued\n"
    b = "    - id: B2.2\n      name: Search\n      status: Queued\n"
    w.write("backlog.yaml", t.replace(a + b, b + a))
    w.sync()
    w.act(actions.complete, "B1.2")
    assert w.mission("B2.2").status == "Current"


def test_a_mission_cut_from_a_file_of_two_is_missing(world: World) -> None:
    world.write(
        "sprint-06/two.yaml",
        MISSION.format(id="B6.1", name="One", status="Queued")
        + "---\n"
        + MISSION.format(id="B6.2", name="Two", status="Queued"),
    )
    world.sync()
    world.write("sprint-06/two.yaml", MISSION.format(id="B6.1", name="One", status="Queued"))
    world.sync()
    assert world.issues() == [("missing", "B6.2", None)]


def test_missions_that_stop_parsing_at_once_are_a_mass_change(world: World) -> None:
    for n in (
        "backlog.yaml",
        "sprint-01/B1.2_commands.yaml",
        "sprint-02/B2.1_memory.yaml",
        "sprint-03/B3.1_extra.yaml",
    ):
        world.write(n, world.read(n).replace("status:", "status: a: b:"))
    assert world.sync().report.brake


def test_a_moved_folder_is_no_mass_change(world: World) -> None:
    (world.root / "cmos" / "missions" / "all").mkdir()
    for n in ("backlog.yaml", "sprint-01", "sprint-02", "sprint-03"):
        world.path(n).rename(world.path("all/" + n))
    assert not world.sync().report.brake


def test_a_full_disk_at_one_file_leaves_the_others_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = exchange._write

    def write(temporary, content, *, like):
        if "B1.2" in like:
            raise OSError(28, "No space left on device")
        return real(temporary, content, like=like)

    monkeypatch.setattr(exchange, "_write", write)
    with pytest.raises(FileProblem):
        world.act(actions.complete, "B1.2")
    assert 'status: "Completed"' in world.read("backlog.yaml")


def test_a_plain_sync_inserts_no_line(world: World) -> None:
    bare = MISSION.format(id="B4.1", name="Bare", status="X").replace("status: X   # by hand\n", "")
    world.write("sprint-04/B4.1_bare.yaml", bare)
    world.sync()
    world.sync()
    assert world.read("sprint-04/B4.1_bare.yaml") == bare


def test_a_command_inserts_one_line_in_one_place(world: World) -> None:
    bare = MISSION.format(id="B4.1", name="Bare", status="X").replace("status: X   # by hand\n", "")
    world.write("sprint-04/B4.1_bare.yaml", bare)
    t = world.read("backlog.yaml")
    world.write(
        "backlog.yaml",
        t.replace(
            "  missionDependencies:",
            "  - sprintId: Sprint 4\n    missions:\n    - id: B4.1\n      name: Bare\n  missionDependencies:",
        ),
    )
    world.sync()
    world.act(actions.start, "B4.1")
    texts = world.read("backlog.yaml") + world.read("sprint-04/B4.1_bare.yaml")
    assert texts.count("In Progress") == 1


def test_a_refused_name_does_not_hold_up_the_status(world: World) -> None:
    with world.open() as ws, run.change(ws) as db:
        before = find_mission(db, "B3.1")
        save(ws, before, before._replace(name="a\x07b", status="Blocked", blocked_reason="x"))
    assert "status: Blocked" in world.read("sprint-03/B3.1_extra.yaml")


def test_a_typed_time_of_completion_is_put_back(world: World) -> None:
    world.replace("backlog.yaml", "'2026-01-02T03:04:05Z'", "'2025-01-02T03:04:05Z'")
    world.sync()
    assert world.mission("B1.1").completed_at == "2026-01-02T03:04:05Z"
    assert "2026-01-02T03:04:05Z" in world.read("backlog.yaml")


def test_a_name_edited_while_a_status_is_pending_makes_no_proposal(world: World) -> None:
    p = world.path("sprint-01/B1.2_commands.yaml")
    p.chmod(0o444)
    world.act(actions.complete, "B1.2")
    p.chmod(0o644)
    world.replace("sprint-01/B1.2_commands.yaml", "name: Commands", "name: Renamed")
    world.sync()
    assert not [i for i in world.issues() if i[0] == "proposal"]
    assert "status: Completed" in world.read("sprint-01/B1.2_commands.yaml")


def test_a_row_does_not_rename_what_the_mission_s_file_names(world: World) -> None:
    world.replace("sprint-02/B2.1_memory.yaml", "name: Memory", "name: Memory of the file")
    world.sync()
    world.replace("backlog.yaml", "name: Memory\n", "name: Memory of the row\n")
    world.sync()
    assert world.mission("B2.1").name == "Memory of the file"


def test_a_mended_file_is_compared_with_what_it_last_said(world: World) -> None:
    n = "sprint-02/B2.1_memory.yaml"
    good = world.read(n)
    world.write(n, "id: [\n")
    world.sync()
    world.write(n, good.replace("status: Queued", "status: Completed"))
    world.sync()
    assert ("proposal", "B2.1", "status") in world.issues() and "status: Queued" in world.read(n)


def test_the_status_of_a_part_that_does_not_parse_says_nothing(world: World) -> None:
    n = "sprint-02/B2.1_memory.yaml"
    world.write(n, world.read(n).replace("status: Queued", "status: Completed") + "x: [\n")
    world.sync()
    assert [k for k, _, _ in world.issues()] == ["quarantine"] and "status: Completed" in world.read(n)


def test_all_commits_since_the_last_look_count(world: GitWorld) -> None:
    n = "sprint-03/B3.1_extra.yaml"
    world.git("checkout", "--quiet", "-b", "mate")
    for k in range(3):
        world.replace(n, "objective:", "k%d: x\nobjective:" % k)
        world.commit("k%d" % k)
    world.replace(n, "status: Queued", "status: Completed")
    world.commit("done")
    world.git("checkout", "--quiet", "-")
    world.write("other.txt", "x")
    world.commit("ours")
    world.sync()
    world.git("merge", "--quiet", "--no-edit", "mate")
    world.sync()
    assert world.mission("B3.1").status == "Completed" and world.issues() == []


def test_what_is_typed_over_a_status_that_waits_is_put_back_and_the_note_about_it_stays(world: GitWorld) -> None:
    world.git("checkout", "--quiet", "-b", "mate")
    world.replace("sprint-03/B3.1_extra.yaml", "status: Queued", "status: Completed")
    world.commit("done")
    world.git("checkout", "--quiet", "-")
    world.git("cherry-pick", "--no-commit", "mate")
    world.sync()
    assert world.issues() == [("waiting", "B3.1", "status")]
    world.replace("sprint-03/B3.1_extra.yaml", "status: Completed", "status: Blocked")
    world.sync()
    assert "status: Completed" in world.read("sprint-03/B3.1_extra.yaml")
    assert sorted(world.issues()) == [("proposal", "B3.1", "status"), ("waiting", "B3.1", "status")]


def test_a_name_that_was_set_while_the_file_was_away_is_written_when_it_comes_back(world: World) -> None:
    path = world.path("sprint-03/B3.1_extra.yaml")
    text = path.read_text("utf-8")
    path.unlink()
    world.sync()
    with world.open() as ws, run.change(ws) as db:
        before = find_mission(db, "B3.1")
        save(ws, before, before._replace(name="Set meanwhile"))
    assert ("pending", "B3.1", "name") in world.issues()
    world.write("sprint-03/B3.1_extra.yaml", text)
    world.sync()
    assert "name: Set meanwhile" in world.read("sprint-03/B3.1_extra.yaml")
    assert world.mission("B3.1").name == "Set meanwhile" and world.issues() == []


def test_a_name_that_was_set_while_no_file_had_the_mission_is_kept_when_its_row_comes_back(world: World) -> None:
    text = world.read("backlog.yaml")
    world.write("backlog.yaml", text.replace("    - id: B1.1\n", "    - id: B1.9\n"))
    world.sync()
    with world.open() as ws, run.change(ws) as db:
        before = find_mission(db, "B1.1")
        save(ws, before, before._replace(name="Set meanwhile"))
    assert world.sync().report.is_empty
    world.write("backlog.yaml", text)
    outcome = world.sync()
    assert world.mission("B1.1").name == "Foundation" and "name: Foundation" in world.read("backlog.yaml")
    assert [change.before for change in outcome.report.conflicts] == ["Set meanwhile"]
    assert world.sync().report.is_empty
