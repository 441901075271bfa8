"""Measure cmosctl against budgets, all in one run: ``python benchmarks/run.py``.

Times are of the processor, in ms: F is a process that does ``import click, sqlite3``, W a bare walk of
the same tree. Nothing here fails: a machine under load is slow, and that is no defect. Whoever reads the
table decides.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Sequence

from generate import IN_THE_BACKLOG, generate

CLI = "from cmos.__main__ import main; main()"
BARE = "import click, sqlite3"
MISSIONS = "cmos/missions"
#: Rows of the large project's backlog: 127 KB, as the largest real one has.
LISTED = 1650
LINE = "%-44s %10s %10s  %-5s %s"
HEAD = LINE % ("what", "ms", "budget", "", "the budget")
HOOK = '#!/bin/sh\nexec "%s" -c "%s" hook run post-commit "$@"\n'


class Row(NamedTuple):
    """One line of the table; figures are in ms unless the line says otherwise."""

    what: str
    measured: float
    budget: float
    how: str

    def line(self) -> str:
        verdict = "ok" if self.measured <= self.budget else "OVER"
        return LINE % (self.what, "%.1f" % self.measured, "%.1f" % self.budget, verdict, self.how)


# ---- measuring -----------------------------------------------------------------------------------------------


class Used(NamedTuple):
    """What a process used: ms of the processor, and MB at most."""

    ms: float
    mb: float


def used(command: Sequence[str], folder: Path) -> Used:
    process = subprocess.Popen(command, cwd=str(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status >> 8
    if process.returncode not in (0, 1):
        raise SystemExit("%s: exit %d\n%s" % (command, process.returncode, told.decode()))
    return Used((usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)


def python(code: str, *arguments: str, folder: Path) -> Used:
    return used([sys.executable, "-c", code, *arguments], folder)


def git(folder: Path, *arguments: str) -> float:
    return used(["git", "-c", "gc.auto=0", *arguments], folder).ms


def medians(measures: Dict[str, Callable[[], float]], rounds: int) -> Dict[str, float]:
    """Return the median of each, all measured in turns so that the machine's mood falls on all alike."""
    taken: Dict[str, List[float]] = {name: [] for name in measures}
    for measure in measures.values():
        measure()
    for _ in range(rounds):
        for name, measure in measures.items():
            taken[name].append(measure())
    return {name: statistics.median(times) for name, times in taken.items()}


def walk(folder: str) -> int:
    """Look at each file as cheaply as Python can."""
    count = 0
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            count += walk(entry.path)
        else:
            entry.stat(follow_symlinks=False)
            count += 1
    return count


def walked(folder: Path) -> float:
    began = time.process_time()
    walk(str(folder / MISSIONS))
    return (time.process_time() - began) * 1000


# ---- commands ------------------------------------------------------------------------------------------------


def commands(folder: Path, missions: int, fresh: Iterator[int]) -> Dict[str, Callable[[], float]]:
    """Return the commands to measure; those that write take a new mission each time."""
    last = missions // 100

    def cli(*arguments: str) -> float:
        return python(CLI, *arguments, folder=folder).ms

    some = "B%d.7" % last
    return {
        "next": lambda: cli("mission", "next"),
        "show": lambda: cli("mission", "show", some),
        "status": lambda: cli("status"),
        "context": lambda: cli("context"),
        "complete": lambda: cli("mission", "complete", "B%d.%d" % (last, 51 + next(fresh) % 50)),
        "add": lambda: cli("mission", "add", "X1.%d" % next(fresh), "An added one"),
        "edit": lambda: cli("mission", "edit", "B%d.%d" % (last, 1 + next(fresh) % 40), "--name", "N%d" % next(fresh)),
        "session log": lambda: cli("session", "log", "--type", "start", "--mission", some, "--summary", "once more"),
        "fact": lambda: cli("fact", "--kind", "finding", "--content", "number %d" % next(fresh)),
        "decision": lambda: cli("decision", "--title", "number %d" % next(fresh), "--rationale", "why"),
        "list": lambda: cli("mission", "list"),
        "list --json": lambda: cli("mission", "list", "--json"),
        "audit": lambda: cli("mission", "audit"),
    }


#: Command to factor of F.
FACTORS = {
    "next": 0.85, "show": 0.85, "status": 0.85, "context": 1.1, "complete": 1.65, "add": 1.65, "edit": 1.65,
    "session log": 1.3, "fact": 1.3, "decision": 1.3,
}  # fmt: skip
WRITES = ("complete", "add", "edit")


def command_rows(small: Path, large: Path, few: int, many: int, rounds: int) -> List[Row]:
    fresh = iter(range(10**6))
    measures = {"F": lambda: python(BARE, folder=small).ms, "W": lambda: walked(large)}
    for folder, missions in ((small, few), (large, many)):
        for name, measure in commands(folder, missions, fresh).items():
            measures["%s at %d" % (name, missions)] = measure
    took = medians(measures, rounds)
    F, W = took["F"], took["W"]
    kilobytes = (large / MISSIONS / "backlog.yaml").stat().st_size / 1024
    rows = [Row("F", F, F, "import click, sqlite3"), Row("W at %d" % many, W, W, "a bare walk")]
    for name, factor in FACTORS.items():
        at = "%s at %d" % (name, few)
        rows.append(Row(at, took[at], factor * F, "%.2f F" % factor))
    for name in ("next", "show", "status", "context", *WRITES):
        at, factor = "%s at %d" % (name, many), FACTORS[name]
        more = 0.5 * kilobytes if name in WRITES else 0
        how = "%.2f F + 1.1 W%s" % (factor, " + 0.5 x %d KB of backlog" % kilobytes if more else "")
        rows.append(Row(at, took[at], factor * F + 1.1 * W + more, how))
    listed = took["list at %d" % many]
    rows.append(Row("list at %d" % many, listed, 2.5 * F + 1.1 * W, "2.5 F + 1.1 W"))
    rows.append(Row("list --json at %d" % many, took["list --json at %d" % many], 1.3 * listed, "1.3 x list"))
    return rows


# ---- git -----------------------------------------------------------------------------------------------------


def begin_history(folder: Path) -> None:
    """Commit the project, with a branch on which 1,000 files differ."""
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        git(folder, "config", name, value)
    (folder / ".gitignore").write_text(".cmos/\n", "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "start")
    git(folder, "switch", "--quiet", "--create", "other")
    for path in sorted((folder / MISSIONS).rglob("B*.yaml"))[:1000]:
        path.write_text(path.read_text("utf-8") + "# of the other branch\n", "utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", "other")
    git(folder, "switch", "--quiet", "-")


def git_rows(small: Path, large: Path, few: int, many: int, rounds: int) -> List[Row]:
    number = iter(range(10**6))
    hook = small / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    begin_history(small)

    def commit(text: str) -> float:
        hook.write_text(text, "utf-8")
        hook.chmod(0o755)
        (small / "code.txt").write_text("%d\n" % next(number), "utf-8")
        git(small, "add", "code.txt")
        return git(small, "commit", "--quiet", "--message", "B1.7: change")

    def after(*steps: Callable[[], object]) -> float:
        for step in steps:
            step()
        return python(CLI, "mission", "next", folder=small).ms

    def settle() -> None:
        hook.write_text("#!/bin/sh\nexit 0\n", "utf-8")
        python(CLI, "sync", folder=small)
        time.sleep(2.2)
        python(CLI, "sync", folder=small)

    def ten() -> None:
        for _ in range(10):
            commit("#!/bin/sh\nexit 0\n")

    def there_and_back() -> float:
        git(small, "switch", "--quiet", "other")
        return after(settle, lambda: git(small, "switch", "--quiet", "-"))

    ours = HOOK % (sys.executable, CLI)
    measures = {
        "sh": lambda: commit("#!/bin/sh\nexit 0\n"),
        "ours": lambda: commit(ours),
        "settled": lambda: after(settle),
        "ten": lambda: after(settle, ten),
        "switch": there_and_back,
    }
    took = medians(measures, rounds)
    return [
        Row("post-commit at %d" % few, took["ours"], took["sh"] + 25, "an sh hook + 25"),
        Row("next after 10 commits without a hook", took["ten"], took["settled"] + 15, "next + 15"),
        Row("next after a checkout of 1,000 files", took["switch"], took["settled"] + 120, "next + 120"),
    ]


def worktree_row(large: Path, many: int, first: float) -> Row:
    begin_history(large)
    python(CLI, "sync", folder=large)
    other = large.parent / "worktree"
    git(large, "worktree", "add", "--quiet", "--detach", str(other))
    took = python(CLI, "mission", "next", folder=other).ms
    return Row("next in a new worktree of %d" % many, took, 0.35 * first, "0.35 x the first import")


# ---- growth and search ---------------------------------------------------------------------------------------


def begin(folder: Path, missions: int, listed: int = LISTED) -> Used:
    """Generate a project and take it in."""
    generate(folder, missions, listed)
    return python(CLI, "init", "--no-hooks", "--fresh", folder=folder)


def growth_rows(place: Path, many: int, huge: int) -> List[Row]:
    rows, taken = [], {}
    for missions in (many, huge):
        folder = place / ("growth-%d" % missions)
        taken["init", missions] = begin(folder, missions)
        for name in ("audit", "verify"):
            runs = [python(CLI, "mission", name, folder=folder) for _ in range(3)]
            taken[name, missions] = sorted(runs)[1]
    for name in ("init", "audit", "verify"):
        one, other = taken[name, many], taken[name, huge]
        rows.append(Row("%s at %d" % (name, huge), other.ms, 5.5 * one.ms, "5.5 x at %d" % many))
        rows.append(Row("MB of %s at %d" % (name, huge), other.mb, 2 * one.mb, "2 x at %d" % many))
    return rows


def search_rows(large: Path, many: int, init: float, rounds: int) -> List[Row]:
    database = large / ".cmos" / "memory.db"

    def size() -> float:
        db = sqlite3.connect(str(database))
        pages, page = db.execute("PRAGMA page_count").fetchone()[0], db.execute("PRAGMA page_size").fetchone()[0]
        db.close()
        return float(pages * page)

    before = size()
    first = python(CLI, "kb", "index", folder=large).ms
    text = sum(path.stat().st_size for path in (large / MISSIONS).rglob("*.yaml"))
    took = medians(
        {
            "version": lambda: python(CLI, "--version", folder=large).ms,
            "search": lambda: python(CLI, "kb", "search", "numbers below", folder=large).ms,
        },
        rounds,
    )
    return [
        Row("first kb index of %d" % many, first, 1.5 * init, "1.5 x init"),
        Row("MB of the index", (size() - before) / 2**20, 4 * text / 2**20, "4 x the text"),
        Row("search at %d" % many, took["search"], took["version"] + 15, "--version + 15"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missions", type=int, default=10000, help="size of the large project")
    parser.add_argument("--few", type=int, default=1000, help="size of the small project")
    parser.add_argument("--huge", type=int, default=0, help="size for the rows about growth, such as 50000")
    parser.add_argument("--rounds", type=int, default=11, help="each command is measured so often")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="cmos-benchmark-"))
    try:
        measure(place, given)
    finally:
        shutil.rmtree(str(place))


def measure(place: Path, given: argparse.Namespace) -> None:
    small, large = place / "small", place / "large"
    begin(small, given.few, IN_THE_BACKLOG)
    first = begin(large, given.missions)
    print("Python %s, %d processors" % (sys.version.split()[0], os.cpu_count() or 0), HEAD, sep="\n", flush=True)
    parts: List[Callable[[], List[Row]]] = [
        lambda: command_rows(small, large, given.few, given.missions, given.rounds),
        lambda: git_rows(small, large, given.few, given.missions, min(given.rounds, 5)),
        lambda: search_rows(large, given.missions, first.ms, given.rounds),
        lambda: [worktree_row(large, given.missions, first.ms)],
        lambda: growth_rows(place, given.missions, given.huge) if given.huge else [],
    ]
    for part in parts:
        for row in part():
            print(row.line(), flush=True)


if __name__ == "__main__":
    main()
