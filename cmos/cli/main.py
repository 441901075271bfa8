"""The entry point: runs a command, and turns every error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import List, Optional, Sequence, Tuple, Type

import click

from cmos import __version__
from cmos.cli.commands import COMMANDS, Group
from cmos.cli.output import clean, print_error
from cmos.core.errors import CmosError, FileProblem, InvalidValue

_HELP = """A git-native mission tracker for people and AI agents.

Missions are YAML files that you edit. The database holds their status, and git
carries the files between clones. Exit codes: 0 success, 1 a check found problems or
there is nothing to show, 2 usage error, 3 not a project, 4 not found, 5 needs a
decision by a person, 6 file error, 7 git error, 8 database error, 130 interrupted."""

#: What click raises for a group without a command; before its version 8.2 it printed the help itself.
_NO_ARGUMENTS: Tuple[Type[click.UsageError], ...] = tuple(
    filter(None, [getattr(click.exceptions, "NoArgsIsHelpError", None)])
)

cli = Group("cmosctl", entries=COMMANDS, help=_HELP)


def _colour(context: click.Context, parameter: click.Parameter, value: str) -> None:
    context.color = {"always": True, "never": False}.get(value)


click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", expose_value=False, callback=_colour,
    help="Colour what is printed; auto: on a terminal.",
)(cli)  # fmt: skip
click.version_option(__version__, prog_name="cmosctl", message="%(prog)s %(version)s")(cli)


def main() -> None:
    """Run the command line of this process."""
    _open_streams()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    _use_utf8()
    given = list(arguments)
    try:
        _check_text(given)
        result = cli.main(args=given, prog_name="cmosctl", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()  # the reader closed the pipe: it has what it wanted
        return 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except _NO_ARGUMENTS as error:
        # plain help: a missing command is not an error to explain
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except (CmosError, click.ClickException, OSError) as error:
        return _report(error, as_json="--json" in _options(given))
    return result if isinstance(result, int) else 0


def _report(error: BaseException, *, as_json: bool) -> int:
    problem = _translated(error)
    print_error(problem, as_json=as_json)
    _end_output()
    return problem.exit_code


def _translated(error: BaseException) -> CmosError:
    if isinstance(error, CmosError):
        return error
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "cmosctl"
        return InvalidValue(error.format_message(), hint="see: %s --help" % path)
    assert isinstance(error, OSError)
    where = ": %s" % clean(os.fsdecode(error.filename)) if error.filename else ""
    return FileProblem("%s%s" % (error.strerror or str(error), where), hint="check free space and permissions there")


def _check_text(arguments: List[str]) -> None:
    # bytes that are not UTF-8 arrive as lone surrogates, which neither SQLite nor a file accepts
    if arguments[:2] == ["kb", "search"]:
        return  # it only looks for letters and digits, and stores nothing
    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= character <= "\udfff" for character in argument):
            raise InvalidValue("an argument is not valid UTF-8: %s" % ascii(argument))


def _options(arguments: List[str]) -> List[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _open_streams() -> None:
    # Python leaves None where the caller closed a stream
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # open to the end


def _use_utf8() -> None:
    # no character may crash a command, not even with LANG=C or a stray byte in a file name
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Optional[object] = getattr(stream, "reconfigure", None)
        if callable(reconfigure):
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _end_output() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()  # a full disk was reported already


def _drop_output() -> None:
    # what is left in the buffer must not raise again when Python exits
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass
