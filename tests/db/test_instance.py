"""A lock that is held for a process's life, and what those who look at it are told."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cmos.db.lock import hold_instance, instance_holder


def test_the_process_that_holds_it_is_named(tmp_path: Path) -> None:
    lock = hold_instance(str(tmp_path / "a" / "lock"))
    assert lock is not None and lock.is_in_place
    assert instance_holder(lock.path) == os.getpid()
    assert hold_instance(lock.path) is None
    lock.release()
    assert instance_holder(lock.path) is None


def test_two_who_look_at_once_do_not_take_each_other_for_one_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("1\n", "ascii")  # of one that was killed
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: instance_holder(str(path)), range(4000)))
    assert set(found) == {None}


def test_a_lock_file_that_is_replaced_is_no_longer_in_place(tmp_path: Path) -> None:
    lock = hold_instance(str(tmp_path / "lock"))
    assert lock is not None
    os.unlink(lock.path)
    assert not lock.is_in_place
    other = hold_instance(lock.path)
    assert other is not None and not lock.is_in_place and other.is_in_place
    lock.release()
    other.release()
