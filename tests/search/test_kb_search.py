"""Searching: what is found, in which order, and that nothing a person types is wrong."""

from __future__ import annotations

import random
from typing import List

import pytest

from cmos.core.models import Decision, Fact, Session
from cmos.journal import rows as journal_rows
from cmos.project.project import Project
from cmos.search.rank import BEGIN, END, KINDS
from cmos.search.search import search
from cmos.sync import run


def sections(ws: Project, query: str, **more) -> List[str]:
    return [hit.section for hit in search(ws, query, **more)]


@pytest.mark.parametrize(
    "query",
    [
        "calibrating the barometer",
        "calibrate barometers",
        "barometer nowherewords",
        "barometr",
        "barommeter",
        "baormeter",
        "calibr",
        "calbirating",
        "pressure",
        "pressureOffset",
        "pressure_offset",
        "offset",
        "settings",
        "station_settings",
        "config.station_settings",
        '"before the first reading"',
        '"before the frist reading"',
    ],
)
def test_a_section_is_found_by(ws: Project, query: str) -> None:
    assert sections(ws, query)[0] == "Station guide › Calibrating the barometer"


def test_a_misspelt_word_of_a_files_name_is_found(ws: Project, write) -> None:
    write("docs/anemometer.md", "It turns.\n")
    assert [hit.path for hit in search(ws, "anemomter")] == ["cmos/docs/anemometer.md"]


@pytest.mark.parametrize("query", ["zzzzqqqq", '"reading first the before"', "", " ", "***", '"', "B9.9"])
def test_what_is_nowhere_is_not_found(ws: Project, query: str) -> None:
    assert search(ws, query) == []


def test_a_place_has_the_line_of_the_word_and_the_word_is_marked(ws: Project) -> None:
    hit = search(ws, "uplink")[0]
    assert (hit.path, hit.line, hit.kind, hit.title) == ("cmos/docs/guide.md", 11, "doc", "Station guide")
    assert "The %suplink%s retries" % (BEGIN, END) in hit.snippet


def test_more_of_the_words_come_before_fewer(ws: Project, write) -> None:
    write("docs/a.md", "# One\n\nalpha alpha alpha alpha\n\n# Both\n\nThere is alpha, and in some way also beta.\n")
    assert sections(ws, "alpha beta")[:2] == ["Both", "One"]


def test_a_heading_of_the_words_comes_before_a_text_of_them(ws: Project, write) -> None:
    write("docs/a.md", "# Other\n\nRetry policy, retry policy, the retry policy.\n\n# Retry policy\n\nThree times.\n")
    assert sections(ws, "retry policy")[0] == "Retry policy"


def test_one_file_does_not_hide_the_others(ws: Project, write) -> None:
    write("docs/a.md", "".join("# Dingo %d\n\nThe dingo.\n\n" % number for number in range(9)))
    write("docs/b.md", "# Other\n\nOnce a dingo.\n")
    found = [hit.path for hit in search(ws, "dingo")]
    assert len(found) == 10 and found[5] == "cmos/docs/b.md"


def test_decisions_facts_and_sessions_are_found_with_their_number_and_mission(ws: Project) -> None:
    with run.change(ws) as db:
        decision = journal_rows.add_decision(db, Decision("Use quokka sensors", "They are cheap", "B1.1", ws.now))
        fact = journal_rows.add_fact(db, Fact("quokka sensors drift", "risk", "B1.2", ws.now))
        session = journal_rows.add_session(db, Session("start", None, "human", "looked at quokka sensors", ts=ws.now))
    found = {hit.kind: (hit.path, hit.line, hit.id, hit.mission_id) for hit in search(ws, "quokka")}
    assert found == {
        "decision": ("decision %d" % decision, None, decision, "B1.1"),
        "fact": ("fact %d" % fact, None, fact, "B1.2"),
        "session": ("session %d" % session, None, session, None),
    }
    assert [hit.kind for hit in search(ws, "quokka", kinds=["fact"])] == ["fact"]


@pytest.mark.parametrize("query", ["café rules", "cafe rules", "CAFÉ RULES", "cafe\u0301 rules", "caffe rules"])
def test_accents_and_capitals_make_no_difference(ws: Project, write, query: str) -> None:
    write("docs/a.md", "# Other rules\n\nOf the cafés.\n\n# Café Rules\n\nNone.\n")
    assert sections(ws, query)[0] == "Café Rules"


def test_kinds_and_paths_narrow_the_search_down(ws: Project, write) -> None:
    missions = ("missions/sprint-01/B1_x.yaml", "missions/templates/t.yaml")
    for path in ("docs/sub/a.md", "docs/b.txt", *missions, "research/r.md"):
        write(path, "wombat: yes\n")
    assert {hit.kind for hit in search(ws, "wombat")} == {"doc", "mission", "template", "research"}
    assert [hit.path for hit in search(ws, "wombat", path="cmos/docs/sub/")] == ["cmos/docs/sub/a.md"]
    assert [hit.path for hit in search(ws, "wombat", path="*.txt")] == ["cmos/docs/b.txt"]
    assert [hit.path for hit in search(ws, "wombat", path="cmos/research/r.md")] == ["cmos/research/r.md"]
    assert [hit.path for hit in search(ws, "wombat", path="./cmos//docs/sub")] == ["cmos/docs/sub/a.md"]
    folder = ws.layout.root + "/cmos/docs/sub"
    assert [hit.path for hit in search(ws, "wombat", path=folder)] == ["cmos/docs/sub/a.md"]
    assert len(search(ws, "wombat", path=".")) == len(search(ws, "wombat")) == 5
    assert search(ws, "wombat", path="cmos/doc") == []
    assert len(search(ws, "wombat", limit=2)) == 2


def test_two_thousand_random_byte_strings_are_queries(ws: Project) -> None:
    chance = random.Random(5)
    alphabet = bytes(range(256)) + b'"\'*()-+^:{}~ANDORNOTNEAR\x00 ' * 8
    for _ in range(2000):
        query = bytes(chance.choice(alphabet) for _ in range(chance.randrange(40)))
        search(ws, query.decode("utf-8", "surrogateescape"))
    assert set(KINDS) >= {hit.kind for hit in search(ws, "barometer")}


def test_of_words_that_are_everywhere_the_best_headings_and_the_newest_places_are_weighed(ws: Project, write) -> None:
    write("docs/a.md", "# Common words\n\nonce\n")
    write("docs/many.md", "".join("# Page %d\n\ncommon words here\n\n" % number for number in range(2000)))
    write("docs/z.md", "# Last\n\n" + "common words " * 10 + "\n")
    assert [hit.path for hit in search(ws, "common words", limit=2)] == ["cmos/docs/a.md", "cmos/docs/z.md"]


def test_a_search_by_sql_works_as_the_first_architecture_says(ws: Project) -> None:
    search(ws, "anything")
    sql = (
        "SELECT s.path, c.text FROM kb_chunks_fts f JOIN kb_chunks c ON c.id = f.rowid "
        "JOIN kb_sources s ON s.id = c.source_id WHERE kb_chunks_fts MATCH 'uplink' AND s.last_indexed_ts IS NOT NULL"
    )
    assert [path for path, _ in ws.db.execute(sql)] == ["cmos/docs/guide.md"]
