"""The invariants of docs/sync.md, section 6, each by its name, without git."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import MISSION, World

from cmos.actions import act as actions
from cmos.core.errors import NeedsPerson
from cmos.missions.find import find_mission
from cmos.sync import issue_rows, run
from cmos.sync.record import save


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "a wörld")


def test_i1_no_loss_of_a_status_typed_by_hand(world: World) -> None:
    world.replace("backlog.yaml", "name: Memory\n      status: Queued", "name: Memory\n      status: Completed")
    world.sync()
    assert world.mission("B2.1").status == "Queued"
    assert "name: Memory\n      status: Queued" in world.read("backlog.yaml")
    assert ("proposal", "B2.1", "status") in world.issues()
    assert any("cmosctl mission complete B2.1" in notice for notice in world.notices)


def test_i1_no_loss_when_a_name_is_set_on_both_sides(world: World) -> None:
    world.replace("sprint-02/B2.1_memory.yaml", "name: Memory", "name: Memory of the file")
    with pytest.raises(NeedsPerson, match="Memory of the command"):
        rename(world, "B2.1", "Memory of the command")
    assert "name: Memory of the file" in world.read("sprint-02/B2.1_memory.yaml")
    assert world.mission("B2.1").name == "Memory of the file"
    assert world.issues() == [("conflict", "B2.1", "name")]
    assert any("Memory of the command" in repr(row) for row in world.tables()["issues"])
    rename(world, "B2.1", "Memory of the command")
    assert "name: Memory of the command" in world.read("sprint-02/B2.1_memory.yaml")


def test_i1_no_loss_when_the_file_changes_before_a_command_s_value_is_written(world: World) -> None:
    path = world.path("sprint-02/B2.1_memory.yaml")
    path.chmod(0o444)
    rename(world, "B2.1", "Memory of the command")
    path.chmod(0o644)
    world.replace("sprint-02/B2.1_memory.yaml", "name: Memory", "name: Memory of the file")
    world.sync()
    assert world.mission("B2.1").name == "Memory of the file"
    assert "name: Memory of the file" in world.read("sprint-02/B2.1_memory.yaml")
    assert ("conflict", "B2.1", "name") in world.issues()
    assert any("Memory of the command" in repr(row) for row in world.tables()["issues"])


def rename(world: World, mission_id: str, name: str) -> None:
    with world.open() as ws, run.change(ws) as db:
        before = find_mission(db, mission_id)
        save(ws, before, before._replace(name=name))


def test_i2_idempotent(world: World) -> None:
    world.act(actions.complete, "B1.2")
    world.replace("sprint-03/B3.1_extra.yaml", "status: Queued", "status: Blocked")
    world.write("sprint-03/broken.yaml", "id: [\n")
    world.sync()
    world.sync()
    before = world.snapshot()
    assert world.sync().report.is_empty
    assert world.snapshot() == before


def test_i3_local(world: World) -> None:
    before = world.files()
    world.act(actions.complete, "B1.2")
    changed = {name: (before[name], text) for name, text in world.files().items() if before[name] != text}
    assert sorted(changed) == ["missions/backlog.yaml", "missions/sprint-01/B1.2_commands.yaml",
                               "missions/sprint-02/B2.1_memory.yaml"]
    for old, new in changed.values():
        lines = [(a, b) for a, b in zip(old.splitlines(), new.splitlines()) if a != b]
        assert len(old.splitlines()) == len(new.splitlines())
        for one, other in lines:
            assert one.replace(b"Current", b"Completed") == other or one.replace(b"Queued", b"Current") == other


def test_i3_local_one_inserted_line_where_no_record_has_a_status(world: World) -> None:
    bare = MISSION.format(id="B4.1", name="Bare", status="X").replace("status: X   # by hand\n", "")
    world.write("sprint-04/B4.1_bare.yaml", bare)
    world.sync()
    assert world.read("sprint-04/B4.1_bare.yaml") == bare
    world.act(actions.start, "B4.1")
    lines = world.read("sprint-04/B4.1_bare.yaml").splitlines()
    assert lines.pop(2) == "status: In Progress"
    assert lines == bare.splitlines()


def test_i4_clean_stays_clean(world: World) -> None:
    before = world.files()
    for _ in range(3):
        world.sync()
        with world.open() as ws:
            run.refresh(ws)
    assert world.files() == before


def test_i6_hands_off_a_file_that_does_not_parse(world: World) -> None:
    row = world.mission("B2.1")
    broken = world.read("sprint-02/B2.1_memory.yaml").replace("name: Memory", "name: Mem: ory: x").replace(
        "status: Queued", "status: Completed")
    world.write("sprint-02/B2.1_memory.yaml", broken)
    world.sync()
    assert world.read("sprint-02/B2.1_memory.yaml") == broken
    assert world.mission("B2.1") == row
    assert [kind for kind, _, _ in world.issues()] == ["quarantine"]
    world.write("sprint-02/B2.1_memory.yaml", MISSION.format(id="B2.1", name="Mended", status="Queued"))
    world.sync()
    assert world.mission("B2.1").name == "Mended"
    assert world.issues() == []


def test_i6_hands_off_a_duplicate(world: World) -> None:
    world.write("sprint-09/copy.yaml", MISSION.format(id="B2.1", name="A copy", status="Completed"))
    world.sync()
    assert world.mission("B2.1").name == "Memory"
    assert "status: Completed" in world.read("sprint-09/copy.yaml")
    assert [kind for kind, _, _ in world.issues()] == ["duplicate"]
    world.path("sprint-02/B2.1_memory.yaml").unlink()
    world.sync()
    assert world.mission("B2.1").name == "A copy"
    assert world.mission("B2.1").status == "Queued"


def test_i7_converged_or_explained(world: World) -> None:
    world.write("sprint-05/B5.1_new.yaml", MISSION.format(id="B5.1", name="New", status="Blocked"))
    world.sync()
    assert world.mission("B5.1").status == "Blocked"
    world.write("sprint-05/B1.1_late.yaml", MISSION.format(id="B1.1", name="Late", status="Queued"))
    world.sync()
    assert world.mission("B1.1").status == "Completed"
    assert "status: Queued" in world.read("sprint-05/B1.1_late.yaml")
    assert world.issues() == [("drift", "B1.1", "status")]


def test_i9_a_racing_save_survives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from cmos.files import exchange

    real = exchange._swap
    saves = ["name: Commands, renamed in the race"]

    def swap(one: str, other: str) -> None:
        if saves and other.endswith("B1.2_commands.yaml"):
            world.replace("sprint-01/B1.2_commands.yaml", "name: Commands", saves.pop())
        real(one, other)

    monkeypatch.setattr(exchange, "_swap", swap)
    world.act(actions.complete, "B1.2")
    text = world.read("sprint-01/B1.2_commands.yaml")
    assert "name: Commands, renamed in the race" in text
    assert "status: Completed" in text
    assert world.mission("B1.2").name == "Commands, renamed in the race"


def test_i9_a_racing_save_through_an_open_file_is_kept(world: World) -> None:
    path = world.path("sprint-01/B1.2_commands.yaml")
    with open(str(path), "r+b") as editor:
        world.act(actions.complete, "B1.2")
        editor.write(b"# typed into the old file\n")
    import time

    time.sleep(0.06)
    world.sync()
    assert any(text.startswith(b"# typed into the old file\n") for text in world.kept())
    assert any("was being written is kept" in notice for notice in world.notices)
    assert "status: Completed" in path.read_text("utf-8")


def test_i10_no_deletion_by_absence(world: World) -> None:
    ids = {"B1.1", "B1.2", "B2.1", "B2.2", "B3.1"}
    world.path("sprint-02/B2.1_memory.yaml").unlink()
    world.replace("backlog.yaml", "    - id: B2.2\n      name: Search\n      status: Queued\n", "")
    world.sync()
    assert {row[0] for row in world.tables()["missions"]} == ids
    assert world.issues() == [("missing", "B2.1", None)]


def test_i10_no_deletion_by_absence_of_everything(world: World) -> None:
    import shutil

    before = world.tables()
    shutil.move(str(world.path(".")), str(world.root / "away"))
    outcome = world.sync()
    assert "--accept-mass-change" in outcome.report.brake
    assert world.tables() == before
    shutil.move(str(world.root / "away"), str(world.path(".")))
    assert world.sync().is_in_step


def test_a_mass_change_goes_on_when_it_is_accepted(world: World) -> None:
    for name in ("backlog.yaml", "sprint-01/B1.2_commands.yaml", "sprint-02/B2.1_memory.yaml"):
        world.path(name).unlink()
    assert world.sync().report.brake
    assert not world.sync(accept_mass_change=True).report.brake
    assert ("missing", "B1.2", None) in world.issues()
    assert world.mission("B1.2").status == "Current"


def test_i11_echo_free(world: World) -> None:
    world.act(actions.complete, "B1.2")
    with world.open() as ws:
        from cmos.sync.survey import survey

        assert survey(ws).is_quiet


def test_a_renamed_file_stays_the_mission_s(world: World) -> None:
    text = world.read("sprint-02/B2.1_memory.yaml")
    world.path("sprint-02/B2.1_memory.yaml").unlink()
    world.write("sprint-02/elsewhere.yaml", text.replace("status: Queued", "status: Completed"))
    outcome = world.sync()
    assert outcome.report.renamed
    assert world.mission("B2.1").status == "Queued"
    assert world.read("sprint-02/elsewhere.yaml") == text
    assert world.issues() == [("proposal", "B2.1", "status")]


def test_accepting_typed_statuses_goes_through_the_lifecycle(world: World) -> None:
    world.replace("backlog.yaml", 'status: "Current"', 'status: "Completed"')
    world.sync(accept_status_by="ada")
    done = world.mission("B1.2")
    assert (done.status, bool(done.completed_at)) == ("Completed", True)
    assert world.mission("B2.1").status == "Current"
    assert 'status: "Completed"' in world.read("backlog.yaml")
    assert "status: Completed" in world.read("sprint-01/B1.2_commands.yaml")
    assert world.issues() == []


def test_an_old_drift_is_settled_by_the_next_command(world: World) -> None:
    world.write("sprint-05/B2.2_late.yaml", MISSION.format(id="B2.2", name="Search", status="Planned"))
    world.sync()
    assert world.issues() == []  # Planned is Queued in other words
    world.act(actions.start, "B2.2")
    assert "status: In Progress   # by hand" in world.read("sprint-05/B2.2_late.yaml")


def test_a_read_only_file_stays_pending_with_its_reason(world: World) -> None:
    path = world.path("sprint-01/B1.2_commands.yaml")
    path.chmod(0o444)
    world.act(actions.complete, "B1.2")
    assert "status: Current" in path.read_text("utf-8")
    assert world.issues() == [("pending", "B1.2", "status")]
    path.chmod(0o644)
    world.sync()
    assert "status: Completed" in path.read_text("utf-8")
    assert world.issues() == []


def test_a_look_changes_nothing(world: World) -> None:
    world.replace("backlog.yaml", "name: Memory\n      status: Queued", "name: Memory\n      status: Completed")
    world.write("sprint-05/B5.1_new.yaml", MISSION.format(id="B5.1", name="New", status="Blocked"))
    before = world.snapshot()
    outcome = world.look()
    assert not outcome.is_in_step
    assert outcome.report.registered == ["B5.1"]
    assert [(change.mission_id, change.after) for change in outcome.planned] == [("B2.1", "Queued")]
    assert world.snapshot() == before


def test_a_copy_at_the_old_path_of_a_moved_file_makes_nothing_missing(world: World) -> None:
    old = world.read("sprint-02/B2.1_memory.yaml")
    world.path("sprint-02/B2.1_memory.yaml").rename(world.path("sprint-02/renamed.yaml"))
    world.sync()
    world.write("sprint-02/B2.1_memory.yaml", old)
    world.sync()
    assert world.issues() == [("duplicate", "B2.1", "B2.1")]
    world.path("sprint-02/B2.1_memory.yaml").unlink()
    world.sync()
    assert world.issues() == []


def test_a_difference_goes_with_the_file(world: World) -> None:
    world.write("sprint-05/B1.1_late.yaml", MISSION.format(id="B1.1", name="Late", status="Queued"))
    world.sync()
    world.path("sprint-05/B1.1_late.yaml").rename(world.path("sprint-05/moved.yaml"))
    world.sync()
    with world.open() as ws:
        assert [issue.path for issue in issue_rows.open_issues(ws.db)] == ["cmos/missions/sprint-05/moved.yaml"]
