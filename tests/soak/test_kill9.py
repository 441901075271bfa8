"""Commands killed at random moments: what was said to be done is done, no file is torn (docs/sync.md, I8 and I16)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Set

import pytest

KILLS = int(os.environ.get("CMOS_SOAK_KILLS", "200"))
CHECKOUT = Path(__file__).resolve().parent.parent.parent
CLI = [sys.executable, "-c", "from cmos.cli.main import main; main()"]


class Reaper:
    """Starts commands, kills them, and keeps what each had said before."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.dice = random.Random(seed)
        self.length = 0.2
        self.killed = 0
        self.sure: Dict[str, str] = {}
        #: Per mission the notes that its row may hold: the last acknowledged, and each tried since.
        self.notes: Dict[str, Set[str]] = {}
        self.logged: List[str] = []
        self.added: List[str] = []

    def acknowledged(self, *arguments: str) -> bool:
        """Run a command, kill it at a random moment, and say whether it had reported success."""
        environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        began = time.monotonic()
        with subprocess.Popen(CLI + list(arguments), cwd=str(self.root), env=environment, **pipes) as process:
            try:
                process.wait(self.length * self.dice.uniform(0.4, 1.05))
                self.length = 0.8 * self.length + 0.2 * (time.monotonic() - began)
            except subprocess.TimeoutExpired:
                process.kill()
                self.killed += 1
            said = process.stdout.read() if process.stdout else b""
        return process.returncode == 0 or bool(said.strip())

    def step(self, count: int) -> None:
        self.dice.choice([self.complete, self.block, self.add, self.log, self.edit, self.start])(count)

    def mission(self) -> str:
        return "B%d.%d" % (self.dice.randint(3, 5), self.dice.randint(1, 10))

    def complete(self, count: int) -> None:
        one = self.mission()
        self.settle(one, "Completed", self.acknowledged("mission", "complete", one, "--summary", "n%d" % count))

    def block(self, count: int) -> None:
        one = self.mission()
        if self.sure.get(one) != "Completed":
            self.settle(one, "Blocked", self.acknowledged("mission", "block", one, "--reason", "n%d" % count))

    def start(self, count: int) -> None:
        one = self.mission()
        if self.sure.get(one) != "Completed":
            self.settle(one, "In Progress", self.acknowledged("mission", "start", one))

    def settle(self, one: str, status: str, sure: bool) -> None:
        # after a command without an answer the mission may be in the old state or the new
        if sure:
            self.sure[one] = status
        elif self.sure.get(one) != "Completed":
            self.sure.pop(one, None)

    def add(self, count: int) -> None:
        if self.acknowledged("mission", "add", "K9.%d" % count, "Added %d" % count, "--sprint", "Sprint 09"):
            self.added.append("K9.%d" % count)

    def edit(self, count: int) -> None:
        one, text = self.mission(), "note %d" % count
        if self.acknowledged("mission", "edit", one, "--notes", text):
            self.notes[one] = {text}
        else:
            self.notes.setdefault(one, {"None"}).add(text)

    def log(self, count: int) -> None:
        text = "n%d said" % count
        if self.acknowledged("session", "log", "--type", "start", "--mission", "B3.1", "--summary", text):
            self.logged.append(text)


@pytest.mark.parametrize("kills", [15, pytest.param(KILLS, marks=pytest.mark.soak)], ids=["few", "many"])
def test_what_a_killed_command_had_said_is_in_the_database(
    busy: Any, run: Callable[..., Any], sound: Callable[[], None], kills: int
) -> None:
    reaper = Reaper(busy.root, seed=kills)
    began = time.monotonic()
    run("sync")
    reaper.length = (time.monotonic() - began) * 1.2
    count = 0
    while reaper.killed < kills and count < kills * 8:
        count += 1
        reaper.step(count)
        if count % 25 == 0:
            sound()
    assert reaper.killed >= kills
    check_kept(busy, reaper)
    sound()
    check_kept(busy, reaper)


def check_kept(truth: Any, reaper: Reaper) -> None:
    status, notes = truth.missions("status"), truth.missions("notes")
    assert {one: status[one] for one in reaper.sure} == reaper.sure
    assert [one for one in reaper.added if one not in status] == []
    assert set(reaper.logged) <= set(truth.column("SELECT summary FROM sessions"))
    assert {one: notes[one] for one, known in reaper.notes.items() if str(notes[one]) not in known} == {}
