"""Agents in worktrees claim and complete missions, all at once: each gets its turn, and each mission is done once.

Run it with ``python -m pytest -m soak -s tests/soak/test_many_worktrees.py`` to see the slowest command.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, List, Tuple

import pytest
from truth import MISSION, Truth

AGENTS = int(os.environ.get("CMOS_SOAK_AGENTS", "32"))
WORKTREES = max(1, AGENTS // 4)
MISSIONS = int(os.environ.get("CMOS_SOAK_MISSIONS", "300"))


class Agent(threading.Thread):
    """Claims and completes until there is nothing left; each command is a process that may be killed."""

    def __init__(self, number: int, folder: Path, command: Path) -> None:
        super().__init__()
        self.command = str(command)
        self.agent, self.folder = "agent-%d" % number, folder
        self.completed: List[str] = []
        self.wrong: List[str] = []
        self.slowest = 0.0
        self.process: Any = None

    def run(self) -> None:
        while True:
            code, data = self.told("mission", "list", "--status", "In Progress", "--json")
            held = [one["id"] for one in data or [] if one["agent"] == self.agent]
            if code == 0 and not held:
                code, data = self.told("mission", "next", "--claim", "--json")
                if code == 1:
                    return
                held = [data["id"]] if code == 0 else []
            for one in held:
                if self.told("mission", "complete", one, "--json", "--summary", self.agent)[0] == 0:
                    self.completed.append(one)

    def told(self, *arguments: str) -> Tuple[int, Any]:
        began = time.monotonic()
        environment = dict(os.environ, CMOS_AGENT=self.agent)
        command, pipe = [sys.executable, self.command, *arguments], subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=str(self.folder), env=environment, stdout=pipe, stderr=pipe)
        out, err = self.process.communicate()
        code = self.process.returncode
        if code not in (0, 1, -signal.SIGKILL):
            self.wrong.append("%s: %d %s" % (" ".join(arguments), code, err.decode()[-300:]))
        if code >= 0:
            self.slowest = max(self.slowest, time.monotonic() - began)
        return code, json.loads(out)["data"] if code == 0 and out else None


@pytest.mark.soak
@pytest.mark.parametrize("kills", [False, True], ids=["", "one killed each 100 ms"])
def test_each_mission_is_done_once_and_nobody_gives_up(
    project: Path, run: Any, git: Any, kills: bool, scripts: Path
) -> None:
    folder = project / "cmos" / "missions" / "sprint-03"
    folder.mkdir()
    for place in range(1, MISSIONS + 1):
        (folder / ("B3.%d_task.yaml" % place)).write_text(MISSION.format(sprint=3, place=place), "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message", "the plan")
    assert run("init", "--no-hooks").code == 0
    places = [project.parent / ("wörktree %d" % number) for number in range(WORKTREES)]
    for number, place in enumerate(places):
        git("worktree", "add", "--quiet", "-b", "agents-%d" % number, str(place))
        assert run("sync", cwd=place).code == 0
    agents = [Agent(number, places[number % len(places)], scripts / "cmosctl") for number in range(AGENTS)]
    for agent in agents:
        agent.start()
    dice = random.Random(0)
    while kills and any(agent.is_alive() for agent in agents):
        time.sleep(0.1)
        victim = dice.choice(agents).process
        if victim is not None and victim.poll() is None:
            victim.kill()
    for agent in agents:
        agent.join()
    truth = Truth(project)
    assert [line for agent in agents for line in agent.wrong] == []
    statuses = Counter(truth.missions("status").values())
    assert set(statuses) <= {"Completed", "Blocked", "Deferred"}, statuses
    done = Counter(truth.column("SELECT mission_id FROM sessions WHERE action = 'complete'"))
    expected = {one for one, status in truth.missions("status").items() if one.startswith("B3.")}
    assert len(expected) == MISSIONS and {done[one] for one in expected} == {1}, "each exactly once"
    assert {one for agent in agents for one in agent.completed} <= set(done)
    commands = "slowest command: %.2f s" % max(agent.slowest for agent in agents)
    print("%d agents in %d worktrees, %d missions%s: %s" % (AGENTS, WORKTREES, MISSIONS, ", kills" * kills, commands))
