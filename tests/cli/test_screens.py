"""Every view at 60, 80 and 120 columns: no line is longer than the screen, no word is broken.

``tests/cli/screens`` holds what a person has looked at. To write it anew: ``CMOS_SOAK_SCREENS=1 python -m pytest`` on
this file, then look at the difference.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Dict, List

import pytest

from cmos.cli import main as entry
from cmos.core.text import width

CHECKOUT = Path(entry.__file__).parents[2]
SCREENS = Path(__file__).parent / "screens"
#: Those that print no path of the machine.
VIEWS = (
    "status", "mission list", "mission list --all", "mission next", "mission show B1.2", "mission verify",
    "mission incomplete", "mission audit", "mission audit 1", "sync", "sync --log", "session list", "memory list",
    "kb search readings", "context --format md", "mission edit --help", "mission lits", "mission show B9.9",
)  # fmt: skip
#: Each value that differs from run to run, and what stands for it.
_CHANGING = ((re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "YYYY-MM-DDThh:mm:ssZ"),)


def seen(station: Path, view: str, columns: int) -> str:
    """Return what a command prints on a terminal of so many columns."""
    command = [sys.executable, "-m", "cmos", *view.split()]
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT), NO_COLOR="1", TERM="xterm")
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(
        command, cwd=str(station), env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        told = b""
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:
                break  # Linux says so at the end of a terminal
            if not some:
                break
            told += some
    os.close(ours)
    text = told.decode().replace("\r\n", "\n")
    for pattern, stand_in in _CHANGING:
        text = pattern.sub(stand_in, text)
    return text


@pytest.fixture
def busy(cm, station: Path) -> Path:
    """A station with something of everything to show."""
    long = "A name that is long enough to be longer than any of the three screens, so that it goes on below"
    for words in (
        ("mission", "add", "B3.1", long, "--sprint", "Sprint 03", "--depends-on", "B1.3", "--depends-on", "B2.1"),
        ("mission", "add", "A-MISSION-WITH-A-LONG-ID-OF-ITS-OWN-20251101", "Short", "--sprint", "Sprint 03"),
        ("mission", "start", "B1.2", "--agent", "claude"),
        ("mission", "block", "B2.2", "--reason", "The disk has not arrived, and nobody can say when " + "it will " * 9),
        ("mission", "drop", "B1.4", "--reason", "nobody needs it"),
        ("fact", "--kind", "risk", "--content", "The well runs dry in August, as it did in each of the last years"),
        ("decision", "--title", "Readings are kept for a year", "--rationale", "The disk is small " * 9),
        ("session", "log", "--type", "start", "--mission", "B1.2", "--summary", "Wired the whole station anew " * 6),
        ("kb", "index"),
    ):
        assert cm(*words).code == 0, words
    deep = station / "cmos" / "missions" / "sprint-02" / "a-folder-with-a-long-name" / "that-has-another-one-in-it"
    deep.mkdir(parents=True)
    (deep / "B9_with-a-long-name-of-its-own.yaml").write_text("missionId: X9\nstatus: [\n", "utf-8")
    cm("sync")  # what is new is told once
    return station


def test_nothing_is_wider_than_the_screen_and_no_word_is_broken(cm, busy: Path) -> None:
    told: Dict[int, List[str]] = {60: [], 80: [], 120: []}
    for view in VIEWS:
        whole = cm(*view.split())
        words = set((whole.out + whole.err).split())
        for columns, lines in told.items():
            text = seen(busy, view, columns)
            prose = re.sub(r"(?sm)^```.*?^```$", "", text)  # what a file says, and commands, stay as they are
            assert [one for one in prose.split("\n") if width(one) > columns and len(one.split()) > 1] == [], view
            broken = {word for word in text.split() if word not in words and "\u2026" not in word}
            assert view.endswith("--help") or {word for word in broken if "YYYY" not in word} == set(), view
            if view.endswith("--help"):
                continue  # laid out by click, each version in its own way
            lines += ["$ cmosctl " + view, *(line.rstrip() for line in text.split("\n"))]
    if "CMOS_SOAK_SCREENS" in os.environ:
        for columns, lines in told.items():
            (SCREENS / ("%d.txt" % columns)).write_text("\n".join(lines), "utf-8")
    for columns, lines in told.items():
        assert "\n".join(lines) == (SCREENS / ("%d.txt" % columns)).read_text("utf-8")
