"""Which missions wait, asked for one by one and all at once."""

from __future__ import annotations

import sqlite3
from typing import List, Tuple

from hypothesis import given
from hypothesis import strategies as st

from cmos.core.models import Dependency, Mission
from cmos.core.status import KNOWN
from cmos.db import migrate
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows

IDS = ["M%d" % number for number in range(8)]
an_id = st.sampled_from(IDS)


@given(
    st.lists(st.sampled_from(KNOWN), min_size=len(IDS), max_size=len(IDS)),
    st.lists(st.tuples(an_id, an_id, st.sampled_from(("Blocks", "needed by", "x", None)))),
    st.sampled_from(["", *IDS]),
)
def test_one_by_one_and_all_at_once_say_the_same(statuses: List[str], links: List[Tuple], finished: str) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate.apply(db)
    mission_rows.insert_many(db, [Mission(id, status=one) for id, one in zip(IDS, statuses)], now="")
    link_rows.replace_dependencies(db, "test", [Dependency(*one) for one in links])
    at_once, lazy = link_rows.waiting(db, finished=finished), link_rows.Waiting(db, finished=finished)
    for _ in range(20):  # from some number on all are asked for together
        assert [id in lazy for id in IDS] == [id in at_once for id in IDS]
    blocked = {after for _, after, _ in link_rows.holds(db)}
    is_open = dict(zip(IDS, statuses))
    assert blocked == {id for id in link_rows.waiting(db) if is_open[id] not in ("Completed", "Deferred")}
    db.close()
