"""What a shell is told, and what it makes of it: bash, zsh and fish on a terminal."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import List

import pytest

from cmos.cli import main as entry

CHECKOUT = Path(entry.__file__).parents[2]
SCRIPT = "#!%s\nimport sys\nsys.path.insert(0, %r)\nfrom cmos.__main__ import main\nmain()\n"


def told(folder: Path, *words: str) -> List[str]:
    """Return the candidates for the last word, and see that nothing else is printed."""
    environment = dict(
        os.environ,
        PYTHONPATH=str(CHECKOUT),
        _CMOSCTL_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(["cmosctl", *words]),
        COMP_CWORD=str(len(words)),
    )
    done = subprocess.run([sys.executable, "-m", "cmos"], cwd=str(folder), env=environment, capture_output=True)
    assert done.stderr == b"", done.stderr
    return [line.partition(",")[2] for line in done.stdout.decode().splitlines() if line]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("mission", "start", "B1"), ["B1.1", "B1.2", "B1.3", "B1.4"]),
        (("mission", "add", "X1", "x", "--depends-on", "b2"), ["B2.1", "B2.2"]),
        (("fact", "--mission", "B2"), ["B2.1", "B2.2"]),
        (("mission", "list", "--status", "d"), ["Deferred"]),
        (("mission", "edit", "B1.3", "--status", "In"), ["'In Progress'"]),
        (("mission", "list", "--sprint", "Sprint"), ["'Sprint 01'", "'Sprint 02'"]),
        (("session", "list", "--agent", "g"), ["gpt"]),
        (("mission", "edit", "B1.3", "--obj"), []),
        (("mission", "add", "--obj"), ["--objective"]),
        (("mission", "comp"), ["complete"]),
        (("mission", "show", "no-such"), []),
    ],
)
def test_commands_options_and_values_are_completed(station: Path, words: List[str], wanted: List[str]) -> None:
    assert told(station, *words) == wanted


def test_names_that_could_do_harm_are_left_out(station: Path) -> None:
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        for id in ("X\n1", "X\x1b[2J", "X;touch pwned", "X$(id)", "X1"):
            db.execute("INSERT INTO missions (id, name, status) VALUES (?, 'x', 'Queued')", (id,))
    db.close()
    assert sorted(told(station, "mission", "show", "X")) == ["'X$(id)'", "'X;touch pwned'", "X1"]


def test_without_a_project_or_with_a_damaged_one_there_is_nothing(station: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert told(empty, "mission", "show", "B") == [] and list(empty.iterdir()) == []
    database = station / ".cmos" / "memory.db"
    database.write_bytes(b"x" * 9000)
    before = sorted(station.rglob("*"))
    assert told(station, "mission", "show", "B") == []
    assert sorted(station.rglob("*")) == before


class Terminal:
    """A shell on a terminal."""

    def __init__(self, command: List[str], folder: Path, bin: Path) -> None:
        self.seen = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(str(folder))
            environment = dict(os.environ, PATH="%s:%s" % (bin, os.environ["PATH"]), TERM="dumb", PS1="> ")
            os.execvpe(command[0], command, environment)

    def types(self, text: str, until: str) -> None:
        os.write(self.master, text.encode())
        end = time.monotonic() + 30
        while until not in self.seen:
            assert time.monotonic() < end, (until, self.seen)
            if select.select([self.master], [], [], 0.2)[0]:
                some = os.read(self.master, 65536)
                self.seen += some.decode("utf-8", "replace")
                if b"\x1b[c" in some:
                    os.write(self.master, b"\x1b[?6c")  # fish asks what terminal this is
        self.seen = ""

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(cmosctl completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit && compinit -u && eval "$(cmosctl completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "cmosctl completion fish | source"),
}


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_a_terminal_completes_an_id_a_status_and_an_option(cm, station: Path, tmp_path: Path, shell: str) -> None:
    command, switch_on = SHELLS[shell]
    if not shutil.which(command[0]):
        pytest.skip("no %s here" % shell)
    assert cm("mission", "add", "LIGHTHOUSE-1", "Lamp").code == 0
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "cmosctl").write_text(SCRIPT % (sys.executable, str(CHECKOUT)), "utf-8")
    (bin / "cmosctl").chmod(0o755)
    terminal = Terminal(command, station, bin)
    try:
        terminal.types(switch_on + "; echo rea''dy\r", "\nready")
        terminal.types("cmosctl mission show LIGHT\t", "HOUSE-1")
        terminal.types("\x15cmosctl mission list --status Def\t", "erred")
        terminal.types("\x15cmosctl mission add X1 x --obj\t", "ective")
    finally:
        terminal.close()
