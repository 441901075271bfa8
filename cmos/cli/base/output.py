"""What commands print: JSON, columns, bars, colours; nothing that could steer a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, NoReturn, Optional, Sequence, TextIO

from cmos.cli.base.declare import Exit, at_work
from cmos.core.errors import CmosError
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, DEFERRED, IN_PROGRESS
from cmos.core.text import UNSAFE_BUT_LINES, document, dumps, fit, pad, visible, width, wrapped
from cmos.core.text import plain as plain

if TYPE_CHECKING:
    pass

SCHEMA_VERSION = 1

#: What a cell of a table takes at most, but for the last of a line; --json has all of it.
_WIDEST = 60
#: A text at the end of a line gets this many columns, or lines of its own.
_NARROW = 20
#: The columns of a pipe: nothing goes on below there.
_ENDLESS = 10_000
#: Lines that a text at the end of a table's line may take.
_LINES = 8
#: Characters of a message on stderr.
_LONGEST = 4000
_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36, "bright_black": 90}
_COLOURS = {COMPLETED: "green", IN_PROGRESS: "yellow", CURRENT: "cyan", BLOCKED: "red", DEFERRED: "bright_black"}


def put(text: str, stream: Optional[TextIO] = None) -> None:
    """Print a text as it is, on stdout unless another stream is given."""
    stream = stream or sys.stdout
    stream.write(text + "\n")
    stream.flush()


def print_json(data: object) -> None:
    """Print one document with the data; records become objects with their fields' names."""
    put(document(SCHEMA_VERSION, plain(data)))


def answer(data: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the data as one JSON document, or else the lines, which must be clean."""
    if as_json:
        print_json(data)
        return
    shown = list(lines)
    if shown:
        show(*shown)


def print_context(document: Dict[str, Any], *, wrapped: bool) -> None:
    """Print a document that was made to a budget, as it was measured: on one line."""
    put(dumps({"schema_version": SCHEMA_VERSION, "data": document} if wrapped else document))


def print_error(error: CmosError, *, as_json: bool) -> None:
    """Print an error on stderr: a message and a hint, or one JSON document."""
    if as_json:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        put(dumps({"schema_version": SCHEMA_VERSION, "error": told}), sys.stderr)
        return
    say("cmosctl: %s" % error.message)
    if error.hint:
        say("  %s" % error.hint)


def nothing(note: str) -> NoReturn:
    """Say on stderr that there is nothing to show, and end with exit code 1."""
    say(note)
    raise Exit(1)


def say(note: str) -> None:
    """Print a line of talk on stderr."""
    put(_fitted(clean(_cut(note), lines=True), screen(sys.stderr)), sys.stderr)


def _cut(note: str) -> str:
    return note if len(note) <= _LONGEST else note[: _LONGEST - 1] + "\u2026"


def show(*lines: str) -> None:
    """Print lines of data that ``clean`` has seen; what does not fit goes on below, but in a text of lines."""
    cells = screen()
    put("\n".join(_fitted(line, cells) for line in lines or ("",)))


def _fitted(line: str, cells: int) -> str:
    if cells == _ENDLESS or "\n" in line:
        return line
    indent = len(line) - len(line.lstrip(" ")) + 4
    return ("\n" + " " * indent).join(wrapped(line, cells, less=4))


def clean(text: object, *, lines: bool = False) -> str:
    """Return a text with what could steer a terminal written as escapes; ``lines`` keeps line breaks and tabs."""
    shown = str(text)
    if shown.isprintable():
        return shown
    if lines:
        return visible(shown.replace("\r\n", "\n"), UNSAFE_BUT_LINES)
    return visible(shown)


def one_line(text: Optional[str]) -> str:
    """Return a text on one line, with runs of white space as one space."""
    return clean(" ".join((text or "").split()))


def colours() -> bool:
    """Say whether to colour: as --color says, else NO_COLOR, else FORCE_COLOR, else on a terminal that is not dumb."""
    call = at_work()
    if call is not None and call.colour is not None:
        return call.colour
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    if os.environ.get("TERM") == "dumb":
        return False
    return bool(getattr(sys.stdout, "isatty", bool)())


def status_style(status: str, text: Optional[str] = None) -> str:
    """Return a status, or another text, in the colour of the status."""
    shown = clean(status if text is None else text)
    return painted(shown, _COLOURS.get(status))


def painted(text: str, *styles: Optional[str]) -> str:
    """Return a clean text in some colours, where colours are wanted."""
    codes = "".join("\x1b[%dm" % _CODES[style] for style in styles if style)
    return "%s%s\x1b[0m" % (codes, text) if codes and colours() else text


def strong(text: object) -> str:
    return painted(clean(text), "bold")


def faint(text: object) -> str:
    return painted(clean(text), "dim")


def bar(done: int, total: int, *, cells: int = 20) -> str:
    """Return a bar that is full only when all is done, and empty only when nothing is."""
    full = done * cells // total if total else 0
    if done and not full:
        full = 1
    return "\u2588" * full + "\u2591" * (cells - full)


def _widest() -> int:
    return min(_WIDEST, max(screen() // 4, 20))


def cell(text: str, most: int = 0) -> str:
    """Return a text for a cell of a table: clean, and no wider than any cell needs to be."""
    most = most or _widest()
    if len(text) <= most and text.isascii() and text.isprintable():
        return text
    return fit(clean(text[: 4 * most + 1]), most)


def screen(stream: Optional[TextIO] = None) -> int:
    """Return the columns to print into: those of the terminal behind a stream, stdout; else without limit."""
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or 100
    except (OSError, ValueError):
        return _ENDLESS


def columns(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = (), colour_of: Optional[int] = None) -> List[str]:
    """Return the lines of a table, with its heads."""
    found = table([heads, *rows] if heads else rows, colour_of=colour_of)
    if heads:
        found[0] = list(map(faint, found[0]))
    return [line for lines in found for line in lines]


def table(rows: Sequence[Sequence[str]], *, colour_of: Optional[int] = None) -> List[List[str]]:
    """Return the aligned lines of each row; ``colour_of`` is the column that holds a status.

    The last column takes what is left, and goes on below; where too little is left, it stands below.
    """
    if not rows:
        return []
    *front, last = zip(*rows)
    told = [_aligned(column) for column in front]
    # two columns are left free: some tables are printed with an indent
    taken = sum(width(column[0]) + 2 for column in told)
    left = screen() - 2 - taken
    is_below = left < _NARROW
    left = screen() - 6 if is_below else left
    if colour_of is not None and colours():
        told[colour_of] = list(map(status_style, (row[colour_of] for row in rows), told[colour_of]))
    found = []
    most = left if screen() == _ENDLESS else left * _LINES
    for *cells, text in zip(*told, last):
        if len(text) <= left and not is_below and text.isascii() and text.isprintable():
            found.append(["  ".join((*cells, text)).rstrip()])
            continue
        text = fit(clean(text[: 4 * most + 1]), most)
        parts = wrapped(text, left)
        if is_below or max(map(width, parts)) > left:
            # a path that is too long has a line to itself
            above = wrapped("  ".join(cells).rstrip(), screen() - 2, less=4)
            found.append([above[0], *("    " + part for part in (*above[1:], *wrapped(text, screen() - 6)) if part)])
        else:
            found.append(["  ".join((*cells, parts[0])).rstrip(), *(" " * taken + part for part in parts[1:])])
    return found


def number(count: int, noun: str) -> str:
    """Return a count with its noun: ``1 file``, ``2 files``."""
    return "%d %s%s" % (count, noun, "" if count == 1 else "s")


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - most
    return one_line(", ".join(names[:most]) + (" and %d more" % more if more > 0 else ""))


def _aligned(column: Sequence[str]) -> List[str]:
    """Return the cells of a column, all as wide as the widest."""
    widest = _widest()
    cells = [cell(one, widest) for one in column]
    if "".join(cells).isascii():
        most = max(map(len, cells))
        return [one.ljust(most) for one in cells]
    most = max(map(width, cells))
    return [pad(one, most) for one in cells]


def fields(pairs: Iterable[Sequence[Optional[str]]]) -> List[str]:
    """Return lines of a name and a value, values aligned; those without a value are left out."""
    kept = [(name or "", value) for name, value in pairs if value]
    longest = max([len(name) for name, _ in kept] or [0])
    lines: List[str] = []
    for name, value in kept:
        first, *rest = wrapped(value, screen() - longest - 2) if screen() < _ENDLESS else [value]
        lines += [faint(name.ljust(longest)) + "  " + first, *(" " * (longest + 2) + line for line in rest)]
    return lines


#: Steps from which on a bar is worth showing.
_LONG = 200


@contextmanager
def progress_bar(label: str) -> Iterator[Optional[Callable[[int, int], None]]]:
    """Give a function that takes the number of steps done and of all; None without a terminal on stderr."""
    if not sys.stderr.isatty():
        yield None
        return
    import click

    bar = click.progressbar(length=1, label=label, file=sys.stderr)

    def step(done: int, total: int) -> None:
        if total > _LONG:
            bar.length = total
            bar.update(done - bar.pos)

    yield step
    if bar.length and bar.length > 1:
        bar.render_finish()
