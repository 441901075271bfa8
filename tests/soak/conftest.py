"""A larger project to wear down, and what its database and files hold afterwards."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Set, Tuple

import pytest

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

    def rows(self, query: str) -> List[Tuple[Any, ...]]:
        connection = sqlite3.connect((self.root / ".cmos" / "memory.db").as_uri() + "?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

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


@pytest.fixture
def busy(project: Path, run: Callable[..., Any]) -> Truth:
    """The sample project with thirty more missions, initialised."""
    for sprint in (3, 4, 5):
        folder = project / "cmos" / "missions" / ("sprint-%02d" % sprint)
        folder.mkdir()
        for place in range(1, 11):
            text = MISSION.format(sprint=sprint, place=place)
            (folder / ("B%d.%d_task.yaml" % (sprint, place))).write_text(text, "utf-8")
    ran = run("init", "--no-hooks")
    assert ran.code == 0, ran.err
    return Truth(project)


@pytest.fixture
def sound(busy: Truth, run: Callable[..., Any]) -> Callable[[], None]:
    """Check what must hold after any wear: converged, idempotent, nothing torn, no litter."""
    before = busy.texts()

    def check() -> None:
        for _ in range(2):
            ran = run("sync")
            assert ran.code == 0, ran.out + ran.err
        assert busy.column("PRAGMA integrity_check") == ["ok"]
        assert busy.rows("SELECT * FROM intents") == []
        check_texts(before, busy.texts())
        check_statuses(busy)
        settled = busy.texts(), sorted(map(repr, busy.rows("SELECT * FROM missions")))
        assert run("sync").code == 0
        assert settled == (busy.texts(), sorted(map(repr, busy.rows("SELECT * FROM missions"))))

    return check


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
