"""The rules of ``mission audit``."""

from __future__ import annotations

from cmos.core.models import Dependency, Mission, Sprint
from cmos.review.audit import audit
from cmos.review.rules import Inventory


def done(id: str, sprint: str) -> Mission:
    return Mission(id, sprint, status="Completed", completed_at="2026-01-31T09:30:00Z", missing=())


def test_a_sprint_is_counted() -> None:
    missions = [done("B1.1", "Sprint 1"), Mission("B1.2", "Sprint 1", missing=()), Mission("B2.1", "Sprint 2")]
    (sprint,) = audit(Inventory(missions, [Sprint("Sprint 1", "Begin")]), ["Sprint 1"]).sprints
    assert (sprint.sprint_id, sprint.title, sprint.total, sprint.done) == ("Sprint 1", "Begin", 2, 1)
    assert sprint.counts == {"Queued": 1, "Completed": 1}


def test_blockers_say_why_and_since_when() -> None:
    missions = [Mission("A", "1", status="Blocked", blocked_reason="no key", missing=()), Mission("B", "1", missing=())]
    project = Inventory(missions, (), [Dependency("A", "B", "Blocks")])
    (sprint,) = audit(project, since={"A": "2026-01-31T09:30:00Z"}).sprints
    first, second = sprint.blockers
    assert (first.mission_id, first.reason, first.since) == ("A", "no key", "2026-01-31T09:30:00Z")
    assert (second.mission_id, second.reason, second.waits_for) == ("B", None, ("A",))


def test_a_gap_between_sprints_is_named() -> None:
    missions = [done(id, sprint) for id, sprint in (("A", "Sprint 1"), ("B", "sprint-03"), ("C", "7"))]
    found = audit(Inventory(missions))
    assert [one.message for one in found.findings] == [
        "between Sprint 1 and sprint-03, sprint 2 is missing",
        "between sprint-03 and 7, sprint 4 to 6 is missing",
    ]
    assert not found.has_errors


def test_one_sprint_alone_has_no_gaps() -> None:
    missions = [done("A", "Sprint 1"), done("C", "Sprint 7")]
    assert audit(Inventory(missions), ["Sprint 7"]).findings == ()


def test_a_sprint_that_the_backlog_calls_completed_with_work_left_is_an_error() -> None:
    missions = [done("A", "1"), Mission("B", "1", missing=()), Mission("C", "1", status="Deferred", missing=())]
    found = audit(Inventory(missions, [Sprint("1", status="completed")]))
    assert [one.code for one in found.findings] == ["sprint-not-done"] and found.has_errors
    assert "1 of its missions is not" in found.findings[0].message


def test_deferred_missions_do_not_keep_a_sprint_open() -> None:
    missions = [done("A", "1"), Mission("C", "1", status="Deferred", missing=())]
    assert audit(Inventory(missions, [Sprint("1", status="Completed")])).findings == ()


def test_missions_without_a_sprint_are_told_once() -> None:
    found = audit(Inventory([done("A", "1"), Mission("B", missing=()), Mission("C", missing=())]))
    assert [one.message for one in found.findings] == ["2 missions are in no sprint"]


def test_a_sprint_in_which_all_wait_is_told() -> None:
    missions = [Mission("A", "1", missing=()), Mission("B", "1", missing=()), Mission("X", "2", missing=())]
    links = [Dependency("X", "A", "Blocks"), Dependency("X", "B", "Blocks")]
    assert [one.code for one in audit(Inventory(missions, (), links), ["1"]).findings] == ["sprint-stuck"]


def test_a_sprint_without_missions_is_listed() -> None:
    (sprint,) = audit(Inventory([], [Sprint("Sprint 9")])).sprints
    assert (sprint.total, sprint.done, sprint.blockers) == (0, 0, ())
