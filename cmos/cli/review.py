"""The review of a sprint, as Markdown: what people keep in ``cmos/docs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Sequence

from cmos.cli.output import one_line

if TYPE_CHECKING:
    from cmos.core.models import Entry
    from cmos.review.audit import Review, Reviewed
    from cmos.review.rules import Finding


def review_lines(review: Review, findings: Sequence[Finding] = ()) -> List[str]:
    """Return the lines of a review."""
    done = [one for one in review.missions if one.why is None]
    left = [one for one in review.missions if one.why is not None]
    worked = [one for one in review.missions if one.commits]
    title = ": ".join(filter(None, (review.sprint_id, review.title)))
    return [
        "# Review of %s" % one_line(title),
        "",
        "%d of %d missions are done." % (review.done, review.total),
        *_part("Done", (_done(one) for one in done)),
        *_part("Not done", (_left(one) for one in left)),
        *_part("Decisions", map(_decision, review.decisions)),
        *_part("Facts", map(_fact, review.facts)),
        *_part("Open questions", map(_fact, review.questions)),
        *_part("Commits", (line for one in worked for line in _commits(one))),
        *_part("To mend", ("%s: %s" % (one.severity, one.message) for one in findings)),
    ]


def _part(title: str, items: Iterable[str]) -> List[str]:
    return ["", "## %s" % title, "", *(["- " + one_line(item) for item in items] or ["None."])]


def _done(one: Reviewed) -> str:
    when = " (%s)" % ", ".join(filter(None, (one.completed_at, one.agent))) if one.completed_at or one.agent else ""
    return "%s%s%s" % (_name(one), when, ": %s" % one.notes if one.notes else "")


def _left(one: Reviewed) -> str:
    how_long = " (for %s, since %s)" % (one.blocked_for, one.blocked_since) if one.blocked_for else ""
    return "%s: %s%s" % (_name(one), one.why, how_long)


def _name(one: Reviewed) -> str:
    return "**%s** %s" % (one.id, one.name or "")


def _decision(entry: Entry) -> str:
    return "**%s** (%s)%s" % (entry.text, entry.mission_id, " " + entry.rationale if entry.rationale else "")


def _fact(entry: Entry) -> str:
    return "%s (%s): %s" % (entry.kind or "fact", entry.mission_id, entry.text)


def _commits(one: Reviewed) -> List[str]:
    return ["**%s** %d: %s" % (one.id, len(one.commits), "; ".join(one.commits))]
