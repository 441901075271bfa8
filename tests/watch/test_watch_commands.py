"""``cmosctl watch start|run|stop|status`` as its user meets it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, List

import pytest
from watch_world import World, alive, eventually, foreground, settled

from cmos import __version__

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def test_start_returns_when_it_watches_and_is_idempotent(world: World) -> None:
    pid = world.start()
    assert alive(pid) and world.status()["running"]
    again = world("cmosctl", "watch", "start", "--json")
    assert json.loads(again.out)["data"] == {"started": False, "pid": pid}
    assert "runs already" in world("cmosctl", "watch", "start").err


def test_two_that_start_at_once_are_one(world: World) -> None:
    found: List[int] = []
    threads = [threading.Thread(target=lambda: found.append(world.start())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and len(found) == 4


def test_stop_ends_it_and_leaves_nothing_to_clean_up(world: World) -> None:
    pid = world.start()
    assert "has ended" in world("cmosctl", "watch", "stop").err
    assert not alive(pid)
    assert "no watcher runs" in world("cmosctl", "watch", "stop").err
    assert world.git("status", "--porcelain") == ""


def test_status_says_with_its_exit_code_whether_one_runs(world: World) -> None:
    assert world("cmosctl", "watch", "status", check=False).returncode == 1
    pid = world.start()
    ran = world("cmosctl", "watch", "status")
    assert ran.out.startswith("running\n") and str(pid) in ran.out
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not alive(pid))
    ran = world("cmosctl", "watch", "status", check=False)
    assert ran.returncode == 1 and ran.out.startswith("not running")


def test_a_killed_one_leaves_a_lock_file_that_holds_nobody_up(world: World) -> None:
    first = world.start()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not alive(first))
    second = world.start()
    assert second != first and alive(second)


def test_a_lock_file_with_the_number_of_another_process_stops_nothing(world: World) -> None:
    lock = world.folder / ".git" / "cmos" / "watch.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text("%d\n" % os.getpid())
    assert not world.status()["running"]
    assert "no watcher runs" in world("cmosctl", "watch", "stop").err
    assert alive(world.start())


#: Holds a watcher's lock, as no watcher, for so many seconds.
HOLDER = """
import sys, time
from cmos.db.lock import hold_instance
held = hold_instance(sys.argv[1])
print("has it", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize(("seconds", "code"), [("0.3", 0), ("60", 6)])
def test_stop_kills_nothing_that_is_no_watcher_and_waits_for_one_that_is_ending(
    world: World, seconds: str, code: int
) -> None:
    lock = world.folder / ".git" / "cmos" / "watch.lock"
    lock.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-c", HOLDER, str(lock), seconds]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=str(CHECKOUT))) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"has it\n"
        stopped = world("cmosctl", "watch", "stop", check=False)
        assert stopped.returncode == code and alive(holder.pid) == (code == 6)
        holder.kill()


def test_start_does_not_keep_the_streams_of_its_caller(world: World) -> None:
    # communicate() returns only when nobody holds the other end of the pipes
    began = subprocess.Popen(
        [str(world.scripts / "cmosctl"), "watch", "start", "--json"],
        cwd=str(world.folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, _ = began.communicate(timeout=60)
    pid = json.loads(out)["data"]["pid"]
    world._started.append(pid)
    assert os.getsid(pid) == pid
    held = {os.readlink("/proc/%d/fd/%d" % (pid, number)) for number in (0, 1)}
    assert held == {os.devnull}


@pytest.mark.parametrize("sign, code", [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_in_the_foreground_a_signal_ends_it_in_order(world: World, sign: int, code: int) -> None:
    process = foreground(world)
    world.edit("B1.3", "objective: ", "objective: In short, ")
    eventually(lambda: str(world.value("objective", "B1.3")).startswith("In short"))
    process.send_signal(sign)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code and err == b""
    assert b"watching " in out and out.rstrip().endswith(b"ended: stopped")


def test_in_the_foreground_a_signal_that_is_to_be_ignored_is(world: World) -> None:
    # as nohup starts it, and as a script does that ends its line with &
    process = foreground(world, ignoring="SIGHUP")
    process.send_signal(signal.SIGHUP)
    world.edit("B1.3", "objective: ", "objective: Still, ")
    eventually(lambda: str(world.value("objective", "B1.3")).startswith("Still"))
    process.terminate()
    assert process.communicate(timeout=30)[1] == b""


def test_in_the_foreground_each_pass_is_a_line(world: World) -> None:
    process = foreground(world)
    world.edit("B1.3", "status: Queued", "status: Completed")
    eventually(lambda: "status: Queued" in world.file("B1.3").read_text("utf-8"))
    eventually(lambda: world.me()["writes"] == 1)
    process.terminate()
    out = process.communicate(timeout=30)[0].decode("utf-8")
    assert "1 typed and put back, 1 written into files" in out
    assert "cmosctl mission complete B1.3" in out
    assert "1 typed and put back" in (world.folder / ".git" / "cmos" / "watch.log").read_text("utf-8")


def test_a_second_one_in_the_foreground_says_that_one_runs(world: World) -> None:
    pid = world.start()
    ran = world("cmosctl", "watch", "run", check=False)
    assert ran.returncode == 1
    assert "a watcher runs already (process %d)" % pid in ran.err and "Traceback" not in ran.err


def test_it_ends_by_itself_when_nothing_happens(world: World) -> None:
    pid = world.start("--idle", "0.01")
    eventually(lambda: not alive(pid))
    assert "nothing happened" in (world.folder / ".git" / "cmos" / "watch.log").read_text("utf-8")


def test_it_ends_with_the_worktree(world: World, worlds: Callable[[Path], World]) -> None:
    other = worlds(world.folder.parent / "another é")
    world.git("worktree", "add", "--quiet", "-b", "other", str(other.folder))
    here, there = world.start(), other.start()
    assert here != there
    world.git("worktree", "remove", "--force", str(other.folder))
    eventually(lambda: not alive(there))
    assert alive(here)
    assert not (world.folder / ".git" / "worktrees").exists()


def test_it_makes_no_folder_in_a_worktree_that_is_being_removed(world: World, worlds: Callable[[Path], World]) -> None:
    other = worlds(world.folder.parent / "another é")
    world.git("worktree", "add", "--quiet", "-b", "other", str(other.folder))
    pid = other.start()
    # what git removes first, and an event for the watcher
    (other.folder / ".git").unlink()
    other.edit("B1.3", "objective: ", "objective: Gone, ")
    time.sleep(1)
    assert alive(pid)
    assert sorted(os.listdir(str(other.folder))) == ["cmos"]


def test_each_worktree_has_its_own_and_all_see_one_database(world: World, worlds: Callable[[Path], World]) -> None:
    other = worlds(world.folder.parent / "another é")
    world.git("worktree", "add", "--quiet", "-b", "other", str(other.folder))
    world.start()
    other.start()
    other.edit("B1.3", "objective: ", "objective: There, ")
    eventually(lambda: str(world.value("objective", "B1.3")).startswith("There"))
    world("cmosctl", "mission", "complete", "B1.2")
    assert "Completed" in world.file("B1.2").read_text("utf-8")
    assert "Completed" not in other.file("B1.2").read_text("utf-8")


def test_a_stopped_process_can_be_ended(world: World) -> None:
    pid = world.start()
    os.kill(pid, signal.SIGSTOP)
    world("cmosctl", "watch", "stop")
    assert not alive(pid)


def test_a_lock_file_that_somebody_removed_is_made_again(world: World) -> None:
    pid = world.start()
    (world.folder / ".git" / "cmos" / "watch.lock").unlink()
    world.edit("B1.3", "objective: ", "objective: Then, ")
    eventually(lambda: world.status()["running"])
    assert json.loads(world("cmosctl", "watch", "start", "--json").out)["data"]["pid"] == pid


def test_an_older_one_is_replaced(world: World) -> None:
    pid = world.start()
    settled(world)  # it says no more of itself for now
    state = world.folder / ".git" / "cmos" / "watch.json"
    state.write_text(state.read_text("utf-8").replace('"version": "', '"version": "0.0.'), "utf-8")
    other = world.start()
    assert other != pid and not alive(pid) and alive(other)


def test_outside_of_a_project_there_is_nothing_to_watch(world: World, tmp_path: Path) -> None:
    for command in ("start", "run", "stop", "status"):
        assert world("cmosctl", "watch", command, cwd=tmp_path, check=False).returncode == 3


def test_without_git_it_watches_too(world: World, worlds: Callable[[Path], World]) -> None:
    shutil.rmtree(str(world.folder / ".git"))
    world.start()
    world.edit("B1.3", "objective: ", "objective: Alone, ")
    eventually(lambda: str(world.value("objective", "B1.3")).startswith("Alone"))
    assert (world.folder / ".cmos" / "watch.lock").exists()


def test_it_is_found_also_after_git_went_and_came(world: World) -> None:
    pid = world.start()
    (world.folder / ".git").rename(world.folder.parent / "git")
    world.edit("B1.3", "objective: ", "objective: Alone, ")
    eventually(lambda: world.status()["running"])
    assert json.loads(world("cmosctl", "watch", "start", "--json").out)["data"] == {"started": False, "pid": pid}
    assert not (world.folder / ".git").exists()
    (world.folder.parent / "git").rename(world.folder / ".git")
    world.edit("B1.3", "objective: ", "objective: Again, ")
    eventually(lambda: world.status()["running"])
    assert json.loads(world("cmosctl", "watch", "start", "--json").out)["data"] == {"started": False, "pid": pid}


def test_in_a_git_hook_s_environment_it_watches_the_project_it_is_in(world: World, tmp_path: Path) -> None:
    world.git("init", "--quiet", str(tmp_path / "elsewhere"))
    pid = world.start(env={"GIT_DIR": str(tmp_path / "elsewhere" / ".git"), "GIT_INDEX_FILE": "x"})
    environment = Path("/proc/%d/environ" % pid).read_bytes()
    assert b"GIT_INDEX_FILE" not in environment


def test_the_project_s_status_says_whether_one_runs(world: World) -> None:
    assert "not running" in world("cmosctl", "status").out
    pid = world.start()
    assert "process %d" % pid in world("cmosctl", "status").out
    assert json.loads(world("cmosctl", "status", "--json").out)["data"]["watcher"] == pid


def test_its_log_stays_small(world: World) -> None:
    from cmos.files import write as file_write

    log = world.folder / ".git" / "cmos" / "watch.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("old\n" * (file_write.LIMIT // 4))
    before = log.stat().st_ino
    world.start()
    world("cmosctl", "watch", "stop")
    text = log.read_text("utf-8")
    assert len(text) < file_write.LIMIT and text.endswith("ended: stopped\n")
    # what a watcher dies of goes to the file that it was started with
    assert log.stat().st_ino == before


def test_nothing_is_written_while_nothing_happens(world: World) -> None:
    world.start()
    folder = world.folder / ".git" / "cmos"
    time.sleep(1)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    time.sleep(2)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "1"}', '{"pid": 1, "version": "1", "since": ""}'])
def test_what_it_says_of_itself_may_be_damaged(world: World, text: str) -> None:
    state = world.folder / ".git" / "cmos" / "watch.json"
    pid = world.start()

    def is_damaged() -> bool:
        # a watcher that has just begun may describe itself once more
        state.write_text(text, "utf-8")
        return "running (process %d)" % pid in world("cmosctl", "watch", "status").out

    eventually(is_damaged)
    assert json.loads(world("cmosctl", "watch", "status", "--json").out)["data"]["running"]
    assert "runs already" in world("cmosctl", "watch", "start").err
    world("cmosctl", "watch", "stop")
    assert "not running" in world("cmosctl", "watch", "status", check=False).out
    world.start()
    assert world.status()["watcher"]["version"] == __version__


#: Waits less long for a watcher to come up than a user does.
HASTY = """
import sys
from cmos.project.project import find_project
from cmos.watch import daemon
daemon._START = 3.0
print(daemon.start(find_project("."), [sys.argv[1], "watch", "run"]))
"""


def test_one_that_can_say_nothing_of_itself_watches_all_the_same(world: World) -> None:
    world.start()
    world("cmosctl", "watch", "stop")
    in_the_way = world.folder / ".git" / "cmos" / "watch.json"
    in_the_way.unlink()
    in_the_way.mkdir()  # as little to be written as on a full disk
    pid = int(world(sys.executable, "-c", HASTY, str(world.scripts / "cmosctl")).out)
    world._started.append(pid)
    assert world.status() == dict(world.status(), running=True, watcher=None)
    in_the_way.rmdir()
    world.edit("B1.3", "objective: ", "objective: Seen, ")
    eventually(lambda: (world.status()["watcher"] or {}).get("pid") == pid)
    assert str(world.value("objective", "B1.3")).startswith("Seen")
