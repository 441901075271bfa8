"""A mission in the user's editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from typing import TYPE_CHECKING, List

from cmos.cli.base import output
from cmos.cli.base.options import at_terminal, confirmed
from cmos.core.errors import CmosError, FileProblem, InvalidValue
from cmos.core.record import NamedTuple

if TYPE_CHECKING:
    from cmos.actions.draft import Draft
    from cmos.project.project import Project


def edited(project: Project, draft: Draft) -> bytes:
    """Return the edited text. A broken one is offered again, and saved aside if it stays broken."""
    from cmos.actions import draft as drafts

    content = draft.content
    while True:
        left = edit_text(content, draft.name)
        content = left.content
        if content == draft.content and not left.failure:
            return content
        faults = [left.failure] if left.failure else drafts.faults(draft, content)
        if not faults:
            return content
        for fault in faults:
            output.say("%s:%s" % (draft.name, fault) if fault[:1].isdigit() else "%s: %s" % (draft.name, fault))
        if left.failure or not _again():
            raise _kept(project, draft, content, faults[0])


def _again() -> bool:
    return at_terminal() and confirmed("Edit again?")


def _kept(project: Project, draft: Draft, content: bytes, why: str) -> CmosError:
    from cmos.actions import draft as drafts

    message = "%s was not changed: %s" % (draft.path or draft.mission.id, why)
    if content != draft.content:
        message += "; the edited text is kept in %s" % drafts.reject(project, draft, content)
    return FileProblem(message, hint="to try again: cmosctl mission edit %s" % draft.mission.id)


_HINT = "use --name, --notes, --sprint or --status, or set VISUAL or EDITOR"


def editor_command() -> List[str]:
    """Return the editor to run: VISUAL, else EDITOR, else vi on a terminal.

    Raises InvalidValue without a terminal.
    """
    for variable in ("VISUAL", "EDITOR"):
        text = os.environ.get(variable, "").strip()
        if text:
            return _split(variable, text)
    if not at_terminal():
        raise InvalidValue("there is no terminal to open an editor on", hint=_HINT)
    return ["vi"]


class Left(NamedTuple):
    """The text after the editor has ended."""

    content: bytes
    #: Why the text must not be used; empty when it may be.
    failure: str = ""


def edit_text(content: bytes, name: str) -> Left:
    """Let the user edit a text and return the result. Raises InvalidValue when the editor cannot be run."""
    words = editor_command()
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
