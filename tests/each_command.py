"""Every command, as a person might type it in the sample project; run in this process."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from cmos.cli.base.commands import COMMANDS, Entry
from cmos.cli.base.output import clean
from cmos.cli.main import run
from cmos.core.errors import CmosError
from cmos.hooks.run import GUARD, run_hook
from cmos.project.project import find_project
from cmos.watch.passes import Passes

READS = (
    "completion zsh",
    "mission list", "mission list --json", "mission list --sprint sprint-01", "mission next", "mission next --json",
    "mission show B1.2", "mission show B1.2 --json", "mission show b1.2", "mission show none", "mission verify",
    "mission verify --json", "mission incomplete", "mission incomplete --json", "mission audit", "mission audit --json",
    "mission audit --format md", "mission audit sprint-01", "session list", "session list --json",
    "session list --mission B1.1", "session show 1", "session show 1 --json", "memory list", "memory list --json",
    "memory list --sprint sprint-01 --text well", "kb search mean", "kb search mean --json", "kb search meen",
    "kb search well --kind fact", "status", "status --verbose", "status --json", "status --format md", "context",
    "context --format md --budget 500", "sync --check", "sync --dry-run", "sync --log", "sync --json", "export all",
    "export sessions", "export backlog", "export context", "db export json", "db export yaml", "watch status",
    "watch stop", "hook status", "hook status --json", "watch", "db shell -c .tables",
)  # fmt: skip
WRITES = (
    "mission start B1.2 --agent a", "mission complete B1.2 --notes done", "mission complete B1.3 --json",
    "mission block B2.1 --reason why", "mission next --claim --agent b", "mission release B1.2 --take",
    "mission drop B2.2 --reason why --take", "mission edit B1.3 --set objective=x --add deliverables=y",
    "mission add Z9.9 new --sprint sprint-02",
    "mission edit B2.1 --name other --notes new --sprint sprint-01", "mission edit B1.3 --status Current",
    "mission edit B2.2 --status Queued --json", "session log --type start --summary s", "fact --kind k --content c",
    "decision --title t --rationale r --mission B1.2", "kb index", "kb index --again", "sync", "sync --accept-status",
    "sync --all-history", "sync --accept-known",
    "init --no-hooks", "db init", "db migrate", "db import cmos/missions/backlog.yaml",
    "db import cmos/SESSIONS.jsonl", "db import cmos/PROJECT_CONTEXT.json", "hook install", "hook uninstall",
    "commit", "merge", "rewrite", "push",
)  # fmt: skip
#: Those that start processes, want a terminal or make a project of their own.
LEFT_OUT = {"demo", "db recover", "watch start", "watch run", "hook run", "hook merge-driver"}
_HOOKS = {
    "commit": ["post-commit"],
    "merge": ["post-merge"],
    "rewrite": ["post-rewrite", "rebase"],
    "push": ["pre-push"],
}


def commands_known() -> List[str]:
    """Return all commands of the registry."""
    return sorted(_names(COMMANDS, ""))


def _names(entries: Dict[str, Entry], before: str) -> Iterator[str]:
    for name, entry in entries.items():
        if entry.commands is None:
            yield before + name
        else:
            yield from _names(entry.commands, before + name + " ")


def call(folder: Path, line: str) -> Tuple[int, str]:
    """Run a command in a folder and return its exit code and all that it printed."""
    told = io.BytesIO()
    before, back = (sys.stdin, sys.stdout, sys.stderr), os.getcwd()
    sys.stdout = sys.stderr = io.TextIOWrapper(told, "utf-8")
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"a b\n" if line != "push" else b""), "utf-8")
    os.chdir(str(folder))
    try:
        code = _do(folder, line)
        sys.stdout.flush()
        return code, told.getvalue().decode("utf-8")
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        os.chdir(back)
        os.environ.pop(GUARD, None)


def _do(folder: Path, line: str) -> int:
    if line in _HOOKS:
        return run_hook(_HOOKS[line], print)
    return _look(folder) if line == "watch" else run(line.split())


def _look(folder: Path) -> int:
    """Look as a watcher does that comes to the project anew, and print what it would log."""
    passes = Passes()
    try:
        looked = passes.look(find_project(str(folder)), files=True)
        for line in (*looked.lines, *looked.trouble.values()):
            sys.stdout.write(clean(line) + "\n")
    except CmosError as problem:
        sys.stdout.write(clean(problem.message) + "\n")
        return problem.exit_code
    finally:
        passes.close()
    return 0
