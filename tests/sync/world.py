"""A project on disk that tests act on as its users would, and look at as nobody can."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from cmos.actions.act import Act
from cmos.actions.reconcile import SyncOutcome, preview, reconcile
from cmos.core.models import Mission
from cmos.missions import rows as mission_rows
from cmos.project.project import Project, open_project
from cmos.setup.setup import set_up
from cmos.sync import issue_rows
from cmos.sync import rows as sync_rows

BACKLOG = """\
name: Planning.SprintPlan.v1
---
# the plan
missionId: SP-MAIN-001
domainFields:
  sprints:
  - sprintId: Sprint 1
    title: First
    missions:
    - id: B1.1
      name: Foundation   # the base of it all
      status: Completed
      completed_at: '2026-01-02T03:04:05Z'
    - {{ id: "B1.2", name: "Commands", status: "Current", notes: "flow" }}
  - sprintId: "Sprint 2"
    title: Second
    missions:
    - id: B2.1
      name: Memory
      status: Queued
    - id: B2.2
      name: {name}
      status: Queued
  missionDependencies:
  - {{from: B1.2, to: B2.1, type: Blocks}}
"""

MISSION = """\
# Mission File
missionId: "{id}"
name: {name}
status: {status}   # by hand
objective: "Do {id}."
context: |
  Some context,
  on two lines.
successCriteria:
  - "it works"
deliverables:
  - "the thing"
"""

Snapshot = Tuple[Dict[str, bytes], Dict[str, List[Any]]]


class World:
    """One project, driven in this process: real files, real SQLite, the real services."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("backlog.yaml", BACKLOG.format(name="Search"))
        self.write("sprint-01/B1.2_commands.yaml", MISSION.format(id="B1.2", name="Commands", status="Current"))
        self.write("sprint-02/B2.1_memory.yaml", MISSION.format(id="B2.1", name="Memory", status="Queued"))
        self.write("sprint-03/B3.1_extra.yaml", MISSION.format(id="B3.1", name="Extra", status="Queued"))
        set_up(str(root))

    def path(self, name: str) -> Path:
        return self.root / "cmos" / "missions" / name

    def write(self, name: str, text: str | bytes) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        self.age(path)

    def age(self, path: Path) -> None:
        """Let a file look as if it had been saved a while ago, each save at another time."""
        World.clock += 1
        stamp = 1_700_000_000_000_000_000 + World.clock * 1_000_000_000
        os.utime(str(path), ns=(stamp, stamp))

    clock = 0

    def read(self, name: str) -> str:
        return self.path(name).read_bytes().decode("utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text, (old, text)
        self.write(name, text.replace(old, new, 1))

    @contextmanager
    def open(self) -> Iterator[Project]:
        with open_project(str(self.root)) as ws:
            yield ws

    def sync(self, **options: Any) -> SyncOutcome:
        with self.open() as ws:
            outcome = reconcile(ws, **options)
            self.notices = list(ws.notices)
            return outcome

    def look(self) -> SyncOutcome:
        with self.open() as ws:
            return preview(ws)

    def do(self, action: Any, *arguments: Any, **options: Any) -> Any:
        with self.open() as ws:
            return action(ws, *arguments, **options)

    def act(self, action: Any, mission_id: str, **options: Any) -> Any:
        with self.open() as ws:
            return action(ws, mission_id, Act("tester"), **options)

    def mission(self, mission_id: str) -> Mission:
        with self.open() as ws:
            found = mission_rows.get(ws.db, mission_id)
        assert found is not None, mission_id
        return found

    def issues(self, *kinds: str) -> List[Tuple[str, Optional[str], Optional[str]]]:
        with self.open() as ws:
            return [(i.kind, i.mission_id, i.field) for i in issue_rows.open_issues(ws.db, kinds=kinds or None)]

    def kept(self) -> List[bytes]:
        """Return every text in the record of what was replaced or lost."""
        with self.open() as ws:
            return [sync_rows.text_content(ws.db, one.hash) or b"" for one in sync_rows.list_texts(ws.db)]

    def files(self) -> Dict[str, bytes]:
        root = self.root / "cmos"
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    def tables(self) -> Dict[str, List[Any]]:
        """Return every row of every table."""
        with self.open() as ws:
            database = ws.layout.database
        db = sqlite3.connect(database)
        try:
            names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            return {name: sorted(db.execute("SELECT * FROM %s" % name).fetchall(), key=repr) for name in names}
        finally:
            db.close()

    def snapshot(self) -> Snapshot:
        return self.files(), self.tables()


class GitWorld(World):
    """A project in a repository of its own."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True)
        self.root = root
        self.git("init", "--quiet")
        super().__init__(root)
        self.commit("begin")
        self.sync()

    def git(self, *arguments: str, cwd: Path | None = None, check: bool = True) -> str:
        done = subprocess.run(["git", *arguments], cwd=str(cwd or self.root), capture_output=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.decode()

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def dirty(self) -> str:
        return self.git("status", "--porcelain")
