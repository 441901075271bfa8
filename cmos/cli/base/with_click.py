"""Arguments as click reads them: help, version, completion, and whatever is not plain."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Dict, List, Optional, Sequence, Tuple, Type, Union

import click
from click.shell_completion import CompletionItem

from cmos import __version__
from cmos.cli.base.commands import COMMANDS, Entry, find, load, unknown
from cmos.cli.base.declare import Call, Choice, Command, Float, Integer, Parameter, UsageError

_HELP = """A git-native mission tracker for people and AI agents.

Missions are YAML files that you edit. The database holds their status, and git
carries the files between clones. Exit codes: 0 success, 1 a check found problems or
there is nothing to show, 2 usage error, 3 not a project, 4 not found, 5 needs a
decision by a person, 6 file error, 7 git error, 8 database error, 130 interrupted."""

#: What click raises for a group without a command; before its version 8.2 it printed the help itself.
_NO_ARGUMENTS: Tuple[Type[click.UsageError], ...] = tuple(
    filter(None, [getattr(click.exceptions, "NoArgsIsHelpError", None)])
)


def read(words: Sequence[str]) -> Union[Call, int]:
    """Return the call that the words make, or the exit code where all is said: help, version, completion.

    Raises UsageError for words that make none.
    """
    try:
        result = cli.main(args=list(words), prog_name="cmosctl", standalone_mode=False)
    except _NO_ARGUMENTS as error:
        # plain help: a missing command is not an error to explain
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        path = " ".join(["cmosctl", *words[: find(words)[1]]])
        raise UsageError(error.format_message(), hint="see: %s --help" % path) from None
    return result if isinstance(result, (Call, int)) else 0


class Group(click.Group):
    """A group made from the registry."""

    def __init__(self, name: str, *, entries: Dict[str, Entry], help: str = "") -> None:
        super().__init__(name, help=help, no_args_is_help=True)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> List[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.commands is not None:
            return Group(cmd_name, entries=entry.commands, help=entry.help)
        return _made(cmd_name, load(entry))

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]
        # not every version of click suggests near spellings
        if args and args[0] not in self.entries and not args[0].startswith("-"):
            ctx.fail(unknown(args[0], list(self.entries)))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, entry.help) for name, entry in self.entries.items() if not entry.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _made(name: str, command: Command) -> click.Command:
    """Return the command as click knows it; called, it returns the call."""

    def call(**arguments: Any) -> Call:
        context = click.get_current_context()
        return Call(command, arguments, context.command_path, context.find_root().color)

    settings = {"ignore_unknown_options": True, "allow_extra_args": True} if command.is_loose else {}
    parameters = [_parameter(one) for one in command.parameters]
    return click.Command(name, settings, callback=call, params=parameters, help=command.help)


def _parameter(one: Parameter) -> click.Parameter:
    settings: Dict[str, Any] = {"nargs": one.nargs, "metavar": one.metavar, "type": _type(one)}
    if one.default is not None:
        settings["default"] = one.default
    if one.spellings:
        settings.update(multiple=one.multiple, help=one.help, show_default=one.show_default)
        if one.is_flag:
            settings = {"is_flag": True, "help": one.help}
        made: click.Parameter = click.Option([*one.spellings, one.name], **settings)
    else:
        made = click.Argument([one.name], required=one.required, **settings)
    if one.name in _COMPLETED and one.type is None:
        made.shell_complete = partial(_candidates, _COMPLETED[one.name])  # type: ignore[method-assign]
    return made


def _type(one: Parameter) -> Any:
    if isinstance(one.type, Choice):
        return click.Choice(one.type.words)
    if isinstance(one.type, Integer):
        return click.IntRange(*one.type) if any(limit is not None for limit in one.type) else click.INT
    return click.FloatRange(*one.type) if isinstance(one.type, Float) else None


cli = Group("cmosctl", entries=COMMANDS, help=_HELP)


def _colour(context: click.Context, parameter: click.Parameter, value: str) -> None:
    context.color = {"always": True, "never": False}.get(value)


click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", expose_value=False, callback=_colour,
    help="Colour what is printed; auto: on a terminal.",
)(cli)  # fmt: skip
click.version_option(__version__, prog_name="cmosctl", message="%(prog)s %(version)s")(cli)


# ---- completion ----------------------------------------------------------------------------------------------

#: Parameters, by name, and what they are completed with.
_COMPLETED = {
    "mission_id": "missions", "mission": "missions", "depends_on": "missions", "sprint": "sprints", "agent": "agents",
    "status": "statuses", "statuses": "statuses", "kind": "kinds",
}  # fmt: skip
#: Candidates that a shell is given at most.
_MOST = 200


def _candidates(what: str, context: click.Context, incomplete: str) -> List[CompletionItem]:
    """Return what a value may be. Whatever goes wrong, there is none: a shell is no place for errors."""
    from shlex import quote

    from cmos.cli.base.options import here
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


def completion_of(shell: str) -> str:
    """Return what makes a shell complete commands and values."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    return made(cli, {}, "cmosctl", "_CMOSCTL_COMPLETE").source()
