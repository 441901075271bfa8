"""Checkouts of three kinds, each with cmos and as a twin without, and what git says and leaves behind in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

from cmos.journal import rows as journal_rows
from cmos.project.project import open_project
from cmos.sync import run

#: A kind of checkout, the folder it lies in, and how that is made of what is there.
PLACES = {"main": "station", "linked worktree": "linked", "submodule": "outer/inner"}
_MADE = {
    "main": "git clone -q -b work ../remote.git ../station",
    "linked worktree": "git clone -q ../remote.git ../station\ncd ../station && git worktree add -q ../linked work",
    "submodule": "git init -q ../outer\n"
    "cd ../outer && git -c protocol.file.allow=always submodule --quiet add -b work ../remote.git inner\n"
    "cd ../outer && git commit -q -m outer",
}
#: After the clone: these are new to whoever fetches. The remote is named as seen from the checkout.
_AFTER = "git push -q ../remote.git next apart\ncd ../%s && git config remote.origin.url %s\nrm -rf ../seed"
_SEED = """\
echo code > code.txt && git add -A && git commit -q -m start
git switch -q -c work
echo one > one.txt && git add . && git commit -q -m 'B1.2: one'
echo two > two.txt && git add . && git commit -q -m 'B1.2: two'
git switch -q -c ahead
echo x > ahead.txt && git add . && git commit -q -m 'ahead 1'
git switch -q -c side main
echo x > side.txt && git add . && git commit -q -m 'side 1'
echo 'remark: seen' >> cmos/missions/sprint-01/B1.1_wire-the-thermometer.yaml && git commit -q -a -m 'B1.1: side 2'
git switch -q -c base main
echo x > base.txt && git add . && git commit -q -m 'base 1'
git switch -q -c clash main
echo other > one.txt && git add . && git commit -q -m 'clash'
git switch -q -c next work
echo x > next.txt && git add . && git commit -q -m 'next 1'
git switch -q -c apart main
echo x > apart.txt && git add . && git commit -q -m 'apart 1'
git switch -q main
git init -q --bare ../remote.git
git push -q ../remote.git main work ahead side base clash
"""
_STATE = """\
git status --porcelain=v2 --branch
git for-each-ref
git reflog --format='%H %gs'
git ls-files --stage
git stash list
"""


class Said(NamedTuple):
    """What one command did."""

    line: str
    code: int
    out: str
    err: str


class World:
    """One folder with a checkout in it, and a clock that ticks with each command."""

    def __init__(self, root: Path, folder: str, commands: str = "", *, ticks: int = 0) -> None:
        self.root = root
        self.folder = root / folder
        self._commands = commands
        self._ticks = ticks

    def run(self, script: str) -> List[Said]:
        """Run each line in the checkout, one after the other whatever they exit with."""
        return [self._run(line) for line in script.splitlines()]

    def _run(self, line: str) -> Said:
        self._ticks += 1
        date = "%d +0000" % (1_700_000_000 + 60 * self._ticks)
        environment = dict(
            os.environ,
            PATH=os.pathsep.join(filter(None, [self._commands, os.environ["PATH"]])),
            GIT_AUTHOR_DATE=date,
            GIT_COMMITTER_DATE=date,
            GIT_EDITOR=":",
            # no sample hooks to be copied again and again
            GIT_TEMPLATE_DIR="",
        )
        done = subprocess.run(
            ["sh", "-c", line], cwd=str(self.folder), env=environment, capture_output=True, stdin=subprocess.DEVNULL
        )
        return Said(line, done.returncode, self._plain(done.stdout), self._plain(done.stderr))

    def _plain(self, said: bytes) -> str:
        # where pre-commit keeps what is not staged has the time and the process in its name
        return re.sub(r"patch\d+-\d+", "PATCH", said.decode("utf-8").replace(str(self.root), "ROOT"))

    def must(self, script: str) -> None:
        for said in self.run(script):
            assert said.code == 0, said

    def state(self) -> Tuple[Said, Dict[str, bytes]]:
        """Return all that git knows, and the files that it does not keep for itself."""
        files = {}
        for folder, folders, names in os.walk(str(self.root)):
            folders[:] = [name for name in folders if name not in (".git", ".cmos", "remote.git")]
            here = Path(folder)
            files.update((str((here / name).relative_to(self.root)), (here / name).read_bytes()) for name in names)
        return self._run(_STATE), {name: content for name, content in files.items() if not name.endswith(".git")}

    def look(self) -> None:
        """Do what each command does first."""
        with open_project(str(self.folder)) as ws:
            run.refresh(ws)

    def logged(self) -> Dict[str, int]:
        """Return how often each subject is in the log, as it lies in the database."""
        with open_project(str(self.folder)) as ws:
            found = journal_rows.list_sessions(ws.db, journal_rows.SessionFilter(action="commit"))
        return dict(Counter(re.sub(r"(\.\./)+remote", "REMOTE", str(one.summary)) for one in found))

    def copy(self, root: Path, commands: str = "") -> World:
        """Return the same somewhere else, as if it had always been there."""
        shutil.copytree(str(self.root), str(root), symlinks=True)
        for path in [*root.glob("*/.git"), *root.glob("*/.git/worktrees/*/gitdir")]:
            if path.is_file():
                path.write_text(path.read_text("utf-8").replace(str(self.root), str(root)), "utf-8")
        # its clock starts after all that was made so far, at the same time in each copy
        return World(root, str(self.folder.relative_to(self.root)), commands or self._commands, ticks=1000)


def build(root: Path, place: str, sample: Path) -> World:
    """Make the remote and a checkout of it, without cmos."""
    seed = World(root, "seed")
    shutil.copytree(str(sample), str(seed.folder))
    seed.must(_SEED + _MADE[place])
    folder = PLACES[place]
    seed.must(_AFTER % (folder, "/".join([".."] * len(folder.split("/")) + ["remote.git"])))
    return World(root, folder)
