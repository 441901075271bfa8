"""Odd values in each column of the database, and each command run on them in this process."""

from __future__ import annotations

import re
import shutil
import sqlite3
import traceback
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence, Tuple

import each_command
from each_command import call

WRITES = (*each_command.WRITES, "db import ../pristine.json")
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
INSERT INTO files VALUES ('.', '', 'cmos/missions/sprint-01/none.yaml', 'a', 1, 1, 1, 1, 1,
  'cmos/missions/sprint-01/.cmos-x', 'b');
INSERT OR IGNORE INTO looks VALUES ('floor 01234567', '0123456789012345678901234567890123456789');
INSERT INTO issues (worktree, kind, path, line, mission_id, field, file_value, database_value, why, since)
 VALUES ('.', 'drift', 'cmos/missions/backlog.yaml', 3, 'B2.1', 'status', 'Queued', 'Blocked', 'they differ', 'z'),
 ('', 'leftover', 'SESSIONS.jsonl', 2, NULL, NULL, '{', NULL, 'no JSON', 'z');
INSERT OR IGNORE INTO texts VALUES ('abc', 'cmos/x.yaml', 'lost', 'z', 3, x'00');
INSERT OR IGNORE INTO looks VALUES ('refs/heads/x', '0123456789012345678901234567890123456789');
"""
SETTING = (
    "fact --kind risk --content the-well-runs-dry",
    "decision --title sample --rationale mean --mission B1.3",
    "mission block B2.2 --reason no-paper",
    "kb index",
)
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
        one = " WHERE %s IS (SELECT min(%s) FROM %s)" % (case.column, case.column, case.table)
        first = "" if case.everywhere else one
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
        return call(self.root, line)


def cases(columns: Sequence[Tuple[str, str]]) -> Iterator[Case]:
    """Yield all cases."""
    for table, column in columns:
        for value in VALUES:
            yield Case(table, column, value, True)
            yield Case(table, column, value, False)
