"""Command groups that import a command only when it is called."""

from __future__ import annotations

from typing import Dict, List, Optional

import click

from cmos.cli.commands import Entry


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
        return _load(entry.place)

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]
        # click's own message knows no near spellings in all its versions
        if args and args[0] not in self.entries and not args[0].startswith("-"):
            ctx.fail(_unknown(args[0], list(self.entries)))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, entry.help) for name, entry in self.entries.items() if not entry.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _load(place: str) -> click.Command:
    from importlib import import_module

    module, _, attribute = place.partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def _unknown(name: str, known: List[str]) -> str:
    from cmos.core.ids import nearest

    close = nearest(name, known)
    return "no such command: %s%s" % (name, "; did you mean %s?" % " or ".join(close) if close else "")
