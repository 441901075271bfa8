"""What a sprint came to: done, not done and why, what was learned, what is open."""

from __future__ import annotations

from typing import Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from cmos.core.audit import SprintAudit
from cmos.core.models import Entry, Mission
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS

#: Kinds of facts that ask something, and the kind that answers.
QUESTIONS = ("question", "risk")
ANSWER = "answer"


class Reviewed(NamedTuple):
    """A mission of the sprint."""

    id: str
    name: Optional[str]
    status: str
    completed_at: Optional[str]
    agent: Optional[str]
    notes: Optional[str]
    #: Why it is not done; None when it is.
    why: Optional[str]
    #: Since when it is blocked, and how long that is, in words.
    blocked_since: Optional[str]
    blocked_for: Optional[str]
    #: Beginnings of ids and subjects, the oldest first.
    commits: Tuple[str, ...]


class Review(NamedTuple):
    """One sprint."""

    sprint_id: Optional[str]
    title: Optional[str]
    total: int
    done: int
    missions: Tuple[Reviewed, ...]
    decisions: Tuple[Entry, ...]
    facts: Tuple[Entry, ...]
    questions: Tuple[Entry, ...]


def review(
    sprint: SprintAudit,
    missions: Iterable[Mission],
    learned: Sequence[Entry],
    *,
    commits: Mapping[str, Sequence[str]],
    blocked_for: Mapping[str, str],
) -> Review:
    """Return the review of a sprint from its audit, its missions and what was learned, the oldest first."""
    stuck = {one.mission_id: one for one in sprint.blockers}
    seen = []
    for m in missions:
        blocker = stuck.get(m.id)
        since = blocker.since if blocker else None
        why = _why(m, blocker.waits_for if blocker else ())
        told = (m.id, m.name, m.status, m.completed_at, m.agent, m.notes, why, since)
        seen.append(Reviewed(*told, blocked_for.get(m.id), tuple(commits.get(m.id, ()))))
    facts = tuple(one for one in learned if one.type == "fact" and _kind(one) != "status")
    decisions = tuple(one for one in learned if one.type == "decision")
    counts = (sprint.total, sprint.done)
    return Review(sprint.sprint_id, sprint.title, *counts, tuple(seen), decisions, facts, open_questions(facts))


def open_questions(facts: Sequence[Entry]) -> Tuple[Entry, ...]:
    """Return the questions and risks without an answer.

    An answer is a fact about the same mission that begins with the question's text.
    """
    answers = [one for one in facts if _kind(one) == ANSWER]
    return tuple(one for one in facts if _kind(one) in QUESTIONS and not any(_answers(other, one) for other in answers))


def _answers(answer: Entry, question: Entry) -> bool:
    return answer.mission_id == question.mission_id and _folded(answer.text).startswith(_folded(question.text))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _kind(entry: Entry) -> str:
    return (entry.kind or "").casefold()


def _why(mission: Mission, waits_for: Sequence[str]) -> Optional[str]:
    if mission.status == COMPLETED:
        return None
    waits = ["waits for %s" % ", ".join(waits_for)] if waits_for else []
    return "; ".join(_state(mission) + waits)


def _state(mission: Mission) -> List[str]:
    if mission.status == BLOCKED:
        return ["blocked: %s" % (mission.blocked_reason or mission.notes or "no reason given")]
    if mission.status == IN_PROGRESS:
        return ["in progress: %s" % " since ".join(filter(None, (mission.agent or "somebody", mission.started_at)))]
    return [{CURRENT: "comes next, not begun", DEFERRED: "put aside"}.get(mission.status, "not begun")]
