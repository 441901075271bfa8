"""What is decided of two versions of one record."""

from __future__ import annotations

from typing import Optional

import pytest

from cmos.merge.rules import ABSENT, CONFLICT, Decisions, decide, decide_record, holds
from cmos.missionfile.records import Contents, Fault, Field, Record

T1, T2 = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def decided(name: str, base: object, ours: object, theirs: object) -> object:
    sides = [{} if value is ABSENT else {name: value} for value in (base, ours, theirs)]
    return decide_record(*sides)[name]


@pytest.mark.parametrize("name", ["status", "completed_at", "name", "notes", "sprint"])
@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a", "a", "a", "a"),
        ("a", "b", "a", "b"),
        ("a", "a", "b", "b"),
        ("a", "b", "b", "b"),
        ("a", None, "a", None),
        (ABSENT, "b", ABSENT, "b"),
        (ABSENT, ABSENT, "b", "b"),
        ("a", ABSENT, "a", ABSENT),
        ("a", ABSENT, ABSENT, ABSENT),
        ("a", ABSENT, "b", CONFLICT),
        ("a", "b", "c", CONFLICT),
        (ABSENT, "b", "c", CONFLICT),
        ("a", "b", None, CONFLICT),
    ],
)
def test_what_only_one_side_changed_is_that_side_s(name, base, ours, theirs, expected) -> None:
    assert decided(name, base, ours, theirs) == expected


@pytest.mark.parametrize(
    ("base", "one", "other", "expected"),
    [
        ("Queued", "Current", "Completed", "Completed"),
        ("Queued", "Current", "In Progress", "In Progress"),
        ("Current", "In Progress", "Completed", "Completed"),
        ("Planned", "current", "in_progress", "in_progress"),
        # one side put it back into the queue, the other one went on with it
        ("Current", "Queued", "Completed", "Completed"),
        ("Current", "Queued", "In Progress", "In Progress"),
        (ABSENT, "Current", "Completed", "Completed"),
        ("Blocked", "In Progress", "Completed", "Completed"),
        ("Deferred", "Queued", "Current", "Current"),
        # both opened again what was done
        ("Completed", "Queued", "In Progress", CONFLICT),
        # which of the open ones it is, is a pointer
        ("In Progress", "Current", "Queued", "Current"),
        # aside of the way, or no status
        ("Current", "Blocked", "Completed", CONFLICT),
        ("Current", "Deferred", "Completed", CONFLICT),
        ("Current", "Blocked", "Deferred", CONFLICT),
        ("Current", "Done", "Completed", CONFLICT),
        ("Current", None, "Completed", CONFLICT),
        ("Current", ABSENT, "Completed", CONFLICT),
    ],
)
def test_of_two_statuses_the_one_further_along_counts(base, one, other, expected) -> None:
    assert decided("status", base, one, other) == expected
    assert decided("status", base, other, one) == expected


def test_two_spellings_of_one_status_are_no_conflict() -> None:
    assert decided("status", "Current", "Completed", "completed") == "Completed"


def both(status: Optional[str], time: Optional[str]) -> dict:
    return {"status": status, "completed_at": time}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        (both("Current", None), both("Completed", T2), both("Completed", T1), both("Completed", T1)),
        (both("Current", None), both("Completed", T2), both("In Progress", None), both("Completed", T2)),
        (both("Current", None), both("Queued", ""), both("Completed", T2), both("Completed", T2)),
        (both("Current", None), both("Completed", T1), both("Current", T2), both("Completed", CONFLICT)),
        (both("Current", None), both("Completed", "noon"), both("Completed", T1), both("Completed", CONFLICT)),
        (both("Current", None), both("Completed", T2), both("Blocked", None), both(CONFLICT, CONFLICT)),
        (both("Completed", T1), both("Queued", None), both("Completed", T1), both("Queued", None)),
        (both("Completed", T1), both("Completed", T2), both("Completed", "x"), both("Completed", CONFLICT)),
        (both("Queued", T1), both("Queued", T2), both("Queued", "x"), both("Queued", CONFLICT)),
    ],
)
def test_the_time_of_completion_goes_with_the_status(base, ours, theirs, expected) -> None:
    assert decide_record(base, ours, theirs) == expected


def record(id: str, *, locked: str = "", kind: str = "row", **values: Optional[str]) -> Record:
    return Record(id, kind, {name: Field(value, 0, 1, locked) for name, value in values.items()}, 1)


def contents(*records: Record) -> Contents:
    return Contents(records)


def test_a_record_that_one_side_removed_is_gone_and_one_that_was_added_is_there() -> None:
    base = contents(record("A"), record("B"), record("C"))
    made = decide(base, contents(record("A"), record("B"), record("N")), contents(record("A"), record("M")))
    assert sorted(id for id, _ in made.records) == ["A", "M", "N"]


def test_an_id_that_stands_twice_is_left_to_the_merge_by_lines() -> None:
    twice = contents(record("A", name="x"), record("A", name="y"))
    made = decide(twice, twice, contents(record("A", name="x")))
    assert made == Decisions({}, {("A", "row"): 2})
    assert holds(made, twice) and holds(made, contents(record("A")))
    assert not holds(made, contents(record("A"), record("A"), record("A")))


def test_a_file_holds_what_was_decided_and_nothing_else() -> None:
    made = Decisions({("A", "row"): {"name": "x", "notes": ABSENT}}, {})
    assert holds(made, contents(record("A", name="x")))
    assert not holds(made, contents(record("A", name="y")))
    assert not holds(made, contents(record("A", name="x", notes="n")))
    assert not holds(made, contents(record("A", name="x"), record("B")))
    assert not holds(made, contents(record("A", name="x"), record("A", name="x")))
    assert not holds(made, contents())
    assert not holds(made, Contents((record("A", name="x"),), faults=(Fault(1, 1, "broken"),)))


def test_two_texts_are_never_one_unless_as_lines_of_a_block() -> None:
    made = Decisions({("A", "row"): {"notes": CONFLICT}}, {})
    assert not holds(made, contents(record("A", notes="both")))
    assert holds(made, contents(record("A", notes="both", locked="block scalar")))


def test_a_new_row_may_come_under_the_new_name_of_its_sprint() -> None:
    made = Decisions({("A", "row"): {"sprint": "1"}}, {})
    assert holds(made, contents(record("A", sprint="Sprint 01")))
