"""The console script: hooks go a short way, everything else through the command line."""

from __future__ import annotations

import gc
import sys


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
        from cmos.cli.hook_run import main as run_hook

        run_hook()
    from cmos.cli.main import main as run_command

    run_command()
