"""Agents that know nothing but ``cmosctl context``, restarted at random, work off missions that depend on each other.

Run it with ``python -m pytest -m soak tests/soak/test_by_context_alone.py``.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List

import pytest
from truth import Truth

MISSIONS = int(os.environ.get("CMOS_SOAK_MISSIONS", "60"))
WORKTREES = 4
#: What the tools of eight makers set for the commands that they run.
SIGNS = (
    {"CLAUDECODE": "1"},
    {"CODEX_SANDBOX": "seatbelt"},
    {"GEMINI_CLI": "1"},
    {"QWEN_CODE": "1"},
    {"COPILOT_CLI": "1"},
    {"OPENCODE": "1"},
    {"AUGMENT_AGENT": "1"},
    {"CURSOR_AGENT": "1"},
)
MISSION = """\
missionId: C{number}
name: Task {number}
status: Queued
objective: Do the task {number}.
context: none
successCriteria: [done]
deliverables: [d{number}.txt]
dependsOn: [{before}]
"""


class Agent(threading.Thread):
    """Does what ``context`` says, and forgets everything now and then."""

    #: Of each worktree: a `git commit` that has read the index commits it although a merge replaces it meanwhile, and
    #: takes back what the merge brought. So two agents of one worktree must take turns with git.
    turns: Dict[Path, threading.Lock] = {}

    def __init__(self, number: int, folder: Path, scripts: Path) -> None:
        super().__init__()
        self.turn = self.turns.setdefault(folder, threading.Lock())
        self.environment = dict(os.environ, PATH="%s:%s" % (scripts, os.environ["PATH"]), **SIGNS[number])
        self.folder = folder
        self.dice = random.Random(number)
        self.wrong: List[str] = []

    def run(self) -> None:
        for _ in range(MISSIONS * 20):
            told = json.loads(self.shell("cmosctl context")[1])
            held = told["active_mission"]
            if held is None:
                merges = [one for one in told["commands"] if one.startswith("git merge ")]
                for one in merges:
                    with self.turn:
                        self.shell(one)  # refused while the other agent of this worktree has work there
                if told["mission_totals"].get("Completed") == MISSIONS:
                    return
                first = told["commands"][len(merges)].replace("--wait 600", "--wait 1")
                code, out = self.shell(first)
                if code not in (0, 1):
                    self.wrong.append("%s: %d %s" % (first, code, out))
            elif self.dice.random() < 0.7:  # else it is restarted before it is done
                (command,) = (one for one in told["commands"] if "mission complete" in one)
                self.work(held["id"], command)
        self.wrong.append("it never ended")

    def work(self, id: str, command: str) -> None:
        (self.folder / ("d%s.txt" % id)).write_text("done\n", "utf-8")
        done, _, commit = command.partition(" && ")
        code, out = self.shell(done.replace("...", "did %s" % id))
        if code != 0:
            self.wrong.append("%s: %d %s" % (done, code, out))
        with self.turn:
            self.shell(commit)

    def shell(self, line: str) -> Any:
        done = subprocess.run(line, shell=True, cwd=str(self.folder), env=self.environment, capture_output=True)
        return done.returncode, done.stdout.decode() or done.stderr.decode()


@pytest.mark.soak
def test_each_mission_is_done_once_in_order_and_nobody_does_anothers(
    project: Path, run: Any, git: Any, scripts: Path
) -> None:
    folder = project / "cmos" / "missions"
    for old in (*folder.glob("sprint-*/*.yaml"), folder / "backlog.yaml"):
        old.unlink()
    dice = random.Random(0)
    before: Dict[str, List[str]] = {}
    for number in range(MISSIONS):
        before["C%d" % number] = ["C%d" % one for one in dice.sample(range(number), min(number, dice.randint(0, 3)))]
        text = MISSION.format(number=number, before=", ".join(before["C%d" % number]))
        (folder / "sprint-01" / ("C%d_task.yaml" % number)).write_text(text, "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message", "the plan")
    assert run("init", "--no-hooks").code == 0
    places = [project.parent / ("wörktree %d" % number) for number in range(WORKTREES)]
    for number, place in enumerate(places):
        git("worktree", "add", "--quiet", "-b", "agents-%d" % number, str(place))
    agents = [Agent(number, places[number % WORKTREES], scripts) for number in range(len(SIGNS))]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()

    assert [line for agent in agents for line in agent.wrong] == []
    truth = Truth(project)
    # the sample's own log is about other missions
    log = truth.rows(
        "SELECT mission_id, action, agent FROM sessions WHERE action IN ('start', 'complete') "
        "AND mission_id LIKE 'C%' ORDER BY id"
    )
    assert Counter(one[0] for one in log if one[1] == "complete") == dict.fromkeys(before, 1), "each exactly once"
    done: List[str] = []
    holding: Dict[str, str] = {}
    for mission, action, agent in log:
        if action == "start":
            assert set(before[mission]) <= set(done), "%s was begun before what it depends on" % mission
            assert agent not in holding, "%s held %s and took %s" % (agent, holding.get(agent), mission)
            holding[agent] = mission
        else:
            assert holding.pop(agent, None) == mission, "%s completed what another held" % agent
            done.append(mission)
