"""Where the watcher's events come from, without the scan that would find each change half a minute later."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Iterator, Tuple

import pytest
from watch_world import World

from cmos.project.layout import Layout
from cmos.project.project import find_project
from cmos.watch import events
from cmos.watch.daemon import Burst, Flag

Armed = Tuple[events.Source, Flag, Layout]


@pytest.fixture
def armed(world: World) -> Iterator[Armed]:
    flag, layout = Flag(), find_project(str(world.folder))
    made = events.Source(flag)
    made.fit(layout, Burst())
    assert made.is_armed
    heard(flag, patience=0.5)
    yield made, flag, layout
    made.close()


def heard(flag: Flag, *, patience: float = 10.0) -> Burst:
    """Return what came in time."""
    return flag.wait(time.monotonic() + patience)


def test_a_commit_to_the_database_is_heard_while_others_have_it_open(world: World, armed: Armed) -> None:
    one, other = (sqlite3.connect(str(world.database), isolation_level=None) for _ in range(2))
    one.execute("SELECT count(*) FROM missions").fetchone()
    other.execute("UPDATE missions SET notes = 'heard' WHERE id = 'B1.3'")
    burst = heard(armed[1])
    assert burst.events and not burst.files
    one.close()
    other.close()


def test_a_file_that_may_be_read_again_is_heard(world: World, armed: Armed) -> None:
    world.file("B1.3").chmod(0o600)
    assert heard(armed[1]).files


def test_a_missions_folder_that_goes_and_comes_is_heard_and_watched_again(world: World, armed: Armed) -> None:
    made, flag, layout = armed
    world.missions.rename(world.folder / "away")
    assert heard(flag).folders
    made.fit(layout, Burst())
    (world.folder / "away").rename(world.missions)
    assert heard(flag).folders
    made.fit(layout, Burst())
    heard(flag, patience=0.5)
    world.edit("B1.3", "objective: ", "objective: Back, ")
    assert heard(flag).files


@pytest.mark.parametrize(
    ("burst", "missed"), [(Burst(2, True, True), False), (Burst(1000, True), False), (Burst(), True)]
)
def test_watches_that_may_not_fit_are_made_anew(armed: Armed, burst: Burst, missed: bool) -> None:
    made, _, layout = armed
    before = made._observer
    made.fit(layout, Burst(1, True))
    assert made._observer is before
    made.fit(layout, burst, missed=missed)
    assert made.is_armed and made._observer is not before


def test_events_that_watchdog_only_says_are_lost_are_heard(armed: Armed) -> None:
    logging.getLogger("watchdog.observers.inotify_c").warning("the queue is full")
    burst = heard(armed[1])
    assert burst.files and burst.folders


def test_a_folder_in_another_s_place_is_watched(world: World, armed: Armed) -> None:
    made, _, layout = armed
    before = made._observer
    (world.folder / "new").mkdir()
    world.missions.rename(world.folder / "away")
    (world.folder / "new").rename(world.missions)
    made.fit(layout, Burst(1, True))
    assert made.is_armed and made._observer is not before


def test_a_thread_that_has_ended_is_replaced(armed: Armed) -> None:
    made, _, layout = armed
    before = made._observer
    assert before is not None
    ended = next(iter(before.emitters))
    ended.stop()
    ended.join()
    made.fit(layout, Burst(1, True))
    assert made.is_armed and made._observer is not before
