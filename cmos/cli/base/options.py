"""Options that commands share, and opening the project."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional, TypeVar

from cmos.cli.base.declare import Exit, UsageError, at_work, option
from cmos.cli.base.output import say
from cmos.core.agents import detect, run_of
from cmos.core.errors import InvalidValue, NotAProject

if TYPE_CHECKING:
    from cmos.actions.act import Act
    from cmos.missions.choice import Actor
    from cmos.project.project import Project

#: The most bytes of a text from stdin.
TEXT_LIMIT = 1_000_000

T = TypeVar("T")


#: ``--json``: one document on stdout, and errors as JSON.
json_option = option("--json", "as_json", is_flag=True, help="Print one JSON document.")
agent_option = option(
    "--agent",
    metavar="NAME",
    help="Agent to act as. Default: CMOS_AGENT, else detected from the environment, else human.",
)
#: ``--take``: act on a mission although another agent holds it.
take_option = option("--take", is_flag=True, help="Do it although another agent holds the mission.")


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
        if isinstance(error, Exit) or not _as_json():
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


def needed(value: Optional[str], name: str, question: str) -> str:
    """Return an option's value; ask for a missing one on a terminal.

    Without a terminal, a missing value is a usage error that names the option.
    """
    if value is not None and value.strip():
        return value
    if value is None and at_terminal():
        return _asked(lambda click: str(click.prompt(question, err=True)))
    raise UsageError("Missing option '%s'." % name)


def text_of(value: Optional[str], name: str, question: str) -> str:
    """Return a text as ``needed`` does; ``-`` reads it from stdin.

    Without ``-``, stdin is never read, not even a pipe: in a script it may be the list that a
    loop reads, and a record cannot be deleted.
    """
    if value != "-":
        if value is None and not at_terminal():
            raise UsageError("Missing option '%s'; to read it from stdin: %s -" % (name, name))
        return needed(value, name, question)
    text = _stdin(name).strip()
    if not text:
        raise UsageError("Nothing on stdin for '%s'." % name)
    return text


def confirmed(question: str) -> bool:
    """Ask on a terminal whether to do something; yes is the default, and Ctrl-C is no."""
    try:
        return _asked(lambda click: bool(click.confirm(question, default=True, err=True)))
    except KeyboardInterrupt:
        return False


def _asked(ask: Callable[[Any], T]) -> T:
    import click

    try:
        return ask(click)
    except click.Abort:
        raise KeyboardInterrupt from None


def _stdin(option: str) -> str:
    data = sys.stdin.buffer.read(TEXT_LIMIT + 1)
    if len(data) > TEXT_LIMIT:
        raise InvalidValue("stdin holds more than %d bytes for %s" % (TEXT_LIMIT, option))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InvalidValue("stdin is not valid UTF-8") from None


def _tell(notices: List[str]) -> None:
    for notice in notices:
        say(notice)


def _as_json() -> bool:
    call = at_work()
    return bool(call and call.arguments.get("as_json"))
