"""Checking missions, single files and sprints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Optional, Tuple

from cmos.actions import elsewhere
from cmos.clock import age, days_between, how_long
from cmos.core.ids import same_sprint
from cmos.core.models import Mission
from cmos.core.record import NamedTuple
from cmos.core.status import IN_PROGRESS
from cmos.files.scan import mission_text
from cmos.history import rows as history_rows
from cmos.journal import rows as journal_rows
from cmos.journal.rows import MemoryFilter
from cmos.missionfile.reader import read
from cmos.missionfile.sections import line_of
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_sprints
from cmos.project import rows as project_rows
from cmos.review import audit as audits
from cmos.review import rows as review_rows
from cmos.review import rules
from cmos.review.audit import Audit, Review, SprintAudit, review
from cmos.review.rules import Checked, Finding, Inventory
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.core.report import Issue
    from cmos.project.project import Project
    from cmos.review.rows import Place


class Lacking(NamedTuple):
    """A mission that is not fully described; ``missing`` is None when it has no file."""

    mission: Mission
    missing: Optional[Tuple[str, ...]]
    path: Optional[str]
    line: Optional[int]


def check(project: Project) -> Checked:
    """Check all missions, links between them, and what sync could not settle."""
    run.refresh(project)
    where = review_rows.places(project.db, project.layout.worktree)
    inventory = _inventory(project, where)._replace(odd=review_rows.odd_values(project.db))
    found = _with_lines(project, [*rules.check(inventory), *_listed_twice(project)], where)
    accepted = project_rows.known_problems(project.db)
    news = tuple(one for one in found if one.mark not in accepted)
    return Checked(len(inventory.missions), news, tuple(one for one in found if one.mark in accepted))


def _listed_twice(project: Project) -> Iterator[Finding]:
    """Yield the missions that two files list in different sprints."""
    first: Dict[str, Tuple[str, str]] = {}
    for id, path, sprint in review_rows.listings(project.db, project.layout.worktree):
        one, before = first.setdefault(id, (path, sprint))
        if not same_sprint(before, sprint):
            text = "%s stands in %s too, in sprint %s there; the first one counts: take one of the rows out"
            yield Finding("listed-twice", rules.WARNING, text % (id, path, sprint), id, path=one)


def accept_known(project: Project, issues: Iterable[Issue]) -> None:
    """Take these open issues, and all that ``check`` finds, as the project's past: no news until they change."""
    found = check(project)
    marks = [issue.mark for issue in issues] + [finding.mark for finding in found.findings + found.known]
    with run.change(project) as db:
        project_rows.accept_problems(db, marks)


def incomplete(project: Project) -> List[Lacking]:
    """Return the missions that lack required fields, and the unfinished ones without a file."""
    run.refresh(project)
    where = review_rows.places(project.db, project.layout.worktree)
    lines = _Lines(project, where)
    found = rules.incomplete(_inventory(project, where))
    return [Lacking(m, m.missing, where[m.id].path if m.id in where else None, lines.of(m.id)) for m in found]


def audit(project: Project, sprint: Optional[str] = None, *, stale: int = 24) -> Audit:
    """Look over a sprint, or all; claims that were silent for ``stale`` hours are findings.

    Raises UnknownRecord for an unknown sprint.
    """
    run.refresh(project)
    where = review_rows.places(project.db, project.layout.worktree)
    wanted = find_sprints(project.db, sprint) if sprint is not None else None
    found = audits.audit(_inventory(project, where), wanted, since=review_rows.blocked_since(project.db))
    claims = [one for one in _stale_claims(project, stale) if wanted is None or one.sprint_id in wanted]
    return found._replace(findings=_with_lines(project, [*found.findings, *claims], where))


def _stale_claims(project: Project, hours: int) -> Iterator[Finding]:
    """Yield the claims of which nothing was heard for some hours, and those whose worktree is gone."""
    held = [one for one in mission_rows.with_status(project.db, IN_PROGRESS) if one.agent]
    signs = journal_rows.last_signs(project.db, [one.id for one in held])
    for one in held:
        last = signs.get(one.id) or one.started_at
        silent = days_between(last or "", project.now)
        if one.worktree and project.layout.has_lost(one.worktree):
            why = "in a worktree that is gone, %s" % one.worktree
        elif silent is not None and silent * 24 >= hours:
            why = "and nothing was heard of it for %s" % age(last, project.now)
        else:
            continue
        text = "%s is held by %s %s; to take it over: cmosctl mission start %s --take"
        yield Finding("stale-claim", rules.WARNING, text % (one.id, one.agent, why, one.id), one.id, one.sprint_id)


def _inventory(project: Project, where: Dict[str, Place]) -> Inventory:
    return Inventory(
        mission_rows.listing(project.db),
        mission_rows.all_sprints(project.db),
        link_rows.dependencies(project.db),
        [one for one in elsewhere.issues(project) if not one.carried_by],
        {mission_id: place.path for mission_id, place in where.items()},
        list(_nameless(project)),
    )


def _nameless(project: Project) -> Iterator[Tuple[str, int]]:
    for path in review_rows.files_without_mission(project.db, project.layout.worktree):
        contents = read((mission_text(project.layout.root, path) or "").encode("utf-8"))
        yield from ((path, line) for line in contents.nameless)


def _with_lines(project: Project, findings: List[Finding], where: Dict[str, Place]) -> Tuple[Finding, ...]:
    lines = _Lines(project, where)
    return tuple(
        one._replace(line=lines.of(one.mission_id)) if one.line is None and _in_own_file(one, where) else one
        for one in findings
    )


def _in_own_file(finding: Finding, where: Dict[str, Place]) -> bool:
    place = where.get(finding.mission_id or "")
    return place is not None and place.path == finding.path


class _Lines:
    """The lines on which missions begin in their files, each file read once."""

    def __init__(self, project: Project, where: Dict[str, Place]) -> None:
        self.root = project.layout.root
        self.where = where
        self.texts: Dict[str, Optional[str]] = {}

    def of(self, mission_id: Optional[str]) -> Optional[int]:
        place = self.where.get(mission_id or "")
        if place is None:
            return None
        if place.path not in self.texts:
            self.texts[place.path] = mission_text(self.root, place.path)
        text = self.texts[place.path]
        return None if text is None else line_of(text, place.file_id)


def reviews(project: Project, sprints: List[SprintAudit]) -> List[Review]:
    """Return the reviews of sprints that were audited; what is in no sprint has none."""
    return [_review(project, one, one.sprint_id) for one in sprints if one.sprint_id is not None]


def review_of(project: Project, sprint: str) -> List[Review]:
    """Return the review of one sprint, however many ids it goes by. Raises UnknownRecord."""
    return reviews(project, list(audit(project, sprint).sprints))


def _review(project: Project, sprint: SprintAudit, id: str) -> Review:
    of_sprint = mission_rows.listing(project.db, sprints=[id])
    lines = history_rows.of_missions(project.db, [mission.id for mission in of_sprint])
    told = {key: ["%s %s" % (line.sha[:10], line.subject) for line in some] for key, some in lines.items()}
    spans = {one.mission_id: _span(one.since, project.now) for one in sprint.blockers}
    learned = list(journal_rows.entries(project.db, MemoryFilter(sprints=[id])))[::-1]
    known = {key: span for key, span in spans.items() if span is not None}
    return review(sprint, of_sprint, learned, commits=told, blocked_for=known)


def _span(since: Optional[str], now: str) -> Optional[str]:
    return how_long(since, now) if since else None
