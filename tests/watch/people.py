"""People who work in worktrees at random, each with a memory of what must be there in the end."""

from __future__ import annotations

import random
import threading
import time
import zlib
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Set

from test_watch_saves import SAVES
from watch_world import World, eventually

from cmos.missionfile.reader import read
from cmos.missionfile.records import Record

#: Statuses from which none of these people goes back, so that the last command's is the one that counts.
ORDER = ("In Progress", "Blocked", "Completed")

_STASHES = threading.Lock()
_AMENDS = threading.Lock()


class Typed(NamedTuple):
    """A status that somebody typed into a file."""

    mission: str
    status: str
    marker: str


def record(path: Path) -> Optional[Record]:
    """Return what a mission file says; None of anything else."""
    return next((one for one in read(path.read_bytes()).records if one.kind == "file"), None)


def status(found: Record) -> str:
    field = found.fields.get("status")
    return str(field.value) if field else ""


class Person:
    """One who works in a worktree. Nobody else edits, starts or completes that person's missions.

    All of it happens under the lock, so that at any other moment nothing is half done but by watchers.
    """

    def __init__(self, name: str, world: World, ids: List[str], seed: str) -> None:
        self.name = name
        self.world = world
        self.dice = random.Random(seed)
        self.lock = threading.Lock()
        #: A status is in a file that a watcher is about to take out again.
        self.has_typed = threading.Event()
        self.other: Optional[Person] = None
        self.ids = ids
        self.branch = world.git("branch", "--show-current").strip()
        #: Per branch and mission, the objective that was saved last.
        self.saved: Dict[str, Dict[str, str]] = {self.branch: {}}
        #: The status that a command said it had set.
        self.statuses: Dict[str, str] = {}
        self.typed: List[Typed] = []
        self.subjects: Set[str] = set()
        self.added: List[str] = []
        self.wrong: List[str] = []
        self.count = 0

    def work(self, until: float) -> None:
        """Do one thing after the other."""
        acts: List[Callable[[], None]] = [
            self.save, self.save, self.save, self.burst, self.type_status, self.command, self.command, self.edit_there,
            self.sql, self.add, self.commit, self.commit, self.amend, self.switch, self.stash, self.merge_own,
            self.merge_other, self.restore, self.move_away_and_back, self.break_and_mend,
        ]  # fmt: skip
        while time.monotonic() < until:
            with self.lock:
                self.count += 1
                act = self.dice.choice(acts)
                try:
                    act()
                    self.check()
                except Exception as error:  # a thread's own would be lost
                    self.wrong.append("%s, %s: %r" % (self.name, act.__name__, error))
                    return
            self.rest(0.3)

    def rest(self, most: float) -> None:
        time.sleep(self.dice.uniform(0, most))

    def mission(self) -> str:
        return self.dice.choice(self.ids)

    def file(self, mission_id: str) -> Path:
        return self.world.file(mission_id)

    # ---- what is true at any moment ------------------------------------------------------------------------

    def check(self) -> None:
        """Fail if a file is torn, or if what was saved last is in neither the file nor the record."""
        for one in self.ids:
            data = self.file(one).read_bytes()
            assert data.endswith(b'deliverables: ["none"]\n'), data
            text = self.saved[self.branch].get(one)
            if text is not None and self.objective(one) != text:
                eventually(lambda t=text: self.is_kept(t), "%s says %r, not %r" % (one, self.objective(one), text))

    def objective(self, one: str) -> Optional[str]:
        found = record(self.file(one))
        return found.objective if found else None

    def is_kept(self, text: str) -> bool:
        """Say whether the record of what was replaced or lost has a text."""
        kept = self.world.ask("SELECT content FROM texts")
        return any(text.encode("utf-8") in zlib.decompress(one[0]) for one in kept)

    # ---- with an editor ------------------------------------------------------------------------------------

    def save(self, one: str = "") -> None:
        one = one or self.mission()
        text = "As %s saved it %d" % (self.name, self.count)
        self.dice.choice(list(SAVES.values()))(self.file(one), text)
        self.saved[self.branch][one] = text

    def burst(self) -> None:
        for one in self.dice.sample(self.ids, 6):
            self.save(one)

    def type_status(self) -> None:
        """Type a status and wait until it is put back."""
        one = self.mission()
        found = record(self.file(one))
        assert found is not None
        known = {status(found), self.world.value("status", one)}
        news = [new for new in (*ORDER, "Deferred") if new not in known]
        typed = Typed(one, self.dice.choice(news), "%s typed it %d" % (self.name, self.count))
        lines = self.file(one).read_text("utf-8").splitlines(True)
        changes = {"status:": 'status: "%s"\n' % typed.status, "objective:": "objective: %s\n" % typed.marker}
        if not any(line.startswith("status:") for line in lines):
            return
        self.file(one).write_text("".join(changes.get(line.split(" ")[0], line) for line in lines), "utf-8")
        self.has_typed.set()
        self.saved[self.branch][one] = typed.marker
        if self.dice.random() < 0.3:
            self.world("cmosctl", "sync", check=False)
        eventually(lambda: status(record(self.file(one)) or found) != typed.status, "%s stays" % (typed,))
        self.has_typed.clear()
        self.typed.append(typed)

    def move_away_and_back(self) -> None:
        folder = self.file(self.mission()).parent
        away = self.world.folder / ("away-" + self.name)
        folder.rename(away)
        self.rest(0.4)
        away.rename(folder)

    def break_and_mend(self) -> None:
        one = self.mission()
        text = self.file(one).read_text("utf-8")
        self.file(one).write_text("<<<<<<< ours\n" + text, "utf-8")
        self.rest(0.5)
        self.file(one).write_text(text, "utf-8")

    # ---- with commands -------------------------------------------------------------------------------------

    def command(self) -> None:
        one = self.mission()
        behind = ORDER.index(self.statuses[one]) + 1 if one in self.statuses else 0
        if behind < len(ORDER):
            to = self.dice.choice(ORDER[behind:])
            words = {"In Progress": ["start"], "Completed": ["complete"], "Blocked": ["block", "--reason", "it waits"]}
            self.world("cmosctl", "mission", *words[to], one)
            self.statuses[one] = to

    def sql(self) -> None:
        one = self.mission()
        if self.statuses.get(one, "In Progress") == "In Progress":
            self.world("cmosctl", "db", "shell", "-c", "UPDATE missions SET status = 'Blocked' WHERE id = '%s'" % one)
            self.statuses[one] = "Blocked"

    def edit_there(self) -> None:
        """Write a note, now and then in the other worktree when nobody is at work there."""
        other, notes = self.other, "note %d" % self.count
        if other is not None and self.dice.random() < 0.5 and other.lock.acquire(blocking=False):
            try:
                self.world("cmosctl", "mission", "edit", self.mission(), "--notes", notes, cwd=other.world.folder)
            finally:
                other.lock.release()
        else:
            self.world("cmosctl", "mission", "edit", self.mission(), "--notes", notes)

    def add(self) -> None:
        if self.dice.random() < 0.3:
            one = "N%s.%d" % (self.name, self.count)
            self.world("cmosctl", "mission", "add", one, "Added", "--sprint", "Sprint 09")
            self.added.append(one)

    # ---- with git ------------------------------------------------------------------------------------------

    def commit(self) -> None:
        subject = "%s: %s says %d" % (self.mission(), self.name, self.count)
        self.world.git("add", "--all")
        if self.world("git", "diff", "--cached", "--quiet", check=False).returncode:
            self.world.git("commit", "--quiet", "--message", subject)
            self.subjects.add(subject)

    def amend(self) -> None:
        self.save()
        # what somebody else has merged before it is amended is a commit of its own
        with _AMENDS:
            self.commit()
            self.save()
            self.world.git("commit", "--quiet", "--all", "--amend", "--no-edit")

    def clean(self) -> None:
        """Commit until nothing is left: a watcher may have had something to write."""
        while self.world.git("status", "--porcelain"):
            self.commit()

    def switch(self) -> None:
        self.clean()
        to = next((one for one in sorted(self.saved) if one != self.branch), self.branch + "-side")
        new = [] if to in self.saved else ["--create"]
        self.world.git("switch", "--quiet", *new, to)
        self.saved.setdefault(to, dict(self.saved[self.branch]))
        self.branch = to

    def stash(self) -> None:
        self.clean()
        self.save()
        # worktrees share their stashes
        with _STASHES:
            self.world.git("stash", "--quiet")
            self.rest(0.6)
            self.world.git("stash", "pop", "--quiet")

    def restore(self) -> None:
        self.clean()
        one = self.mission()
        before = self.saved[self.branch].get(one)
        self.save(one)
        self.rest(0.4)
        self.world.git("checkout", "--quiet", "--", str(self.file(one)))
        if before is not None:
            self.saved[self.branch][one] = before
        else:
            del self.saved[self.branch][one]

    def merge_own(self) -> None:
        others = [one for one in self.saved if one != self.branch]
        if others:
            self._merge(others[0])

    def merge_other(self) -> None:
        if self.other is not None:
            with _AMENDS:
                self._merge(self.other.branch)

    def _merge(self, branch: str) -> None:
        self.clean()
        if self.world("git", "merge", "--quiet", "--no-edit", branch, check=False).returncode:
            self.world.git("merge", "--abort")
        for one in self.saved[self.branch]:
            # what git made of it, not what a watcher left of that
            path = self.file(one).relative_to(self.world.folder).as_posix()
            records = read(self.world("git", "show", "HEAD:" + path).stdout).records
            self.saved[self.branch][one] = str(records[0].objective)
