"""Changes the code in one place at a time and says which changes no test notices.

``python tests/mutate.py sync missions --every 20`` takes every twentieth change of two packages. Each is made in a
copy of the checkout; the tests of its package run first, and those of the packages above it only if they noticed
nothing. Each line of the output is a change that survived: a test is missing, or the code is needless. Needs what
the tests need.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT = ("sync", "missions", "missionfile", "history")
#: Tests that see a package from above: what people and git do.
ABOVE = (
    "tests/actions",
    "tests/cli",
    "tests/merge",
    "tests/moves",
    "tests/hooks",
    "tests/transfer",
    "tests/review",
    "tests/soak",
)
#: Seconds that tests may take with a change: one that makes them wait for ever is noticed.
LIMIT = 900
#: A state machine takes as long as all other tests of its folder.
LATER = "not Machine"
SWAPS: Dict[type, Tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.In: (" in ", " not in "),
    ast.NotIn: (" not in ", " in "),
    ast.Is: (" is ", " is not "),
    ast.IsNot: (" is not ", " is "),
    ast.And: (" and ", " or "),
    ast.Or: (" or ", " and "),
}


class Change(NamedTuple):
    """A text in place of another one in a file; offsets in bytes."""

    path: str
    line: int
    start: int
    end: int
    new: str
    old: str

    def __str__(self) -> str:
        return "%s:%d: %s -> %s" % (self.path, self.line, " ".join(self.old.split())[:60], self.new.strip()[:60])


def changes(path: Path) -> Iterator[Change]:
    """Yield the changes of a module, in the order of its lines."""
    data = path.read_bytes()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def change(line: int, start: int, end: int, new: str) -> Change:
        name = path.relative_to(CHECKOUT).as_posix()
        return Change(name, line, start, end, new, data[start:end].decode("utf-8"))

    def span(node: ast.AST) -> Tuple[int, int]:
        place = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return starts[place[0] - 1] + place[1], starts[place[2] - 1] + place[3]

    def between(left: ast.AST, right: ast.AST, kind: type) -> Iterator[Change]:
        old, new = SWAPS[kind]
        begin, stop = span(left)[1], span(right)[0]
        at = data.find(old.strip().encode(), begin, stop)
        if at >= 0:
            yield change(data.count(b"\n", 0, at) + 1, at, at + len(old.strip()), new.strip())

    for node in ast.walk(ast.parse(data)):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPS:
            yield from between(node.left, node.comparators[0], type(node.ops[0]))
        elif isinstance(node, ast.BoolOp):
            for one, other in zip(node.values, node.values[1:]):
                yield from between(one, other, type(node.op))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield change(node.lineno, span(node)[0], span(node.operand)[0], "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield change(node.lineno, *span(node), str(not node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            yield change(node.lineno, *span(node), str(node.value + 1))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield change(node.lineno, *span(node), "pass")
        elif isinstance(node, (ast.If, ast.IfExp)):
            yield change(node.test.lineno, *span(node.test), "True")
            yield change(node.test.lineno, *span(node.test), "False")


def pick(packages: Sequence[str], every: int, first: int) -> List[Change]:
    found: List[Change] = []
    for package in packages:
        for path in sorted((CHECKOUT / "cmos" / package).glob("*.py")):
            found += sorted(changes(path), key=lambda one: (one.start, one.new))
    return found[first::every]


def survives(change: Change, copy: Path) -> bool:
    """Say whether all tests pass with a change, in a copy of the checkout."""
    path = copy / change.path
    data = path.read_bytes()
    path.write_bytes(data[: change.start] + change.new.encode() + data[change.end :])
    package = change.path.split("/")[1]
    try:
        return all(passes(copy, *part) for part in (("tests/" + package, "-k", LATER), ("tests/" + package,), ABOVE))
    finally:
        path.write_bytes(data)


def passes(copy: Path, *arguments: str) -> bool:
    environment = dict(os.environ, PYTHONPATH=str(copy), CMOS_CI="1", PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:cacheprovider", *arguments]
    try:
        return not subprocess.run(
            command, cwd=str(copy), env=environment, capture_output=True, timeout=LIMIT
        ).returncode
    except subprocess.TimeoutExpired:
        return False


def main(arguments: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", default=DEFAULT, help="packages of cmos (%(default)s)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth change only")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with the Nth, counted from 0")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at a time (%(default)s)")
    parser.add_argument("--list", action="store_true", help="print the changes and make none")
    given = parser.parse_args(arguments)
    wanted = pick(given.packages, given.every, given.first)
    if given.list:
        print(*wanted, sep="\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        free: Queue[Path] = Queue()
        for number in range(given.jobs):
            copy = Path(folder, str(number))
            shutil.copytree(
                CHECKOUT, copy, ignore=shutil.ignore_patterns(".git", "__pycache__", ".venv", ".mypy_cache")
            )
            free.put(copy)

        def run(change: Change) -> bool:
            copy = free.get()
            try:
                survived = survives(change, copy)
            finally:
                free.put(copy)
            if survived:
                print(change, flush=True)
            return survived

        with ThreadPoolExecutor(given.jobs) as pool:
            survived = sum(pool.map(run, wanted))
    print("%d of %d changes noticed, %d survived" % (len(wanted) - survived, len(wanted), survived))


if __name__ == "__main__":
    main()
