"""Texts and values that lost are kept, and shown: ``sync --log`` and ``mission show --verbose``."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path
from typing import Any, Callable

B12 = "cmos/missions/sprint-01/B1.2_store-the-readings.yaml"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_status_typed_by_hand_is_shown_after_a_command_decided(cm: Callable[..., Any], station: Path) -> None:
    replace(station / B12, 'status: "Current"', 'status: "Deferred"')
    assert cm("mission", "complete", "B1.2").code == 0
    assert "Deferred" not in cm("mission", "show", "B1.2").out
    shown = cm("mission", "show", "B1.2", "--verbose").out
    assert "status of B1.2; Current stayed\n      Deferred\n" in shown
    assert "Deferred" in cm("sync", "--log").out
    (lost,) = cm("mission", "show", "B1.2", "--verbose", "--json").data["lost"]
    assert (lost["field"], lost["text"], lost["stayed"]) == ("status", "Deferred", "Current")


def test_of_a_conflict_the_value_of_the_command_lost(cm: Callable[..., Any], station: Path) -> None:
    replace(station / B12, "Store the readings", "Keep the readings")
    assert cm("mission", "edit", "B1.2", "--name", "Save the readings").code == 5
    assert cm("mission", "edit", "B1.2", "--name", "Keep the readings").code == 0  # decided: the file is right
    shown = cm("mission", "show", "B1.2", "--verbose").out
    assert "name of B1.2; Keep the readings stayed\n      Save the readings\n" in shown
    (lost,) = cm("sync", "--log", "--json").data
    assert (lost["text"], lost["stayed"]) == ("Save the readings", "Keep the readings")


def test_a_text_of_the_file_that_lost_is_shown_with_the_mission(cm: Callable[..., Any], station: Path) -> None:
    db = sqlite3.connect(str(station / ".cmos" / "memory.db"))
    row = ("abc", B12, "lost", "2026-01-31T09:30:00Z", 3, zlib.compress(b"name: mine\n# a comment\n"))
    db.execute("INSERT INTO texts VALUES (?,?,?,?,?,?)", row)
    db.commit()
    db.close()
    assert "# a comment" in cm("mission", "show", "B1.2", "--verbose").out
    assert "# a comment" not in cm("mission", "show", "B1.3", "--verbose").out
