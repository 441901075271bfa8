"""``cmosctl session|decision|fact|memory``: the log, decisions and facts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Union

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, Integer, argument, command, option
from cmos.cli.base.lines import session_lines
from cmos.cli.base.options import agent_option, json_option, needed, open_here, text_of, who
from cmos.core.status import ACTIONS

if TYPE_CHECKING:
    from cmos.core.models import Decision, Entry, Fact, Session


_FIELDS = ("id", "ts", "mission_id", "action", "agent")
_HEADS = ("ID", "TIME", "MISSION", "TYPE", "AGENT", "SUMMARY")
_TYPE = "One of: %s." % ", ".join(ACTIONS)


@command()
@option("--type", "action", metavar="TYPE", type=Choice(ACTIONS), help=_TYPE)
@option("--mission", metavar="ID", help="The mission. Default: the one that you hold, else the Current one.")
@option("--summary", help="What happened, in one line.")
@option("--details", help="Details as JSON; other text becomes a JSON string.")
@agent_option
@json_option
def log(action: Optional[str], summary: Optional[str], as_json: bool, **given: Optional[str]) -> None:
    """Add a line to the log. It changes no status; start, complete and block do that, and log it themselves."""
    action = needed(action, "--type", "Type (%s)" % ", ".join(ACTIONS))
    summary = needed(summary, "--summary", "What happened")
    from cmos.actions import log as journal
    from cmos.core.models import Session

    with open_here() as project:
        logged = journal.log(project, Session(action, given["mission"], who(given["agent"]), summary, given["details"]))
    if as_json:
        output.print_json(logged)
    else:
        output.show("Logged session %d%s." % (logged.id or 0, " for " + logged.mission_id if logged.mission_id else ""))


@command()
@option("--mission", "mission_id", metavar="ID", help="Only sessions of this mission.")
@option("--type", "action", metavar="TYPE", help="Only this type: start, complete, blocked, commit.")
@option("--agent", metavar="NAME", help="Only sessions of this agent.")
@option("--since", metavar="TIME", help="Only from this time on, for example 2026-01-31.")
@option("--limit", type=Integer(min=1), help="At most this many, the newest.")
@json_option
def list_sessions(limit: Optional[int], as_json: bool, **wanted: Optional[str]) -> None:
    """Show the log in the order it was written, the newest last."""
    from cmos.actions import log as journal
    from cmos.journal.rows import SessionFilter

    with open_here() as project:
        found = journal.list_sessions(project, SessionFilter(**wanted), limit=limit)
    if as_json:
        output.print_json(found)
    elif found:
        output.show(*session_lines(found, *_FIELDS, heads=_HEADS))
    else:
        output.say("no sessions%s" % (" like that" if any(wanted.values()) else " yet"))


@command()
@argument("session_id", metavar="ID", type=Integer())
@json_option
def show(session_id: int, as_json: bool) -> None:
    """Show one session with its details."""
    from cmos.actions import log as journal

    with open_here() as project:
        found = journal.show_session(project, session_id)
    if as_json:
        output.print_json(found)
        return
    names = ("id", "ts", "mission_id", "action", "agent", "origin", "key", "summary")
    pairs = [(name, output.one_line(str(getattr(found, name) or ""))) for name in names]
    for line in output.fields(pairs):
        output.show(line)
    if found.details is not None:
        output.show(output.clean(_laid_out(found), lines=True))


def _laid_out(session: Session) -> str:
    value = session.value()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


_MISSION = option("--mission", metavar="ID", help="The mission it is about. Default: the one that you hold.")
_REPLACES = option(
    "--replaces", type=Integer(1, 2**31), metavar="NUMBER", help="The number of an earlier one that was wrong."
)


@command()
@option("--title", help="What was decided, in one line.")
@option("--rationale", metavar="TEXT", help="Why; - reads stdin.")
@_MISSION
@_REPLACES
@agent_option
@json_option
def decision(
    title: Optional[str], rationale: Optional[str], replaces: Optional[int], as_json: bool, **given: Optional[str]
) -> None:
    """Record a decision and why it was made. Decisions are never edited or deleted."""
    title = needed(title, "--title", "What was decided")
    rationale = text_of(rationale, "--rationale", "Why")
    from cmos.actions import log as journal
    from cmos.core.models import Decision

    _record(journal.decide, Decision(title, rationale, given["mission"], replaces=replaces), given["agent"], as_json)


@command()
@option("--kind", metavar="KIND", help="A word of your own, such as finding, risk, question, answer, constraint.")
@option("--content", metavar="TEXT", help="What is true; - reads stdin.")
@_MISSION
@_REPLACES
@agent_option
@json_option
def fact(
    kind: Optional[str], content: Optional[str], replaces: Optional[int], as_json: bool, **given: Optional[str]
) -> None:
    """Record something found to be true. Facts are never edited or deleted."""
    kind = needed(kind, "--kind", "Kind (finding, risk, question ...)")
    content = text_of(content, "--content", "What is true")
    from cmos.actions import log as journal
    from cmos.core.models import Fact

    _record(journal.note, Fact(content, kind, given["mission"], replaces=replaces), given["agent"], as_json)


@command()
@option("--mission", "mission_id", metavar="ID", help="Only about this mission.")
@option("--sprint", metavar="SPRINT", help="Only about missions of this sprint.")
@option("--kind", metavar="KIND", help="Only decisions (decision), or only facts of this kind.")
@option("--since", metavar="TIME", help="Only from this time on, for example 2026-01-31.")
@option("--text", default="", metavar="TEXT", help="Only what contains this text, in any case.")
@option("--limit", type=Integer(min=1, max=2**31), metavar="N", help="At most this many, the newest.")
@json_option
def list_memory(sprint: Optional[str], text: str, limit: Optional[int], as_json: bool, **wanted: Any) -> None:
    """Show decisions and facts, the newest first."""
    from cmos.actions import log as journal
    from cmos.journal.rows import MemoryFilter

    with open_here() as project:
        found = journal.list_memory(project, MemoryFilter(**wanted), sprint=sprint, text=text, limit=limit)
    if as_json:
        output.print_json(found)
    elif found:
        output.show(*entry_lines(found))
    else:
        filtered = sprint or text or any(wanted.values())
        output.say("nothing like that" if filtered else "nothing yet: cmosctl decision, cmosctl fact")


def entry_lines(entries: List[Entry]) -> List[str]:
    """Return the lines of a table of decisions and facts."""
    rows = [(str(e.id), e.ts or "-", e.mission_id or "-", e.kind or "-", output.one_line(e.whole)) for e in entries]
    return output.columns(rows, heads=("NO", "TIME", "MISSION", "KIND", "TEXT"))


def _record(keep: Callable[..., Union[Decision, Fact]], new: object, agent: Optional[str], as_json: bool) -> None:
    with open_here() as project:
        kept = keep(project, new, agent=who(agent))
    if as_json:
        output.print_json(kept)
        return
    about = " for %s" % output.clean(kept.mission_id) if kept.mission_id else ""
    output.show("Recorded %s %d%s." % (type(kept).__name__.lower(), kept.id or 0, about))
