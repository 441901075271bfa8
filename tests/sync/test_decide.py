"""The one table of what becomes of a status (docs/sync.md, S7)."""

from __future__ import annotations

from typing import Any, Dict, Optional

import pytest

from cmos.sync.rules import (
    CONFLICT,
    DRIFT,
    FIRST,
    HAND,
    HEAD,
    KEEP,
    KNOWN,
    NOTHING,
    PUT_BACK,
    STAYS,
    TAKE,
    WAIT,
    base_of,
    further,
    status,
    written,
)

NEWS: Dict[str, Any] = {"origin": HEAD, "arrived": True}
LOOK: Dict[str, Any] = {"origin": HEAD, "arrived": False}
TABLE = [
    # file, database, base
    (None, "Queued", "Queued", NEWS, NOTHING),
    ("completed", "Completed", "Queued", NEWS, NOTHING),
    ("In Progress", "Queued", "In Progress", LOOK, NOTHING),
    ("Current", "In Progress", "Queued", LOOK, NOTHING),
    ("Completed", "Queued", "Queued", LOOK, DRIFT),
    ("Completed", "Queued", "Queued", NEWS, TAKE),
    ("Completed", "In Progress", "Current", NEWS, TAKE),
    ("Current", "Queued", "Queued", NEWS, TAKE),
    ("Queued", "Completed", "Completed", NEWS, TAKE),
    ("Completed", "In Progress", "Blocked", NEWS, TAKE),
    ("Queued", "Completed", "Blocked", NEWS, CONFLICT),
    ("Queued", "Completed", "Blocked", {**NEWS, "is_older": True}, STAYS),
    ("Completed", "Blocked", "Queued", NEWS, CONFLICT),
    ("Deferred", "Completed", "Queued", NEWS, CONFLICT),
    ("Queued", "Completed", "Queued", NEWS, DRIFT),
    ("In Progress", "Completed", "Queued", NEWS, DRIFT),
    ("Completed", "Queued", None, NEWS, DRIFT),
    ("Completed", "Queued", "Queued", {"origin": KNOWN}, WAIT),
    ("Current", "Queued", "Queued", {"origin": KNOWN}, NOTHING),
    ("Completed", "Queued", None, {"origin": FIRST}, DRIFT),
    ("Completed", "Queued", "Queued", {"origin": HAND}, PUT_BACK),
    ("In Progress", "Queued", "Queued", {"origin": HAND}, PUT_BACK),
    ("Completed", "Queued", "Completed", {"origin": HAND}, KEEP),
    ("Current", "Queued", "Current", {"origin": HAND}, NOTHING),
]


@pytest.mark.parametrize(("file", "database", "base", "how", "expected"), TABLE)
def test_the_table(
    file: Optional[str], database: Optional[str], base: Optional[str], how: Dict[str, Any], expected: str
) -> None:
    assert status(file, database, base, **how) == expected


def test_what_a_change_is_measured_from() -> None:
    assert base_of("Blocked", ["Queued", "Completed", "Blocked"]) == "Blocked"
    assert base_of("Current", ["Completed", "Queued"]) == "Queued"
    assert base_of("Deferred", [None, "Queued", "Completed"]) == "Queued"
    assert base_of("Queued", []) is None


def test_of_two_statuses_neither_side_s_place_counts() -> None:
    words = ("Queued", "Planned", "Current", "In Progress", "Completed", "Blocked", "Deferred", "Paused", None)
    for one in words:
        for other in words:
            first, second = further(one, other), further(other, one)
            assert first == second or {first, second} == {"Queued", "Planned"}


def test_only_the_trunk_s_files_have_pointers() -> None:
    assert [written("In Progress", before, on_trunk=True) for before in ("Queued", None)] == ["In Progress"] * 2
    assert [written("In Progress", before, on_trunk=False) for before in ("Queued", "Current", None)] == [None] * 3
    assert written("In Progress", "Blocked", on_trunk=False) == "Queued"
    assert written("Completed", "Current", on_trunk=False) == "Completed"
