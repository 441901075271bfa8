"""The SQL shell: sqlite3 where it is installed, else a small one in Python."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Dict, List

from cmos.cli.base import output
from cmos.cli.base.options import at_terminal
from cmos.core.errors import CmosError, FileProblem

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.db.console import Result

_HELP = "Statements end with ;   .tables   .schema   .quit"


def run_once(path: str, sql: str, *, as_json: bool) -> None:
    """Run statements and print their rows; as JSON, one list for each statement that returns rows."""
    from cmos.db import console

    db = console.open_console(path)
    try:
        results = console.run(db, path, _spelled_out(sql))
        if as_json:
            output.print_json([_objects(result) for result in results if result.heads])
            return
        for result in results:
            _print(result)
    finally:
        db.close()


def interact(path: str) -> None:
    """Hand over to sqlite3; where there is none, read statements until the input ends."""
    program = shutil.which("sqlite3")
    if program is None:
        _read_statements(path)
        return
    try:
        sys.stdout.flush()
        os.execv(program, ["sqlite3", path])
    except OSError as error:
        raise FileProblem("%s cannot be started: %s" % (program, error.strerror)) from None


def _spelled_out(text: str) -> str:
    from cmos.db import console

    return {".tables": console.TABLES, ".schema": console.SCHEMA}.get(text.strip(), text)


def _objects(result: Result) -> List[Dict[str, object]]:
    return [{head: _plain(value) for head, value in zip(result.heads, row)} for row in result.rows]


def _plain(value: object) -> object:
    return "x'%s'" % value.hex() if isinstance(value, bytes) else value


def _print(result: Result) -> None:
    if result.heads:
        rows = [["" if value is None else str(_plain(value)) for value in row] for row in result.rows]
        for line in output.columns(rows, heads=result.heads):
            output.show(line)


def _read_statements(path: str) -> None:
    """Read statements, which may take several lines, and run them."""
    from cmos.db import console

    db = console.open_console(path)
    if at_terminal():
        output.say("%s\n%s" % (path, _HELP))
    begun = ""
    try:
        while True:
            line = _line(begun)
            word = line.strip()
            if not line or (not begun and word in (".quit", ".exit")):
                break
            if not begun and word.startswith("."):
                _dot(db, path, word)
                continue
            begun += line
            if not begun.strip() or console.is_complete(begun):
                _execute(db, path, begun)
                begun = ""
        _execute(db, path, begun)
    finally:
        db.close()


def _line(begun: str) -> str:
    if at_terminal():
        print("   ...> " if begun else "cmos> ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def _dot(db: Connection, path: str, word: str) -> None:
    if word in (".tables", ".schema"):
        _execute(db, path, _spelled_out(word))
    else:
        output.say(_HELP)


def _execute(db: Connection, path: str, sql: str) -> None:
    from cmos.db import console

    try:
        for result in console.run(db, path, sql):
            _print(result)
    except CmosError as error:
        if not at_terminal():
            raise
        output.print_error(error, as_json=False)
