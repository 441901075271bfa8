"""Measure what the post-commit hook adds to ``git commit``: ``python benchmarks/post_commit.py``.

The baseline is a hook that is a shell script and does nothing; and where pre-commit is installed, one of pre-commit's
that does nothing. Nothing here fails; whoever reads decides.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, NamedTuple

from generate import generate

#: Milliseconds that the hook may add (benchmarks/README.md).
BUDGET = 60
CLI = "from cmos.__main__ import main; main()"
NOTHING = "#!/bin/sh\nexit 0\n"
#: What pre-commit runs: a hook that does nothing, and ours.
THROUGH = """repos:
- repo: local
  hooks:
  - id: one
    name: one
    language: system
    entry: %s
    stages: [post-commit]
    always_run: true
    pass_filenames: false
"""
OURS_THROUGH = """'"%s" -c "%s" hook run post-commit'"""
OURS = '#!/bin/sh\nexec "%s" -c "%s" hook run post-commit "$@"\n'


def git(folder: Path, *arguments: str) -> None:
    # pre-commit says on stderr what it runs
    subprocess.run(["git", *arguments], cwd=str(folder), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


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


class Case(NamedTuple):
    """A post-commit hook, and what pre-commit is configured to run in it."""

    hook: str
    config: str = ""


def cases(folder: Path, *, pre_commit: bool) -> Dict[str, Case]:
    """Return the hooks to compare, each baseline before what is measured against it."""
    ours = (sys.executable, CLI)
    found = {"sh": Case(NOTHING), "cmosctl": Case(OURS % ours)}
    if pre_commit:
        command = [sys.executable, "-m", "pre_commit", "install", "--hook-type", "post-commit", "--overwrite"]
        subprocess.run(command, cwd=str(folder), check=True, stdout=subprocess.DEVNULL)
        text = (folder / ".git" / "hooks" / "post-commit").read_text("utf-8")
        found["pre-commit"] = Case(text, THROUGH % "'true'")
        found["cmosctl in it"] = Case(text, THROUGH % (OURS_THROUGH % ours))
    return found


def measure(folder: Path, hooks: Dict[str, Case], rounds: int) -> Dict[str, float]:
    """Return the median milliseconds of a commit with each hook, in turns."""
    taken: Dict[str, List[float]] = {name: [] for name in hooks}
    for number in range(rounds + 1):
        for place, (name, case) in enumerate(hooks.items()):
            hook(folder, case.hook)
            if case.config:
                (folder / ".pre-commit-config.yaml").write_text(case.config, "utf-8")
                git(folder, "add", ".pre-commit-config.yaml")
            took = commit(folder, number * len(hooks) + place)
            if number:  # the first round warms up
                taken[name].append(took * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}


def show(missions: int, took: Dict[str, float]) -> None:
    names = list(took)
    for before, name in zip(names[::2], names[1::2]):
        added = took[name] - took[before]
        verdict = "" if before != "sh" else "ok" if added <= BUDGET else "OVER"
        budget = "%d ms" % BUDGET if before == "sh" else ""
        figures = (missions, before, took[before], name, took[name], added, budget, verdict)
        print(("%8d  %-10s %7.1f ms  %-13s %7.1f ms  %+6.1f ms  %6s  %s" % figures).rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--missions", type=int, nargs="+", default=[100, 1000, 10000])
    options = parser.parse_args()
    # as installed: with compiled modules
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    has_pre_commit = importlib.util.find_spec("pre_commit") is not None
    print("%8s  %-21s  %-24s  %9s  %6s" % ("missions", "against", "measured", "added", "budget"))
    for missions in options.missions:
        folder = Path(tempfile.mkdtemp(prefix="cmos-bench-"))
        try:
            prepare(folder, missions)
            show(missions, measure(folder, cases(folder, pre_commit=has_pre_commit), options.rounds))
        finally:
            shutil.rmtree(str(folder))


if __name__ == "__main__":
    main()
