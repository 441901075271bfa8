"""Commands that only read load no slow library when no file has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Set

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SLOW = {
    *("git", "ruamel", "_ruamel_yaml", "watchdog", "click", "dataclasses", "inspect", "ast", "dis", "tokenize"),
    *("subprocess", "selectors", "tempfile", "hashlib"),
}
# modules are listed when the process ends, however the command leaves
LISTING = """
import atexit, sys
atexit.register(lambda: print("MODULES", *sys.modules, file=sys.stderr))
from cmos.cli.main import main
main()
"""


def loaded(*arguments: str, cwd: Path) -> Set[str]:
    """Run a command and return the names of all modules that it loaded."""
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *arguments], cwd=str(cwd), env=environment, capture_output=True, check=True
    )
    line = [line for line in done.stderr.decode("utf-8").splitlines() if line.startswith("MODULES")][-1]
    return set(line.split())


READS = ["mission next", "mission show B1.2", "status", "mission list", "memory list", "context", "kb search mean"]
#: Modules of ours that take their time and serve a change, or other commands.
NEEDLESS = {
    "mission next": (
        *("json", "cmos.core.report", "cmos.db.migrate", "cmos.history", "cmos.journal", "cmos.overview"),
        "cmos.sync.issue_rows",
    ),
    "mission show B1.2": ("json", "cmos.db.migrate", "cmos.missionfile"),
    "status": ("cmos.db.migrate", "cmos.history", "cmos.missionfile"),
    "mission list": ("json", "cmos.db.migrate", "cmos.history", "cmos.missionfile"),
    "context": ("cmos.db.migrate", "cmos.missionfile.reader"),
    "kb search mean": ("cmos.db.migrate", "cmos.missionfile"),
}


@pytest.mark.parametrize("command", READS)
def test_a_command_that_reads_loads_no_slow_library(started: Path, command: str) -> None:
    modules = loaded(*command.split(), cwd=started)
    assert "sqlite3" in modules
    assert not {name.split(".")[0] for name in modules} & SLOW


@pytest.mark.parametrize("command", NEEDLESS)
def test_a_command_that_reads_loads_nothing_that_it_does_not_use(started: Path, command: str) -> None:
    run = loaded(*command.split(), cwd=started)
    assert not run & set(NEEDLESS[command])


def test_a_changed_file_is_parsed_so_that_the_test_above_can_fail(started: Path) -> None:
    path = started / "cmos" / "missions" / "sprint-01" / "B1.3_derive-a-daily-mean.yaml"
    path.write_text(path.read_text("utf-8") + "context: The curve jumps.\n", "utf-8")
    assert loaded("mission", "list", cwd=started) & {"ruamel", "_ruamel_yaml"}
