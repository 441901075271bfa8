"""The sample project that ``cmosctl demo`` walks through."""

from __future__ import annotations

import os
import tempfile
from typing import Dict, Optional

from cmos.core.errors import InvalidValue
from cmos.git import repository

_BACKLOG = """\
name: Planning.SprintPlan.v1
version: 1.0.0
displayName: Sample backlog
---
missionId: SP-MAIN-001
objective: Ship a greeting that people like.
domainFields:
  type: Planning.SprintPlan.v1
  sprints:
  - sprintId: Sprint 1
    title: Say hello
    status: Current
    missions:
    - id: B1.1
      name: A first greeting
      status: Current
    - id: B1.2
      name: Greet by name
      status: Queued
    - id: B1.3
      name: Review the sprint
      status: Queued
  missionDependencies:
  - {from: B1.1, to: B1.2, type: Blocks}
"""

_MISSION = """\
# Missions are plain YAML: edit them in any editor.
missionId: {id}
name: {name}
status: {status}
objective: {objective}
context: |
  People start the program and see nothing.
successCriteria:
  - Running it prints a greeting
deliverables:
  - hello.py
"""

_FILES: Dict[str, str] = {
    "cmos/missions/backlog.yaml": _BACKLOG,
    "cmos/missions/sprint-01/B1.1_a-first-greeting.yaml": _MISSION.format(
        id="B1.1", name="A first greeting", status="Current", objective="Print a greeting."
    ),
    "cmos/missions/sprint-01/B1.2_greet-by-name.yaml": _MISSION.format(
        id="B1.2", name="Greet by name", status="Queued", objective="Print a greeting with a name in it."
    ),
    "README.md": "# Hello\n\nA program that greets.\n",
}


def create(folder: Optional[str] = None) -> str:
    """Create the sample project as a repository of its own and return its folder.

    Raises InvalidValue if the folder exists and is not empty, GitProblem without git.
    """
    if folder is not None and os.path.lexists(folder) and not _is_empty(folder):
        raise InvalidValue("%s is not an empty folder" % folder, hint="name a new one, or none at all")
    root = os.path.abspath(folder or tempfile.mkdtemp(prefix="cmos-demo-"))
    os.makedirs(root, exist_ok=True)
    repository.create(root)
    for path, text in _FILES.items():
        write(root, path, text)
    commit(root, "Start the sample project")
    return root


def write(root: str, path: str, text: str) -> None:
    """Write a file of the sample project."""
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def commit(root: str, message: str) -> str:
    """Commit everything and return what git says."""
    with repository.open_repository(root) as repo:
        repository.run(repo, "add", "--all")
        return repository.run(repo, "commit", "--message", message).decode("utf-8", "replace")


def changes(root: str) -> str:
    """Return what is not committed, as ``git diff --stat`` shows it."""
    with repository.open_repository(root) as repo:
        return repository.run(repo, "diff", "--stat").decode("utf-8", "replace")


def _is_empty(folder: str) -> bool:
    return os.path.isdir(folder) and not os.listdir(folder)
