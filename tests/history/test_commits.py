"""Which missions a commit speaks of."""

from __future__ import annotations

from typing import List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.history.naming import Commit, Ids, coming_ids, naming, spoken_of

IDS = Ids(["B1.1", "B1.10", "B1.2", "B16.T1", "docs", "B14.4", "B14.4-20251028", "ÄB.1"])


def commit(message: str) -> Commit:
    return Commit("0" * 40, (), "Ada <ada@example.org>", "0", "", message.split("\n")[0], message)


@pytest.mark.parametrize(
    "text, found",
    [
        ("B1.1: greet", ("B1.1",)),
        ("B1.10: greet", ("B1.10",)),
        ("B1.100 greet", ()),
        ("B1.1.1 greet", ()),
        ("XB1.1 greet", ()),
        ("2.B1.1 greet", ()),
        ("[b1.1] greet", ("B1.1",)),
        ("finish B1.2, B1.1 and B1.2.", ("B1.2", "B1.1")),
        ("B1.1_greet.yaml", ("B1.1",)),
        ("B16.t1-fix", ("B16.T1",)),
        ("B14.4-20251028 is longer", ("B14.4-20251028",)),
        ("B14.4-2025 is not", ("B14.4",)),
        ("äb.1", ("ÄB.1",)),
        ("Docs: typos", ()),
        ("docs: typos", ("docs",)),
        ("", ()),
    ],
)
def test_ids_are_found_in_a_subject_at_the_borders_of_words(text: str, found: Tuple[str, ...]) -> None:
    assert IDS.within(text) == found


@pytest.mark.parametrize("name, found", [("feature/b1.1-greet", "B1.1"), ("b1.10", "B1.10"), ("DOCS", "docs")])
def test_in_the_name_of_a_branch_case_does_not_count(name: str, found: str) -> None:
    assert IDS.within(name, any_case=True) == (found,)


@pytest.mark.parametrize(
    "message, branch, at_work, found",
    [
        ("B1.1: x\n\nMission: B1.2", "b1.10", "docs", ("B1.2",)),
        ("x\n\nMission: B1.2, b1.1\nmission:   B1.10\n", "", "docs", ("B1.2", "B1.1", "B1.10")),
        ("x\n\nMission: B9.9", "b1.10", "docs", ("B1.10",)),
        ("B1.1: x\n\nB1.2", "b1.10", "docs", ("B1.1",)),
        ("x", "b1.10", "docs", ("B1.10",)),
        ("x", "main", "docs", ("docs",)),
        ("x", None, None, ()),
    ],
)
def test_a_trailer_goes_before_the_subject_before_the_branch_before_the_mission_at_work(
    message: str, branch: Optional[str], at_work: Optional[str], found: Tuple[str, ...]
) -> None:
    assert spoken_of(commit(message), IDS, branch=branch, at_work=(at_work,) if at_work else ()) == found


def test_the_body_names_missions_in_lines_for_them_alone() -> None:
    message = "B1.2: a subject\n\nLike B1.3.\n\nMission: B1.4\nmissions: B1.5, B1.6\n"
    assert naming(message, "B1.2: a subject") == ("B1.4, B1.5, B1.6", "B1.2: a subject")


def test_a_commit_may_speak_of_the_mission_that_it_adds() -> None:
    names = ["cmos/missions/sprint-01/B3.1_a_b.yaml", "sub/cmos/missions/B3.2_x.yml"]
    others = ["cmos/missions/templates/B1.9_x.yaml", "cmos/missions/backlog.yaml", "cmos/missions/my_plan.yaml"]
    assert coming_ids([*names, *others]) == ["B3.1", "B3.2"]


@given(st.text(), st.lists(st.text(min_size=1), max_size=5))
def test_no_text_and_no_ids_are_too_odd(text: str, ids: List[str]) -> None:
    assert set(Ids(ids).within(text, any_case=True)) <= set(ids)


@given(st.sampled_from(["B1.1", "B1.10", "B16.T1", "docs"]), st.sampled_from(["", " ", "/", "(", "#", "-"]))
def test_an_id_is_found_wherever_it_stands_alone(one: str, border: str) -> None:
    assert IDS.within("x " + border + one + border + " y") == (one,)
