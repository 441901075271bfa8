"""Many processes at once on one project: no lock reaches a user, no update is lost (docs/sync.md, I14)."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, NamedTuple

import pytest

PROCESSES = int(os.environ.get("CMOS_SOAK_PROCESSES", "8"))
COMMANDS = int(os.environ.get("CMOS_SOAK_COMMANDS", "200"))
# nothing to show is an answer, not a failure
ANSWERS = (0, 1)


class Ledger(NamedTuple):
    """What one worker was told had happened, and each complaint it met."""

    agent: str
    claimed: List[str]
    completed: List[str]
    blocked: List[str]
    added: List[str]
    logged: List[str]
    notes: Dict[str, str]
    wrong: List[str]


class Worker:
    """One agent that runs commands, one after the other, each in a process of its own."""

    def __init__(self, number: int, run: Callable[..., Any]) -> None:
        self.run = run
        self.dice = random.Random(number)
        self.ledger = Ledger("agent-%d" % number, [], [], [], [], [], {}, [])
        self.count = 0

    def work(self, commands: int) -> Ledger:
        moves = [self.look, self.look, self.claim, self.claim, self.complete, self.block, self.add, self.edit, self.log]
        for self.count in range(commands):
            self.dice.choice(moves)()
        return self.ledger

    def told(self, *arguments: str) -> Any:
        """Run a command; None unless it says that it is done."""
        ran = self.run(*arguments, env={"CMOS_AGENT": self.ledger.agent})
        if ran.code not in ANSWERS or re.search(r"Traceback|\blocked\b|\bbusy\b", ran.err):
            self.ledger.wrong.append("%s: %d %s" % (" ".join(arguments), ran.code, ran.err[-600:]))
        return ran if ran.code == 0 else None

    def unfinished(self) -> List[str]:
        done = self.ledger.completed + self.ledger.blocked
        return [one for one in self.ledger.claimed if one not in done]

    def look(self) -> None:
        looks = [("next",), ("list", "--json"), ("show", "B1.1"), ("list", "--status", "Queued")]
        plain = [("status",), ("sync",), ("session", "list", "--json"), ("context",)]
        self.told(*self.dice.choice([("mission", *look) for look in looks] + plain))

    def claim(self) -> None:
        ran = self.told("mission", "next", "--claim", "--json")
        if ran and ran.data["id"] not in self.ledger.claimed:
            self.ledger.claimed.append(ran.data["id"])

    def complete(self) -> None:
        for one in self.unfinished()[:1]:
            if self.told("mission", "complete", one, "--summary", "done by " + self.ledger.agent):
                self.ledger.completed.append(one)

    def block(self) -> None:
        for one in self.unfinished()[:1]:
            if self.told("mission", "block", one, "--reason", "waits for a part"):
                self.ledger.blocked.append(one)

    def add(self) -> None:
        one = "N%s.%d" % (self.ledger.agent[-1], self.count)
        extra = ["--no-file"] if self.dice.random() < 0.3 else []
        if self.told("mission", "add", one, "Added by " + self.ledger.agent, "--sprint", "Sprint 09", *extra):
            self.ledger.added.append(one)

    def edit(self) -> None:
        if self.ledger.added:
            one, text = self.dice.choice(self.ledger.added), "note %d" % self.count
            if self.told("mission", "edit", one, "--notes", text):
                self.ledger.notes[one] = text

    def log(self) -> None:
        text = "%s says %d" % (self.ledger.agent, self.count)
        if self.told("session", "log", "--type", "start", "--mission", "B1.1", "--summary", text):
            self.ledger.logged.append(text)


@pytest.mark.parametrize(
    "processes, commands", [(4, 10), pytest.param(PROCESSES, COMMANDS, marks=pytest.mark.soak)], ids=["few", "many"]
)
def test_no_update_is_lost_and_no_lock_is_seen(
    busy: Any, run: Callable[..., Any], sound: Callable[[], None], processes: int, commands: int
) -> None:
    workers = [Worker(number, run) for number in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        ledgers = list(pool.map(lambda worker: worker.work(commands), workers))
    assert [line for ledger in ledgers for line in ledger.wrong] == []
    for ledger in ledgers:
        check_kept(busy, ledger)
    winners = Counter(one for ledger in ledgers for one in ledger.claimed)
    assert [one for one, count in winners.items() if count > 1] == []
    sound()


def check_kept(truth: Any, ledger: Ledger) -> None:
    """Everything that a worker was told had happened is in the database."""
    status, notes, agents = truth.missions("status"), truth.missions("notes"), truth.missions("agent")
    sessions = Counter(truth.column("SELECT summary FROM sessions"))
    assert {one: status.get(one) for one in ledger.completed} == dict.fromkeys(ledger.completed, "Completed")
    assert {one: status.get(one) for one in ledger.blocked} == dict.fromkeys(ledger.blocked, "Blocked")
    assert [one for one in ledger.added if one not in status] == []
    assert {text: sessions[text] for text in ledger.logged} == dict.fromkeys(ledger.logged, 1)
    assert {one: notes[one] for one in ledger.notes} == ledger.notes
    held = [one for one in ledger.claimed if one not in ledger.completed + ledger.blocked]
    assert {one: agents[one] for one in held} == dict.fromkeys(held, ledger.agent)


@pytest.mark.parametrize("processes", [4, pytest.param(PROCESSES * 2, marks=pytest.mark.soak)])
def test_each_mission_claimed_at_once_has_one_winner(busy: Any, run: Callable[..., Any], processes: int) -> None:
    def claim(number: int) -> Any:
        return run("mission", "next", "--claim", "--json", "--agent", "agent-%d" % number)

    with ThreadPoolExecutor(processes) as pool:
        claims = list(pool.map(claim, range(processes)))
    assert [ran.code for ran in claims] == [0] * processes, [ran.err for ran in claims]
    assert len({ran.data["id"] for ran in claims}) == processes
