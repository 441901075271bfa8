"""One writer at a time: who waits is woken, who has it is named, and a file system without locks is said to be one."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from cmos.core.errors import DatabaseProblem
from cmos.db.lock import writer_lock

HOLD = """
import sys, time
sys.path.insert(0, %r)
from cmos.db.lock import writer_lock
with writer_lock(%r):
    print("has it", flush=True)
    time.sleep(60)
"""
CHECKOUT = str(Path(__file__).resolve().parents[2])


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Any]:
    """A process that has the lock."""
    path = str(tmp_path / "cmos.lock")
    process = subprocess.Popen([sys.executable, "-c", HOLD % (CHECKOUT, path)], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"has it\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("stopped", [False, True], ids=["at work", "stopped"])
def test_the_message_names_the_process_that_has_it(holder: Any, tmp_path: Path, stopped: bool) -> None:
    if stopped:
        os.kill(holder.pid, signal.SIGSTOP)
    path = str(tmp_path / "cmos.lock")
    named = pytest.raises(DatabaseProblem, match="process %d has it" % holder.pid)
    with named as found, writer_lock(path, patience=0.2):
        pass
    assert "ps -p %d" % holder.pid in (found.value.hint or "")


def test_whoever_waits_gets_it_when_the_holder_dies(holder: Any, tmp_path: Path) -> None:
    threading.Timer(0.2, holder.kill).start()
    with writer_lock(str(tmp_path / "cmos.lock"), patience=30.0) as line:
        assert line == ""
        assert (tmp_path / "cmos.lock").read_text() == "%d\n" % os.getpid()


def test_who_gave_up_does_not_keep_it(holder: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "cmos.lock")
    with pytest.raises(DatabaseProblem), writer_lock(path, patience=0.1):
        pass
    holder.kill()
    holder.wait()
    with writer_lock(path, patience=30.0):
        pass
    time.sleep(0.05)
    with writer_lock(path, patience=30.0):
        pass


def test_a_name_of_nobody_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "cmos.lock"
    with open(str(path), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("999999999\n")
        file.flush()
        with pytest.raises(DatabaseProblem, match="another cmosctl has it"), writer_lock(str(path), patience=0.05):
            pass


def test_a_file_system_without_locks_is_one_line(station: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cmos.actions.act import Act, complete
    from cmos.project.project import open_project

    def refuse(*arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    began = time.monotonic()
    with open_project(str(station)) as ws:
        complete(ws, "B1.2", Act("ada"))
        told = [line for line in ws.notices if "has no locks" in line]
    assert len(told) == 1 and time.monotonic() - began < 9
