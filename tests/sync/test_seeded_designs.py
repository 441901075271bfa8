"""The power of the state machine: each of six bad designs, put in on purpose, must make it fail.

Run it with ``python -m pytest -m soak tests/sync/test_seeded_designs.py``.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional

import pytest
from machine import must_fail
from test_git_machine import GitMachine

from cmos.files import exchange
from cmos.sync import issue_rows, issues, rules, statuses
from cmos.sync.arriving import Arriving
from cmos.sync.issue_rows import Pending


def file_wins(patch: pytest.MonkeyPatch) -> None:
    """Whatever status a file says goes to the database."""
    real = rules.status

    def status(file: Optional[str], database: Optional[str], old: Optional[str], **options: Any) -> str:
        verdict = real(file, database, old, **options)
        return verdict if verdict == rules.NOTHING else rules.TAKE

    patch.setattr(rules, "status", status)


def no_looks(patch: pytest.MonkeyPatch) -> None:
    """Commits that were looked at are not remembered: old news is taken for news."""
    patch.setattr(Arriving, "_has_arrived", lambda self: not self.is_first)
    patch.setattr(rules, "base_of", lambda database, said: database)


def re_assert_state(patch: pytest.MonkeyPatch) -> None:
    """A file is written because it differs, not because somebody asked."""
    real = statuses.note_difference

    def note(one: Any, placed: Any, field: str, database: Optional[str], **options: Any) -> None:
        issue_rows.ask(one.project, Pending(placed.mission_id, field, database, False, ""))
        real(one, placed, field, database, **options)

    patch.setattr(statuses, "note_difference", note)


def delete_on_missing(patch: pytest.MonkeyPatch) -> None:
    """A mission whose file is gone is deleted."""
    patch.setattr(issues, "_missing", lambda one, record, origins: one.project.db.execute(
        "DELETE FROM missions WHERE id = ?", (record.mission_id,)))


def write_in_place(patch: pytest.MonkeyPatch) -> None:
    """The file is opened and overwritten."""

    def swap(new: str, path: str) -> None:
        with open(new, "rb") as source, open(path, "wb") as target:
            target.write(source.read())

    patch.setattr(exchange, "_swap", swap)
    _without_looking_back(patch)


def blind_replace(patch: pytest.MonkeyPatch) -> None:
    """The file is replaced whatever it holds by then."""
    patch.setattr(exchange, "_swap", os.replace)
    _without_looking_back(patch)


def _without_looking_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exchange, "_check", lambda *arguments, **options: None)
    patch.setattr(exchange, "_put_aside", lambda temporary, *others: exchange._unlink(temporary))


DESIGNS: Dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    design.__name__: design
    for design in (file_wins, no_looks, re_assert_state, delete_on_missing, write_in_place, blind_replace)
}


@pytest.mark.soak
@pytest.mark.parametrize("design", DESIGNS)
def test_each_bad_design_makes_the_state_machine_fail(design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    DESIGNS[design](monkeypatch)
    must_fail(GitMachine)
