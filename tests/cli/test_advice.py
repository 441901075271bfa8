"""A status that somebody typed: the command that a line names works, whatever the mission's state."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Optional

import pytest

from cmos.core.status import BLOCKED, COMPLETED, CURRENT, IN_PROGRESS, KNOWN

ADVICE = re.compile(r"To change it: cmosctl (mission .*?) \(or: cmosctl sync --accept-status\)")


def type_a_status(station: Path, status: str) -> None:
    (path,) = (station / "cmos" / "missions").rglob("B1.3_*.yaml")
    text = path.read_text("utf-8")
    assert re.search(r"^status: .*$", text, re.M)
    path.write_text(re.sub(r"^status: .*$", 'status: "%s"' % status, text, flags=re.M), "utf-8")


@pytest.mark.parametrize(
    ("state", "holder", "agent"), [*((state, "orion", "vega") for state in KNOWN), (IN_PROGRESS, "human", None)]
)
def test_the_command_that_is_named_works(
    cm, station: Path, monkeypatch: pytest.MonkeyPatch, state: str, holder: str, agent: Optional[str]
) -> None:
    for typed in KNOWN:
        reason = ("--reason", "no disk") if state == BLOCKED else ()
        monkeypatch.setenv("CMOS_AGENT", holder)
        assert cm("mission", "edit", "B1.3", "--status", "Queued").code == 0
        assert cm("mission", "edit", "B1.3", "--status", state, *reason).code == 0
        if agent is None:
            monkeypatch.delenv("CMOS_AGENT")
        else:
            monkeypatch.setenv("CMOS_AGENT", agent)
        cm("sync")
        type_a_status(station, typed)
        told = cm("sync")
        if typed == state:
            continue
        found = ADVICE.search(told.out + told.err)
        assert found, (typed, told)
        ran = cm(*shlex.split(found.group(1)))
        assert ran.code == 0, (typed, found.group(1), ran)
        mission = cm("mission", "show", "B1.3", "--json").data
        assert mission["status"] == typed
        assert cm("sync", "--check").code == 0


@pytest.mark.parametrize(
    ("typed", "nearest"), [("Complete", COMPLETED), ("in-progres", IN_PROGRESS), ("curent", CURRENT)]
)
def test_a_status_that_nobody_knows_is_answered_with_the_nearest(cm, station: Path, typed: str, nearest: str) -> None:
    type_a_status(station, typed)
    told = cm("sync")
    assert "It is no status that cmos knows; did you mean %s?" % nearest in told.out + told.err


def test_a_name_that_is_edited_in_a_row_is_said_to_change_nothing(cm, station: Path) -> None:
    backlog = station / "cmos" / "missions" / "backlog.yaml"
    text = backlog.read_text("utf-8")
    name = cm("mission", "show", "B1.3", "--json").data["name"]
    assert text.count(name) == 1
    backlog.write_text(text.replace(name, "Another"), "utf-8")
    told = cm("sync")
    said = '"Another" stands as the name of B1.3 in its row, but its own file decides.'
    assert said in told.out + told.err and "cmos/missions/backlog.yaml:" in told.out + told.err
    assert cm("mission", "show", "B1.3", "--json").data["name"] == name
    assert said not in cm("sync").err + cm("status").err, "it is told once"
    found = re.search(r"To change it: cmosctl (mission edit B1.3 --name \"...\")", told.out + told.err)
    assert found and cm(*shlex.split(found.group(1))).code == 0
    assert cm("mission", "show", "B1.3", "--json").data["name"] == "..."
    assert said not in cm("sync").err
