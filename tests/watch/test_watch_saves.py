"""Saves of all kinds reach the database while a watcher runs: no final state is wrong."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import Callable, Dict

import pytest
from watch_world import World, eventually, in_step, settled

#: How often each kind of save is tried; 100 for the proof of it.
TRIES = int(os.environ.get("CMOS_SOAK_TRIES", "100"))
OBJECTIVE = re.compile(r"^objective: .*$", re.MULTILINE)


def _changed(path: Path, text: str) -> bytes:
    return OBJECTIVE.sub("objective: %s" % text, path.read_text("utf-8")).encode("utf-8")


def sed(path: Path, text: str) -> None:
    subprocess.run(["sed", "-i", "s/^objective: .*/objective: %s/" % text, str(path)], check=True)


def truncate_and_write(path: Path, text: str) -> None:
    data = _changed(path, text)
    with open(str(path), "wb") as file:
        file.flush()
        time.sleep(0.01)
        file.write(data[: len(data) // 2])
        file.flush()
        time.sleep(0.01)
        file.write(data[len(data) // 2 :])


def rename_over(path: Path, text: str) -> None:
    beside = path.with_name("." + path.name + ".tmp")
    beside.write_bytes(_changed(path, text))
    os.replace(str(beside), str(path))


def rename_from_elsewhere(path: Path, text: str) -> None:
    elsewhere = path.parent.parent.parent.parent / "elsewhere.tmp"
    elsewhere.write_bytes(_changed(path, text))
    os.replace(str(elsewhere), str(path))


def remove_and_write(path: Path, text: str) -> None:
    data = _changed(path, text)
    path.unlink()
    path.write_bytes(data)


def keep_a_backup(path: Path, text: str) -> None:
    data = _changed(path, text)
    os.rename(str(path), str(path) + "~")
    path.write_bytes(data)


def vim(path: Path, text: str) -> None:
    commands = ["-c", "%%s/^objective: .*/objective: %s/" % text, "-c", "wq"]
    subprocess.run(["vim", "-N", "-u", "NONE", "-i", "NONE", "-es", *commands, str(path)], check=True)


def nano(path: Path, text: str) -> None:
    lines = path.read_text("utf-8").split("\n")
    line = 1 + next(number for number, one in enumerate(lines) if one.startswith("objective: "))
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm", LINES="24", COLUMNS="80")
        os.execvp("nano", ["nano", "-I", "+%d" % line, str(path)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        # cut the line, type another one, write out, leave
        _type(terminal, b"\x0bobjective: " + text.encode("utf-8") + b"\r", b"\x0f", b"\r", b"\x18")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _type(terminal: int, *keys: bytes) -> None:
    """Type at a terminal, each time once it has nothing more to show, until the program ends."""
    for some in (*keys, b""):
        while select.select([terminal], [], [], 0.15 if some else 10)[0]:
            try:
                if not os.read(terminal, 4096):
                    return
            except OSError:  # the other side has ended
                return
        os.write(terminal, some)


SAVES: Dict[str, Callable[[Path, str], None]] = {
    one.__name__: one
    for one in (sed, truncate_and_write, rename_over, rename_from_elsewhere, remove_and_write, keep_a_backup)
}
EDITORS: Dict[str, Callable[[Path, str], None]] = {"vim": vim, "nano": nano}


def save_and_look(world: World, save: Callable[[Path, str], None], number: int) -> None:
    mission = ("B1.2", "B1.3", "B1.4", "B2.1")[number % 4]
    save(world.file(mission), "As saved %d" % number)
    eventually(lambda: world.value("objective", mission) == "As saved %d" % number, "save %d was not seen" % number)


@pytest.mark.parametrize("name", sorted(SAVES))
def test_a_save_is_seen(world: World, name: str) -> None:
    world.start()
    for number in range(2):
        save_and_look(world, SAVES[name], number)


@pytest.mark.parametrize("name", sorted(EDITORS))
def test_an_editor_s_save_is_seen(world: World, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip("%s is not here" % name)
    world.start()
    for number in range(2):
        save_and_look(world, EDITORS[name], number)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted({**SAVES, **EDITORS}))
def test_each_of_many_saves_is_seen(world: World, name: str) -> None:
    if name in EDITORS and shutil.which(name) is None:
        pytest.skip("%s is not here" % name)
    world.start()
    for number in range(TRIES):
        save_and_look(world, {**SAVES, **EDITORS}[name], number)


def test_one_edit_by_hand_is_at_most_one_write_and_then_there_is_silence(world: World) -> None:
    world.start()
    world.edit("B1.3", "status: Queued", "status: Completed")
    eventually(lambda: "status: Queued" in world.file("B1.3").read_text("utf-8"))
    settled(world)
    before = world.me()
    assert before["writes"] == 1
    time.sleep(5)
    assert world.me() == before


def _many_edits(world: World, edits: int, seconds: float) -> None:
    ids = ["B1.2", "B1.3", "B1.4", "B2.1", "B2.2"]
    paths = {one: world.file(one) for one in ids}
    began = time.monotonic()
    for number in range(edits):
        one = ids[number % len(ids)]
        paths[one].write_bytes(_changed(paths[one], "Edit %d" % number))
        time.sleep(max(0.0, began + seconds * number / edits - time.monotonic()))
    in_step(world)


def test_after_many_edits_files_and_rows_agree(world: World) -> None:
    world.start()
    _many_edits(world, 500, 3)


@pytest.mark.soak
def test_after_ten_thousand_edits_in_a_minute_files_and_rows_agree(world: World) -> None:
    world.start()
    _many_edits(world, 10_000, 60)


def test_a_file_that_is_written_without_pause_is_taken_in_meanwhile(world: World) -> None:
    world.start()
    path, began = world.file("B1.3"), time.monotonic()
    seen = set()
    while time.monotonic() - began < 6:
        beside = path.with_name(".beside")
        beside.write_bytes(_changed(path, "Now %d" % time.monotonic_ns()))
        os.replace(str(beside), str(path))
        seen.add(world.value("objective", "B1.3"))
    # it began with what it had, and a look is never put off for more than two seconds
    assert len(seen) >= 3
    in_step(world)
