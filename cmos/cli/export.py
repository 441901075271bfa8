"""``cmosctl export backlog|sessions|all``: the flat files that people know."""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional, TypeVar

import click

from cmos.cli import output
from cmos.cli.options import json_option, open_here

F = TypeVar("F", bound=Callable[..., Any])


def output_option(command: F) -> F:
    """Add ``--output``: a file instead of stdout."""
    text = "Write to this file instead of stdout."
    return click.option("--output", "-o", "output_path", metavar="FILE", help=text)(command)


@click.group()
def export() -> None:
    """Write the flat files that people know; `cmosctl db import` takes them back."""


@export.command(short_help="Write the missions as a backlog.yaml.")
@output_option
@json_option
def backlog(output_path: Optional[str], as_json: bool) -> None:
    """Write the missions as a backlog.yaml."""
    from cmos.transfer import export

    with open_here() as ws:
        text = export.export_backlog(ws)
        deliver(text, output_path, as_json=as_json)


@export.command(short_help="Write the log as a SESSIONS.jsonl.")
@output_option
@json_option
def sessions(output_path: Optional[str], as_json: bool) -> None:
    """Write the session log as a SESSIONS.jsonl."""
    from cmos.transfer import export

    with open_here() as ws:
        text = export.export_sessions(ws)
        deliver(text, output_path, as_json=as_json)


@export.command("all", short_help="Write everything in readable files.")
@click.option("--output", "-o", "folder", metavar="DIR", help="The folder to write to; .cmos/export unless given.")
@json_option
def export_all(folder: Optional[str], as_json: bool) -> None:
    """Write everything: backlog.yaml, SESSIONS.jsonl, decisions.json, facts.json, state.json."""
    from cmos.transfer import export

    with open_here() as ws:
        paths = export.export_all(ws, folder)
    if as_json:
        output.print_json({"paths": paths})
        return
    for path in paths:
        output.show(output.clean(path))


def deliver(text: str, path: Optional[str], *, as_json: bool) -> None:
    """Write a text to stdout byte for byte, or to a file; as JSON the text or the file's path."""
    if path is not None:
        from cmos.transfer.export import write_text

        write_text(path, text)
        if as_json:
            output.print_json({"path": path, "text": None})
        else:
            output.say("Wrote %s." % path)
    elif as_json:
        output.print_json({"path": None, "text": text})
    elif _is_terminal():
        click.echo(output.clean(text, lines=True), nl=False)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))


def _is_terminal() -> bool:
    return bool(sys.stdout.isatty())
