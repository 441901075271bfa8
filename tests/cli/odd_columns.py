"""Odd values in each column of the database, and each command run on them in this process."""

from __future__ import annotations

import io
import os
import re
import shutil
import sqlite3
import sys
import traceback
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from cmos.cli.commands import COMMANDS, Entry
from cmos.cli.hook_run import GUARD, run_hook
from cmos.cli.main import run
from cmos.cli.output import clean
from cmos.services.layout import find_project
from cmos.watch.passes import Passes

#: What a column is given, as SQL; ``{}`` is the column itself.
VALUES = {
    "NULL": "NULL",
    "its text as a BLOB": "CAST({} AS BLOB)",
    "a BLOB": "x'00ff1b41fe'",
    "not UTF-8": "CAST(x'ff41c3' AS TEXT)",
    "infinite": "9e999",
    "a fraction": "-1.5",
    "a megabyte": "replace(hex(zeroblob(524288)), '00', 'xy')",
    "control characters": "'a' || char(27, 0, 155, 8238, 10) || 'b'",
    "another path": "'../../x'",
}
#: Rows for tables that the sample leaves empty, so that each column has a value to be spoilt.
ROWS = """
INSERT INTO pending (worktree, mission_id, field, value, refused, since) VALUES ('.', 'B2.1', 'notes', 'x', 'no', 'z');
INSERT INTO intents VALUES ('.', 'cmos/missions/sprint-01/none.yaml', 'a', 'b', 'cmos/missions/sprint-01/.cmos-x');
INSERT OR IGNORE INTO floors VALUES ('0123456789012345678901234567890123456789');
INSERT INTO issues (worktree, kind, path, line, mission_id, field, file_value, database_value, why, since)
 VALUES ('.', 'drift', 'cmos/missions/backlog.yaml', 3, 'B2.1', 'status', 'Queued', 'Blocked', 'they differ', 'z'),
 ('', 'leftover', 'SESSIONS.jsonl', 2, NULL, NULL, '{', NULL, 'no JSON', 'z');
INSERT OR IGNORE INTO texts VALUES ('abc', 'cmos/x.yaml', 'lost', 'z', 3, x'00');
INSERT OR IGNORE INTO seen VALUES ('abc', 'B1.1', 'Queued');
"""
SETTING = (
    "fact --kind risk --content the-well-runs-dry",
    "decision --title sample --rationale mean --mission B1.3",
    "mission block B2.2 --reason no-paper",
    "kb index",
)
READS = (
    "mission list", "mission list --json", "mission list --sprint sprint-01", "mission next", "mission next --json",
    "mission show B1.2", "mission show B1.2 --json", "mission show b1.2", "mission show none", "mission verify",
    "mission verify --json", "mission incomplete", "mission incomplete --json", "mission audit", "mission audit --json",
    "mission audit --format md", "mission audit sprint-01", "session list", "session list --json",
    "session list --mission B1.1", "session show 1", "session show 1 --json", "memory list", "memory list --json",
    "memory list --sprint sprint-01 --text well", "kb search mean", "kb search mean --json", "kb search meen",
    "kb search well --kind fact", "status", "status --verbose", "status --json", "status --format md", "context",
    "context --format md --budget 500", "sync --check", "sync --dry-run", "sync --json", "export all -o ../out",
    "export sessions", "export backlog", "export context", "db export json", "db export yaml", "watch status",
    "watch stop", "hook status", "hook status --json", "watch", "db shell -c .tables",
)  # fmt: skip
WRITES = (
    "mission start B1.2 --agent a", "mission complete B1.2 --notes done", "mission complete B1.3 --json",
    "mission block B2.1 --reason why", "mission next --claim --agent b", "mission add Z9.9 new --sprint sprint-02",
    "mission edit B2.1 --name other --notes new --sprint sprint-01", "mission edit B1.3 --status Current",
    "mission edit B2.2 --status Queued --json", "session log --type start --summary s", "fact --kind k --content c",
    "decision --title t --rationale r --mission B1.2", "kb index", "kb index --again", "sync", "sync --accept-status",
    "sync --all-history", "init --no-hooks", "db init", "db migrate", "db import cmos/missions/backlog.yaml",
    "db import cmos/SESSIONS.jsonl", "db import cmos/PROJECT_CONTEXT.json", "db import ../pristine.json",
    "hook install", "hook uninstall", "commit", "merge", "rewrite", "push",
)  # fmt: skip
#: Those that start processes, want a terminal or make a project of their own.
LEFT_OUT = {"demo", "watch start", "watch run", "hook run", "hook merge-driver"}
_HOOKS = {"commit": ["post-commit"], "merge": ["post-merge"], "rewrite": ["post-rewrite", "rebase"], "push": ["pre-push"]}
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 24_000_000


class Case(NamedTuple):
    """One odd value: in one column, of all rows or of the first one that takes it."""

    table: str
    column: str
    value: str
    everywhere: bool

    def __str__(self) -> str:
        return "%s.%s %s%s" % (self.table, self.column, self.value, "" if self.everywhere else " once")


def commands_known() -> List[str]:
    """Return all commands of the registry."""
    return sorted(_names(COMMANDS, ""))


def _names(entries: Dict[str, Entry], before: str) -> Iterator[str]:
    for name, entry in entries.items():
        if entry.commands is None:
            yield before + name
        else:
            yield from _names(entry.commands, before + name + " ")


class Station:
    """A project whose database is spoilt, used and put back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / ".cmos" / "memory.db"
        for line in SETTING:
            assert self.call(line)[0] == 0, line
        self.call("db export json -o ../pristine.json")
        self._sql(ROWS)
        self._kept = root.parent / "kept"
        self._kept.mkdir()
        shutil.copy2(str(self.database), str(self._kept / "memory.db"))
        shutil.copytree(str(root / "cmos"), str(self._kept / "cmos"))

    def _sql(self, script: str) -> None:
        db = sqlite3.connect(str(self.database))
        db.executescript(script)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def columns(self) -> List[Tuple[str, str]]:
        """Return each table with each of its columns."""
        db = sqlite3.connect(str(self.database))
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        names = [row[0] for row in tables if not row[0].startswith("kb_chunks_fts")]
        found = [(name, row[1]) for name in names for row in db.execute("PRAGMA table_info(%s)" % name)]
        db.close()
        return found

    def spoil(self, case: Case) -> bool:
        """Put the value into the database as it was; say whether any row took it."""
        for ending in ("", "-wal", "-shm"):
            path = Path(str(self.database) + ending)
            if path.exists():
                path.unlink()
        shutil.copy2(str(self._kept / "memory.db"), str(self.database))
        db = sqlite3.connect(str(self.database), isolation_level=None)
        value = VALUES[case.value].format(case.column)
        first = "" if case.everywhere else " WHERE %s IS (SELECT min(%s) FROM %s)" % (case.column, case.column, case.table)
        try:
            done = db.execute("UPDATE OR IGNORE %s SET %s = %s%s" % (case.table, case.column, value, first))
            return bool(done.rowcount > 0)
        except sqlite3.Error:
            return False
        finally:
            db.close()

    def put_files_back(self) -> None:
        shutil.rmtree(str(self.root / "cmos"))
        shutil.copytree(str(self._kept / "cmos"), str(self.root / "cmos"))

    def faults(self, line: str) -> List[str]:
        """Run a command and return what no command may do."""
        try:
            code, told = self.call(line)
        except Exception:
            return [traceback.format_exc()]
        found = [] if code in range(9) else ["exit code %s" % code]
        raw = _RAW.search(told)
        if raw:
            found.append("raw %r in %r" % (raw.group(), told[max(raw.start() - 60, 0) : raw.start() + 20]))
        return found + (["%d characters" % len(told)] if len(told) > _LONGEST else [])

    def call(self, line: str) -> Tuple[int, str]:
        """Run a command here and return its exit code and all that it printed."""
        told = io.BytesIO()
        before, folder = (sys.stdin, sys.stdout, sys.stderr), os.getcwd()
        sys.stdout = sys.stderr = io.TextIOWrapper(told, "utf-8")
        sys.stdin = io.TextIOWrapper(io.BytesIO(b"a b\n" if line != "push" else b""), "utf-8")
        os.chdir(str(self.root))
        try:
            code = self._do(line)
            sys.stdout.flush()
            return code, told.getvalue().decode("utf-8")
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
            os.chdir(folder)
            os.environ.pop(GUARD, None)

    def _do(self, line: str) -> int:
        if line in _HOOKS:
            return run_hook(_HOOKS[line])
        return _look(self.root) if line == "watch" else run(line.split())


def _look(root: Path) -> int:
    """Look as a watcher does that comes to the project anew, and print what it would log."""
    passes = Passes()
    try:
        looked = passes.look(find_project(str(root)), files=True)
        for line in (*looked.lines, *looked.trouble.values()):
            sys.stdout.write(clean(line) + "\n")
    finally:
        passes.close()
    return 0


def cases(columns: Sequence[Tuple[str, str]]) -> Iterator[Case]:
    """Yield all cases."""
    for table, column in columns:
        for value in VALUES:
            yield Case(table, column, value, True)
            yield Case(table, column, value, False)
