"""The console script, and ``python -m cmos``: hooks go a short way without click, the rest through the command line.

Whatever goes wrong in a hook, git's own command goes on.
"""

from __future__ import annotations

import gc
import os
import sys
from types import TracebackType
from typing import Optional, Type


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


def hook_main() -> None:
    """Run the hook that the command line of this process names."""
    # a module that does not import, a bug: nothing of cmosctl's may fail what git does
    sys.excepthook = _last_resort
    from cmos.hooks.run import run_hook

    sys.exit(run_hook(sys.argv[3:], _say))


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


if __name__ == "__main__":
    main()
