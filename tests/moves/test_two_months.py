"""Two months of a team: every mission on a branch of its own, files moved meanwhile, all kinds of merges.

Run it with ``python -m pytest -m soak tests/moves/test_two_months.py``; ``CMOS_SOAK_RUNS`` and ``CMOS_SOAK_MISSIONS``
say how often, and of how many missions.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import List

import pytest
from team import MISSION, ROW, Clone, Setting, Team

RUNS = int(os.environ.get("CMOS_SOAK_RUNS", "20"))
MISSIONS = int(os.environ.get("CMOS_SOAK_MISSIONS", "300"))
PEOPLE = 5


class Company(Team):
    """Two thirds of its missions have files, the rest are rows of a backlog."""

    def _write(self, seed: Clone) -> None:
        self.files = ["F%d" % number for number in range(MISSIONS * 2 // 3)]
        self.rows = ["R%d" % number for number in range(MISSIONS - len(self.files))]
        for number, one in enumerate(self.files):
            sprint = "%02d" % (1 + number // 10)
            seed.write("sprint-%s/%s_it.yaml" % (sprint, one), MISSION.format(id=one, sprint=sprint, status="Queued"))
        rows = "".join(ROW.format(id=one, status="Queued") for one in self.rows)
        seed.write("backlog.yaml", "domainFields:\n  sprints:\n    - sprintId: Rows\n      missions:\n" + rows)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(RUNS))
def test_at_the_end_all_is_completed_everywhere(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    team = Company(tmp_path, Setting())
    people = [team.clone("p%d" % number) for number in range(PEOPLE)]
    todo = team.files + team.rows
    chance.shuffle(todo)
    to_move = chance.sample(team.files, len(todo) // 3)
    waiting: List[str] = []
    while todo or waiting:
        if todo and (len(waiting) < 4 or chance.random() < 0.3):
            waiting.append(work(team, chance, chance.choice(people), todo.pop()))
        else:
            merge(team, chance, waiting.pop(chance.randrange(len(waiting))), people)
        if to_move and chance.random() < 0.4:
            move(team, chance, chance.choice(people), to_move.pop())
        if chance.random() < 0.2:
            come_home(team, chance, chance.choice(people))
    for one in to_move:
        move(team, chance, chance.choice(people), one)
    for person in people:
        come_home(team, chance, person)
        with person.open() as ws:
            rows = ws.db.execute("SELECT status, count(*) FROM missions GROUP BY status").fetchall()
        assert [tuple(row) for row in rows] == [("Completed", MISSIONS)]
        assert {status for one in team.files + team.rows[:3] for status in person.said(one)} == {"Completed"}
        assert (person.told(), person.dirty()) == ([], "")


def work(team: Team, chance: random.Random, person: Clone, mission_id: str) -> str:
    """Complete a mission on a branch of its own, some way from where the trunk is, and push it."""
    branch = "work-" + mission_id
    if chance.random() < 0.5:
        person.git("fetch", "--quiet", "--prune", "origin")
    person.git("switch", "--quiet", "--no-track", "--create", branch, "origin/main")
    if chance.random() < 0.5:
        person.claim(mission_id)
    person.complete(mission_id)
    if mission_id[0] == "F" and chance.random() < 0.1:
        person.move(mission_id, "cmos/missions/sprint-done/%s_done.yaml" % mission_id)
    person.commit("done: " + mission_id)
    if chance.random() < 0.5:
        person.sync()
    person.git("push", "--quiet", "origin", branch)
    return branch


def merge(team: Team, chance: random.Random, branch: str, people: List[Clone]) -> None:
    """Let the forge merge a branch; where it cannot, somebody merges the trunk into it."""
    how = chance.choice(("merge", "squash", "rebase"))
    try:
        team.merge_on_the_forge(branch, how=how)
        return
    except AssertionError:
        hub = Clone(team.folder / "hub")
        for command in ("rebase", "merge"):
            hub.git(command, "--abort", check=False)
        hub.git("reset", "--quiet", "--hard")
    person = chance.choice(people)
    person.git("fetch", "--quiet", "--prune", "origin")
    person.git("switch", "--quiet", "--create", "again-" + branch, "origin/" + branch)
    person.git("merge", "--quiet", "--no-edit", "origin/main", check=False)
    if person.git("ls-files", "--unmerged"):
        # two moved one file: the trunk's name stays; git thinks that a folder was renamed: as git proposes
        lines = person.git("status", "--porcelain").splitlines()
        is_theirs = any(line[:2] == "UA" for line in lines)
        for line in lines:
            if line[:2] in ("DD", "AU") and is_theirs:
                person.git("rm", "--quiet", "--force", line[3:])
            elif line[:2] in ("AU", "UA"):
                person.git("add", line[3:])
        person.git("commit", "--quiet", "--no-edit")
    person.sync()
    person.git("push", "--quiet", "--force", "origin", "HEAD:" + branch)
    team.merge_on_the_forge(branch)


def move(team: Team, chance: random.Random, person: Clone, mission_id: str) -> None:
    """Give a file another name or folder, on the trunk, by way of the forge."""
    person.git("fetch", "--quiet", "--prune", "origin")
    person.git("switch", "--quiet", "--no-track", "--create", "move-" + mission_id, "origin/main")
    number = chance.randrange(30)
    person.move(mission_id, "cmos/missions/sprint-%02d/%s_moved.yaml" % (number, mission_id))
    if chance.random() < 0.5:
        person.sync()
    person.commit("moved: " + mission_id)
    person.git("push", "--quiet", "origin", "move-" + mission_id)
    team.merge_on_the_forge("move-" + mission_id, how=chance.choice(("merge", "squash")))


def come_home(team: Team, chance: random.Random, person: Clone) -> None:
    """Go back to the trunk and pull."""
    person.git("switch", "--quiet", "main")
    if chance.random() < 0.5:
        person.sync()
    team.pull(person)
