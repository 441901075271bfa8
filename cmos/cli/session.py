"""``cmosctl session log|list|show``: the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, List, Optional

import click

from cmos.cli import output
from cmos.cli.options import agent_option, json_option, needed, open_here, who
from cmos.core.status import ACTIONS

if TYPE_CHECKING:
    from cmos.core.models import Session

_TYPE = "One of: %s." % ", ".join(ACTIONS)


@click.command()
@click.option("--type", "action", metavar="TYPE", type=click.Choice(ACTIONS), help=_TYPE)
@click.option("--mission", metavar="ID", help="The mission; the one that is open, unless given.")
@click.option("--summary", help="What happened, in a line.")
@click.option("--details", help="More, as JSON; other text is kept as a JSON string.")
@agent_option
@json_option
def log(action: Optional[str], summary: Optional[str], as_json: bool, **given: Optional[str]) -> None:
    """Add a line to the log. It changes no status: start, complete and block do, and log by themselves."""
    action = needed(action, "--type", "Type (%s)" % ", ".join(ACTIONS))
    summary = needed(summary, "--summary", "What happened")
    from cmos.actions import log as journal
    from cmos.core.models import Session

    with open_here() as ws:
        logged = journal.log(ws, Session(action, given["mission"], who(given["agent"]), summary, given["details"]))
    if as_json:
        output.print_json(logged)
    else:
        output.show("Logged session %d%s." % (logged.id or 0, " for " + logged.mission_id if logged.mission_id else ""))


@click.command("list")
@click.option("--mission", "mission_id", metavar="ID", help="Only of this mission.")
@click.option("--type", "action", metavar="TYPE", help="Only of this type: start, complete, blocked, commit.")
@click.option("--agent", metavar="NAME", help="Only of this agent.")
@click.option("--since", metavar="TIME", help="Only from this time on, such as 2026-01-31.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many, the newest.")
@json_option
def list_sessions(limit: Optional[int], as_json: bool, **wanted: Optional[str]) -> None:
    """Show the log in the order it was written, the newest last."""
    from cmos.actions import log as journal
    from cmos.journal.rows import SessionFilter

    with open_here() as ws:
        found = journal.list_sessions(ws, SessionFilter(**wanted), limit=limit)
    if as_json:
        output.print_json(found)
    elif found:
        output.show("\n".join(session_lines(found)))
    else:
        output.say("no sessions%s" % (" like that" if any(wanted.values()) else " yet"))


@click.command()
@click.argument("session_id", metavar="ID", type=int)
@json_option
def show(session_id: int, as_json: bool) -> None:
    """Show one session with its details."""
    from cmos.actions import log as journal

    with open_here() as ws:
        found = journal.show_session(ws, session_id)
    if as_json:
        output.print_json(found)
        return
    names = ("id", "ts", "mission_id", "action", "agent", "origin", "key", "summary")
    pairs = [(name, output.one_line(str(getattr(found, name) or ""))) for name in names]
    for line in output.fields(pairs):
        output.show(line)
    if found.details is not None:
        output.show(output.clean(_laid_out(found), lines=True))


def session_lines(found: List[Session]) -> List[str]:
    """Return the lines of a table of sessions."""
    heads = ("ID", "TIME", "MISSION", "TYPE", "AGENT", "SUMMARY")
    rows = [
        (str(s.id), s.ts or "-", s.mission_id or "-", s.action or "-", s.agent or "-", output.one_line(s.summary))
        for s in found
    ]
    return output.columns(rows, heads=heads)


def _laid_out(session: Session) -> str:
    value = session.value()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
