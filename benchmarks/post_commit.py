"""Measure what the post-commit hook adds to ``git commit``: ``python benchmarks/post_commit.py``.

The baseline is a hook that is a shell script and does nothing. Nothing here fails; whoever reads decides.
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
from typing import Dict, List

from generate import generate

#: Milliseconds that the hook may add (DESIGN.md, section 6).
BUDGET = 60
CLI = "from cmos.cli.entry import main; main()"
NOTHING = "#!/bin/sh\nexit 0\n"
OURS = '#!/bin/sh\nexec "%s" -c "%s" hook run post-commit "$@"\n'


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=str(folder), check=True, stdout=subprocess.DEVNULL)


def prepare(folder: Path, missions: int) -> None:
    """Make a project with missions, committed, and its database."""
    generate(folder, missions)
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org"), ("gc.auto", "0")):
        git(folder, "config", name, value)
    (folder / ".gitignore").write_text(".cmos/\n", "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "start")
    command = [sys.executable, "-c", CLI, "init", "--no-hooks"]
    subprocess.run(command, cwd=str(folder), check=True, stdout=subprocess.DEVNULL)


def hook(folder: Path, text: str) -> None:
    path = folder / ".git" / "hooks" / "post-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def commit(folder: Path, number: int) -> float:
    """Change a file, commit it, and return how many seconds the commit took."""
    (folder / "code.txt").write_text("%d\n" % number, "utf-8")
    git(folder, "add", "code.txt")
    began = time.perf_counter()
    git(folder, "commit", "--quiet", "--message", "B1.7: change %d" % number)
    return time.perf_counter() - began


def measure(folder: Path, rounds: int) -> Dict[str, float]:
    """Return the median seconds of a commit with each hook, in turns."""
    hooks = {"nothing": NOTHING, "cmosctl": OURS % (sys.executable, CLI)}
    taken: Dict[str, List[float]] = {name: [] for name in hooks}
    for number in range(rounds + 1):
        for place, (name, text) in enumerate(hooks.items()):
            hook(folder, text)
            took = commit(folder, number * len(hooks) + place)
            if number:  # the first round warms up
                taken[name].append(took)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--missions", type=int, nargs="+", default=[100, 1000, 10000])
    options = parser.parse_args()
    # as installed: with compiled modules
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    print("%8s  %12s  %12s  %9s  %9s" % ("missions", "sh hook, ms", "cmosctl, ms", "added", "budget"))
    for missions in options.missions:
        folder = Path(tempfile.mkdtemp(prefix="cmos-bench-"))
        try:
            prepare(folder, missions)
            took = {name: seconds * 1000 for name, seconds in measure(folder, options.rounds).items()}
        finally:
            shutil.rmtree(str(folder))
        added = took["cmosctl"] - took["nothing"]
        verdict = "ok" if added <= BUDGET else "OVER"
        figures = (missions, took["nothing"], took["cmosctl"], added, BUDGET, verdict)
        print("%8d  %12.1f  %12.1f  %6.1f ms  %6d ms  %s" % figures)


if __name__ == "__main__":
    main()
