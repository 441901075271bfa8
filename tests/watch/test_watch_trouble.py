"""What goes wrong around a watcher: it survives, says so, and is right again when things are."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from typing import Any

import pytest
from watch_world import World, alive, eventually, foreground, in_step, settled, write_missions

from cmos.project.project import find_project
from cmos.watch import events
from cmos.watch.daemon import EVENTS, POLLING, Burst, Flag


@pytest.fixture
def watched(world: World) -> World:
    write_missions(world, "sprint-03", ["B3.%d" % number for number in range(1, 9)], "As begun")
    world("cmosctl", "sync", check=False)
    world.start()
    in_step(world)
    return world


def works(world: World, text: str) -> None:
    """Fail unless a save reaches the database."""
    write_missions(world, "sprint-03", ["B3.1"], text)
    eventually(lambda: world.value("objective", "B3.1") == text, "the watcher does not see saves")


def test_a_removed_missions_folder_changes_nothing_and_is_said(watched: World) -> None:
    before = watched.ask("SELECT * FROM missions ORDER BY id")
    shutil.move(str(watched.missions), str(watched.folder / "away"))
    eventually(lambda: "accept-mass-change" in watched.me()["trouble"].get("files", ""))
    assert watched.ask("SELECT * FROM missions ORDER BY id") == before
    ran = watched("cmosctl", "watch", "status")
    assert "files: " in ran.out and "accept-mass-change" in ran.out
    shutil.move(str(watched.folder / "away"), str(watched.missions))
    eventually(lambda: watched.me()["trouble"] == {})
    works(watched, "Back again")


def test_a_replaced_missions_folder_is_watched(watched: World) -> None:
    new = watched.folder / "new"
    shutil.copytree(str(watched.missions), str(new))
    shutil.rmtree(str(watched.missions))
    new.rename(watched.missions)
    works(watched, "In the new one")


def test_a_renamed_project_folder_is_given_up(watched: World) -> None:
    pid = watched.status()["watcher"]["pid"]
    os.rename(str(watched.folder), str(watched.folder) + " moved")
    eventually(lambda: not alive(pid))


def test_a_deleted_database_is_said_and_a_new_one_taken_up(watched: World) -> None:
    shutil.rmtree(str(watched.folder / ".cmos"))
    write_missions(watched, "sprint-03", ["B3.2"], "Meanwhile")
    eventually(lambda: "there is no database" in watched.me()["trouble"].get("database", ""))
    assert not (watched.folder / ".cmos" / "memory.db").exists()
    watched("cmosctl", "db", "recover")
    eventually(lambda: watched.me()["trouble"] == {})
    in_step(watched)
    works(watched, "In the new database")


def test_a_database_that_somebody_else_holds_is_waited_for(watched: World) -> None:
    db = sqlite3.connect(str(watched.database), isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    write_missions(watched, "sprint-03", ["B3.1"], "While it is held")
    eventually(lambda: "busy" in watched.me()["trouble"].get("database", ""))
    time.sleep(5)  # it tries again and again, and says it once
    assert (watched.folder / ".git" / "cmos" / "watch.log").read_text("utf-8").count("busy") == 1
    db.execute("ROLLBACK")
    db.close()
    eventually(lambda: watched.value("objective", "B3.1") == "While it is held")
    eventually(lambda: watched.me()["trouble"] == {})


def test_a_damaged_database_is_said(watched: World) -> None:
    for name in ("memory.db-wal", "memory.db-shm"):
        (watched.folder / ".cmos" / name).unlink()
    other = watched.folder / ".cmos" / "other"
    other.write_bytes(b"this is no database at all, whatever its name says" * 100)
    os.replace(str(other), str(watched.database))
    eventually(lambda: "damaged" in watched.me()["trouble"].get("database", ""))
    assert watched.status()["running"]


def test_a_newer_schema_ends_it(watched: World) -> None:
    pid = watched.status()["watcher"]["pid"]
    with sqlite3.connect(str(watched.database)) as db:
        db.execute("PRAGMA user_version=9999")
    db.close()
    eventually(lambda: not alive(pid))
    assert "another schema" in (watched.folder / ".git" / "cmos" / "watch.log").read_text("utf-8")


def test_a_clock_that_was_set_back_keeps_nothing_from_being_seen(watched: World) -> None:
    # for the watcher it is the same as files from the future
    path = watched.file("B3.1")
    later = path.stat().st_mtime_ns + 3_600_000_000_000
    path.write_text(path.read_text("utf-8").replace("As begun", "From the future"), "utf-8")
    os.utime(str(path), ns=(later, later))
    eventually(lambda: watched.value("objective", "B3.1") == "From the future")
    path.write_text(path.read_text("utf-8").replace("From the future", "From the past"), "utf-8")
    os.utime(str(path), ns=(10**18, 10**18))
    eventually(lambda: watched.value("objective", "B3.1") == "From the past")


def test_it_goes_on_after_it_was_stopped(watched: World) -> None:
    pid = watched.status()["watcher"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    write_missions(watched, "sprint-03", ["B3.1"], "While it was stopped")
    os.kill(pid, signal.SIGCONT)
    eventually(lambda: watched.value("objective", "B3.1") == "While it was stopped")


def test_a_file_that_cannot_be_written_is_said_and_written_later(watched: World) -> None:
    path = watched.file("B3.3")
    os.link(str(path), str(watched.folder / "a second name"))
    watched.edit("B3.3", '"Queued"', '"Completed"')
    eventually(lambda: "the status of B3.3 is not written" in watched.me()["trouble"].get("writing", ""))
    assert "writing: " in watched("cmosctl", "watch", "status").out
    (watched.folder / "a second name").unlink()
    # nothing in the folder tells that: the next save does, or a scan
    os.utime(str(path))
    eventually(lambda: '"Queued"' in path.read_text("utf-8"))
    eventually(lambda: watched.me()["trouble"] == {})


@pytest.mark.soak
def test_a_refused_write_is_tried_again_although_nothing_tells_that_it_is_possible(watched: World) -> None:
    path = watched.file("B3.3")
    watched.git("add", "--all")
    watched.git("update-index", "--skip-worktree", str(path))
    watched.edit("B3.3", '"Queued"', '"Completed"')
    eventually(lambda: watched.ask("SELECT 1 FROM issues WHERE kind = 'pending' AND mission_id = 'B3.3'") != [])
    watched.git("update-index", "--no-skip-worktree", str(path))
    eventually(lambda: '"Queued"' in path.read_text("utf-8"))


def test_a_flood_of_odd_things_in_the_folder_stops_nothing(watched: World) -> None:
    folder = watched.missions / "odd"
    folder.mkdir()
    (folder / "a.yaml").mkdir()
    os.mkfifo(str(folder / "b.yaml"))
    os.symlink("nowhere", str(folder / "c.yaml"))
    (folder / "d.yaml").write_bytes(b"\xff\xfe\x00" * 10)
    (folder / "e.yaml").write_bytes(b"a: [" * 300_000)
    (folder / "f.yaml").write_bytes(b"missionId: B9.9\n<<<<<<< ours\nstatus: Queued\n")
    works(watched, "Among odd things")
    settled(watched)
    assert watched.status()["running"]


def test_folders_that_come_and_go_all_the_time_blind_it_for_no_more_than_moments(world: World) -> None:
    process = foreground(world)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        for number in range(8):
            (world.missions / "passing" / str(number)).mkdir(parents=True)
        shutil.rmtree(str(world.missions / "passing"))
    eventually(lambda: world.me()["mode"] == EVENTS and world.me()["trouble"] == {}, patience=5)
    works(world, "After all of them")
    process.terminate()
    assert process.communicate(timeout=30)[1] == b""


def test_names_that_are_no_text_stop_nothing(watched: World) -> None:
    settled(watched)
    folder, passes = os.fsencode(str(watched.missions / "sprint-03")), watched.me()["passes"]
    for name in (b"bad\xff.yaml", b"line\n\x1b[31m.yaml"):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"missionId: [\n")
        eventually(lambda before=passes: watched.me()["passes"] > before, "it was not looked at")
        passes = watched.me()["passes"]
    works(watched, "Among names that are no text")


@pytest.mark.soak
def test_fifty_thousand_files_at_once_are_seen(watched: World) -> None:
    for folder in range(50):
        write_missions(watched, "lots-%d" % folder, ["L%d.%d" % (folder, n) for n in range(1000)], "Lots")
    in_step(watched, patience=300)
    works(watched, "Among lots")


class _Full:
    """An observer of a system that has no watches left."""

    emitters: Any = ()

    def schedule(self, *_: object, **__: object) -> None:
        pass

    def start(self) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    def stop(self) -> None:
        pass

    def is_alive(self) -> bool:
        return False


def test_without_watches_it_says_so_and_arms_itself_again_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchdog.observers

    layout = find_project(str(world.folder))
    armed = events.Source(Flag())
    with monkeypatch.context() as patch:
        patch.setattr(watchdog.observers, "Observer", _Full)
        armed.fit(layout, Burst())
    assert not armed.is_armed and "fs.inotify.max_user_watches" in armed.trouble
    armed.fit(layout, Burst())
    assert not armed.is_armed, "it is not tried at each look"
    monkeypatch.setattr(events, "SCAN", 0.0)
    armed.fit(layout, Burst())
    assert armed.is_armed and not armed.trouble
    armed.close()


def test_folders_that_the_system_left_out_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = find_project(str(world.folder))
    armed = events.Source(Flag())
    armed.fit(layout, Burst())
    assert armed.is_armed
    wanted = [(str(world.missions), True)]
    held = events._watches()
    assert held >= 3 and events.unwatched(wanted) == 0
    for number in range(held):
        (world.missions / ("unwatched-%d" % number)).mkdir()
    armed.close()
    monkeypatch.setattr(events, "_watches", lambda: held)
    assert events.unwatched(wanted) == 4  # those that were there before


#: Runs a watcher as somebody for whom the system has only so many watches, and gives more when it is told to.
FEW_WATCHES = """
limit=/proc/sys/user/max_inotify_$1
echo $2 > $limit && "$3" watch run &
read -r _; echo 10000 > $limit; wait
"""


@pytest.mark.parametrize(
    ("what", "number"), [pytest.param("watches", 0, marks=pytest.mark.soak), ("watches", 3), ("instances", 0)]
)
def test_without_enough_watches_it_polls_until_there_are_more(world: World, what: str, number: int) -> None:
    apart = ["unshare", "--user", "--map-root-user", "bash", "-c"]
    if not shutil.which("unshare") or world(*apart, "echo 9 > /proc/sys/user/max_inotify_watches", check=False).err:
        pytest.skip("no user namespaces here")
    command = [*apart, FEW_WATCHES, "bash", what, str(number), str(world.scripts / "cmosctl")]
    few = subprocess.Popen(command, cwd=str(world.folder), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: (world.status()["watcher"] or {}).get("mode") == POLLING)
        world._started.append(world.status()["watcher"]["pid"])
        assert "max_user_" + what in world("cmosctl", "watch", "status").out
        world.edit("B1.3", "objective: ", "objective: Polled, ")
        eventually(lambda: str(world.value("objective", "B1.3")).startswith("Polled"))
        few.stdin.write(b"more\n")  # type: ignore[union-attr]
        few.stdin.flush()  # type: ignore[union-attr]
        eventually(lambda: world.me()["mode"] == EVENTS and world.me()["trouble"] == {})
    finally:
        # it waits for its watcher, which nobody else ends where something above failed
        world("cmosctl", "watch", "stop", check=False)
        few.communicate(timeout=60)
