"""One watcher, whatever happened since it began; and nobody else's process."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest
from each_command import call

from cmos.core.errors import FileProblem
from cmos.git import process
from cmos.project.project import find_project
from cmos.watch import daemon

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
WATCH = [sys.executable, "-c", "from cmos.cli.main import main; main()", "watch", "run"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    root = tmp_path / "p"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    assert call(root, "init --no-hooks")[0] == 0
    return root


@pytest.fixture
def running(place: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(WATCH, cwd=str(place), stdout=subprocess.DEVNULL)
    until(lambda: daemon.running(find_project(str(place))) == process.pid)
    yield process
    process.kill()
    process.wait()


def until(holds) -> None:
    limit = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_git_init_after_a_watcher_began_makes_no_second_one(place: Path, running) -> None:
    process.run(str(place), "init", "-q")
    layout = find_project(str(place))
    assert layout.repository is not None and daemon.running(layout) == running.pid
    assert daemon.start(layout, ["false"]) is None
    code, told = call(place, "watch status")
    assert code == 0 and str(running.pid) in told
    assert call(place, "watch stop")[0] == 0
    assert running.wait(timeout=20) == 0
    assert daemon.running(layout) is None


def test_a_stranger_that_holds_the_lock_is_not_killed(place: Path) -> None:
    """As a watcher in a container is seen from outside: its number is somebody else's here."""
    stranger = subprocess.Popen(["sleep", "60"])
    lock = place / ".cmos" / "watch.lock"
    try:
        with open(str(lock), "w") as held:
            held.write("%d\n" % stranger.pid)
            held.flush()
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(FileProblem, match="no watcher of this system"):
                daemon.stop(find_project(str(place)))
            assert stranger.poll() is None
    finally:
        os.kill(stranger.pid, signal.SIGKILL)
        stranger.wait()
