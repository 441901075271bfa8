"""A sprint seen as a whole: the rules of ``mission audit``, and what the sprint came to."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from cmos.core.ids import same_sprint, sprint_number
from cmos.core.models import Entry, Mission, Sprint
from cmos.core.record import NamedTuple
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS, KNOWN, standard
from cmos.review.rules import ERROR, WARNING, Finding, Inventory, blockers, check


class Blocker(NamedTuple):
    """A mission that cannot go on, and why."""

    mission_id: str
    name: Optional[str]
    #: What was said when it was blocked; None for one that waits for other missions.
    reason: Optional[str]
    since: Optional[str] = None
    #: The unfinished missions it waits for.
    waits_for: Tuple[str, ...] = ()


class SprintAudit(NamedTuple):
    """One sprint. Without an id: the missions that are in no sprint."""

    sprint_id: Optional[str]
    title: Optional[str]
    #: What the backlog says of it.
    status: Optional[str]
    total: int
    done: int
    #: Status to number of missions.
    counts: Mapping[str, int]
    blockers: Tuple[Blocker, ...]


class Audit(NamedTuple):
    sprints: Tuple[SprintAudit, ...]
    findings: Tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == ERROR for finding in self.findings)


def audit(inventory: Inventory, sprints: Optional[Sequence[str]] = None, *, since: Mapping[str, str] = {}) -> Audit:
    """Look over the given sprints, or all; ``since`` says when a mission was blocked.

    Findings about missions of other sprints are left out, as are gaps between them.
    """
    groups = _groups(inventory.missions, [sprint.id for sprint in inventory.sprints])
    wanted = [one for one in groups if sprints is None or one in sprints]
    known = {sprint.id: sprint for sprint in inventory.sprints}
    waiting = blockers(inventory)
    seen = tuple(_sprint(known.get(one or "") or Sprint(one or ""), one, groups[one], waiting, since) for one in wanted)
    findings = [one for one in check(inventory) if sprints is None or one.sprint_id in sprints]
    findings += [one for sprint in seen for one in _of_sprint(sprint)]
    if sprints is None:
        findings += _gaps([one for one in groups if one is not None])
    return Audit(seen, tuple(sorted(findings, key=lambda one: one.severity != ERROR)))


def _groups(missions: Sequence[Mission], order: Sequence[str]) -> Dict[Optional[str], List[Mission]]:
    groups: Dict[Optional[str], List[Mission]] = {sprint: [] for sprint in order}
    for mission in missions:
        groups.setdefault(mission.sprint_id, []).append(mission)
    return groups


def _sprint(
    known: Sprint, id: Optional[str], missions: List[Mission], waiting: Mapping[str, Set[str]], since: Mapping[str, str]
) -> SprintAudit:
    present = {mission.status for mission in missions}
    words = [word for word in KNOWN if word in present] + sorted(present - set(KNOWN))
    counts = {word: sum(mission.status == word for mission in missions) for word in words}
    stuck = tuple(one for mission in missions for one in _blocker(mission, waiting.get(mission.id, set()), since))
    return SprintAudit(id, known.title, known.status, len(missions), counts.get(COMPLETED, 0), counts, stuck)


def _blocker(mission: Mission, before: Set[str], since: Mapping[str, str]) -> Iterator[Blocker]:
    if mission.status == BLOCKED:
        yield Blocker(mission.id, mission.name, mission.why_blocked, since.get(mission.id), tuple(sorted(before)))
    elif before:
        yield Blocker(mission.id, mission.name, None, None, tuple(sorted(before)))


def _of_sprint(sprint: SprintAudit) -> Iterator[Finding]:
    name = sprint.sprint_id
    left = sprint.total - sprint.done - sprint.counts.get(DEFERRED, 0)
    if name is None:
        yield Finding("no-sprint", WARNING, "%d %s in no sprint" % (sprint.total, _are(sprint.total)))
        return
    if standard(sprint.status) == COMPLETED and left:
        text = "%s is Completed in the backlog, but %d of its missions %s not"
        yield Finding("sprint-not-done", ERROR, text % (name, left, "is" if left == 1 else "are"), sprint_id=name)
    if sprint.total and left and left == sum(bool(one.waits_for) for one in sprint.blockers):
        text = "every mission that is left in %s waits for another; see: cmosctl mission audit" % name
        yield Finding("sprint-stuck", WARNING, text, sprint_id=name)


def _gaps(sprints: Sequence[str]) -> Iterator[Finding]:
    numbers = sorted({number for number in map(sprint_number, sprints) if number is not None})
    for one, other in zip(numbers, numbers[1:]):
        if other - one > 1:
            names = [_named(sprints, one), _named(sprints, other)]
            missing = str(one + 1) if other - one == 2 else "%d to %d" % (one + 1, other - 1)
            yield Finding("sprint-gap", WARNING, "between %s and %s, sprint %s is missing" % (*names, missing))


def _named(sprints: Sequence[str], number: int) -> str:
    return next(one for one in sprints if same_sprint(one, str(number)))


def _are(number: int) -> str:
    return "mission is" if number == 1 else "missions are"


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
        return ["blocked: %s" % (mission.why_blocked or "no reason given")]
    if mission.status == IN_PROGRESS:
        return ["in progress: %s" % " since ".join(filter(None, (mission.agent or "somebody", mission.started_at)))]
    return [{CURRENT: "comes next, not begun", DEFERRED: "put aside"}.get(mission.status, "not begun")]
