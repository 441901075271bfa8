"""How fast a search is, and the index: ``python benchmarks/search_speed.py``.

Nothing here fails; whoever reads the lines decides.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, List, Sequence

CLI = "from cmos.__main__ import main; main()"
SECTIONS = 10
SIZE = 10_000
#: Milliseconds that a search may take more than ``cmosctl --version`` (benchmarks/README.md).
BUDGET = 15
#: A word that is in few sections, two that are in many, a question, and one with a typing error.
QUERIES = ("w1500", "w3 w8", "how does w12 w77 w400 go with w900", "permision w40")


def word(chance: random.Random) -> str:
    """Return a word as often as words are in a text: the n-th about 1/n as often as the first."""
    return "w%d" % int(2 ** (chance.random() * 12))


def document(number: int) -> str:
    chance = random.Random(number)
    lines: List[str] = ["# Document %d about %s" % (number, word(chance)), ""]
    for section in range(SECTIONS - 1):
        lines += ["## Section %d on %s and %s" % (section, word(chance), word(chance)), ""]
        size = 0
        while size < SIZE // SECTIONS:
            line = " ".join(word(chance) for _ in range(16)) + (" permission_cache" if chance.random() < 0.01 else "")
            lines.append(line)
            size += len(line)
        lines.append("")
    return "\n".join(lines)


def generate(root: Path, documents: int) -> None:
    folder = root / "cmos" / "docs"
    for number in range(documents):
        path = folder / ("part-%02d" % (number // 100)) / ("document-%d.md" % number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(number), "utf-8")
    (root / "cmos" / "missions").mkdir()
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)


def run(folder: Path, *arguments: str) -> float:
    """Return how many ms a command takes from start to end."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CLI, *arguments], cwd=str(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    took = (time.perf_counter() - began) * 1000
    if done.returncode not in (0, 1):
        raise SystemExit("%s: exit %d\n%s" % (arguments, done.returncode, done.stderr.decode()))
    return took


def medians(measures: Dict[str, Callable[[], float]], rounds: int) -> Dict[str, float]:
    """Return the median of each, all measured in turns so that the machine's mood falls on all alike."""
    taken: Dict[str, List[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            took = measure()
            if number:  # the first round warms up
                taken[name].append(took)
    return {name: statistics.median(times) for name, times in taken.items()}


def touch(root: Path, count: int) -> None:
    path = root / "cmos" / "docs" / "part-00" / "document-7.md"
    path.write_text(document(7) + "touched %d\n" % count, "utf-8")


def index_lines(root: Path, rounds: int) -> List[str]:
    """Time the first index, one without changes, and one after a file was changed."""
    run(root, "init", "--no-hooks")
    first = run(root, "kb", "index")
    count = iter(range(10**6))

    def changed() -> float:
        touch(root, next(count))
        return run(root, "kb", "index")

    # a file is trusted by its times only when it is safely older than the last look at it
    time.sleep(0.1)
    took = medians({"changed": changed, "again": lambda: run(root, "kb", "index")}, rounds)
    return [
        "%-44s %8.1f ms" % ("first index", first),
        "%-44s %8.1f ms" % ("index, nothing changed", took["again"]),
        "%-44s %8.1f ms" % ("index, one document changed", took["changed"]),
    ]


def search_lines(root: Path, rounds: int, queries: Sequence[str]) -> List[str]:
    measures: Dict[str, Callable[[], float]] = {"version": lambda: run(root, "--version")}
    for query in queries:
        measures[query] = lambda query=query: run(root, "kb", "search", query)  # type: ignore[misc]
    took = medians(measures, rounds)
    lines = ["%-44s %8.1f ms" % ("cmosctl --version", took["version"])]
    for query in queries:
        above = took[query] - took["version"]
        verdict = "ok" if above <= BUDGET else "OVER"
        figures = ("kb search '%s'" % query, took[query], above, BUDGET, verdict)
        lines.append("%-44s %8.1f ms  +%.1f ms, budget +%d ms  %s" % figures)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000, help="of 10 KB and 10 sections each")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="make the project in this folder and leave it there")
    given = parser.parse_args()
    # as installed: with compiled modules
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    root = given.keep or Path(tempfile.mkdtemp(prefix="cmos-search-"))
    try:
        generate(root, given.documents)
        figures = (sys.version.split()[0], given.documents, given.documents * SECTIONS)
        print("Python %s; %d documents, %d sections" % figures)
        for line in index_lines(root, max(given.rounds // 4, 1)) + search_lines(root, given.rounds, QUERIES):
            print(line, flush=True)
    finally:
        if not given.keep:
            shutil.rmtree(str(root))


if __name__ == "__main__":
    main()
