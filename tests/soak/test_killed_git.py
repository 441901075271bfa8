"""git and cmosctl killed at random moments while an editor saves (docs/sync.md, I1, I8, I9 and I16)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from killed_git import KINDS, KilledGit

KILLS = int(os.environ.get("CMOS_SOAK_KILLS", "200"))


@pytest.mark.parametrize("kills", [3, pytest.param(KILLS, marks=pytest.mark.soak)], ids=["few", "many"])
def test_nothing_is_lost_or_torn_and_the_next_command_converges(busy: Any, scripts: Path, kills: int) -> None:
    from cmos.hooks import install as hook_install

    assert hook_install.install(str(busy.root), command=str(scripts / "cmosctl")).is_complete
    wear = KilledGit(busy.root, scripts / "cmosctl", seed=kills)
    try:
        while sum(wear.killed.values()) < kills:
            assert wear.count < kills * 8
            wear.check(wear.step())
    finally:
        wear.editor.end()
    assert kills < 100 or min(map(wear.killed.get, KINDS)) > 10, wear.killed
