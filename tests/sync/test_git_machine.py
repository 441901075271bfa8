"""The same with git: branches, merges, stashes and resets never move a status nor dirty a clean tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Set

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from machine import FILES, Machine, an_id
from world import GitWorld

from cmos.actions import act as actions
from cmos.missionfile.reader import read
from cmos.sync import issue_rows
from cmos.sync.rules import same

a_branch = st.sampled_from(("one", "two"))


class Branched(GitWorld):
    """A repository with two more branches."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.git("branch", "one")
        self.git("branch", "two")


class GitMachine(Machine):
    """One project in a repository."""

    make = Branched

    @rule()
    def commits(self) -> None:
        self._restore()
        self.world.commit("some work")
        self.has_moved = True

    @rule(branch=a_branch)
    def switches(self, branch: str) -> None:
        self._settle()
        before = self._synced_statuses()
        self.world.git("checkout", "--quiet", branch)
        self._check_clean("I4: a switch dirties nothing")
        assert self._synced_statuses() == before, "I5: a switch between known contents changes no status"

    @rule(branch=a_branch)
    def merges(self, branch: str) -> None:
        self._settle()
        self.world.git("merge", "--quiet", "--no-edit", branch, check=False)
        if self.world.git("ls-files", "--unmerged"):
            before = self.world.files()
            self.world.sync()
            assert self.world.files() == before, "I6: hands off while git is at work"
            self.world.git("merge", "--abort")
        self._check_clean("I4: a merge dirties nothing")

    @rule()
    def resets(self) -> None:
        self._settle()
        before = self._synced_statuses()
        if len(self.world.git("rev-list", "HEAD", "--max-count=2").split()) == 2:
            self.world.git("reset", "--quiet", "--hard", "HEAD~1")
        self._check_clean("I4: a reset dirties nothing")
        assert self._synced_statuses() == before, "a reset moves no status"

    @rule(mission_id=an_id)
    def stashes_and_pops(self, mission_id: str) -> None:
        self._settle()
        self.world.act(actions.complete, mission_id)
        before = self._synced_statuses()
        files = self.world.files()
        stashed = "No local changes" not in self.world.git("stash")
        self._check_clean("I4: a stash dirties nothing")
        assert self._synced_statuses() == before
        if stashed:
            self.world.git("stash", "pop")
        self.world.sync()
        assert self.world.files() == files, "a stash that comes back is as it was"

    @rule(mission_id=an_id)
    def a_commit_is_reverted(self, mission_id: str) -> None:
        self._settle()
        self.world.act(actions.complete, mission_id)
        self.world.commit("to be reverted")
        self.world.sync()
        self.world.git("revert", "--no-edit", "HEAD", check=False)
        self._check_clean("I4: a revert dirties nothing")

    def _i7_converged_or_explained(self) -> None:
        super()._i7_converged_or_explained()
        with self.world.open() as ws:
            waiting = issue_rows.open_issues(ws.db, kinds=("waiting",))
        for issue in waiting:
            committed = self.world.git("show", "HEAD:%s" % issue.path, check=False).encode()
            said = [one.fields["status"].value for one in read(committed).records if one.id == issue.mission_id]
            assert issue.field != "status" or not said or not same(said[0], issue.file_value), "no commit is to come"

    def _files(self) -> Dict[str, bytes]:
        # what a killed command left and somebody committed comes and goes with git
        held = self.world.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        theirs = {name[len("cmos/") :] for name in held if ".cmos-" in name}
        return {name: data for name, data in super()._files().items() if name not in theirs}

    def _synced_statuses(self) -> Dict[str, str]:
        self.world.sync()
        return self._statuses()

    def _settle(self) -> None:
        """Let all that is going on end in a commit: what follows starts from a clean, known state."""
        self._restore()
        self.world.sync(accept_mass_change=True)
        self.world.commit("all of it")
        self.world.sync(accept_mass_change=True)
        # what git will now replace is in its history, and nobody's loss
        self.typed.clear()

    def _restore(self) -> None:
        for name, content in sorted(self.valid.items()):
            self.world.write(name, content)
        self.valid.clear()
        copy = self.world.path("sprint-02/copy.yaml")
        if copy.exists():
            copy.unlink()
        for name in set(FILES) - {str(one) for one in self._present()}:
            if self.world.git("ls-files", "cmos/missions/" + name):
                self.world.git("checkout", "--quiet", "HEAD", "--", "cmos/missions/" + name)

    def _present(self) -> Set[str]:
        return {name for name in FILES if self.world.path(name).exists()}

    def _check_clean(self, why: str) -> None:
        assert self.world.dirty() == "", "git itself leaves it clean"
        self.world.sync()
        assert self.world.dirty() == "", why
        self.synced = False


TestGitMachine = GitMachine.TestCase
TestGitMachine.settings = settings(
    max_examples=int(os.environ.get("CMOS_SOAK_EXAMPLES", "6")),
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
