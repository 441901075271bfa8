"""The rules of ``mission verify``, one by one."""

from __future__ import annotations

import time
from typing import List, Optional

import pytest

from cmos.core.models import Dependency, Mission
from cmos.core.report import Issue
from cmos.review import rules
from cmos.review.rules import Inventory

WHOLE = Mission("B1.1", "Sprint 1", "one", missing=())
DONE = Mission("B1.1", "Sprint 1", "one", "Completed", completed_at="2026-01-31T09:30:00Z", missing=())


def codes(*missions: Mission, links: Optional[List[Dependency]] = None, issues: Optional[List[Issue]] = None):
    findings = rules.check(Inventory(missions, (), links or (), issues or ()))
    return [(finding.severity, finding.code) for finding in findings]


@pytest.mark.parametrize(
    ("mission", "expected"),
    [
        (WHOLE, []),
        (DONE, []),
        (Mission("B1.1", missing=("context",)), [("error", "incomplete")]),
        (Mission("B1.1", status="Completed", completed_at="x", missing=("context",)), [("warning", "incomplete")]),
        (Mission("B1.1"), [("warning", "no-file")]),
        (Mission("B1.1", status="Completed", completed_at="x"), []),
        (Mission("B1.1", status="Paused", missing=()), [("error", "invalid-status")]),
        (Mission("B1.1", status="Completed", missing=()), [("warning", "completed-without-time")]),
        (Mission("B1.1", completed_at="x", missing=()), [("warning", "time-without-completion")]),
        (Mission("B1.1", status="Blocked", missing=()), [("warning", "blocked-without-reason")]),
        (Mission("B1.1", status="Blocked", notes="no key", missing=()), []),
        (Mission("B1.1", status="Blocked", blocked_reason="no key", missing=()), []),
        (Mission("B1.1", status="Deferred", missing=()), []),
    ],
)
def test_a_mission_by_itself(mission: Mission, expected) -> None:
    assert codes(mission) == expected


def test_two_current_missions_are_an_error_that_names_both() -> None:
    current = [Mission(id, status="Current", missing=()) for id in ("B1.1", "B1.2", "B1.3")]
    findings = rules.check(Inventory(current))
    assert [(one.code, one.mission_id) for one in findings] == [("two-current", "B1.2"), ("two-current", "B1.3")]
    assert "B1.1" in findings[0].message


def test_links_to_what_is_no_mission_are_reported() -> None:
    assert codes(WHOLE, links=[Dependency("B1.1", "B9.9", "Relates")]) == [("warning", "unknown-dependency")]
    assert codes(WHOLE, links=[Dependency("B1.1", "B1.1", "Blocks")]) == [("warning", "self-dependency")]


def test_missions_that_wait_for_each_other_are_an_error() -> None:
    missions = [Mission(id, missing=()) for id in "ABCDE"]
    links = [Dependency(*pair, "Blocks") for pair in ("AB", "BC", "CA", "CD", "DE")]
    project = Inventory(missions, (), links)
    assert rules.rings(project) == [("A", "B", "C")]
    assert [one.code for one in rules.check(project)] == ["cycle"]


def test_a_ring_that_holds_a_completed_mission_is_none() -> None:
    missions = [Mission("A", status="Completed", completed_at="x"), Mission("B", missing=())]
    links = [Dependency("A", "B", "Blocks"), Dependency("B", "A", "Blocks")]
    assert rules.rings(Inventory(missions, (), links)) == []


def test_links_that_do_not_block_make_no_ring() -> None:
    links = [Dependency("A", "B", "Relates"), Dependency("B", "A", "Relates")]
    assert rules.rings(Inventory([Mission("A"), Mission("B")], (), links)) == []


def test_two_rings_are_told_apart() -> None:
    links = [Dependency(*pair, "blocks") for pair in ("AB", "BA", "BC", "CD", "DC")]
    assert rules.rings(Inventory([Mission(id) for id in "ABCD"], (), links)) == [("A", "B"), ("C", "D")]


def test_long_chains_are_looked_through_without_recursion() -> None:
    ids = ["M%05d" % number for number in range(20_000)]
    links = [Dependency(*pair, "Blocks") for pair in zip(ids, ids[1:])]
    links.append(Dependency("M00001", "M00000", "Blocks"))
    began = time.process_time()
    assert rules.rings(Inventory([Mission(id) for id in ids], (), links)) == [("M00000", "M00001")]
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("quarantine", ("error", "quarantine")),
        ("duplicate", ("error", "duplicate")),
        ("conflict", ("error", "conflict")),
        ("drift", ("warning", "unsettled-drift")),
        ("proposal", ("warning", "unsettled-proposal")),
    ],
)
def test_what_sync_could_not_settle_is_a_finding(kind: str, expected) -> None:
    assert codes(WHOLE, issues=[Issue(kind, "a.yaml", "why", line=3)]) == [expected]


def test_an_issue_keeps_its_place() -> None:
    (finding,) = rules.check(Inventory([WHOLE], issues=[Issue("quarantine", "a.yaml", "why", line=3, mission_id="X")]))
    assert (finding.path, finding.line, finding.message) == ("a.yaml", 3, "X: why")


def test_errors_come_before_warnings() -> None:
    missions = [Mission("B1.1"), Mission("B1.2", status="Paused", missing=())]
    assert codes(*missions) == [("error", "invalid-status"), ("warning", "no-file")]


def test_what_lacks_fields_or_a_file_is_incomplete() -> None:
    missions = [WHOLE, Mission("A", missing=("context",)), Mission("B"), Mission("C", status="Completed")]
    assert [mission.id for mission in rules.incomplete(Inventory(missions))] == ["A", "B"]


def test_a_file_that_does_not_parse_is_not_called_missing() -> None:
    project = Inventory([Mission("A")], paths={"A": "a.yaml"})
    assert rules.incomplete(project) == [] and rules.check(project) == []
