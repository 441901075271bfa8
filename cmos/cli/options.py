"""Options and openings that commands share."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional, TypeVar

import click

from cmos.cli.output import say
from cmos.core.agents import detect
from cmos.core.errors import NotAProject

if TYPE_CHECKING:
    from cmos.services.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add ``--json``: one document on stdout, and errors as JSON."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def agent_option(command: F) -> F:
    """Add ``--agent``: who does it."""
    text = "Who does it; else CMOS_AGENT, else what the environment tells, else human."
    return click.option("--agent", metavar="NAME", help=text)(command)


def who(given: Optional[str]) -> str:
    """Return the agent's name."""
    return detect(os.environ, given=given)


@contextmanager
def open_here() -> Iterator[Workspace]:
    """Open the project that the current folder is in; at the end, say what sync has to say."""
    from cmos.services.workspace import open_workspace

    notices: List[str] = []
    try:
        with open_workspace(here()) as workspace:
            notices = workspace.notices
            yield workspace
    except BaseException as error:
        # under --json nothing but an error's own document is on stderr
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
    """Say whether a person can be asked."""
    return bool(sys.stdin is not None and sys.stdin.isatty())


def needed(value: Optional[str], option: str, question: str) -> str:
    """Return an option's value, asked for on a terminal when it is not given.

    Without a terminal a missing one is a usage error that names the option.
    """
    if value is not None and value.strip():
        return value
    if value is None and at_terminal():
        return str(click.prompt(question, err=True))
    raise click.UsageError("Missing option '%s'." % option, ctx=click.get_current_context(silent=True))


def _tell(notices: List[str]) -> None:
    for notice in notices:
        say(notice)


def _as_json() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.params.get("as_json"))
