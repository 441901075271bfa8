"""Reviewing sprints: what the audit counts, with what was done, learned and left open."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

from cmos.clock import how_long
from cmos.core.audit import SprintAudit
from cmos.core.review import Review, review
from cmos.history import rows as history_rows
from cmos.journal import rows as journal_rows
from cmos.journal.rows import MemoryFilter
from cmos.missions import rows as mission_rows
from cmos.services import checking

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def reviews(ws: Workspace, sprints: List[SprintAudit]) -> List[Review]:
    """Return the reviews of sprints that were audited; what is in no sprint has none."""
    return [_review(ws, one, one.sprint_id) for one in sprints if one.sprint_id is not None]


def review_of(ws: Workspace, sprint: str) -> List[Review]:
    """Return the review of one sprint, however many ids it goes by. Raises UnknownRecord."""
    return reviews(ws, list(checking.audit(ws, sprint).sprints))


def _review(ws: Workspace, sprint: SprintAudit, id: str) -> Review:
    of_sprint = mission_rows.listing(ws.db, sprints=[id])
    lines = history_rows.of_missions(ws.db, [mission.id for mission in of_sprint])
    told = {key: ["%s %s" % (line.sha[:10], line.subject) for line in some] for key, some in lines.items()}
    spans = {one.mission_id: _span(one.since, ws.now) for one in sprint.blockers}
    learned = list(journal_rows.entries(ws.db, MemoryFilter(sprints=[id])))[::-1]
    known = {key: span for key, span in spans.items() if span is not None}
    return review(sprint, of_sprint, learned, commits=told, blocked_for=known)


def _span(since: Optional[str], now: str) -> Optional[str]:
    return how_long(since, now) if since else None
