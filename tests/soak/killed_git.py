"""git and cmosctl killed as a user's closed terminal would: the whole group of processes, while an editor saves."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple, Set, Tuple

from editor import saved
from truth import Truth, shape

from cmos.missionfile.reader import read
from cmos.sync import rows as sync_rows

#: What the editor saves. It is the same on all branches, so git does not touch it.
EDITED = ["B3.%d_task.yaml" % place for place in range(1, 5)]
NOT_EDITED = (".", ":(exclude)cmos/missions/sprint-03")
BRANCHES = ("main", "side")
KINDS = ("complete", "commit", "checkout")


class Ended(NamedTuple):
    was_killed: bool
    #: It said that it was done, or ended well.
    is_done: bool


class Editing:
    """The editor, in a process of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        script = str(Path(__file__).with_name("editor.py"))
        command = [sys.executable, script, str(seed), *(str(folder / name) for name in EDITED)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @contextmanager
    def paused(self) -> Iterator[Set[Tuple[str, int]]]:
        """Let it rest between two saves; gives the saves (file, number) that nobody but others can have undone."""
        assert self._process.stdout is not None
        self._tell()
        counts, taken = json.loads(self._process.stdout.readline())
        yield {(name, count) for name, count in [*counts.items(), *taken] if count}
        self._tell()

    def _tell(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.communicate(timeout=10)
        assert self._process.returncode == 0


class KilledGit:
    """One repository with hooks and two branches, in which commands die."""

    def __init__(self, root: Path, script: Path, seed: int) -> None:
        self.truth = Truth(root)
        self.root, self.missions, self.script = root, root / "cmos" / "missions", str(script)
        self.dice = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.lengths: Dict[str, float] = {}
        self.sure: Set[str] = set()
        #: Each version of a file, without the values that commands set.
        self.versions: Dict[str, Set[str]] = {}
        self.before = {name: self.truth.texts()["sprint-03/" + name] for name in EDITED}
        self.count = 0
        self._branch_out()
        self.editor = Editing(self.missions / "sprint-03", seed)

    def _branch_out(self) -> None:
        for name, value in (("gc.auto", "0"), ("maintenance.auto", "false")):
            self.git("config", name, value)
        self._note_versions()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "start")
        self.git("checkout", "--quiet", "-b", "side")
        self._rewrite("sprint-01/B1.3_derive-a-daily-mean.yaml")
        text = (self.missions / "sprint-01" / "B1.3_derive-a-daily-mean.yaml").read_text("utf-8")
        (self.missions / "sprint-06").mkdir()
        (self.missions / "sprint-06" / "B6.1_aside.yaml").write_text(text.replace("B1.3", "B6.1"), "utf-8")
        self._commit_all("another side")
        self._note_versions()

    # ---- what dies ---------------------------------------------------------------------------------------------

    def step(self) -> str:
        """Do something that may be killed; return what it was."""
        what = KINDS[self.count % len(KINDS)]
        self.count += 1
        self.killed[what] += getattr(self, what)().was_killed
        return what

    def complete(self) -> Ended:
        # half of them in the editor's files, some in files of which each branch has its own
        one = "B%s" % self.dice.choice(["1.3", "1.4", "4.%d" % self.dice.randint(1, 10), *["3.1", "3.2", "3.3", "3.4"]])
        if one in self.sure and self.dice.random() < 0.3:
            self.sure.discard(one)
            return self.may_die("edit", self.script, "mission", "edit", one, "--status", "Queued")
        ended = self.may_die("complete", self.script, "mission", "complete", one, "--no-promote")
        if ended.is_done:
            self.sure.add(one)
        return ended

    def commit(self) -> Ended:
        self._rewrite("sprint-0%s" % self.dice.choice(["1/B1.1_wire-the-thermometer", "2/B2.2_publish-the-page"]))
        self._add()
        subject = "B4.%d: step %d" % (self.dice.randint(1, 10), self.count)
        ended = self.may_die("commit", "git", "commit", "--quiet", "--allow-empty", "--message", subject)
        assert ended.was_killed or subject in self.git("log", "-1", "--format=%s")
        return ended

    def checkout(self) -> Ended:
        here = self.git("rev-parse", "--abbrev-ref", "HEAD").strip()
        if self.git("status", "--porcelain", "--", *NOT_EDITED):
            self._restore() if self.dice.random() < 0.5 else self._commit_all("step %d, before" % self.count)
        other = BRANCHES[1 - BRANCHES.index(here)]
        return self.may_die("checkout", "git", "checkout", "--quiet", other)

    def may_die(self, kind: str, *command: str) -> Ended:
        """Run a command and kill it, with all that it has started, at a random moment."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        began = time.monotonic()
        length = self.lengths.setdefault(kind, 0.2)
        process: Any = subprocess.Popen(command, cwd=str(self.root), start_new_session=True, **pipes)
        try:
            out, err = process.communicate(timeout=length * self.dice.uniform(0, 1.1))
            self.lengths[kind] = time.monotonic() - began
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            # whoever was started holds the pipes: they end when all are gone
            out, err = process.communicate()
            self.lengths[kind] = 1.2 * length
        assert process.returncode in (0, -signal.SIGKILL), err.decode("utf-8")
        return Ended(process.returncode != 0, bool(out.strip()) or process.returncode == 0)

    # ---- what a user does then ---------------------------------------------------------------------------------

    def unlock(self) -> None:
        """Remove the locks of a git that is dead."""
        for lock in (self.root / ".git").rglob("*.lock"):
            lock.unlink()

    def _restore(self) -> None:
        self.git("checkout", "HEAD", "--", *NOT_EDITED)
        self.git("clean", "-fdq", "--", "cmos/missions/sprint-06")

    def _commit_all(self, message: str) -> None:
        self._add()
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def _add(self) -> None:
        """Stage what is there, also what a dead checkout left of the other branch: whoever commits that means it."""
        self.git("add", "--all", "--", *NOT_EDITED)
        for path in self.git("diff", "--cached", "--name-only", "--diff-filter=M").split():
            before, after = (self._completed(self.git("show", "%s:%s" % (where, path))) for where in ("HEAD", ""))
            self.sure -= before - after

    def _completed(self, text: str) -> Set[str]:
        records = [one for one in read(text.encode("utf-8")).records if "status" in one.fields]
        return {one.id for one in records if one.fields["status"].value == "Completed"}

    def _rewrite(self, name: str) -> None:
        path = self.missions / (name if name.endswith(".yaml") else name + ".yaml")
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"objective: .*", 'objective: "Step %d."' % self.count, text), "utf-8")
        self._note_versions()

    def _note_versions(self) -> None:
        for name, text in self.truth.texts().items():
            self.versions.setdefault(name, set()).add(shape(text))

    def git(self, *arguments: str) -> str:
        return self.call("git", *arguments)

    def cmosctl(self, *arguments: str) -> str:
        return self.call(self.script, *arguments)

    def call(self, *command: str) -> str:
        done = subprocess.run(command, cwd=str(self.root), capture_output=True, timeout=60)
        assert done.returncode == 0, (command, done.stdout.decode() + done.stderr.decode())
        return done.stdout.decode("utf-8")

    # ---- what must hold ----------------------------------------------------------------------------------------

    def check(self, what: str) -> None:
        """The next command mends what a death left, while the editor goes on; then nothing is left to do."""
        self.unlock()
        self.cmosctl(*self.dice.choice([("sync",), ("status",), ("mission", "list", "--json")]))
        with self.editor.paused() as saves:
            time.sleep(0.06)  # a late writer has that long (docs/sync.md, S8)
            self._check_converged()
            if what == "checkout":
                self._mend_what_git_left()
            self._check_files(saves)
        self._check_rows()
        self.git("fsck", "--no-dangling", "--no-progress")

    def _check_converged(self) -> None:
        self.cmosctl("sync")
        settled = self.truth.texts(), self.truth.tables()
        self.cmosctl("sync")
        assert settled == (self.truth.texts(), self.truth.tables()), "the second sync writes nothing"

    def _mend_what_git_left(self) -> None:
        """git writes files in place: killed between opening and writing one, it leaves it gone or cut off."""
        torn = {name: text for name, text in self.truth.texts().items() if self._is_torn(name, text)}
        gone = self.git("ls-files", "--deleted").split()
        if torn or gone:
            cut_off = {name: text for name, text in torn.items() if not self._is_beginning(name, text)}
            assert cut_off == {}
            self._restore()
            self._check_converged()

    def _is_beginning(self, name: str, text: str) -> bool:
        return any(version.startswith(shape(text)) for version in self.versions[name])

    def _is_torn(self, name: str, text: str) -> bool:
        return Path(name).name not in EDITED and shape(text) not in self.versions[name]

    def _check_files(self, saves: Set[Tuple[str, int]]) -> None:
        now = self.truth.texts()
        assert [name for name, text in now.items() if self._is_torn(name, text)] == []
        assert [name for name in now if Path(name).name.startswith(".")] == []
        there = {shape(now["sprint-03/" + name]) for name in EDITED} | self._kept()
        assert {(name, count) for name, count in saves if shape(saved(self.before[name], count)) not in there} == set()

    def _kept(self) -> Set[str]:
        with self.truth.opened() as db:
            return {
                shape((sync_rows.text_content(db, one.hash) or b"").decode("utf-8")) for one in sync_rows.list_texts(db)
            }

    def _check_rows(self) -> None:
        status = self.truth.missions("status")
        assert {one: status[one] for one in self.sure} == dict.fromkeys(self.sure, "Completed")
        made = self.git("log", "--all", "--format=%H", "--grep=step [0-9]").split()
        details = self.truth.column("SELECT details FROM sessions WHERE action = 'commit'")
        logged = [one["sha"] for one in map(json.loads, details) if "step " in one["subject"]]
        assert Counter(logged) == Counter(made), "each commit is logged once"
