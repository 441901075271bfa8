"""A project with a real watcher, and what its database says."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional

from cmos.missionfile.reader import read

#: Seconds that anything may take before a test gives up: longer than the scan that mends everything.
PATIENCE = 90.0

Test = Callable[[], object]


class World:
    """One worktree with a project; commands run as a user runs them."""

    def __init__(self, folder: Path, scripts: Path) -> None:
        self.folder = folder
        self.scripts = scripts
        self.missions = folder / "cmos" / "missions"
        self._started: List[int] = []

    def __call__(self, *words: str, check: bool = True, **options: Any) -> Any:
        """Run a command in the worktree with the console script on the PATH."""
        path = "%s:%s" % (self.scripts, os.environ["PATH"])
        environment = dict(os.environ, PATH=path, **options.pop("env", {}))
        done: Any = subprocess.run(
            words, cwd=str(options.pop("cwd", self.folder)), env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=120, **options,
        )  # fmt: skip
        done.out, done.err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert not check or done.returncode == 0, done.out + done.err
        return done

    def git(self, *words: str, **options: Any) -> str:
        return str(self("git", *words, **options).out)

    def start(self, *words: str, **options: Any) -> int:
        """Start a watcher and return its process id."""
        done = self("cmosctl", "watch", "start", "--json", *words, **options)
        pid = int(json.loads(done.out)["data"]["pid"])
        self._started.append(pid)
        return pid

    def end(self) -> None:
        """Kill what was started here, by its process id."""
        for pid in self._started:
            try:
                # not one that has taken the number since
                if b"watch" in Path("/proc/%d/cmdline" % pid).read_bytes():
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

    def status(self) -> Dict[str, Any]:
        """Return what ``watch status`` says."""
        found: Dict[str, Any] = json.loads(self("cmosctl", "watch", "status", "--json", check=False).out)["data"]
        return found

    def me(self) -> Dict[str, Any]:
        """Return what the watcher says of itself, without starting a command."""
        path = Path(self.git("rev-parse", "--absolute-git-dir").strip()) / "cmos" / "watch.json"
        found: Dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found

    @property
    def database(self) -> Path:
        home = self.folder
        if (home / ".git").is_file():
            # a linked worktree has the database of the main one
            home = Path(self.git("rev-parse", "--path-format=absolute", "--git-common-dir").strip()).parent
        return home / ".cmos" / "memory.db"

    def ask(self, sql: str, *values: object) -> List[Any]:
        """Return the rows that a query gives, from a connection of its own."""
        with sqlite3.connect(str(self.database), timeout=10) as db:
            rows = db.execute(sql, values).fetchall()
        db.close()
        return rows

    def value(self, column: str, mission_id: str) -> Any:
        rows = self.ask("SELECT %s FROM missions WHERE id = ?" % column, mission_id)
        return rows[0][0] if rows else None

    def file(self, mission_id: str) -> Path:
        return next(self.missions.glob("*/%s_*.yaml" % mission_id))

    def edit(self, mission_id: str, old: str, new: str) -> None:
        path = self.file(mission_id)
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")


def eventually(test: Test, what: str = "", *, patience: Optional[float] = None) -> None:
    """Wait until something is so; fail when it is not so in time."""
    limit = time.monotonic() + (patience or PATIENCE)
    while not test():
        assert time.monotonic() < limit, what or "it did not come to be"
        time.sleep(0.02)


#: Runs a command with the signals as it is told: whoever started the tests may have had some ignored.
WITH_SIGNALS = """
import os, signal, sys
ignored = sys.argv[1].split()
for name in ("SIGINT", "SIGHUP", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_IGN if name in ignored else signal.SIG_DFL)
os.execv(sys.argv[2], sys.argv[2:])
"""


def foreground(world: World, *words: str, ignoring: str = "") -> Any:
    """Start ``watch run``, some signals ignored by name, and wait until it watches."""
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_SIGNALS, ignoring, str(world.scripts / "cmosctl"), "watch", "run", *words],
        cwd=str(world.folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    world._started.append(process.pid)
    # it holds the lock before its first look, and describes itself after it
    eventually(lambda: (world.status()["watcher"] or {}).get("pid") == process.pid or process.poll() is not None)
    return process


def alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and was not waited for does not."""
    try:
        fields = Path("/proc/%d/stat" % pid).read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return False
    # its first thread may have ended before the others, which still hold its files
    return fields[0] != "Z" or int(fields[17]) > 1


MISSION = """\
missionId: "{id}"
name: "Task {id}"
status: "Queued"
objective: "{objective}"
context: "Written by a test."
successCriteria: ["it is seen"]
deliverables: ["none"]
"""


def write_missions(world: World, folder: str, ids: Iterable[str], objective: str) -> None:
    """Write mission files into a folder of the missions, in place."""
    (world.missions / folder).mkdir(parents=True, exist_ok=True)
    for one in ids:
        path = world.missions / folder / ("%s_task.yaml" % one)
        path.write_text(MISSION.format(id=one, objective=objective), "utf-8")


def disagreements(world: World) -> List[str]:
    """Return each mission file whose objective is not its row's; the database is only read."""
    rows = dict(world.ask("SELECT id, objective FROM missions"))
    found = []
    for path in sorted(world.missions.rglob("*.yaml")):
        if "templates" in path.parts:
            continue
        for record in read(path.read_bytes()).records:
            if record.kind == "file" and rows.get(record.id) != record.objective:
                found.append("%s: %r, not %r" % (path.name, rows.get(record.id), record.objective))
    return found


def in_step(world: World, *, patience: Optional[float] = None) -> None:
    """Wait until each file's text is in the database; fail with what is not."""
    limit = time.monotonic() + (patience or PATIENCE)
    while True:
        left = disagreements(world)
        if not left:
            return
        assert time.monotonic() < limit, "\n".join(left[:5])
        time.sleep(0.05)


def settled(world: World) -> None:
    """Wait until the watcher has had nothing to do for a second."""
    before: Dict[str, Any] = {}
    while before != world.me():
        before = world.me()
        time.sleep(1.0)
