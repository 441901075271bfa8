"""The entry point: runs a command, and turns every error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import List, Optional, Sequence, Union

from cmos.cli.base import commands, declare
from cmos.cli.base.declare import Call
from cmos.cli.base.output import clean, print_error, put
from cmos.core.errors import CmosError, FileProblem, InvalidValue


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
        call = _read(given)
        code = call if isinstance(call, int) else declare.perform(call)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()  # the reader closed the pipe: it has what it wanted
        return 0
    except KeyboardInterrupt:
        put("interrupted", sys.stderr)
        return 130
    except (CmosError, OSError) as error:
        return _report(error, as_json="--json" in _options(given))
    return code


def _read(words: List[str]) -> Union[Call, int]:
    """Return the call that the words make; an exit code where all is said already."""
    entry, number = commands.find(words)
    if entry is not None and "_CMOSCTL_COMPLETE" not in os.environ:
        command = commands.load(entry)
        arguments = declare.read(command, words[number:])
        if arguments is not None:
            return Call(command, arguments, " ".join(["cmosctl", *words[:number]]))
    from cmos.cli.base import with_click

    return with_click.read(words)


def _report(error: BaseException, *, as_json: bool) -> int:
    problem = _translated(error)
    print_error(problem, as_json=as_json)
    _end_output()
    return problem.exit_code


def _translated(error: BaseException) -> CmosError:
    if isinstance(error, CmosError):
        return error
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
