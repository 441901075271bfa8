"""``cmosctl mission verify|incomplete|audit``: what is wrong, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, Exit, Integer, argument, command, option
from cmos.cli.base.options import json_option, open_here
from cmos.cli.base.output import one_line
from cmos.core.text import fit

if TYPE_CHECKING:
    from cmos.core.models import Entry
    from cmos.review.audit import Audit, Review, Reviewed, SprintAudit
    from cmos.review.check import Lacking
    from cmos.review.rules import Checked, Finding


_COLOURS = {"error": "red", "warning": "yellow"}
#: Warnings of one kind that are printed.
_SHOWN = 10


@command()
@argument("files", nargs=-1)
@option("--known", is_flag=True, help="Also report what was accepted as the past.")
@json_option
def verify(files: Tuple[str, ...], known: bool, as_json: bool) -> None:
    """Check all missions and report problems, with their places. Exit code 1 if there are errors; 0 for warnings only.

    With FILES, check only these files, each by itself, without a database. What sync --accept-known took as
    the past is counted only.
    """
    checked = _check_files(files) if files else _check_all()
    if known:
        checked = checked._replace(findings=(*checked.findings, *checked.known), known=())
    errors, warnings = checked.number("error"), checked.number("warning")
    if as_json:
        data = {"missions": checked.missions, "errors": errors, "warnings": warnings, "findings": checked.findings}
        output.print_json(data)
    else:
        _print_findings(checked.findings)
        if checked.known:
            output.say("%d known: cmosctl mission verify --known" % len(checked.known))
        output.say("%s: %s, %s" % tuple(map(output.number, (checked.missions, errors, warnings), _NOUNS)))
    _end(bool(errors))


def _check_all() -> Checked:
    from cmos.review import check

    with open_here() as project:
        return check.check(project)


def _check_files(files: Sequence[str]) -> Checked:
    from cmos.review.files import check_files

    return check_files(files)


@command()
@json_option
def incomplete(as_json: bool) -> None:
    """List missions that lack required fields, and name the fields. Exit code 1 if there are any."""
    from cmos.review import check

    with open_here() as project:
        found = check.incomplete(project)
    if as_json:
        output.print_json([_lacking(one) for one in found])
    elif found:
        places = (_place(one.path, one.line) for one in found)
        rows = [(one.mission.id, one.mission.status, _lacks(one) + "  " + at) for one, at in zip(found, places)]
        output.show(*output.columns(rows, heads=("ID", "STATUS", "LACKS"), colour_of=1))
    else:
        output.say("every mission has all required fields")
    _end(bool(found))


@command()
@argument("sprint", required=False)
@option("--format", type=Choice(("text", "md")), default="text", help="text, or md for the whole review.")
@option(
    "--stale", type=Integer(min=0), default=24, show_default=True, metavar="HOURS",
    help="Report claims of which nothing was heard for so long.",
)  # fmt: skip
@json_option
def audit(sprint: Optional[str], format: str, stale: int, as_json: bool) -> None:
    """Review SPRINT, or all sprints: counts, blockers, gaps, contradictions. Exit code 1 if there are errors.

    With SPRINT, also show what a sprint review needs: finished and unfinished missions, decisions and facts,
    open questions, commits. --format md prints the whole review as Markdown, to stdout only.
    """
    from cmos.review import check

    with open_here() as project:
        found = check.audit(project, sprint, stale=stale)
        reviews = check.reviews(project, list(found.sprints)) if sprint or as_json or format == "md" else []
    if as_json:
        output.print_json(dict(found._asdict(), reviews=reviews))
    elif format == "md":
        _print_reviews(reviews, found)
    else:
        _print_audit(found, reviews)
    _end(found.has_errors)


def _print_reviews(reviews: Sequence[Review], found: Audit) -> None:
    parts = []
    for one in reviews:
        findings = [finding for finding in found.findings if finding.sprint_id == one.sprint_id]
        parts.append("\n".join(review_lines(one, findings)))
    output.show("\n\n".join(parts))


def _print_audit(found: Audit, reviews: Sequence[Review]) -> None:
    told = {review.sprint_id: sprint_review(review) for review in reviews}
    for one in found.sprints:
        # a review covers every mission, blocked ones included
        output.show(*_counts(one), *(told.get(one.sprint_id) or _blockers(one)))
    _print_findings(found.findings)
    if not found.findings:
        output.say("no problems found")


def sprint_review(review: Review) -> List[str]:
    """Return the lines of a review that follow the counts: missions, decisions and facts."""
    lines = []
    for one in review.missions:
        how_long = "for %s, since %s" % (one.blocked_for, one.blocked_since) if one.blocked_for else ""
        why = "; ".join(filter(None, (one.why or "done", how_long)))
        commits = "  (%s)" % output.number(len(one.commits), "commit") if one.commits else ""
        lines.append("  %s  %s%s%s" % (output.clean(one.id), _named(one.name), output.one_line(why), commits))
    asked = {one.id for one in review.questions}
    for entry in [*review.decisions, *review.facts]:
        open_ = "  (open)" if entry.type == "fact" and entry.id in asked else ""
        lines.append("  %s  %s%s" % (output.clean(entry.kind or "fact"), output.one_line(entry.whole), open_))
    return lines


_NOUNS = ("mission", "error", "warning")


def _end(found: bool) -> None:
    if found:
        raise Exit(1)


def _print_findings(findings: Sequence[Finding]) -> None:
    """Print errors, and the first few warnings of each kind."""
    seen: Dict[str, int] = {}
    for one in findings:
        seen[one.code] = seen.get(one.code, 0) + 1
        if one.severity == "warning" and seen[one.code] > _SHOWN:
            continue
        place = _place(one.path, one.line, one.column) or one.mission_id or one.sprint_id or "project"
        severity = output.painted(one.severity, _COLOURS[one.severity])
        output.show("%s: %s: %s" % (output.clean(place), severity, output.one_line(one.message)))

    for code, number in seen.items():
        left = number - _SHOWN
        if left > 0 and any(one.code == code and one.severity == "warning" for one in findings):
            output.show("and %s more of kind %s; --json lists all" % (output.number(left, "warning"), code))


def _place(path: Optional[str], line: Optional[int], column: Optional[int] = None) -> str:
    return ":".join(str(part) for part in (path, line, column) if part) if path else ""


def _lacks(one: Lacking) -> str:
    return "a mission file" if one.missing is None else ", ".join(one.missing)


def _lacking(one: Lacking) -> object:
    mission = one.mission
    return {
        "id": mission.id,
        "name": mission.name,
        "status": mission.status,
        "missing": one.missing and list(one.missing),
        "path": one.path,
        "line": one.line,
    }


def _counts(sprint: SprintAudit) -> List[str]:
    counts = ", ".join("%d %s" % (number, status) for status, number in sprint.counts.items())
    title = "  ".join(filter(None, (sprint.sprint_id or "(no sprint)", output.one_line(sprint.title))))
    return [
        output.strong(title),
        "  %s %d/%d  %s" % (output.bar(sprint.done, sprint.total), sprint.done, sprint.total, output.clean(counts)),
    ]


def _blockers(sprint: SprintAudit) -> Iterator[str]:
    for one in sprint.blockers:
        since = " since %s" % one.since if one.since else ""
        waits = "waits for %s" % ", ".join(one.waits_for) if one.waits_for else ""
        why = "; ".join(filter(None, ("blocked%s: %s" % (since, one.reason) if one.reason else "", waits)))
        told = (output.clean(one.mission_id), _named(one.name), output.one_line(why or "blocked%s" % since))
        yield "  %s  %s%s" % told


def _named(name: Optional[str]) -> str:
    return "%s: " % fit(output.one_line(name), 60) if name else ""


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
