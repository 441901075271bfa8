"""A repository that commits are made in, with the log beside it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

from cmos.core.models import Session
from cmos.core.report import Logged
from cmos.db import connection
from cmos.db.lock import writer_lock
from cmos.history import record as history
from cmos.history.shown import commits_of_mission
from cmos.hooks import run as hook_events
from cmos.journal import rows as journal_rows
from cmos.project.project import Project, find_project, open_project
from cmos.sync import run

MISSION = 'missionId: "%s"\nname: %s\nstatus: %s\nobjective: "Do it."\n'
MISSIONS = {"B1.1": "Completed", "B1.2": "Current", "B1.10": "Queued", "B2.1": "Queued"}


class Repo:
    """A checkout. With ``hooks``, what git's hooks would do is done after each git command, by the real services."""

    def __init__(self, root: Path, *, hooks: bool = False) -> None:
        self.root = root
        self.hooks = hooks
        self.edits = 0

    def git(self, *arguments: str, stdin: Optional[str] = None, fails: bool = False) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=str(self.root), input=stdin, capture_output=True, encoding="utf-8"
        )
        assert fails or done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def write(self, name: str, text: Optional[str] = None) -> None:
        self.edits += 1
        (self.root / name).write_text(text if text is not None else "edit %d\n" % self.edits, "utf-8")
        self.git("add", "--all")

    def commit(self, message: str, name: str = "code.txt", text: Optional[str] = None, *options: str) -> str:
        """Change a file and commit it; returns the id."""
        self.write(name, text)
        self.git("commit", "--quiet", "--message", message, *options)
        return self.after_commit()

    def after_commit(self) -> str:
        if self.hooks:
            self.on_commit()
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def on_commit(self) -> None:
        hook_events.on_commit(find_project(str(self.root)))

    def on_merge(self) -> None:
        hook_events.on_merge(find_project(str(self.root)))

    def on_rewrite(self, *pairs: Any) -> None:
        hook_events.on_rewrite(find_project(str(self.root)), pairs)

    @contextmanager
    def open(self) -> Iterator[Project]:
        with open_project(str(self.root)) as ws:
            yield ws

    def catch_up(self, *, all_history: bool = False) -> Logged:
        """Look at the history as each command does first."""
        with self.open() as ws, writer_lock(ws.layout.lock), connection.immediate(ws.db):
            logged = history.catch_up(ws, ws.db, everything=all_history)
            self.notices = list(ws.notices)
            return logged

    def is_due(self) -> bool:
        with self.open() as ws:
            return run.is_log_behind(ws)

    def log(self) -> List[Session]:
        """Return the commit sessions, in order, after what any command does first."""
        self.catch_up()
        return self.logged()

    def logged(self) -> List[Session]:
        with self.open() as ws:
            return journal_rows.list_sessions(ws.db, journal_rows.SessionFilter(action="commit"))

    def subjects(self) -> List[Optional[str]]:
        return [session.summary for session in self.log()]

    def missions(self) -> Dict[str, Optional[str]]:
        return {str(session.summary): session.mission_id for session in self.log()}

    def details(self, subject: str) -> Dict[str, Any]:
        found = [session.details for session in self.log() if session.summary == subject]
        assert len(found) == 1
        return dict(json.loads(found[0] or ""))

    def commits_of(self, mission_id: str) -> List[Any]:
        with self.open() as ws:
            return [(one.subject, one.on_branch) for one in commits_of_mission(ws, mission_id)]


def new_repository(root: Path) -> None:
    """Make a repository with four missions, nothing committed yet."""
    folder = root / "cmos" / "missions" / "sprint-01"
    folder.mkdir(parents=True)
    for mission_id, status in MISSIONS.items():
        (folder / ("%s_x.yaml" % mission_id)).write_text(MISSION % (mission_id, mission_id, status), "utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=str(root), check=True)
    (root / ".gitignore").write_text(".cmos/\n", "utf-8")
