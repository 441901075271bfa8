"""Every command in clones, archives and branches of an attacker: nothing outside of the clone is touched."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import List

import pytest
from each_command import READS, WRITES, call
from hostile_grounds import Grounds, git
from hostile_ways import WAYS

#: Seeds of the long run.
SEEDS = int(os.environ.get("CMOS_SOAK_SEEDS", "20"))
_FIRST = ("sync", "init", "mission complete B1.2 --notes done")


def attack(root: Path, name: str, seed: int, commands: List[str]) -> None:
    """Run commands in what a way made, and see what became of the machine."""
    grounds = Grounds(root, seed)
    folders = WAYS[name](grounds)
    before = grounds.snapshot()
    codes = set()
    for folder in folders:
        for line in commands:
            code, told = call(folder, line)
            codes.add(code)
            assert code in range(9), (line, told)
            assert grounds.secret not in told, line
    if (folders[0] / ".git").exists() and "another_repository" not in name:
        # with the hooks that init may have installed
        git(folders[0], "commit", "-q", "--allow-empty", "-m", "B1.3: by the victim")
    after = grounds.snapshot()
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    assert changed == [], codes
    assert grounds.leaks() == []
    assert not grounds.marker.exists(), grounds.marker.read_text("utf-8")


@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_hostile_clone_touches_nothing(tmp_path: Path, name: str) -> None:
    seed = random.Random().getrandbits(32) if not os.environ.get("CMOS_CI") else 7
    some = random.Random(seed).sample(READS + WRITES, 8)
    attack(tmp_path, name, seed, [*_FIRST, *some, "export all"])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("name", sorted(WAYS))
def test_every_command_in_a_hostile_clone(tmp_path: Path, name: str, seed: int) -> None:
    rest = list(READS + WRITES)
    random.Random(seed).shuffle(rest)
    attack(tmp_path, name, seed, [*_FIRST, *rest])
