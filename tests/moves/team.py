"""People with clones of one repository, each with a database of their own, and a forge that knows nothing of cmos."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from world import GitWorld

from cmos.actions import act as actions
from cmos.setup.setup import set_up

IDS = ("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9")
MISSION = """\
missionId: {id}
name: The {id}
sprint: "{sprint}"
status: {status}
objective: Do {id}.
context: |
  What there is to know of {id}.
  Some more of it.
successCriteria:
  - it works
deliverables:
  - {id}
"""
ROW = """\
        - id: {id}
          name: The {id}
          objective: Do {id}.
          status: {status}
          notes: none
"""


class Setting(NamedTuple):
    """In which kind of project, and in what place of it, people work."""

    #: ``backlog``: rows of one file. ``files``: one file per mission.
    layout: str = "backlog"
    #: ``main`` worktree, ``linked`` worktree or ``submodule``.
    place: str = "main"
    #: ``none``, ``native`` or ``pre-commit``.
    hooks: str = "none"
    #: The branch that all work on: ``main``, ``develop`` as a second trunk, or ``topic``, which is none.
    branch: str = "main"
    #: The options of ``git pull``.
    pull: str = "--no-rebase"

    def __str__(self) -> str:
        return "-".join((self.layout, self.place, self.hooks, self.branch, self.pull.strip("-")))


class Clone(GitWorld):
    """One person's checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def is_clean(self) -> bool:
        return not self.dirty()

    def complete(self, *ids: str, agent: str = "tester") -> None:
        with self.open() as ws:
            for one in ids:
                actions.complete(ws, one, actions.Act(agent))

    def claim(self, mission_id: str, agent: str = "tester") -> None:
        with self.open() as ws:
            actions.start(ws, mission_id, actions.Act(agent))

    def status(self, mission_id: str) -> str:
        return self.mission(mission_id).status

    def said(self, mission_id: str) -> List[str]:
        """Return what the files say of a mission's status."""
        from cmos.missionfile.reader import read

        records = [one for path in sorted(self.missions.rglob("*.yaml")) for one in read(path.read_bytes()).records]
        return [one.fields["status"].value or "" for one in records if one.id == mission_id and "status" in one.fields]

    @property
    def missions(self) -> Path:
        return self.root / "cmos" / "missions"

    def file(self, mission_id: str) -> str:
        """Return the path, from the project's folder, of the file that says what a mission's status is."""
        word = "missionId: %s\n" % mission_id
        paths = sorted(self.missions.rglob("*.yaml"))
        own = [path for path in paths if word in path.read_text("utf-8")]
        return str((own or paths)[0].relative_to(self.root))

    def move(self, mission_id: str, new: str) -> None:
        """Let ``git mv`` give a mission's file another place."""
        old = self.file(mission_id)
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", old, new)

    def type(self, mission_id: str, old: str, new: str) -> None:
        """Type a status into a mission's file."""
        path = self.root / self.file(mission_id)
        head, name, rest = path.read_text("utf-8").partition("The %s\n" % mission_id)
        assert "status: %s\n" % old in rest
        path.write_text(head + name + rest.replace("status: %s\n" % old, "status: %s\n" % new, 1), "utf-8")
        self.age(path)

    def told(self) -> List[str]:
        """Return what is open in this worktree, one line for each."""
        with self.open() as ws:
            from cmos.sync import issue_rows

            found = issue_rows.open_issues(ws.db, worktree=ws.layout.worktree)
        return ["%s %s: %s" % (one.kind, one.mission_id, one.why) for one in found]


class Team:
    """A forge and the clones of it."""

    def __init__(self, folder: Path, setting: Setting, scripts: Optional[Path] = None) -> None:
        self.folder = folder
        self.setting = setting
        self.scripts = scripts
        self.forge = folder / "forge.git"
        self.clones: Dict[str, Clone] = {}
        seed = Clone(folder / "seed")
        seed.root.mkdir(parents=True)
        seed.git("init", "--quiet", "--initial-branch=main")
        self._write(seed)
        seed.commit("the plan")
        for branch in {"develop", "topic"}:
            seed.git("branch", branch)
        seed.git("clone", "--quiet", "--bare", str(seed.root), str(self.forge))

    def _write(self, seed: Clone) -> None:
        status = {one: "Current" if one == "M1" else "Queued" for one in IDS}
        if self.setting.layout == "backlog":
            rows = "".join(ROW.format(id=one, status=status[one]) for one in IDS)
            text = "domainFields:\n  sprints:\n    - sprintId: Sprint 1\n      missions:\n" + rows
            seed.write("backlog.yaml", text)
            return
        for number, one in enumerate(IDS):
            sprint = "%02d" % (1 + number // 5)
            text = MISSION.format(id=one, sprint=sprint, status=status[one])
            seed.write("sprint-%s/%s_it.yaml" % (sprint, one), text)

    def clone(self, name: str) -> Clone:
        """Let somebody clone the forge, and begin on the branch that all work on."""
        root = self._checkout(name)
        person = self.clones[name] = Clone(root)
        person.git("config", "user.name", name)
        if self.setting.branch == "develop":
            for one in ("main", "develop"):
                person.git("config", "--add", "cmos.trunk", one)
        set_up(str(root))
        if self.setting.hooks == "native":
            self._run(person, "cmosctl", "hook", "install")
        return person

    def _checkout(self, name: str) -> Path:
        root, branch = self.folder / ("%s é" % name), self.setting.branch
        if self.setting.place == "submodule":
            outer = Clone(root)
            root.mkdir()
            outer.git("init", "--quiet")
            outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(self.forge), "inner")
            root = root / "inner"
            outer.git("checkout", "--quiet", branch, cwd=root)
            return root
        Clone(self.folder).git("clone", "--quiet", "--branch", branch, str(self.forge), str(root))
        if self.setting.place == "linked":
            main = Clone(root)
            main.git("switch", "--quiet", "--create", "home-of-" + name)
            root = self.folder / ("%s linked" % name)
            main.git("worktree", "add", "--quiet", str(root), branch)
        return root

    def _run(self, person: Clone, *command: str) -> None:
        assert self.scripts is not None
        environment = dict(os.environ, PATH=os.pathsep.join((str(self.scripts), os.environ["PATH"])))
        subprocess.run(command, cwd=str(person.root), env=environment, check=True, capture_output=True)

    def push(self, person: Clone) -> None:
        person.git("push", "--quiet", "origin", "HEAD")

    def pull(self, person: Clone, *, sync: bool = True) -> None:
        """Let somebody pull what all work on; with ``sync``, a command follows."""
        person.git("pull", "--quiet", "--no-edit", self.setting.pull, "origin", self.setting.branch)
        if sync:
            person.sync()

    def merge_on_the_forge(self, branch: str, *, how: str = "merge") -> None:
        """Merge a branch as a button on a web page does: with stock git, in a checkout without a database."""
        hub = Clone(self.folder / "hub")
        if not hub.root.exists():
            Clone(self.folder).git("clone", "--quiet", str(self.forge), str(hub.root))
        hub.git("fetch", "--quiet", "--prune", "origin")
        hub.git("checkout", "--quiet", "-B", "target", "origin/" + self.setting.branch)
        if how == "squash":
            hub.git("merge", "--quiet", "--squash", "origin/" + branch)
            hub.git("commit", "--quiet", "--message", "squashed " + branch)
        elif how == "rebase":
            hub.git("checkout", "--quiet", "-B", "source", "origin/" + branch)
            hub.git("rebase", "--quiet", "target")
            hub.git("checkout", "--quiet", "-B", "target")
        else:
            hub.git("merge", "--quiet", "--no-ff", "--no-edit", "origin/" + branch)
        hub.git("push", "--quiet", "origin", "target:" + self.setting.branch)
