"""What a project's database and files hold, read past the command line."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Set, Tuple

MISSION = """\
missionId: "B{sprint}.{place}"
name: "Task {place} of sprint {sprint}"
status: "Queued"   # written by hand, kept by cmosctl
objective: "Wear the tool down."
context: "Many processes at once."
successCriteria:
  - "Nothing is lost"
deliverables: ["none"]
last: "whole"
"""
# what a command may change in a file; the rest of each text must stay
SPLICED = re.compile(r"""(\b(?:status|completed_at|name|notes|sprint):\s*)("[^"]*"|'[^']*'|[^,}#\n]*)""")
STATUS_LINE = re.compile(r"""^status:\s*["']?([^"'#\n]*?)["']?\s*(?:#.*)?$""", re.MULTILINE)
ID_LINE = re.compile(r"""^(?:missionId|id|mission):\s*["']?([^"'#\s]+)""", re.MULTILINE)


class Truth(NamedTuple):
    """The project as it stands on the disk, read past the command line."""

    root: Path

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect((self.root / ".cmos" / "memory.db").as_uri() + "?mode=ro", uri=True)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, query: str) -> List[Tuple[Any, ...]]:
        with self.opened() as db:
            return db.execute(query).fetchall()

    def tables(self) -> Dict[str, List[str]]:
        """Return every row of every table."""
        names = self.column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {name: sorted(map(repr, self.rows("SELECT * FROM %s" % name))) for name in names}

    def column(self, query: str) -> List[Any]:
        return [row[0] for row in self.rows(query)]

    def missions(self, column: str) -> Dict[str, Any]:
        return dict(self.rows("SELECT id, %s FROM missions" % column))

    def texts(self) -> Dict[str, str]:
        """Return the text of each file under ``cmos/missions``, with its line ends."""
        folder = self.root / "cmos" / "missions"
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8") for path in files}

    def typed(self) -> Dict[str, str]:
        """Return the status that each mission's own file says."""
        said = {}
        for name, text in self.texts().items():
            ids, statuses = ID_LINE.findall(text), STATUS_LINE.findall(text)
            if ids and statuses and not name.startswith(("templates/", "backlog")):
                said[ids[0]] = statuses[0].replace("Planned", "Queued")
        return said


def shape(text: str) -> str:
    """Return a text without the values that commands write and the lines that they insert."""
    lines = [line for line in text.splitlines(True) if not re.match(r"(status|notes|completed_at):", line)]
    return SPLICED.sub(r"\1", "".join(lines))


def check_texts(before: Dict[str, str], now: Dict[str, str]) -> None:
    for name, text in before.items():
        assert shape(now[name]) == shape(text), name
    litter: Set[str] = {name for name in now if not name.endswith(".yaml") or Path(name).name.startswith(".")}
    assert not litter
    assert not [name for name, text in now.items() if not text.endswith("\n")]


def check_statuses(truth: Truth) -> None:
    rows = truth.missions("status")
    differ = {one: (said, rows[one]) for one, said in truth.typed().items() if said != rows[one]}
    explained = set(truth.column("SELECT mission_id FROM issues WHERE closed_at IS NULL"))
    assert not {one: pair for one, pair in differ.items() if one not in explained}
