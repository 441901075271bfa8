"""``cmosctl status``: where the project stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List

from cmos import clock
from cmos.cli.base import output
from cmos.cli.base.declare import Choice, command, option
from cmos.cli.base.lines import holder, session_lines, sprint_line
from cmos.cli.base.options import json_option, open_here
from cmos.core.status import IN_PROGRESS
from cmos.core.text import fit, width

if TYPE_CHECKING:
    from cmos.core.models import Mission
    from cmos.overview.overview import Overview, SprintLine
    from cmos.project.project import Project
    from cmos.review.audit import Review


#: Lines that ``status`` prints of each list; --verbose prints all.
_SHOWN = 8
#: Sessions that ``status`` prints.
_SHOWN_SESSIONS = 3
#: What issues are called whose kind is no noun.
_ISSUES = {
    "drift": "difference", "waiting": "waiting value", "pending": "unwritten value", "missing": "missing file",
    "quarantine": "invalid file",
}  # fmt: skip
#: What to run for open issues of a kind.
_MENDS = {"proposal": "cmosctl sync", "quarantine": "cmosctl mission verify", "duplicate": "cmosctl mission verify"}


@command()
@option("--verbose", "-v", is_flag=True, help="Show all of each list, and the review of the sprint in progress.")
@option("--format", type=Choice(("text", "md")), default="text", help="text, or md for Markdown.")
@json_option
def status(verbose: bool, format: str, as_json: bool) -> None:
    """Show where the project stands: sprints, missions in progress, what is next, what is blocked.

    With --verbose, also show the review of the sprint in progress, as mission audit SPRINT does.
    """
    from cmos.overview import overview

    with open_here() as project:
        seen = overview.overview(project, recent=20 if verbose else 5)
        reviews = _reviews(project, seen) if verbose else []
    if as_json:
        output.print_json(dict(seen._asdict(), reviews=reviews) if verbose else seen)
        return
    for line in _page(seen, reviews) if format == "md" else _lines(seen, verbose) + _review_lines(reviews):
        output.show(line)


def _reviews(project: Project, seen: Overview) -> List[Review]:
    """Return the review of the sprint at work, else of the one that comes next."""
    from cmos.review.check import review_of

    at_hand = (*seen.open, *([seen.next] if seen.next else []))
    sprint = next((mission.sprint_id for mission in at_hand if mission.sprint_id), None)
    return review_of(project, sprint) if sprint else []


def _review_lines(reviews: List[Review]) -> List[str]:
    if not reviews:
        return []
    from cmos.cli.check import sprint_review

    lines: List[str] = []
    for one in reviews:
        lines += ["", output.strong("review of %s" % output.one_line(one.sprint_id)), *sprint_review(one)]
    return lines


def _page(seen: Overview, reviews: List[Review]) -> List[str]:
    from cmos.cli.check import review_lines

    done, total = seen.totals["Completed"], seen.totals["total"]
    lines = ["# %s" % output.one_line(seen.project), "", "%d of %d missions are done." % (done, total), ""]
    for line in seen.sprints:
        name = " ".join(filter(None, (line.sprint_id or "(no sprint)", line.title)))
        lines.append("- %s: %d of %d" % (output.one_line(name), line.done, line.total))
    lines += ["- %s: **%s** %s" % (m.status, output.clean(m.id), output.one_line(m.label)) for m in seen.open]
    lines += ["- Next: **%s** %s" % (output.clean(seen.next.id), output.one_line(seen.next.label))] if seen.next else []
    lines += ["- Blocked: **%s** %s" % (output.clean(m.id), output.one_line(m.blocked_reason)) for m in seen.blocked]
    for one in reviews:
        lines += ["", *("#" + text if text.startswith("#") else text for text in review_lines(one))]
    return lines


def _lines(seen: Overview, verbose: bool) -> List[str]:
    done, total = seen.totals["Completed"], seen.totals["total"]
    lines = ["%s  %d of %d missions completed" % (output.strong(seen.project), done, total)]
    lines += ["", *_sprint_lines(seen.sprints, verbose)] if seen.sprints else []
    there = output.one_line(", ".join("%(mission_id)s (%(by)s)" % one for one in seen.not_merged_here[:_SHOWN]))
    watcher = "process %d" % seen.watcher if seen.watcher else "not running (cmosctl watch start)"
    rest = [("not merged here", there), ("missions", _counts(seen.totals)), ("watcher", watcher)]
    lines += ["", *output.fields([*_now(seen), *rest])]
    latest = seen.recent_sessions if verbose else seen.recent_sessions[-_SHOWN_SESSIONS:]
    sessions = [one if verbose else one._replace(summary=fit(output.one_line(one.summary), 60)) for one in latest]
    lines += _part("recent sessions", session_lines(sessions, "ts", "mission_id", "action", "agent"), True)
    lines += _part("needs a person", _needs(seen), verbose)
    return lines


def _needs(seen: Overview) -> List[str]:
    """Return what does not go on by itself: issues of files, claims of which nothing is heard, blocked missions."""
    lines = []
    if seen.issues:
        told = ", ".join(output.number(n, _ISSUES.get(kind, output.clean(kind))) for kind, n in seen.issues.items())
        mends = sorted({_MENDS.get(kind, "cmosctl sync") for kind in seen.issues})
        lines.append("%s; see: %s" % (told, " and ".join(mends)))
    now = clock.now()
    for mission in seen.open:
        last = seen.last_signs.get(mission.id) or mission.started_at
        if mission.status == IN_PROGRESS and (clock.days_between(last or "", now) or 0) >= 1:
            silent = (output.status_style(mission.status, mission.id), clock.how_long(last, now))
            lines.append("%s  nothing was heard of it for %s; see: cmosctl mission audit" % silent)
    return lines + [_blocked(mission, seen) for mission in seen.blocked]


def _sprint_lines(sprints: List[SprintLine], verbose: bool) -> List[str]:
    first = 0 if verbose else _first_shown(sprints)
    shown = sprints[first:] if verbose else sprints[first : first + _SHOWN]
    longest = max(width(output.cell(line.sprint_id or "(no sprint)")) for line in shown)
    lines = [sprint_line(line, longest) for line in shown]
    left = len(sprints) - first - len(shown)
    finished = sum(line.is_finished for line in sprints[:first])
    before = ["%s before, %d of them finished" % (output.number(first, "sprint"), finished)] if first else []
    after = ["and %s more: cmosctl status --verbose" % output.number(left, "sprint")] if left else []
    return before + lines + after


def _first_shown(sprints: List[SprintLine]) -> int:
    """Return where to begin: one before the sprint that is at work, else before the first unfinished one."""
    at_work = [place for place, line in enumerate(sprints) if line.is_at_work]
    unfinished = [place for place, line in enumerate(sprints) if not line.is_finished]
    here = (at_work or unfinished or [len(sprints)])[0]
    return max(min(here - 1, len(sprints) - _SHOWN), 0)


def _now(seen: Overview) -> List[List[str]]:
    pairs = [[mission.status.lower(), _mission(mission, seen)] for mission in seen.open[:_SHOWN]]
    if len(seen.open) > _SHOWN:
        pairs.append(["", "and %d more: cmosctl mission list" % (len(seen.open) - _SHOWN)])
    if seen.next is not None:
        how = "" if seen.open else "  (cmosctl mission start %s)" % output.clean(seen.next.id)
        pairs.append(["next", _mission(seen.next, seen) + how])
    return pairs


def _mission(mission: Mission, seen: Overview) -> str:
    who = holder(mission, seen.last_signs.get(mission.id), clock.now())
    by = "  (%s)" % who if who else ""
    name = fit(output.one_line(mission.label), 70)
    return "%s  %s%s%s" % (output.status_style(mission.status, mission.id), name, by, _waiting(mission, seen))


def _waiting(mission: Mission, seen: Overview) -> str:
    after = seen.waiting.get(mission.id, ())
    return "; %s %s for it" % (output.some(after), "waits" if len(after) == 1 else "wait") if after else ""


def _counts(totals: Dict[str, int]) -> str:
    return ", ".join("%d %s" % (n, output.cell(word)) for word, n in totals.items() if n and word != "total") or "none"


def _blocked(mission: Mission, seen: Overview) -> str:
    why = fit(output.one_line(mission.why_blocked or "no reason given"), 90)
    return "%s  blocked: %s%s" % (output.status_style("Blocked", mission.id), why, _waiting(mission, seen))


def _part(title: str, lines: List[str], verbose: bool) -> List[str]:
    shown = lines if verbose else lines[:_SHOWN]
    left = len(lines) - len(shown)
    more = ["  and %d more: cmosctl status --verbose" % left] if left else []
    return ["", output.strong(title), *("  " + line for line in shown), *more] if lines else []
