"""Changes the code in one place at a time and says which changes no test notices.

``python tests/mutate.py sync missions --sample 100 --seed 1`` draws a hundred changes of two packages. Each is made in
a copy of the checkout. The tests of its package that enter the changed function run first, then the whole package,
and the packages above it only if nothing has noticed yet. Each line of the output is a change that survived: a test
is missing, or the code is needless. Needs what the tests need.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any, DefaultDict, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

import pytest

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
#: Of the tests that enter a function, this many run first, the fastest before the others.
NEAREST = 40
#: A state machine takes as long as all other tests of its folder.
LATER = ("-k", "not Machine")
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


class Entered:
    """Records which functions of a package each test enters in its own process, and how long the test takes."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = str(folder) + os.sep
        self.target = target
        self.tests: DefaultDict[str, Set[Tuple[str, int]]] = defaultdict(set)
        self.seconds: DefaultDict[str, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        name = item.nodeid.split("[")[0]
        functions = self.tests[name]

        def note(frame: Any, event: str, _: Any) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(self.folder):
                functions.add((os.path.basename(frame.f_code.co_filename), frame.f_code.co_firstlineno))

        begun = time.monotonic()
        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.seconds[name] += time.monotonic() - begun

    def pytest_sessionfinish(self) -> None:
        fastest = sorted(self.tests, key=lambda name: self.seconds[name])
        self.target.write_text(json.dumps([[name, sorted(self.tests[name])] for name in fastest]), "utf-8")


class Unshrunk:
    """Lets hypothesis stop at the first example that fails."""

    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        settings.register_profile("unshrunk", settings.default, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("unshrunk")


def run(copy: Path, *arguments: str, plugins: Sequence[object] = ()) -> Optional[int]:
    """Run tests in a copy, in a fork of this process, and return pytest's exit code; None when they take too long."""
    child = os.fork()
    if not child:
        try:
            _become(copy, arguments, plugins)
        finally:
            os._exit(3)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 3
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _become(copy: Path, arguments: Sequence[str], plugins: Sequence[object]) -> None:
    os.setsid()
    silent = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(silent, number)
    os.environ.update(PYTHONPATH=str(copy), CMOS_CI="1", PYTHONDONTWRITEBYTECODE="1")
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    # that hypothesis was imported before the fork is the point
    options = ("-x", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
    os._exit(int(pytest.main([*options, *arguments], plugins=[Unshrunk(), *plugins])))


def nearest(package: str, copy: Path) -> List[Tuple[str, Set[Tuple[str, int]]]]:
    """Return the tests of a package, the fastest first, each with the functions that it enters."""
    target = copy / ("entered-%s.json" % package)
    code = run(copy, "tests/" + package, *LATER, plugins=[Entered(copy / "cmos" / package, target)])
    if code:
        sys.exit("tests/%s fails as it is: pytest exits with %s" % (package, code))
    return [(name, {(file, line) for file, line in functions}) for name, functions in json.loads(target.read_text())]


def function_of(change: Change) -> Tuple[str, int]:
    """Return the innermost function around a change as its module's name and first line."""
    path = CHECKOUT / change.path
    line = 0
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno <= change.line <= (
            node.end_lineno or 0
        ):
            line = max(line, min([node.lineno, *(one.lineno for one in node.decorator_list)]))
    return path.name, line


def pick(packages: Sequence[str]) -> List[Change]:
    return [
        change
        for package in packages
        for path in sorted((CHECKOUT / "cmos" / package).glob("*.py"))
        for change in sorted(changes(path), key=lambda change: (change.start, change.new))
    ]


def survives(change: Change, copy: Path, near: Sequence[str], above: Sequence[str]) -> bool:
    """Say whether all tests of its package and those above it pass with a change, in a copy of the checkout."""
    path = copy / change.path
    data = path.read_bytes()
    path.write_bytes(data[: change.start] + change.new.encode() + data[change.end :])
    folder = "tests/" + change.path.split("/")[1]
    stages = [near, (folder, *LATER), (folder, "-k", "Machine"), above]
    try:
        # 5: the package has no state machine
        return all(run(copy, *stage) in (0, 5) for stage in stages if stage)
    finally:
        path.write_bytes(data)


def main(arguments: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", default=DEFAULT, help="packages of cmos (%(default)s)")
    parser.add_argument("--sample", type=int, metavar="N", help="draw N changes at random instead of taking all")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which sample (%(default)s)")
    parser.add_argument("--minutes", type=float, metavar="N", help="begin no change after N minutes")
    parser.add_argument("--near", action="store_true", help="run the tests of the changed package only")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at a time (%(default)s)")
    parser.add_argument("--list", action="store_true", help="print the changes and make none")
    given = parser.parse_args(arguments)
    wanted = pick(given.packages)
    if given.sample is not None:
        wanted = random.Random(given.seed).sample(wanted, min(given.sample, len(wanted)))
    if given.list:
        print(*wanted, sep="\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        tried, survived = try_all(wanted, Path(folder), given)
    print("%d of %d changes noticed, %d survived" % (tried - survived, tried, survived))


def try_all(wanted: Sequence[Change], folder: Path, given: argparse.Namespace) -> Tuple[int, int]:
    """Print the changes that survive; return how many were tried and how many survived."""
    free: Queue[Path] = Queue()
    for number in range(given.jobs):
        ignored = shutil.ignore_patterns(".git", "__pycache__", ".venv", ".mypy_cache", ".hypothesis")
        free.put(Path(shutil.copytree(CHECKOUT, folder / str(number), ignore=ignored)))
    for library in ("click", "git", "hypothesis", "ruamel.yaml", "watchdog.observers"):
        __import__(library)  # once, before all forks
    copy = free.get()
    tests = {package: nearest(package, copy) for package in sorted({one.path.split("/")[1] for one in wanted})}
    free.put(copy)
    end = time.monotonic() + 60 * given.minutes if given.minutes else float("inf")

    def attempt(change: Change) -> Optional[bool]:
        if time.monotonic() > end:
            return None
        function = function_of(change)
        near = [name for name, entered in tests[change.path.split("/")[1]] if function in entered][:NEAREST]
        copy = free.get()
        try:
            survived = survives(change, copy, near, () if given.near else ABOVE)
        finally:
            free.put(copy)
        if survived:
            print(change, flush=True)
        return survived

    with ThreadPoolExecutor(given.jobs) as pool:
        results = [result for result in pool.map(attempt, wanted) if result is not None]
    return len(results), sum(results)


if __name__ == "__main__":
    main()
