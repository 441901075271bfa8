"""A bar for work that takes a while, where there is somebody to see it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import Callable, Iterator, Optional

import click

#: Steps from which on a bar is worth showing.
_LONG = 200


@contextmanager
def progress_bar(label: str) -> Iterator[Optional[Callable[[int, int], None]]]:
    """Give a function that takes the number of steps done and of all; None without a terminal on stderr."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = click.progressbar(length=1, label=label, file=sys.stderr)

    def step(done: int, total: int) -> None:
        if total > _LONG:
            bar.length = total
            bar.update(done - bar.pos)

    yield step
    if bar.length and bar.length > 1:
        bar.render_finish()
