"""The user's editor, on a copy of a text."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from typing import List, NamedTuple

from cmos.cli.options import at_terminal
from cmos.core.errors import InvalidValue

_HINT = "use --name, --notes, --sprint or --status, or set VISUAL or EDITOR"


def command() -> List[str]:
    """Return the editor to call: VISUAL, else EDITOR, else vi on a terminal.

    Raises InvalidValue when nobody is there to use one.
    """
    for variable in ("VISUAL", "EDITOR"):
        text = os.environ.get(variable, "").strip()
        if text:
            return _split(variable, text)
    if not at_terminal():
        raise InvalidValue("there is no terminal to open an editor on", hint=_HINT)
    return ["vi"]


class Left(NamedTuple):
    """How an editor leaves a text."""

    content: bytes
    #: Why it is not to be used; empty when it is.
    failure: str = ""


def edit(content: bytes, name: str) -> Left:
    """Return the text as the user leaves it. Raises InvalidValue when the editor cannot be run."""
    words = command()
    with tempfile.TemporaryDirectory(prefix="cmos-edit-") as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        try:
            code = subprocess.call([*words, path])
        except OSError as error:
            raise InvalidValue("the editor %s cannot be run: %s" % (words[0], error.strerror), hint=_HINT) from None
        failure = "the editor %s ended with code %d" % (words[0], code) if code else ""
        try:
            with open(path, "rb") as file:
                return Left(file.read(), failure)
        except FileNotFoundError:
            return Left(content, failure or "the editor %s removed the text" % words[0])


def _split(variable: str, text: str) -> List[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidValue("%s is not a command: %s" % (variable, error), hint=_HINT) from None
    if not words:
        raise InvalidValue("%s is not a command" % variable, hint=_HINT)
    return words
