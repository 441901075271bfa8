"""Options that commands share, and opening the project."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional, TypeVar

import click

from cmos.cli.output import say
from cmos.core.agents import detect, run_of
from cmos.core.errors import InvalidValue, NotAProject

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cmos.actions.act import Act
    from cmos.missions.choice import Actor
    from cmos.project.project import Project

#: The most bytes of a text from stdin.
TEXT_LIMIT = 1_000_000

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add ``--json``: one document on stdout, and errors as JSON."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def agent_option(command: F) -> F:
    """Add ``--agent``: the name to act under."""
    text = "Agent to act as. Default: CMOS_AGENT, else detected from the environment, else human."
    return click.option("--agent", metavar="NAME", help=text)(command)


def who(given: Optional[str]) -> str:
    """Return the agent's name."""
    return detect(os.environ, given=given)


def actor(project: Project, agent: Optional[str]) -> Actor:
    """Return who acts, and where, for a command that changes nothing."""
    from cmos.missions.choice import Actor

    return Actor(who(agent), project.worktree)


def acting(agent: Optional[str], **more: Any) -> Act:
    """Return who acts, with the run of the agent that the environment reveals."""
    from cmos.actions.act import Act

    return Act(who(agent), run=run_of(os.environ), **more)


def take_option(command: F) -> F:
    """Add ``--take``: act on a mission although another agent holds it."""
    return click.option("--take", is_flag=True, help="Do it although another agent holds the mission.")(command)


@contextmanager
def open_here() -> Iterator[Project]:
    """Open the project around the current folder; print the notices of the sync at the end."""
    from cmos.project.project import open_project

    notices: List[str] = []
    try:
        with open_project(here()) as project:
            notices = project.notices
            yield project
    except BaseException as error:
        # under --json, stderr holds the error's document and nothing else
        if isinstance(error, click.exceptions.Exit) or not _as_json():
            _tell(notices)
        raise
    _tell(notices)


def here() -> str:
    """Return the current folder. Raises NotAProject when it has been deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise NotAProject("the current folder has been deleted", hint="change to a folder that exists") from None


def at_terminal() -> bool:
    """Say whether there is a terminal to ask questions on."""
    return bool(sys.stdin is not None and sys.stdin.isatty())


def needed(value: Optional[str], option: str, question: str) -> str:
    """Return an option's value; ask for a missing one on a terminal.

    Without a terminal, a missing value is a usage error that names the option.
    """
    if value is not None and value.strip():
        return value
    if value is None and at_terminal():
        return str(click.prompt(question, err=True))
    raise click.UsageError("Missing option '%s'." % option, ctx=click.get_current_context(silent=True))


def text_of(value: Optional[str], option: str, question: str) -> str:
    """Return a text as ``needed`` does; ``-`` reads it from stdin.

    Without ``-``, stdin is never read, not even a pipe: in a script it may be the list that a
    loop reads, and a record cannot be deleted.
    """
    if value != "-":
        if value is None and not at_terminal():
            raise click.UsageError(
                "Missing option '%s'; to read it from stdin: %s -" % (option, option),
                ctx=click.get_current_context(silent=True),
            )
        return needed(value, option, question)
    text = _stdin(option).strip()
    if not text:
        raise click.UsageError("Nothing on stdin for '%s'." % option, ctx=click.get_current_context(silent=True))
    return text


def _stdin(option: str) -> str:
    data = sys.stdin.buffer.read(TEXT_LIMIT + 1)
    if len(data) > TEXT_LIMIT:
        raise InvalidValue("stdin holds more than %d bytes for %s" % (TEXT_LIMIT, option))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InvalidValue("stdin is not valid UTF-8") from None


#: Parameters, by name, and what they are completed with.
_COMPLETED = {
    "mission_id": "missions", "mission": "missions", "depends_on": "missions", "sprint": "sprints", "agent": "agents",
    "status": "statuses", "statuses": "statuses", "kind": "kinds",
}  # fmt: skip
#: Candidates that a shell is given at most.
_MOST = 200


def complete(command: click.Command) -> click.Command:
    """Have the values of a command's parameters completed by a shell."""
    for one in command.params:
        what = _COMPLETED.get(one.name or "")
        if what is not None and not isinstance(one.type, click.Choice):
            one.shell_complete = partial(_candidates, what)  # type: ignore[method-assign]
    return command


def _candidates(what: str, context: click.Context, incomplete: str) -> List[CompletionItem]:
    """Return what a value may be. Whatever goes wrong, there is none: a shell is no place for errors."""
    from shlex import quote

    from click.shell_completion import CompletionItem

    from cmos.core.ids import sort_key
    from cmos.core.status import KNOWN
    from cmos.journal import rows as journal_rows
    from cmos.missions import rows as mission_rows
    from cmos.project.project import open_project

    typed = incomplete.casefold()
    try:
        if what == "statuses":
            found = list(KNOWN)
        else:
            with open_project(here()) as project:
                if what == "missions":
                    found = sorted(mission_rows.all_ids(project.db), key=sort_key)
                elif what == "sprints":
                    found = [one.id for one in mission_rows.all_sprints(project.db)]
                else:
                    found = journal_rows.agents(project.db) if what == "agents" else journal_rows.kinds(project.db)
    except Exception:
        return []
    found = [one for one in found if one.isprintable() and one.casefold().startswith(typed)]
    # bash alone types a candidate as it is
    is_bash = os.environ.get("_CMOSCTL_COMPLETE", "").startswith("bash")
    return [CompletionItem(quote(one) if is_bash else one) for one in found[:_MOST]]


def _tell(notices: List[str]) -> None:
    for notice in notices:
        say(notice)


def _as_json() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.params.get("as_json"))
