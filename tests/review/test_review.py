"""What a sprint came to."""

from __future__ import annotations

import pytest

from cmos.core.models import Dependency, Entry, Mission
from cmos.review.audit import audit, open_questions, review
from cmos.review.rules import Inventory


def fact(kind: str, text: str, mission: str = "A", id: int = 1) -> Entry:
    return Entry(id, "fact", kind, "2026-01-01", mission, "1", text, None, "command")


def test_what_is_not_done_says_why_and_how_long() -> None:
    missions = [
        Mission("A", "1", status="Completed"),
        Mission("B", "1", status="Blocked", blocked_reason="no key"),
        Mission("C", "1"),
        Mission("D", "1", status="In Progress", agent="ada", started_at="2026-01-01"),
        Mission("E", "1", status="Deferred"),
    ]
    (sprint,) = audit(Inventory(missions, (), [Dependency("B", "C", "Blocks")])).sprints
    found = review(sprint, missions, [], commits={"A": ["abc one"]}, blocked_for={"B": "3 days"}).missions
    assert [one.why for one in found] == [
        None,
        "blocked: no key",
        "not begun; waits for B",
        "in progress: ada since 2026-01-01",
        "put aside",
    ]
    assert found[0].commits == ("abc one",) and found[1].blocked_for == "3 days"


@pytest.mark.parametrize(
    ("answer", "is_open"),
    [
        (fact("answer", "who  OWNS it? Ada."), False),
        (fact("Answer", "Who owns it? Ada."), False),
        (fact("answer", "Ada."), True),
        (fact("answer", "Who owns it? Ada.", mission="B"), True),
        (fact("finding", "Who owns it? Ada."), True),
    ],
)
def test_a_question_is_open_until_an_answer_repeats_it(answer: Entry, is_open: bool) -> None:
    question = fact("Question", "Who owns it?")
    assert (open_questions([question, answer]) == (question,)) is is_open


def test_a_risk_is_an_open_question_and_a_finding_is_none() -> None:
    facts = [fact("risk", "it leaks"), fact("finding", "it is wet")]
    assert open_questions(facts) == (facts[0],)


def test_a_move_by_hand_is_none_of_the_facts() -> None:
    learned = [fact("Status", "Queued to Deferred"), fact("finding", "it is wet")]
    (sprint,) = audit(Inventory([Mission("A", "1")], (), [])).sprints
    found = review(sprint, [], learned, commits={}, blocked_for={})
    assert found.facts == (learned[1],)
