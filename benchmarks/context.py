"""Measure ``cmosctl context`` at 100 missions and at 10,000 with 50,000 sessions: ``python benchmarks/context.py``.

Also what recording costs against ``mission next``, and what the look at all mission files takes of it.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict

from generate import generate, places
from run import CLI, HEAD, MISSIONS, Row, medians, seconds, timed, walk


def fill(root: Path, missions: int, sessions: int) -> None:
    """Add sessions, and a decision and a fact for every second mission, as commands would have left them."""
    ids = ["B%d.%d" % place for place in places(missions)]
    some = ids[::2]
    with sqlite3.connect(str(root / ".cmos" / "memory.db")) as db:
        db.executemany(
            "INSERT INTO sessions (ts, mission_id, action, agent, summary) VALUES (?,?,'start','ada',?)",
            [("2026-01-01T00:00:00Z", ids[n % missions], "Carried layer %d through" % n) for n in range(sessions)],
        )
        db.executemany(
            "INSERT INTO decisions (ts, mission_id, title, rationale) VALUES ('2026-01-01T00:00:00Z',?,?,?)",
            [(one, "Measure part %d twice" % n, "The first number is of a cold cache") for n, one in enumerate(some)],
        )
        db.executemany(
            "INSERT INTO facts (ts, mission_id, kind, content) VALUES ('2026-01-01T00:00:00Z',?,'finding',?)",
            [(one, "Layer %d can stand on the interfaces of the last release" % n) for n, one in enumerate(some)],
        )
    db.close()


def prepare(root: Path, missions: int, sessions: int) -> None:
    generate(root, missions)
    seconds(CLI, ("init", "--no-hooks"), root)
    fill(root, missions, sessions)
    seconds(CLI, ("context",), root)
    # a file is trusted by its times only when it is safely older than the last look at it
    time.sleep(2.5)
    seconds(CLI, ("sync",), root)


def size(root: Path) -> int:
    return len(subprocess.run([sys.executable, "-c", CLI, "context"], cwd=str(root), stdout=subprocess.PIPE).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missions", type=int, default=10000)
    parser.add_argument("--sessions", type=int, default=50000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="cmos-benchmark-"))
    try:
        measure(place / "small", place / "large", given.missions, given.sessions, given.rounds)
    finally:
        shutil.rmtree(str(place))


def measure(small: Path, large: Path, missions: int, sessions: int, rounds: int) -> None:
    prepare(small, 100, 500)
    prepare(large, missions, sessions)
    decision = ("decision", "--title", "Measure once more", "--rationale", "It was cold")
    measures: Dict[str, Callable[[], float]] = {
        "small": lambda: seconds(CLI, ("context",), small),
        "large": lambda: seconds(CLI, ("context",), large),
        "walk": lambda: timed(lambda: walk(str(large / MISSIONS))),
    }
    took = medians(measures, rounds)
    at = "context at {:,}".format(missions)
    print(HEAD)
    print(Row(at, took["large"], took["small"], 1.5, "context at 100").line())
    less = took["large"] - took["walk"]
    print(Row(at + ", less the walk", less, took["small"], 1.5, "context at 100").line())
    print("%-36s %9.1f ms" % ("a bare walk of the mission files", took["walk"] * 1000))
    print("bytes: %d at 100, %d at %d; the budget is 8000" % (size(small), size(large), missions))
    writes: Dict[str, Callable[[], float]] = {
        "next": lambda: seconds(CLI, ("mission", "next"), large),
        "decision": lambda: seconds(CLI, decision, large),
        "fact": lambda: seconds(CLI, ("fact", "--kind", "finding", "--content", "It was cold"), large),
        "list": lambda: seconds(CLI, ("memory", "list", "--limit", "10"), large),
    }
    took = medians(writes, rounds)
    for name in ("decision", "fact", "list"):
        print(Row(name, took[name], took["next"], 2, "mission next").line())


if __name__ == "__main__":
    main()
