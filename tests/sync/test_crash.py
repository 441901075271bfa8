"""I8 atomic, I16 acked is kept: a process that ends at any point of a write loses and tears nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

import pytest
from world import World

from cmos.actions import act as actions
from cmos.db import connection
from cmos.files import exchange
from cmos.sync import plan, write

PLACES = [
    (plan, "plan_files"),
    (write, "_write"),
    (exchange, "exchange"),
    (exchange, "_write"),
    (exchange, "_swap"),
    (exchange, "_check"),
    (exchange, "_put_aside"),
    (exchange, "_sync_folder"),
    (write, "record"),
    (write, "write_files"),
    (connection, "schema_version"),
]
POINTS = [(place, name, when, call) for place, name in PLACES for when in ("before", "after") for call in (1, 2, 3)]


def dies(world: World, place: Any, name: str, when: str, call: int) -> bool:
    """Complete a mission in a child that ends without any clearing up; say whether it got that far."""
    child = os.fork()
    if child == 0:
        try:
            _patch(place, name, when, call)
            world.act(actions.complete, "B1.2")
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) in (0, 9)
    return os.WEXITSTATUS(status) == 9


def _patch(place: Any, name: str, when: str, call: int) -> None:
    real: Callable[..., Any] = getattr(place, name)
    left = [call]

    def instead(*arguments: Any, **options: Any) -> Any:
        left[0] -= 1
        if when == "before" and not left[0]:
            os._exit(9)
        result = real(*arguments, **options)
        if not left[0]:
            os._exit(9)
        return result

    setattr(place, name, instead)


@pytest.mark.parametrize(("place", "name", "when", "call"), POINTS, ids=lambda value: getattr(value, "__name__", value))
def test_i8_atomic(tmp_path: Path, place: Any, name: str, when: str, call: int) -> None:
    world = World(tmp_path / "w")
    old = world.files()
    died = dies(world, place, name, when, call)
    wholes = {"missions/backlog.yaml", "missions/sprint-01/B1.2_commands.yaml", "missions/sprint-02/B2.1_memory.yaml"}
    now = world.files()
    for path in set(old) - wholes:
        assert now[path] == old[path]
    for path in wholes:
        assert len(now[path].splitlines()) == len(old[path].splitlines())

    world.sync()
    status = world.mission("B1.2").status
    assert status == "Completed" or (died and status == "Current")
    assert world.read("backlog.yaml").count('status: "%s"' % status) == 1
    assert "status: %s   # by hand" % status in world.read("sprint-01/B1.2_commands.yaml")
    assert sorted(world.files()) == sorted(old)
    assert world.issues() == []
    assert world.sync().report.is_empty
    tables = world.tables()
    assert [row for row in tables["files"] if row[-1]] == [] and tables["pending"] == []
    assert [row[3] for row in tables["sessions"]] == (["complete"] if status == "Completed" else [])
