"""``cmosctl demo``."""

from __future__ import annotations

import os
import shlex
from types import ModuleType
from typing import Optional

import click

from cmos.cli import output
from cmos.cli.options import here

_HELLO = 'print("Hello!")\n'


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
def demo(folder: Optional[str]) -> None:
    """Walk through a sample sprint in a throw-away git repository.

    Every command shown is really run, in DIR (a new or empty folder) or in a temporary one.
    """
    from cmos.setup import sample

    start = here()
    root = sample.create(folder)
    os.chdir(root)
    try:
        _walk(sample, root)
    finally:
        os.chdir(start)


def _walk(sample: ModuleType, root: str) -> None:
    _say("A repository with a backlog, two mission files and a commit. cmos moves in:")
    _run("init")
    _say("An agent asks what to do, and takes it:")
    _run("mission", "next")
    _run("mission", "start", "B1.1", "--agent", "demo")
    _say("It does the work, and says that it is done. The next mission is promoted, and the files follow:")
    sample.write(root, "hello.py", _HELLO)
    _run("mission", "complete", "B1.1", "--agent", "demo", "--summary", "Prints a greeting")
    _show("git diff --stat", sample.changes(root))
    _say("One commit has the work and the status:")
    _show("git commit -m 'B1.1: greet'", sample.commit(root, "B1.1: greet"))
    _run("mission", "next")
    _say("Where the project stands:")
    _run("status")
    _say("The project is yours to try: %s" % root)
    for line in (
        "cd %s" % shlex.quote(root),
        "cmosctl mission show B1.1",
        "cmosctl mission add B1.4 'Say goodbye' --sprint 'Sprint 1'",
        "edit cmos/missions/sprint-01/B1.2_greet-by-name.yaml, then: cmosctl mission show B1.2",
        "type a status into a file, then: cmosctl sync",
    ):
        output.show("  " + output.clean(line))


def _run(*arguments: str) -> None:
    """Run a command as a user would, and show it with its answer."""
    from cmos.cli.main import run

    output.show(output.strong("$ cmosctl " + " ".join(shlex.quote(one) for one in arguments)))
    code = run(arguments)
    output.show()
    if code:
        raise click.exceptions.Exit(code)


def _show(command: str, answer: str) -> None:
    output.show(output.strong("$ " + command))
    for line in answer.splitlines():
        output.show(output.clean(line))
    output.show()


def _say(text: str) -> None:
    output.show(output.faint("# " + text))
