"""``sync --accept-known``: old news does not shout, and new news is seen at once."""

from __future__ import annotations

from pathlib import Path

import pytest

BROKEN = "missionId: D%d\nname: x\nobjective: a: b: c\n"


@pytest.fixture
def missions(station: Path) -> Path:
    """A project with a past of fifty files that are not valid."""
    folder = station / "cmos" / "missions" / "sprint-02"
    for number in range(50):
        (folder / ("D%d.yaml" % number)).write_text(BROKEN % number, "utf-8")
    return folder


def test_the_past_is_accepted_and_what_is_new_comes_first(cm, missions: Path) -> None:
    assert cm("sync", "--check").code == 1 and cm("mission", "verify").code == 1
    accepted = cm("sync", "--accept-known")
    assert accepted.code == 0 and "50 known: cmosctl sync --known" in accepted.out
    assert cm("sync", "--check").code == 0 and cm("mission", "verify").code == 0
    assert "needs a person" not in cm("status").out

    (missions / "N1.yaml").write_text(BROKEN % 99, "utf-8")
    told = cm("sync")
    lines = told.out.splitlines()
    assert any("N1.yaml" in line for line in lines[:3]) and len(lines) <= 10
    assert cm("sync", "--check").code == 1 and cm("mission", "verify").code == 1
    assert "1 invalid file" in cm("status").out
    assert len(cm("sync", "--known").out.splitlines()) > 50
    assert len(cm("mission", "verify", "--known", "--json").data["findings"]) > 50
    assert len(cm("sync", "--json").data["known"]) == 50

    cm("sync", "--accept-known")
    assert cm("sync", "--check").code == 0


def test_what_changes_is_news_again_and_what_moves_within_its_file_is_not(cm, missions: Path) -> None:
    cm("sync", "--accept-known")
    (missions / "D1.yaml").write_text("# a line above\n" + BROKEN % 1, "utf-8")
    cm("sync")
    assert cm("sync", "--check").code == 0
    (missions / "D2.yaml").write_text(BROKEN.replace("a: b: c", "[a") % 2, "utf-8")
    assert cm("sync", "--check").code == 1


def test_what_was_accepted_travels_with_an_export(cm, missions: Path, station: Path) -> None:
    cm("sync", "--accept-known")
    dump = cm("db", "export", "json").out
    (station / ".cmos" / "memory.db").unlink()
    for left in (station / ".cmos").glob("memory.db-*"):
        left.unlink()
    cm("init", "--no-hooks", "--fresh")
    assert cm("sync", "--check").code == 1
    (station / "dump.json").write_text(dump, "utf-8")
    assert cm("db", "import", "dump.json").code == 0
    assert cm("sync", "--check").code == 0


def test_nothing_is_accepted_by_a_look(cm, missions: Path) -> None:
    assert cm("sync", "--check", "--accept-known").code == 2
    assert cm("sync", "--check").code == 1
