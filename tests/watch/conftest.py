"""Projects with a watcher; whatever a test starts is gone when it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator, List

import pytest
from watch_world import World


@pytest.fixture
def worlds(scripts: Path) -> Iterator[Callable[[Path], World]]:
    """``worlds(folder)`` is a worktree whose watchers are killed in the end."""
    made: List[World] = []

    def make(folder: Path) -> World:
        made.append(World(folder, scripts))
        return made[-1]

    yield make
    for world in made:
        world.end()


@pytest.fixture
def world(station: Path, worlds: Callable[[Path], World]) -> World:
    """The sample project, initialised and committed, without hooks and with no watcher yet."""
    return worlds(station)
