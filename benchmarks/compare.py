"""Measure cmosctl beside other trackers, on projects of the same size: ``python benchmarks/compare.py``.

Peers are measured where their commands are on the PATH (``--path`` adds a folder): fossil, Taskwarrior, todoman,
microbeads, juno-ledger. Each command is a whole process, in turns with those of the others: wall and processor
time in ms and the most memory in MB, medians; and, where strace is there, what a completion makes durable.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from generate import generate

NAME = "Carry the change through each layer and its tests, number %d"
HEAD = "%-13s %7s  %-9s %8s %8s %7s"
LINE = "%-13s %7d  %-9s %8.1f %8.1f %7.1f"


class Peer(NamedTuple):
    """A tracker: how a project is filled, and its commands for the open item of an id."""

    name: str
    #: Fills an empty repository with so many items and returns ids of open ones.
    fill: Callable[[Path, int], List[str]]
    commands: Dict[str, Callable[[str], Sequence[str]]]
    environment: Dict[str, str] = {}


class Used(NamedTuple):
    wall: float
    cpu: float
    mb: float


def quietly(folder: Path, *command: str, **more: str) -> str:
    environment = dict(os.environ, **more)
    return subprocess.run(
        command, cwd=str(folder), env=environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def used(peer: Peer, command: Sequence[str], folder: Path) -> Used:
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=str(folder), env=dict(os.environ, **peer.environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status >> 8
    if process.returncode:
        raise SystemExit("%s: exit %d" % (command, process.returncode))
    wall = (time.perf_counter() - began) * 1000
    return Used(wall, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)


# ---- the trackers --------------------------------------------------------------------------------------------


def fill_cmos(folder: Path, count: int) -> List[str]:
    generate(folder, count)
    quietly(folder, "cmosctl", "init", "--no-hooks", "--fresh")
    time.sleep(2.2)
    quietly(folder, "cmosctl", "sync")
    last = (count - 1) // 100 + 1
    return ["B%d.%d" % (last, 51 + number) for number in range(49)]


def fill_task(folder: Path, count: int) -> List[str]:
    ids = [str(uuid.uuid4()) for _ in range(count)]
    items = [{"uuid": id, "description": NAME % number, "status": "pending"} for number, id in enumerate(ids)]
    (folder / "items.json").write_text(json.dumps(items), "utf-8")
    quietly(folder, "task", "rc:/dev/null", "rc.data.location=.", "import", "items.json")
    return ids


def fill_fossil(folder: Path, count: int) -> List[str]:
    quietly(folder, "fossil", "init", "--admin-user", "ada", "r.fossil", USER="ada")
    quietly(folder, "fossil", "open", "--force", "r.fossil", USER="ada")
    for number in range(count):
        quietly(folder, "fossil", "ticket", "add", "title", NAME % number, "status", "Open", USER="ada")
    return quietly(folder, "fossil", "sql", "SELECT tkt_uuid FROM ticket", USER="ada").replace("'", "").split()


def fill_todoman(folder: Path, count: int) -> List[str]:
    (folder / "list").mkdir()
    values = {"path": str(folder / "*"), "default_list": "list", "cache_path": str(folder / "cache.sqlite3")}
    (folder / "config.py").write_text("".join("%s = %r\n" % one for one in values.items()), "utf-8")
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VTODO\r\nUID:%s\r\n"
    text += "DTSTAMP:20260101T000000Z\r\nSUMMARY:%s\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    for number in range(count):
        (folder / "list" / ("%d.ics" % number)).write_text(text % (number, NAME % number), "utf-8")
    found = json.loads(quietly(folder, "todo", "--config", "config.py", "--porcelain", "list"))
    return [str(one["id"]) for one in found]


def fill_microbeads(folder: Path, count: int) -> List[str]:
    quietly(folder, "git", "commit", "--quiet", "--allow-empty", "--message", "start")
    quietly(folder, "mb", "init")
    quietly(folder, "mb", "create", NAME % 0)
    (first,) = folder.rglob("issues/active/*.json")
    text = first.read_text("utf-8")
    ids = ["%s%05x" % (first.stem[:-5], number) for number in range(count)]
    for number, id in enumerate(ids):
        made = text.replace(first.stem, id).replace(NAME % 0, NAME % number)
        first.with_name(id + ".json").write_text(made, "utf-8")
    return ids


def fill_juno(folder: Path, count: int) -> List[str]:
    for number in range(count):
        quietly(folder, "jl", "create", NAME % number)
    return re.findall(r"tasks/[^/]+/([^/]+)\.md", "\n".join(map(str, folder.rglob("tasks/*/*.md"))))


def words(*command: str) -> Callable[[str], Sequence[str]]:
    """Return a command with ID in the place of the item's id."""
    return lambda id: [id if word == "ID" else word for word in command]


def peers() -> Iterator[Tuple[str, Peer]]:
    """Yield the trackers with the command that each one needs."""
    cmos = ("cmosctl", "mission")
    yield "cmosctl", Peer("cmos", fill_cmos, {
        "next": words(*cmos, "next"), "show": words(*cmos, "show", "ID"), "list": words(*cmos, "list"),
        "add": lambda id: [*cmos, "add", "X%s" % uuid.uuid4().hex[:8], NAME % 1],
        "complete": words(*cmos, "complete", "ID"),
    })  # fmt: skip
    task = ("task", "rc:/dev/null", "rc.data.location=.", "rc.confirmation=off")
    yield "task", Peer("Taskwarrior", fill_task, {
        "next": words(*task, "next", "limit:1"), "show": words(*task, "ID", "info"), "list": words(*task, "list"),
        "add": words(*task, "add", NAME % 1), "complete": words(*task, "ID", "done"),
    })  # fmt: skip
    fossil = ("fossil", "ticket")
    yield "fossil", Peer("fossil", fill_fossil, {
        "show": words(*fossil, "history", "ID"), "list": words(*fossil, "show", "0"),
        "add": words(*fossil, "add", "title", NAME % 1, "status", "Open"),
        "complete": words(*fossil, "set", "ID", "status", "Closed"),
    }, {"USER": "ada"})  # fmt: skip
    todo = ("todo", "--config", "config.py")
    yield "todo", Peer("todoman", fill_todoman, {
        "show": words(*todo, "show", "ID"), "list": words(*todo, "list"), "add": words(*todo, "new", NAME % 1),
        "complete": words(*todo, "done", "ID"),
    })  # fmt: skip
    yield "mb", Peer("microbeads", fill_microbeads, {
        "next": words("mb", "ready"), "show": words("mb", "show", "ID"), "list": words("mb", "list"),
        "add": words("mb", "create", NAME % 1), "complete": words("mb", "close", "ID"),
    })  # fmt: skip
    yield "jl", Peer("juno-ledger", fill_juno, {
        "next": words("jl", "ready"), "show": words("jl", "get", "ID"), "list": words("jl", "list"),
        "add": words("jl", "create", NAME % 1),
        "complete": words("jl", "mark", "done", "ID", "--response", "It stands"),
    })  # fmt: skip


# ---- measuring -----------------------------------------------------------------------------------------------


def durable(peer: Peer, folder: Path, id: str) -> Optional[str]:
    """Return what a completion makes durable, as strace counts it; None without strace."""
    if shutil.which("strace") is None:
        return None
    traced = "trace=fsync,fdatasync,sync_file_range,rename,renameat,renameat2"
    command = ["strace", "-f", "-c", "-e", traced, "-o", "counted", *peer.commands["complete"](id)]
    used(peer, command, folder)
    counts = {"fsync": 0, "rename": 0}
    for line in (folder / "counted").read_text("utf-8").splitlines():
        columns = line.split()  # share, seconds, us a call, calls, errors if any, name
        if columns and re.fullmatch(r"f\w*sync|sync_file_range|rename\w*", columns[-1]):
            counts["rename" if columns[-1].startswith("rename") else "fsync"] += int(columns[3])
    return "%(fsync)d fsync, %(rename)d rename" % counts


def measure(place: Path, sizes: Sequence[int], rounds: int, wanted: Sequence[str]) -> None:
    found = [peer for needed, peer in peers() if shutil.which(needed) and (not wanted or peer.name in wanted)]
    for size in sizes:
        folders, ids = {}, {}
        for peer in found:
            folders[peer.name] = place / ("%s-%d" % (peer.name, size))
            folders[peer.name].mkdir()
            quietly(folders[peer.name], "git", "init", "--quiet")
            ids[peer.name] = iter(peer.fill(folders[peer.name], size))
        for name in ("next", "show", "list", "add", "complete"):
            having = [peer for peer in found if name in peer.commands]
            taken: Dict[str, List[Used]] = {peer.name: [] for peer in having}
            for number in range(rounds + 1):
                for peer in having:
                    command = peer.commands[name](next(ids[peer.name]) if name in ("show", "complete") else "")
                    taken[peer.name] += [used(peer, command, folders[peer.name])][: number and 1]
            for peer in having:
                middle = [statistics.median(values) for values in zip(*taken[peer.name])]
                print(LINE % (peer.name, size, name, *middle), flush=True)
        for peer in found:
            told = durable(peer, folders[peer.name], next(ids[peer.name]))
            if told:
                print("%-13s %7d  complete makes durable: %s" % (peer.name, size, told), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--rounds", type=int, default=7, help="each command is measured so often")
    parser.add_argument("--path", action="append", default=[], help="a folder with commands; repeatable")
    parser.add_argument("--peer", action="append", default=[], help="only this one; repeatable")
    given = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), *given.path, os.environ["PATH"]])
    place = Path(tempfile.mkdtemp(prefix="cmos-compare-"))
    try:
        print(HEAD % ("tracker", "items", "command", "wall ms", "CPU ms", "MB"))
        measure(place, given.sizes, given.rounds, given.peer)
    finally:
        shutil.rmtree(str(place))


if __name__ == "__main__":
    main()
