"""A command killed before and after each call that touches a file or the database (docs/sync.md, I8 and I16)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# a profile function sees each call into C: it counts those that act, and kills at the one asked for
STEPPED = """
import os, signal, sys
left = int(os.environ["KILL_AT"])
acts = set("execute executemany write flush fsync flock rename replace link unlink utime mkdir open".split())
def count(frame, event, called):
    global left
    if event in ("c_call", "c_return") and called.__name__ in acts and "/cmos/" in frame.f_code.co_filename:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
from cmos.cli.main import main
sys.setprofile(count)
main()
"""
STRIDE = int(os.environ.get("CMOS_SOAK_STRIDE", "1"))
COMPLETE = ("mission", "complete", "B1.2", "--notes", "It holds.")


class Stepped(NamedTuple):
    killed: bool
    said: bytes


def run_until(step: int, *arguments: str, cwd: Path) -> Stepped:
    """Run a command and kill it at one of its steps, counted from 1."""
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT), KILL_AT=str(step))
    command = [sys.executable, "-c", STEPPED, *arguments]
    done = subprocess.run(command, cwd=str(cwd), env=environment, capture_output=True)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode("utf-8")
    return Stepped(done.returncode != 0, done.stdout)


def missions_of(root: Path) -> Dict[str, bytes]:
    folder = root / "cmos" / "missions"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}


@pytest.mark.parametrize("stride", [90, pytest.param(STRIDE, marks=pytest.mark.soak)], ids=["some", "all"])
def test_a_kill_at_any_step_is_repaired_by_the_next_command(
    started: Path, run: Callable[..., Any], tmp_path: Path, stride: int
) -> None:
    before = missions_of(started)
    whole = copy_of(started, tmp_path / "whole")
    assert not run_until(10**6, *COMPLETE, cwd=whole).killed
    after = missions_of(whole)
    assert after != before
    step, seen = 1, set()
    while True:
        there = copy_of(started, tmp_path / "killed")
        stepped = run_until(step, *COMPLETE, cwd=there)
        check_whole(missions_of(there), before, after)
        seen.add(check_repaired(there, run, acknowledged=bool(stepped.said)))
        check_whole(missions_of(there), before, after)
        if not stepped.killed:
            break
        step += stride
    # the steps reach from before the change to after it
    assert seen == {"Current", "Completed"}
    assert step > 40


def copy_of(project: Path, folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(str(folder))
    shutil.copytree(str(project), str(folder))
    return folder


def check_whole(now: Dict[str, bytes], before: Dict[str, bytes], after: Dict[str, bytes]) -> None:
    """Each file is in its old or its new state, and none came or went."""
    assert sorted(now) == sorted(before)
    assert [name for name, content in now.items() if content not in (before[name], after[name])] == []


def check_repaired(there: Path, run: Callable[..., Any], *, acknowledged: bool) -> str:
    """The next command ends well, and leaves rows, log and files in one state; return it."""
    shown = run("mission", "list", "--json", cwd=there)
    assert shown.code == 0
    # a half-written temporary file may be reported, nothing else
    assert [line for line in shown.err.splitlines() if " was being written is kept" not in line] == []
    status = {one["id"]: one["status"] for one in shown.data}
    states: List[Tuple[str, str, int]] = [("Current", "Queued", 0), ("Completed", "Current", 1)]
    logged = run("session", "list", "--type", "complete", "--mission", "B1.2", "--json", cwd=there).data
    assert (status["B1.2"], status["B1.3"], len(logged)) in (states[1:] if acknowledged else states)
    for name, mission in (("B1.2_store-the-readings", "B1.2"), ("B1.3_derive-a-daily-mean", "B1.3")):
        text = (there / "cmos" / "missions" / "sprint-01" / (name + ".yaml")).read_text("utf-8")
        assert "status: %s\n" % status[mission] in text.replace('"', "")
    assert list((there / "cmos").rglob(".*")) == []
    return str(status["B1.2"])
