"""What commands print: JSON, columns, bars, colours; nothing that could steer a terminal."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Dict, Iterable, List, NoReturn, Optional, Sequence

import click

from cmos.core.errors import CmosError
from cmos.core.plain import UNSAFE_BUT_LINES as _UNSAFE_BUT_LINES
from cmos.core.plain import dumps
from cmos.core.plain import plain as plain
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS

SCHEMA_VERSION = 1

# control characters, and the marks that reorder text: both make a terminal show what is not there
_UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
_COLOURS = {COMPLETED: "green", IN_PROGRESS: "yellow", CURRENT: "cyan", BLOCKED: "red", DEFERRED: "bright_black"}


def print_json(data: object) -> None:
    """Print one document with the data; records become objects with their fields' names."""
    click.echo(dumps({"schema_version": SCHEMA_VERSION, "data": plain(data)}, indent=2))


def print_context(document: Dict[str, Any], *, wrapped: bool) -> None:
    """Print a document that was made to a budget, as it was measured: on one line."""
    click.echo(dumps({"schema_version": SCHEMA_VERSION, "data": document} if wrapped else document))


def print_error(error: CmosError, *, as_json: bool) -> None:
    """Print an error on stderr: a message and a hint, or one JSON document."""
    if as_json:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        click.echo(dumps({"schema_version": SCHEMA_VERSION, "error": told}), err=True)
        return
    click.echo("cmosctl: %s" % clean(error.message, lines=True), err=True)
    if error.hint:
        click.echo("  %s" % clean(error.hint, lines=True), err=True)


def nothing(note: str) -> NoReturn:
    """Say on stderr that there is nothing to show, and end with exit code 1."""
    say(note)
    raise click.exceptions.Exit(1)


def say(note: str) -> None:
    """Print a line of talk on stderr."""
    click.echo(clean(note, lines=True), err=True)


def show(text: str = "") -> None:
    """Print a line of data that ``clean`` has seen."""
    click.echo(text, color=colours())


def clean(text: object, *, lines: bool = False) -> str:
    """Return a text with what could steer a terminal written as escapes; ``lines`` keeps line breaks and tabs."""
    shown = str(text)
    if shown.isprintable():
        return shown
    if lines:
        return re.sub(_UNSAFE_BUT_LINES, _escaped, shown.replace("\r\n", "\n"))
    return re.sub(_UNSAFE, _escaped, shown)


def one_line(text: Optional[str]) -> str:
    """Return a text on one line, with runs of white space as one space."""
    return clean(" ".join((text or "").split()))


def colours() -> bool:
    """Say whether to colour: on a terminal, unless NO_COLOR is set or the terminal is dumb."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(getattr(sys.stdout, "isatty", bool)())


def status_style(status: str, text: Optional[str] = None) -> str:
    """Return a status, or another text, in the colour of the status."""
    shown = clean(status if text is None else text)
    colour = _COLOURS.get(status)
    return click.style(shown, fg=colour) if colour and colours() else shown


def strong(text: object) -> str:
    return click.style(clean(text), bold=True) if colours() else clean(text)


def faint(text: object) -> str:
    return click.style(clean(text), dim=True) if colours() else clean(text)


def bar(done: int, total: int, *, cells: int = 20) -> str:
    """Return a bar that is full only when all is done, and empty only when nothing is."""
    full = done * cells // total if total else 0
    if done and not full:
        full = 1
    return "\u2588" * full + "\u2591" * (cells - full)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    seen = [c for c in text if not combining(c) and c not in "\u200b\u200d\ufe0f"]
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in seen)


def fit(text: str, cells: int) -> str:
    """Return a text cut to so many columns, with an ellipsis where it was cut."""
    if width(text) <= cells:
        return text
    while text and width(text) > cells - 1:
        text = text[:-1]
    return text + "\u2026"


def pad(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))


def screen() -> int:
    """Return the columns to print into: the terminal's, else without limit."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 100
    except (OSError, ValueError):
        return 10_000


def columns(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = (), colour_of: Optional[int] = None) -> List[str]:
    """Return aligned lines; ``colour_of`` is the column that holds a status. The last column takes what is left."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*([heads] if heads else []), *cells)]
    # two columns are left free: some tables are printed with an indent
    left = max(screen() - 2 - sum(widths[:-1]) - 2 * (len(widths) - 1), 20)
    lines = [faint("  ".join(pad(head, w) for head, w in zip(heads, widths)).rstrip())] if heads else []
    for row in cells:
        padded = [pad(cell, w) for cell, w in zip(row[:-1], widths)] + [fit(row[-1], left)]
        if colour_of is not None:
            padded[colour_of] = status_style(row[colour_of], padded[colour_of])
        lines.append("  ".join(padded).rstrip())
    return lines


def fields(pairs: Iterable[Sequence[Optional[str]]]) -> List[str]:
    """Return lines of a name and a value, values aligned; those without a value are left out."""
    kept = [(name or "", value) for name, value in pairs if value]
    longest = max([len(name) for name, _ in kept] or [0])
    return ["%s  %s" % (faint(name.ljust(longest)), value) for name, value in kept]


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return ("\\x%02x" if code < 256 else "\\u%04x") % code
