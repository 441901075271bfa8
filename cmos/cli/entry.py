"""The console script: hooks go a short way that imports no click, everything else through the command line.

Whatever goes wrong in a hook, git's own command goes on.
"""

from __future__ import annotations

import gc
import os
import sys
from types import TracebackType
from typing import List, Optional, Sequence, Type


def main() -> None:
    """Run this process's command."""
    # it lives for milliseconds: looking for cycles among what is imported takes one in twenty of them
    gc.disable()
    try:
        _run()
    finally:
        # and looking for them once more when the interpreter ends takes one in eight
        gc.freeze()


def _run() -> None:
    if sys.argv[1:3] == ["hook", "run"]:
        # git waits for a hook: click alone would take as long as all that the hook does

        hook_main()
    from cmos.cli.main import main as run_command

    run_command()


#: Set while a hook runs, so that a git command started by it starts none.
GUARD = "CMOSCTL_IN_HOOK"
_READING = ("post-rewrite", "pre-push")


def hook_main() -> None:
    """Run the hook that the command line of this process names."""
    # a module that does not import, a bug: nothing of cmosctl's may fail what git does
    sys.excepthook = _last_resort
    sys.exit(run_hook(sys.argv[3:]))


def run_hook(arguments: Sequence[str]) -> int:
    """Do the part of one hook and return the exit code: 0, or STOP where a push is to be stopped."""
    if not arguments or os.environ.get("CMOSCTL_HOOKS") == "0" or os.environ.get(GUARD):
        return 0
    os.environ[GUARD] = "1"
    from cmos.hooks.run import Call, answer

    name, rest = arguments[0], list(arguments[1:])
    lines: List[str] = []
    code = answer(Call(name, rest, _stdin() if name in _READING else "", os.getcwd()), lines.append)
    for line in lines:
        _say(line)
    return code


def _stdin() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _say(line: str) -> None:
    # one line of plain text, whatever a file name or a message holds
    shown = "".join(c if c.isprintable() else "?" for c in line)
    try:
        print("cmosctl: %s" % shown, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass  # nobody reads


def _last_resort(kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
    _say("the hook gave up: %s: %s" % (kind.__name__, error))
    os._exit(0)
