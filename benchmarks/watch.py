"""What a watcher costs and how soon it sees a save: ``python benchmarks/watch.py [--missions 1000 10000]``.

Prints, for each size: milliseconds from a save to its row (median, 99th percentile, saves that were never seen),
processor seconds while nothing happens, and resident memory.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import List, NamedTuple

from generate import generate

OBJECTIVE = re.compile(r"^objective: .*?(?=^\S|^$)", re.MULTILINE | re.DOTALL)
#: Seconds after which a save counts as missed.
MISSED = 35.0


class Costs(NamedTuple):
    median: float
    worst: float
    missed: int
    idle: float
    megabytes: float


def measure(folder: Path, missions: int, *, saves: int, idle: float) -> Costs:
    generate(folder, missions)
    subprocess.run(["cmosctl", "init", "--no-hooks"], cwd=str(folder), check=True, capture_output=True)
    started = subprocess.run(["cmosctl", "watch", "start", "--json"], cwd=str(folder), check=True, capture_output=True)
    pid = json.loads(started.stdout)["data"]["pid"]
    try:
        time.sleep(3)
        times = sorted(save(folder, number) for number in range(saves))
        time.sleep(3)
        used = processor_seconds(pid)
        time.sleep(idle)
        used = processor_seconds(pid) - used
        seen = [one for one in times if one < MISSED]
        at = min(int(len(seen) * 0.99), len(seen) - 1)
        return Costs(statistics.median(seen), seen[at], len(times) - len(seen), used / idle, memory(pid))
    finally:
        subprocess.run(["cmosctl", "watch", "stop"], cwd=str(folder), check=True, capture_output=True)


def save(folder: Path, number: int) -> float:
    """Save one file as an editor does and return the seconds until its row says so."""
    paths = sorted((folder / "cmos" / "missions").glob("sprint-*/*.yaml"))
    path = paths[number * 37 % len(paths)]
    text = path.read_text("utf-8")
    found = re.search(r'^missionId: "(.*)"', text, re.MULTILINE)
    assert found is not None
    beside = path.with_name(".saving")
    beside.write_text(OBJECTIVE.sub("objective: Save %d\n\n" % number, text, count=1), "utf-8")
    # one connection, and reads alone: it must not be what the watcher waits for
    db = sqlite3.connect("file:%s?mode=ro" % (folder / ".cmos" / "memory.db"), uri=True)
    os.replace(str(beside), str(path))
    began = time.monotonic()
    while time.monotonic() - began < MISSED:
        row = db.execute("SELECT objective FROM missions WHERE id = ?", (found.group(1),)).fetchone()
        if row == ("Save %d" % number,):
            break
        time.sleep(0.001)
    took = time.monotonic() - began
    db.close()
    time.sleep(0.3)
    return took


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process with its ended children (Linux)."""
    fields = Path("/proc/%d/stat" % pid).read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    found = re.search(r"^VmHWM:\s*(\d+) kB", Path("/proc/%d/status" % pid).read_text("ascii"), re.MULTILINE)
    return int(found.group(1)) / 1024 if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missions", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds")
    given = parser.parse_args()
    lines: List[str] = []
    for missions in given.missions:
        with tempfile.TemporaryDirectory() as folder:
            costs = measure(Path(folder), missions, saves=given.saves, idle=given.idle)
        told = "%6d missions: save to row median %3.0f ms, p99 %4.0f ms, %d of %d missed; idle %.3f %%; at most %.0f MB"
        lines.append(
            told % (missions, costs.median * 1000, costs.worst * 1000, costs.missed, given.saves, costs.idle * 100,
                    costs.megabytes)
        )  # fmt: skip
        print(lines[-1], flush=True)


if __name__ == "__main__":
    main()
