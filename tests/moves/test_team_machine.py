"""Three people, a forge and everything that git does to files: no status goes back (docs/sync.md, I18 to I20)."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Optional, Set

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from team import MISSION, ROW, Clone
from world import GitWorld

from cmos.actions import act as actions
from cmos.actions.edit import Move, set_status
from cmos.core.errors import NeedsPerson
from cmos.core.status import COMPLETED, is_open
from cmos.git import objects
from cmos.missionfile.reader import read
from cmos.missions import rows as mission_rows
from cmos.setup.setup import set_up
from cmos.sync import issue_rows
from cmos.sync import rows as sync_rows
from cmos.sync.rules import alike, same

PEOPLE = ("a", "b", "c")
IDS = ("F1", "F2", "F3", "R1", "R2", "X1")
a_person = st.sampled_from(PEOPLE)
an_id = st.sampled_from(IDS)
a_status = st.sampled_from(("Completed", "Blocked", "Queued", "In Progress"))
a_way = st.sampled_from(("squash", "cherry-pick", "checkout", "restore"))


@lru_cache(maxsize=None)
def prepared() -> Path:
    """Make the forge and the clones once; each example has a copy."""
    folder = Path(tempfile.mkdtemp(prefix="cmos-team-"))
    seed = Clone(folder / "seed")
    seed.root.mkdir()
    seed.git("init", "--quiet", "--initial-branch=main", "--template=")
    for one in ("F1", "F2", "F3", "X1"):
        status = "Current" if one == "F1" else "Queued"
        seed.write("sprint-01/%s_it.yaml" % one, MISSION.format(id=one, sprint="01", status=status))
    rows = "".join(ROW.format(id=one, status="Queued") for one in ("R1", "R2", "X1"))
    seed.write("backlog.yaml", "domainFields:\n  sprints:\n    - sprintId: '01'\n      missions:\n" + rows)
    seed.commit("the plan")
    seed.git("clone", "--quiet", "--bare", "--template=", str(seed.root), str(folder / "forge.git"))
    for name in (*PEOPLE, "hub"):
        GitWorld.git(seed, "clone", "--quiet", "--template=", "forge.git", name, cwd=folder)
        GitWorld.git(seed, "remote", "set-url", "origin", "../forge.git", cwd=folder / name)
        if name != "hub":
            set_up(str(folder / name))
    shutil.rmtree(str(seed.root))
    return folder


#: A conflict as git marks it, with its two sides.
_MARKED = re.compile(r"^<<<<<<< .*?\n(.*?)^=======\n(.*?)^>>>>>>> .*?\n", re.MULTILINE | re.DOTALL)


class TeamMachine(RuleBasedStateMachine):
    """People act in clones of their own; what they know to be done stays done."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cmos-machine-"))
        #: Missions that somebody opened again, or set otherwise, on purpose: anything may become of them.
        self.exempt: Set[str] = set()
        #: What each one's database knew to be done.
        self.done: Dict[str, Set[str]] = {name: set() for name in PEOPLE}
        #: What was in progress at each one's.
        self.claimed: Dict[str, Set[str]] = {name: set() for name in PEOPLE}
        self.texts: Dict[str, Optional[bytes]] = {}
        self.count = 0
        self.steps, self.has_met = 0, False

    def teardown(self) -> None:
        shutil.rmtree(str(self.folder), ignore_errors=True)

    @initialize()
    def begin(self) -> None:
        shutil.copytree(str(prepared()), str(self.folder), dirs_exist_ok=True)
        self.people = {name: Clone(self.folder / name) for name in PEOPLE}
        self.hub = Clone(self.folder / "hub")
        for name in PEOPLE:
            self._look(name)

    # what commands do

    @rule(who=a_person, mission_id=an_id)
    def completes(self, who: str, mission_id: str) -> None:
        self._act(who, actions.complete, mission_id)

    @rule(who=a_person, mission_id=an_id)
    def claims(self, who: str, mission_id: str) -> None:
        before = self._tracked(who)
        self._act(who, actions.start, mission_id)
        person = self.people[who]
        if before == "" and person.git("branch", "--show-current").strip() != "main":
            assert not [line for line in person.dirty().splitlines() if line[:2] == " M"] or self._was_blocked, who

    @rule(who=a_person, mission_id=an_id)
    def blocks(self, who: str, mission_id: str) -> None:
        self._act(who, actions.block, mission_id, reason="because")

    @rule(who=a_person, mission_id=an_id)
    def opens_again(self, who: str, mission_id: str) -> None:
        self.exempt.add(mission_id)
        with self.people[who].open() as ws:
            set_status(ws, mission_id, Move("Queued"), actions.Act("tester"))
        self._look(who)

    # what people do to files

    @rule(who=a_person, mission_id=st.sampled_from(("F1", "F2", "F3", "X1")), synced=st.booleans())
    def moves_a_file(self, who: str, mission_id: str, synced: bool) -> None:
        person = self.people[who]
        self.count += 1
        old = person.file(mission_id)
        if person.git("ls-files", old):
            person.move(mission_id, "cmos/missions/sprint-%02d/%s_%d.yaml" % (self.count % 3, mission_id, self.count))
        if synced:
            self._look(who)

    @rule(who=a_person, synced=st.booleans())
    def moves_the_backlog(self, who: str, synced: bool) -> None:
        person = self.people[who]
        self.count += 1
        path = next(path for path in person.missions.rglob("*.yaml") if b"domainFields" in path.read_bytes())
        old = str(path.relative_to(person.root))
        if person.git("ls-files", old):
            person.git("mv", old, "cmos/missions/plan-%d.yaml" % self.count)
        if synced:
            self._look(who)

    @rule(who=a_person, mission_id=st.sampled_from(("F1", "F2", "F3")), status=a_status)
    def types_a_status(self, who: str, mission_id: str, status: str) -> None:
        person = self.people[who]
        before = person.said(mission_id)[0]
        known = self._statuses(who)[mission_id]
        self._type(person, mission_id, before, status)
        self._look(who)
        after = person.said(mission_id)[0]
        if same(after, status) and not same(status, before) and not alike(status, known):
            # git has that very content: it waits, and whoever commits it means it
            assert self._explained(who, mission_id), (who, mission_id, before, status)
            self.exempt.add(mission_id)
        else:
            assert same(after, before) or alike(after, known), (who, mission_id, before, status, known, after)

    @rule(who=a_person, mission_id=st.sampled_from(("F1", "F2", "F3")), status=a_status, synced=st.booleans())
    def types_adds_and_commits(self, who: str, mission_id: str, status: str, synced: bool) -> None:
        person = self.people[who]
        self._commit(who)
        self.exempt.add(mission_id)
        before = self._statuses(who)[mission_id]
        self._type(person, mission_id, person.said(mission_id)[0], status)
        person.git("add", "--all")
        if synced:
            self._look(who)
            assert person.said(mission_id)[0] == status, "what is staged is not put back"
        self._commit(who, expected={mission_id})
        after = self._statuses(who)[mission_id]
        assert alike(after, status) or self._explained(who, mission_id), (before, status, after)

    # what git does

    @rule(who=a_person, synced=st.booleans())
    def commits(self, who: str, synced: bool) -> None:
        if synced:
            self._look(who)
        self._commit(who)

    @rule(who=a_person, rebases=st.booleans(), prefers=st.sampled_from(("ours", "theirs")), synced=st.booleans())
    def pulls_and_pushes(self, who: str, rebases: bool, prefers: str, synced: bool) -> None:
        person = self.people[who]
        self._commit(who, look=synced)
        person.git("fetch", "--quiet", "origin")
        self._merge(who, "origin/main", rebases=rebases, prefers=prefers)
        self._look(who)
        if person.git("branch", "--show-current").strip() == "main":
            person.git("push", "--quiet", "origin", "main")

    @rule(who=a_person, mission_id=an_id, moves=st.booleans())
    def completes_and_shares(self, who: str, mission_id: str, moves: bool) -> None:
        self.completes(who, mission_id)
        if moves and mission_id[0] != "R":
            self.moves_a_file(who, mission_id, False)
        self.pulls_and_pushes(who, False, "ours", True)

    @rule(who=a_person, mission_id=an_id, other=a_person, synced=st.booleans(), rebases=st.booleans())
    def moves_a_file_that_another_completes(
        self, who: str, mission_id: str, other: str, synced: bool, rebases: bool
    ) -> None:
        if who != other:
            if mission_id[0] != "R":
                self.moves_a_file(who, mission_id, synced)
            else:
                self.moves_the_backlog(who, synced)
            self.completes_and_shares(other, mission_id, False)
            self.pulls_and_pushes(who, rebases, "theirs", synced)

    @rule(who=a_person, mission_id=an_id, other=a_person)
    def looks_at_a_branch_that_opens_it_again(self, who: str, mission_id: str, other: str) -> None:
        if who == other:
            return
        self.completes_and_shares(who, mission_id, False)
        self.pulls_and_pushes(other, False, "theirs", True)
        self.begins_a_branch(other)
        self.opens_again(other, mission_id)
        self.pushes_the_branch_and_goes_back(other)
        person = self.people[who]
        self._commit(who)
        person.git("fetch", "--quiet", "--prune", "origin")
        branch = person.git("branch", "--show-current").strip()
        for name in [name for name in self._remote(person) if name != "origin/main"]:
            self._moves_nothing(who, "checkout", "--quiet", "--detach", name, unless=self._is_news(person, name))
            self._moves_nothing(who, "checkout", "--quiet", branch)

    @rule(who=a_person, mission_id=an_id, other=a_person)
    def completes_without_a_look_what_another_opens_again(self, who: str, mission_id: str, other: str) -> None:
        person = self.people[who]
        if who == other or any(
            self.people[one].git("branch", "--show-current").strip() != "main" for one in (who, other)
        ):
            return
        self.pulls_and_pushes(who, False, "theirs", True)
        self._act(who, actions.complete, mission_id)
        self._commit(who, look=False)
        person.git("push", "--quiet", "origin", "main")
        self.pulls_and_pushes(other, False, "theirs", True)
        self.opens_again(other, mission_id)
        self.pulls_and_pushes(other, False, "theirs", True)
        was_done = person.said(mission_id)
        person.git("fetch", "--quiet", "origin")
        self._merge(who, "origin/main", rebases=False, prefers="theirs")
        self._look(who)
        if all(same(one, COMPLETED) for one in was_done) and all(is_open(one) for one in person.said(mission_id)):
            assert is_open(self._statuses(who)[mission_id]), "what a later commit opened again is open"

    @rule(who=a_person)
    def begins_a_branch(self, who: str) -> None:
        self.count += 1
        self.people[who].git("switch", "--quiet", "--create", "topic-%s-%d" % (who, self.count))
        self._look(who)

    @rule(who=a_person)
    def pushes_the_branch_and_goes_back(self, who: str) -> None:
        person = self.people[who]
        self._commit(who)
        branch = person.git("branch", "--show-current").strip()
        if branch == "main":
            return
        person.git("push", "--quiet", "--force", "origin", branch)
        self._moves_nothing(who, "switch", "--quiet", "main")

    @rule(branch=st.integers(0, 5), how=st.sampled_from(("merge", "squash")))
    def the_forge_merges(self, branch: int, how: str) -> None:
        self.hub.git("fetch", "--quiet", "--prune", "--tags", "origin")
        names = [name for name in self._remote(self.hub) if name != "origin/main"]
        if not names:
            return
        self.hub.git("checkout", "--quiet", "-B", "target", "origin/main")
        name = names[branch % len(names)]
        options = ["--squash"] if how == "squash" else ["--no-ff", "--no-edit"]
        self.hub.git("merge", "--quiet", *options, name, check=False)
        if self.hub.git("ls-files", "--unmerged"):
            self.hub.git("reset", "--quiet", "--hard")
            return
        if how == "squash" and self.hub.dirty():
            self.hub.git("commit", "--quiet", "--message", "squashed " + name)
        self.hub.git("push", "--quiet", "origin", "target:main", name.replace("origin/", ":", 1))
        self.hub.git("tag", "--force", "merged-%d" % branch)
        self.hub.git("push", "--quiet", "--force", "--tags", "origin")

    @rule(who=a_person, ref=st.integers(0, 9), way=a_way, commits=st.booleans())
    def brings_contents(self, who: str, ref: int, way: str, commits: bool) -> None:
        person = self.people[who]
        self._commit(who)
        person.git("fetch", "--quiet", "--prune", "origin")
        names = self._remote(person)
        name = names[ref % len(names)]
        before, head = self._statuses(who), self._said(person)
        if way == "squash":
            person.git("merge", "--quiet", "--squash", name, check=False)
        elif way == "cherry-pick":
            mainline = ["--mainline", "1"] if person.git("rev-list", "--merges", "--max-count=1", name + "^!") else []
            person.git("cherry-pick", "--no-commit", *mainline, name, check=False)
        elif way == "checkout":
            person.git("checkout", "--quiet", name, "--", "cmos")
        else:
            person.git("restore", "--source", name, "cmos")
        if person.git("ls-files", "--unmerged"):
            person.git("reset", "--quiet", "--hard")
        files = person.files()
        self._look(who)
        assert person.files() == files, "only what git does not know is put back"
        waiting = {one for one in IDS if not alike(self._statuses(who)[one], before[one])}
        assert not waiting, "a status waits for its commit"
        if commits:
            said = self._said(person)
            self.exempt |= {one for one in IDS if any(same(s, COMPLETED) for s in head[one]) and said[one] != head[one]}
            self._commit(who, expected=set(IDS))
        else:
            person.git("reset", "--quiet", "--hard")
            person.git("clean", "--quiet", "--force", "-d", "cmos")
            self._look(who)
            assert person.is_clean

    @rule(who=a_person, ref=st.integers(0, 9))
    def looks_at_something(self, who: str, ref: int) -> None:
        person = self.people[who]
        self._commit(who)
        person.git("fetch", "--quiet", "--tags", "--force", "--prune", "origin")
        places = [*self._remote(person), *person.git("tag").split(), "HEAD~1"]
        place = places[ref % len(places)]
        if person.git("rev-parse", "--verify", "--quiet", place, check=False):
            branch = person.git("branch", "--show-current").strip()
            is_news = self._is_news(person, place)
            self._moves_nothing(who, "checkout", "--quiet", "--detach", place, unless=is_news)
            self._moves_nothing(who, "checkout", "--quiet", branch)

    @rule(who=a_person)
    def resets(self, who: str) -> None:
        person = self.people[who]
        self._commit(who)
        if len(person.git("rev-list", "HEAD", "--max-count=2").split()) == 2:
            self._moves_nothing(who, "reset", "--quiet", "--hard", "HEAD~1")

    @rule(who=a_person, mission_id=an_id)
    def stashes_and_pops(self, who: str, mission_id: str) -> None:
        person = self.people[who]
        self._commit(who)
        self._act(who, actions.complete, mission_id)
        files = person.files()
        stashed = "No local changes" not in person.git("stash")
        self._moves_nothing(who, "status", "--short")
        if stashed:
            person.git("stash", "pop", "--quiet")
        self._look(who)
        assert person.files() == files

    @rule(who=a_person)
    def reverts(self, who: str) -> None:
        person = self.people[who]
        self._commit(who)
        if len(person.git("rev-list", "HEAD", "--max-count=2", "--no-merges").split()) < 2:
            return
        head = self._said(person)
        person.git("revert", "--no-edit", "HEAD", check=False)
        if person.git("rev-parse", "--verify", "--quiet", "REVERT_HEAD", check=False):
            person.git("revert", "--abort")
            return
        said = self._said(person)
        self.exempt |= {one for one in IDS if said[one] != head[one]}
        self._look(who)

    @precondition(lambda self: self.steps > 15 and not self.has_met)
    @rule()
    def all_meet(self) -> None:
        self.has_met = True  # once an example: it takes as long as ten other steps
        for name in PEOPLE * 2:
            self.pulls_and_pushes(name, False, "theirs", True)
        names = [name for name in PEOPLE if self.people[name].git("branch", "--show-current").strip() == "main"]
        for one in set(IDS) - self.exempt:
            if any(self._explained(name, one) for name in names):
                continue
            known = {name: self._statuses(name)[one] for name in names}
            assert len({"open" if is_open(status) else status for status in known.values()}) <= 1, (one, known)

    # what must hold

    def _look(self, who: str) -> None:
        """Let a command run, and check what must hold after it."""
        self.steps += 1
        person = self.people[who]
        was_clean = person.is_clean
        person.sync()
        assert person.sync().report.is_empty, "I2: a second sync changes nothing"
        assert not was_clean or person.is_clean, "I4: clean stays clean: " + person.dirty()
        statuses = self._statuses(who)
        for one in self.done[who] - self.exempt:
            assert statuses[one] == COMPLETED, "I18: %s went back to %s at %s" % (one, statuses[one], who)
        self.done[who] = {one for one, status in statuses.items() if status == COMPLETED}
        for one in self.claimed[who] - self.exempt:
            assert statuses[one] not in ("Queued", "Current"), "a claim ends by a command only: %s at %s" % (one, who)
        with person.open() as ws:
            held = mission_rows.with_status(ws.db, "In Progress")
        self.claimed[who] = {one.id for one in held if one.agent and one.id in IDS}
        assert list(statuses.values()).count("Current") <= 1, (who, statuses)
        self._i7_and_i20(who, statuses)

    def _i7_and_i20(self, who: str, statuses: Dict[str, str]) -> None:
        person = self.people[who]
        said: Dict[str, Dict[str, str]] = {}
        for path in person.missions.rglob("*.yaml"):
            name = str(path.relative_to(person.root))
            for record in read(path.read_bytes()).records:
                if "status" in record.fields and record.whole:
                    said.setdefault(record.id, {})[name] = record.fields["status"].value or ""
        with person.open() as ws:
            told = issue_rows.open_issues(ws.db, worktree=".")
        told = [one for one in told if one.field == "status" or one.kind == "duplicate"]
        explained = {(one.mission_id, one.path) for one in told if one.kind != "proposal"}
        for one, places in said.items():
            for path, status in places.items():
                in_step = alike(status, statuses[one])
                told_of = (who, path, status, statuses)
                assert in_step or (one, path) in explained, "I7: %s: %s says %s, the row %s" % told_of
                open_now = [issue.kind for issue in told if (issue.mission_id, issue.path) == (one, path)]
                noted = set(open_now) & {"drift", "conflict", "waiting"}
                assert not in_step or not noted, "I20: %s at %s agrees, and is noted: %s" % (one, who, noted)

    def _moves_nothing(self, who: str, *command: str, unless: bool = False) -> None:
        before = self._statuses(who)
        self.people[who].git(*command)
        self._look(who)
        assert unless or self._statuses(who) == before, "I19: a look changes nothing: %s" % (command,)

    # helpers

    _was_blocked = False

    def _act(self, who: str, action: object, mission_id: str, **options: str) -> None:
        self._was_blocked = self._statuses(who)[mission_id] in ("Blocked", "Deferred")
        try:
            self.people[who].act(action, mission_id, **options)
        except NeedsPerson:
            pass  # it is done, or somebody is at it
        self._look(who)

    def _tracked(self, who: str) -> str:
        return self.people[who].dirty()

    def _commit(self, who: str, *, expected: Set[str] = frozenset(), look: bool = True) -> None:  # type: ignore[assignment]
        """Commit all there is; what was done is done in the commit too, but for what was ``expected``."""
        person = self.people[who]
        head = self._said_at(person, "HEAD")
        person.commit("work of " + who)
        said = self._said_at(person, "HEAD")
        for one in set(IDS) - self.exempt - set(expected):
            if all(same(status, COMPLETED) for status in head[one]) and head[one]:
                assert all(same(status, COMPLETED) for status in said[one]), "I18: the commit takes %s back" % one
        if look:
            self._look(who)

    def _merge(self, who: str, other: str, *, rebases: bool, prefers: str) -> None:
        person = self.people[who]
        sides = [self._said_at(person, "HEAD"), self._said_at(person, other)]
        person.git("rebase" if rebases else "merge", "--quiet", *([] if rebases else ["--no-edit"]), other, check=False)
        for _ in range(30):
            if not any((person.root / ".git" / name).exists() for name in ("MERGE_HEAD", "rebase-merge")):
                break
            person.sync()
            for line in person.git("status", "--porcelain").splitlines():
                self._settle(person, line, prefers)
            command = ["rebase", "--continue"] if rebases else ["commit", "--no-edit", "--quiet"]
            if rebases and not person.git("status", "--porcelain").strip():
                command = ["rebase", "--skip"]
            person.git("-c", "core.editor=true", *command, check=False)
            # a person decided: what came of it was meant
            said = self._said_at(person, "HEAD")
            for one in IDS:
                was_done = any(same(status, COMPLETED) for side in sides for status in side[one])
                if was_done and not all(same(status, COMPLETED) for status in said[one]):
                    self.exempt.add(one)
        else:
            person.git("rebase" if rebases else "merge", "--abort", check=False)
        assert person.is_clean, person.dirty()

    def _settle(self, person: Clone, line: str, prefers: str) -> None:
        kind, path = line[:2], line[3:].strip('"')
        if kind in ("UU", "AA"):
            person.git("checkout", "--quiet", "--" + prefers, "--", path)
            person.git("add", "--", path)
        elif kind in ("DD", "UD", "DU", "AU", "UA"):
            # of two names of one file the last one stays
            others = [one for one in person.missions.rglob("*.yaml") if str(one.relative_to(person.root)) != path]
            mine = read((person.root / path).read_bytes()).records if (person.root / path).exists() else ()
            ids = {record.id for one in others for record in read(one.read_bytes()).records if record.kind == "file"}
            if kind == "DD" or not mine or any(one.kind == "file" and one.id in ids for one in mine):
                person.git("rm", "--quiet", "--force", "--cached", "--ignore-unmatch", "--", path)
                (person.root / path).unlink() if (person.root / path).exists() else None
            else:
                keep = r"\1" if prefers == "ours" else r"\2"
                text = _MARKED.sub(keep, (person.root / path).read_text("utf-8"))
                (person.root / path).write_text(text, "utf-8")
                person.git("add", "--", path)

    def _type(self, person: Clone, mission_id: str, before: str, status: str) -> None:
        path = person.root / person.file(mission_id)
        text = path.read_text("utf-8")
        path.write_text(text.replace("status: %s\n" % before, "status: %s\n" % status), "utf-8")
        person.age(path)

    def _remote(self, person: Clone) -> List[str]:
        names = person.git("for-each-ref", "--format=%(refname:short)", "refs/remotes/origin").split()
        return sorted(name for name in names if name not in ("origin", "origin/HEAD"))

    def _is_news(self, person: Clone, place: str) -> bool:
        """Say whether the trunk has a place that this clone has not been at: looking there brings it."""
        there = person.git("rev-list", "--max-count=1", place, "--not", "HEAD", "main").strip()
        on_trunk = person.git("rev-list", "--max-count=1", place, "--not", "origin/main").strip() == ""
        return bool(there) and on_trunk

    def _statuses(self, who: str) -> Dict[str, str]:
        with self.people[who].open() as ws:
            return {one.id: one.status for one in mission_rows.listing(ws.db) if one.id in IDS}

    def _explained(self, who: str, mission_id: str) -> bool:
        with self.people[who].open() as ws:
            found = issue_rows.open_issues(ws.db, worktree=".", mission_id=mission_id)
            # what a file that does not parse says of a mission is not known
            broken = [one.path for one in issue_rows.open_issues(ws.db, worktree=".", kinds=["quarantine"])]
            known = {one.path for one in sync_rows.records_of(ws, broken) if one.mission_id == mission_id}
        return bool(known) or any(one.kind in ("conflict", "drift", "waiting", "duplicate") for one in found)

    def _said(self, person: Clone) -> Dict[str, List[str]]:
        return {one: person.said(one) for one in IDS}

    def _said_at(self, person: Clone, commit: str) -> Dict[str, List[str]]:
        blobs = objects.blobs(str(person.root), commit, "cmos/missions").values()
        new = [blob for blob in blobs if blob not in self.texts]
        self.texts.update(zip(new, objects.contents(str(person.root), new)))
        said: Dict[str, List[str]] = {one: [] for one in IDS}
        for blob in blobs:
            for record in read(self.texts[blob] or b"").records:
                if record.id in said and "status" in record.fields:
                    said[record.id].append(record.fields["status"].value or "")
        return said


class TeamMachineToo(TeamMachine):
    """The same with other examples: two processes then share the work."""


_SETTINGS = settings(
    max_examples=int(os.environ.get("CMOS_SOAK_EXAMPLES", "4")) // 2,
    stateful_step_count=int(os.environ.get("CMOS_SOAK_STEPS", "30")),
    suppress_health_check=list(HealthCheck),
)
TestTeamMachine = TeamMachine.TestCase
TestTeamMachine.settings = _SETTINGS
TestTeamMachineToo = TeamMachineToo.TestCase
TestTeamMachineToo.settings = _SETTINGS


def test_a_mission_that_arrives_opened_again_is_no_second_current_one() -> None:
    machine = TeamMachine()
    try:
        machine.begin()
        machine.completes_and_shares("a", "R1", False)
        machine.completes_and_shares("c", "F1", False)
        machine.completes_and_shares("a", "F1", False)  # each look sees that one is Current at most
    finally:
        machine.teardown()


def test_a_place_that_says_already_what_a_command_sets_is_noted_no_more() -> None:
    machine = TeamMachine()
    try:
        machine.begin()
        machine.completes("c", "R1")
        machine.completes("c", "X1")
        machine.completes_and_shares("a", "F1", True)
        machine.steps = 16  # people meet late
        machine.all_meet()
        machine.completes("c", "X1")  # its row follows; its file says Completed already
    finally:
        machine.teardown()
