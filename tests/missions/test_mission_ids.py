"""Ids found in a text by the database are the ones that the text names."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cmos.history.naming import Ids
from cmos.missions import rows as mission_rows

AN_ID = st.text("aAbBkK1.-Äßſ\u212a", min_size=1, max_size=4)


@example({"11", "ß"}, "ſſ", True)
@given(st.sets(AN_ID, max_size=8), st.text("aAbBkK1.- Äßſ\u212aß\n", max_size=30), st.booleans())
def test_what_a_text_names_is_found_without_loading_all_ids(ids: set[str], text: str, any_case: bool) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE missions (id TEXT PRIMARY KEY)")
    db.executemany("INSERT INTO missions VALUES (?)", [(one,) for one in ids])
    found = mission_rows.maybe_named(db, text)
    db.close()
    everything = Ids(sorted(ids)).within(text, any_case=any_case)
    assert Ids(sorted(found)).within(text, any_case=any_case) == everything


@pytest.mark.parametrize("text", ["b1.20: late", "see B1.20", "feature/B1.20"])
def test_ids_that_a_text_does_not_name_stay_in_the_database(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE missions (id TEXT PRIMARY KEY)")
    db.executemany("INSERT INTO missions VALUES (?)", [("B1.%d" % number,) for number in range(100)])
    assert sorted(mission_rows.maybe_named(db, text)) == ["B1.2", "B1.20"]
    db.close()
