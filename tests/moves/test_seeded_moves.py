"""The power of the team's state machine: each old behaviour, put back on purpose, must make it fail.

Run it with ``python -m pytest -m soak tests/moves/test_seeded_moves.py``.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

import pytest
from machine import must_fail
from test_team_machine import TeamMachine

from cmos.sync import issues, rules, statuses
from cmos.sync import survey as surveys
from cmos.sync.arriving import Arriving
from cmos.sync.origin import Origins


def a_new_path_is_a_hand_s(patch: pytest.MonkeyPatch) -> None:
    """Of a path that is new here git is not asked."""
    real = Origins.kind

    def kind(self: Origins, path: str, *arguments: Any) -> str:
        return rules.HAND if self._files[path].before is None else real(self, path, *arguments)

    patch.setattr(Origins, "kind", kind)


def what_is_not_in_head_is_a_hand_s(patch: pytest.MonkeyPatch) -> None:
    """What git brought without a commit counts as typed."""
    real = Origins.kind
    patch.setattr(Origins, "kind", lambda *one: rules.HAND if real(*one) == rules.KNOWN else real(*one))


def whatever_is_checked_out_arrives(patch: pytest.MonkeyPatch) -> None:
    """A look at a branch is taken for news."""
    patch.setattr(Arriving, "arrived", property(lambda self: not self.is_first))


def nothing_was_seen_before(patch: pytest.MonkeyPatch) -> None:
    """Old news of the trunk is news."""
    real = Arriving._has_arrived

    def has_arrived(self: Arriving) -> bool:
        on_trunk = self.on_trunk and not self.is_first
        return real(self) or on_trunk

    patch.setattr(Arriving, "_has_arrived", has_arrived)
    patch.setattr(rules, "base_of", lambda database, said: database)


def pointers_are_written_everywhere(patch: pytest.MonkeyPatch) -> None:
    """A claim on a branch is a line of its file."""
    patch.setattr(rules, "written", lambda status, before, on_trunk: status)


def what_agrees_stays_noted(patch: pytest.MonkeyPatch) -> None:
    """A note is closed only by the pass that settles it."""
    patch.setattr(issues, "close_agreed", lambda *arguments, **options: None)
    patch.setattr(issues, "settled", lambda *arguments, **options: None)


def what_waits_is_never_read_again(patch: pytest.MonkeyPatch) -> None:
    """A staged status that is committed as it is stays unknown."""
    patch.setattr(surveys, "to_read_again", lambda project: [])


def the_old_head_alone_is_the_base(patch: pytest.MonkeyPatch) -> None:
    """What was said on the way does not count: a commit of ours that no look saw makes a conflict."""

    def base_of(database: Optional[str], said: Any) -> Optional[str]:
        return next((value for value in said if value is not None), None)

    patch.setattr(rules, "base_of", base_of)


def the_file_wins(patch: pytest.MonkeyPatch) -> None:
    """Whatever status a commit says goes to the database, arrived or not."""
    real = rules.status

    def status(file: Optional[str], database: Optional[str], base: Optional[str], **options: Any) -> str:
        verdict = real(file, database, base, **options)
        return rules.TAKE if verdict in (rules.DRIFT, rules.CONFLICT, rules.STAYS) else verdict

    patch.setattr(rules, "status", status)


def an_arriving_pointer_ends_a_claim(patch: pytest.MonkeyPatch) -> None:
    """Files have the last word on who is at what: two missions are Current."""
    patch.setattr(statuses, "_moves_pointer", lambda *arguments: True)


DESIGNS: Dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    design.__name__: design
    for design in (
        a_new_path_is_a_hand_s,
        what_is_not_in_head_is_a_hand_s,
        whatever_is_checked_out_arrives,
        nothing_was_seen_before,
        pointers_are_written_everywhere,
        what_agrees_stays_noted,
        what_waits_is_never_read_again,
        the_old_head_alone_is_the_base,
        the_file_wins,
        an_arriving_pointer_ends_a_claim,
    )
}


@pytest.mark.soak
@pytest.mark.parametrize("design", DESIGNS)
def test_each_old_behaviour_makes_the_state_machine_fail(design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    DESIGNS[design](monkeypatch)
    must_fail(TeamMachine)
