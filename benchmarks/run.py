"""Measure the speed of cmosctl as ratios in one run: ``python benchmarks/run.py``.

Nothing here fails: a machine under load is slow, and that is no defect. Whoever reads
the table decides.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Sequence

from generate import generate

CLI = "from cmos.__main__ import main; main()"
BARE = "import click, sqlite3"
MISSIONS = "cmos/missions"


class Row(NamedTuple):
    """One line of the table. The budget is a ratio, or a number of ms above the baseline."""

    what: str
    measured: float
    baseline: float
    budget: float
    against: str
    above: bool = False

    def line(self) -> str:
        found = (self.measured - self.baseline) * 1000 if self.above else self.measured / self.baseline
        unit = "+%.0f ms" if self.above else "%.2f x"
        verdict = "ok" if found <= self.budget else "OVER"
        figures = "%.1f" % (self.measured * 1000), "%.1f" % (self.baseline * 1000)
        return LINE % (self.what, *figures, unit % found, unit % self.budget, verdict, self.against)


LINE = "%-36s %9s %9s %9s %9s  %-5s %s"
HEAD = LINE % ("what", "ms", "base ms", "is", "budget", "", "measured against")


# ---- whole processes -----------------------------------------------------------------------------------------


def seconds(code: str, arguments: Sequence[str], folder: Path) -> float:
    """Return how long a Python process takes from start to end."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=str(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    took = time.perf_counter() - began
    if done.returncode not in (0, 1):
        raise SystemExit("%s: exit %d\n%s" % (arguments, done.returncode, done.stderr.decode()))
    return took


def medians(measures: Dict[str, Callable[[], float]], rounds: int) -> Dict[str, float]:
    """Return the median of each, all measured in turns so that the machine's mood falls on all alike."""
    taken: Dict[str, List[float]] = {name: [] for name in measures}
    for name in measures:
        measures[name]()
    for _ in range(rounds):
        for name, measure in measures.items():
            taken[name].append(measure())
    return {name: statistics.median(times) for name, times in taken.items()}


def commands(folder: Path, missions: int, fresh: Iterator[int]) -> Dict[str, Callable[[], float]]:
    """Return the commands to measure; those that write take a new mission each time."""

    def cli(*arguments: str) -> float:
        return seconds(CLI, arguments, folder)

    some = "B%d.7" % (missions // 100)
    return {
        "next": lambda: cli("mission", "next"),
        "show": lambda: cli("mission", "show", some),
        "status": lambda: cli("status"),
        "complete": lambda: cli("mission", "complete", "B%d.%d" % (missions // 100, 51 + next(fresh) % 50)),
        "add": lambda: cli("mission", "add", "X1.%d" % next(fresh), "An added one"),
        "session log": lambda: cli("session", "log", "--type", "start", "--mission", some, "--summary", "once more"),
        "list": lambda: cli("mission", "list"),
    }


def process_rows(small: Path, large: Path, few: int, many: int, rounds: int) -> List[Row]:
    fresh = iter(range(10**6))
    measures = {"bare": lambda: seconds(BARE, (), small)}  # what each command has to load
    for size, folder, missions in (("small", small, few), ("large", large, many)):
        for name, measure in commands(folder, missions, fresh).items():
            measures["%s %s" % (name, size)] = measure
    took = medians(measures, rounds)
    at = {"small": " at {:,}".format(few), "large": " at {:,}".format(many)}

    def row(name: str, size: str, against: str, budget: float) -> Row:
        return Row(name + at[size], took["%s %s" % (name, size)], took[against], budget, against)

    reads, writes = ("next", "show", "status"), ("complete", "add", "session log")
    rows = [row(name, "small", "bare", 1.5) for name in reads]
    rows += [row(name, "large", name + " small", 1.3) for name in reads]
    rows += [row(name, size, "next " + size, 2) for size in at for name in writes]
    return rows + [row("list", "large", "next large", 3)]


# ---- scans and imports ---------------------------------------------------------------------------------------


def walk(folder: str) -> int:
    """Look at each file as cheaply as Python can: the bare walk that the scan is compared with."""
    count = 0
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            count += walk(entry.path)
        else:
            entry.stat(follow_symlinks=False)
            count += 1
    return count


def scan_rows(large: Path, many: int, rounds: int) -> List[Row]:
    from cmos.files.scan import scan

    measures = {
        "scan": lambda: timed(lambda: scan(str(large))),
        "walk": lambda: timed(lambda: walk(str(large / MISSIONS))),
    }
    took = medians(measures, rounds)
    return [Row("no-change scan of {:,}".format(many), took["scan"], took["walk"], 1.5, "a bare walk")]


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def parse_all(folder: Path) -> None:
    """Parse each document with the C parser alone, and do nothing with it."""
    from ruamel.yaml.cyaml import CSafeLoader

    for path in folder.rglob("*.yaml"):
        loader = CSafeLoader(path.read_bytes())
        try:
            while loader.check_node():
                loader.get_node()
        finally:
            loader.dispose()


def import_rows(large: Path, many: int) -> List[Row]:
    """Time the first import in a process of its own, in turns with parsing alone."""

    def first() -> float:
        shutil.rmtree(str(large / ".cmos"), ignore_errors=True)
        return seconds(CLI, ("init", "--no-hooks", "--fresh"), large)

    took = medians({"import": first, "parse": lambda: timed(lambda: parse_all(large / MISSIONS))}, 3)
    return [Row("first import of {:,}".format(many), took["import"], took["parse"], 1.5, "parsing the files alone")]


def touch_one(large: Path, count: int) -> None:
    path = large / MISSIONS / "sprint-01" / "B1.1_part-1.yaml"
    text = path.read_text("utf-8").split("# touched")[0]
    path.write_text(text + "# touched %d\n" % count, "utf-8")


def sync_rows(large: Path, many: int, rounds: int) -> List[Row]:
    count = iter(range(10**6))

    def changed() -> float:
        touch_one(large, next(count))
        return seconds(CLI, ("sync",), large)

    # a file is trusted by its times only when it is safely older than the last look at it
    seconds(CLI, ("sync",), large)
    time.sleep(2.5)
    measures = {"changed": changed, "unchanged": lambda: settled_sync(large)}
    took = medians(measures, rounds)
    what = "one changed file among {:,}, sync".format(many)
    return [Row(what, took["changed"], took["unchanged"], 40, "sync, nothing changed", above=True)]


def settled_sync(large: Path) -> float:
    seconds(CLI, ("sync",), large)
    time.sleep(2.2)
    seconds(CLI, ("sync",), large)
    return seconds(CLI, ("sync",), large)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missions", type=int, default=10000, help="size of the large project")
    parser.add_argument("--few", type=int, default=1000, help="size of the small project")
    parser.add_argument("--rounds", type=int, default=15, help="each command is measured so often")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="cmos-benchmark-"))
    try:
        measure(place, given.few, given.missions, given.rounds)
    finally:
        shutil.rmtree(str(place))


def measure(place: Path, few: int, many: int, rounds: int) -> None:
    small, large = place / "small", place / "large"
    generate(small, few)
    generate(large, many)
    print("Python %s, %d processors" % (sys.version.split()[0], os.cpu_count() or 0), HEAD, sep="\n", flush=True)
    seconds(CLI, ("init", "--no-hooks", "--fresh"), small)
    parts: List[Callable[[], List[Row]]] = [
        lambda: scan_rows(large, many, rounds),
        lambda: import_rows(large, many),
        lambda: process_rows(small, large, few, many, rounds),
        lambda: sync_rows(large, many, 5),
    ]
    for part in parts:
        for row in part():
            print(row.line(), flush=True)


if __name__ == "__main__":
    main()
