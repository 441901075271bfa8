"""An hour of work in two worktrees with two watchers, one of which is killed each minute (docs/sync.md, section 6).

``CMOS_SOAK_SECONDS`` says how long, ``CMOS_SOAK_SEED`` which hour.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

pytest.register_assert_rewrite("people")

from people import Person, record, status  # noqa: E402
from watch_world import World, alive, eventually, settled, write_missions  # noqa: E402

from cmos.sync.rules import alike  # noqa: E402

SECONDS = float(os.environ.get("CMOS_SOAK_SECONDS", "3600"))
SEED = os.environ.get("CMOS_SOAK_SEED") or str(random.SystemRandom().randrange(10**6))
#: Seconds between two kills: a minute, or so many less that there are at least six.
KILL = min(60.0, SECONDS / 10)
BEGINNING = {"Queued", "Current"}


@pytest.fixture
def people(world: World, worlds: Callable[[Path], World]) -> List[Person]:
    """Two people, each in a worktree with a sprint of their own; hooks and merge driver as ``init`` has them."""
    sprints = {"sprint-03": ["B3.%d" % n for n in range(1, 13)], "sprint-04": ["B4.%d" % n for n in range(1, 13)]}
    for folder, ids in sprints.items():
        write_missions(world, folder, ids, "As begun")
    (world.folder / ".git" / "info").mkdir(exist_ok=True)
    (world.folder / ".git" / "info" / "exclude").write_text("*~\n*.tmp\n")
    world.git("add", "--all")
    world.git("commit", "--quiet", "--message", "two sprints")
    world("cmosctl", "hook", "install")
    world("cmosctl", "sync")
    other = worlds(world.folder.parent / "another é")
    world.git("worktree", "add", "--quiet", "-b", "there", str(other.folder))
    other("cmosctl", "sync")
    here, there = (
        Person(name, one, ids, "%s %s" % (SEED, name))
        for name, one, ids in zip(("here", "there"), (world, other), sprints.values())
    )
    here.other, there.other = there, here
    return [here, there]


@pytest.mark.soak
def test_an_hour_of_work_with_watchers_that_are_killed(people: List[Person]) -> None:
    print("CMOS_SOAK_SEED=%s" % SEED)
    worlds = [one.world for one in people]
    config = (worlds[0].folder / ".git" / "config").read_bytes()
    rows = set(ids(worlds[0]))
    for one in worlds:
        one.start()
    kills = work_and_kill(people, time.monotonic() + SECONDS)
    assert [one.wrong for one in people] == [[], []]
    print("%d acts, %d kills" % (sum(one.count for one in people), kills))
    assert kills >= 6
    rest(people)
    for one in people:
        check_person(one)
    check_log(people)
    assert rows | {new for one in people for new in one.added} <= set(ids(worlds[0])), "I10: a row is gone"
    check_idle(worlds)
    check_git(worlds[0], config)
    check_gone(worlds)


def ids(world: World) -> List[str]:
    return [row[0] for row in world.ask("SELECT id FROM missions")]


def work_and_kill(people: List[Person], until: float) -> int:
    """Let people work until a moment, kill and start their watchers meanwhile; return the number of kills."""
    threads = [threading.Thread(target=one.work, args=[until]) for one in people]
    for thread in threads:
        thread.start()
    dice, kills = random.Random(SEED), 0
    while time.monotonic() < until and not any(one.wrong for one in people):
        time.sleep(dice.uniform(0.4, 1.0) * KILL)
        one = dice.choice(people)
        if dice.random() < 0.7 and one.has_typed.wait(KILL / 4):
            # about when the watcher puts it back
            time.sleep(dice.uniform(0.15, 0.4))
        os.kill(one.world._started[-1], signal.SIGKILL)
        kills += 1
        time.sleep(dice.uniform(0, 1))
        one.world.start()
    for thread in threads:
        thread.join()
    return kills


def rest(people: List[Person]) -> None:
    """Let the watchers finish, commit what there is, and end them."""
    for one in people:
        settled(one.world)
        assert one.world.me()["trouble"] == {}
        one.clean()
        settled(one.world)
    for one in people:
        one.world("cmosctl", "watch", "stop")
        one.world("cmosctl", "sync")
        assert one.world.git("status", "--porcelain") == "", "I4: a sync made a clean worktree dirty"


def check_person(person: Person) -> None:
    """I1, I5, I7, I16: what was saved, typed and said to be done is there."""
    person.check()
    world = person.world
    rows = dict(world.ask("SELECT id, status FROM missions"))
    said = {one: rows[one] for one in person.statuses}
    assert said == person.statuses, "I16, I5: a status is not the one of the last command"
    rest = {one: rows[one] for one in person.ids if one not in said and rows[one] not in BEGINNING}
    assert rest == {}, "I5: a status moved that no command had set"
    proposals = set(world.ask("SELECT mission_id, file_value FROM issues WHERE file_value IS NOT NULL"))
    unknown = [one for one in person.typed if (one.mission, one.status) not in proposals]
    lost = [one for one in unknown if not person.is_kept(one.marker)]
    assert lost == [], "I1: a typed status is on no record"
    check_explained(world, rows)


def check_explained(world: World, rows: Dict[str, str]) -> None:
    # a file without a status says nothing of it
    explained = {row[0] for row in world.ask("SELECT mission_id FROM issues WHERE closed_at IS NULL")}
    differ = {}
    for path in world.missions.glob("sprint-*/*.yaml"):
        found = record(path)
        assert found is not None, path
        said = status(found).replace("Planned", "Queued")
        if said and not alike(said, rows[found.id]) and found.id not in explained:
            differ[found.id] = (said, rows[found.id])
    assert differ == {}, "I7: neither in step nor explained"


def check_log(people: List[Person]) -> None:
    """Each commit is in the log, and once."""
    world = people[0].world
    logged = [row[0] for row in world.ask("SELECT summary FROM sessions WHERE action = 'commit'")]
    done = {subject for one in people for subject in one.subjects}
    assert sorted(one for one in logged if one in done) == sorted(done)


def snapshot(worlds: List[World]) -> Tuple[Dict[str, bytes], List[Any]]:
    files = {str(path): path.read_bytes() for one in worlds for path in one.missions.rglob("*") if path.is_file()}
    tables = worlds[0].ask("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return files, [worlds[0].ask("SELECT * FROM %s" % name) for (name,) in tables]


def check_idle(worlds: List[World]) -> None:
    """I2, I3, I8: nothing more to do, and no litter."""
    before = snapshot(worlds)
    for one in worlds:
        one("cmosctl", "sync")
    assert snapshot(worlds) == before, "I2: a second sync wrote something"
    assert worlds[0].ask("SELECT * FROM files WHERE temporary IS NOT NULL") == []
    assert worlds[0].ask("PRAGMA integrity_check") == [("ok",)]
    for one in worlds:
        assert list(one.missions.rglob(".*")) == []
        log = Path(one.git("rev-parse", "--absolute-git-dir").strip()) / "cmos" / "watch.log"
        assert "Traceback" not in log.read_text("utf-8")
    assert list((worlds[0].folder / ".cmos" / "aside").iterdir()) == []


def check_git(world: World, config: bytes) -> None:
    """I17: git has what it had."""
    assert "error" not in world("git", "fsck", "--no-dangling").err
    assert list((world.folder / ".git").rglob("index.lock")) == []
    assert (world.folder / ".git" / "config").read_bytes() == config
    assert world.git("stash", "list") == ""


def check_gone(worlds: List[World]) -> None:
    """Nothing is left running."""
    for one in worlds:
        assert not one.status()["running"]
        eventually(lambda one=one: not any(alive(pid) for pid in one._started))
    at_work = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            at_work.append(os.readlink(str(folder / "cwd")))
        except OSError:
            pass  # it has ended, or is not ours
    assert not {str(one.folder) for one in worlds} & set(at_work)
