"""``kb search|index``: exit codes and output."""

from __future__ import annotations

import os
import random
import shutil
import stat
from pathlib import Path

import pytest

MEAN = "cmos/missions/sprint-01/B1.3_derive-a-daily-mean.yaml"


def test_a_search_shows_place_section_and_snippet(cm, station: Path) -> None:
    told = cm("kb", "search", "derive", "daily", "mean")
    first, snippet = told.out.splitlines()[:2]
    assert told.code == 0 and first.startswith(MEAN + ":") and "B1.3 Dérive a daily mean" in first
    assert snippet.startswith("    ") and "\x1b" not in told.out and "\x02" not in told.out


def test_the_json_has_all_of_a_place_and_marks_what_was_found(cm) -> None:
    hit = cm("kb", "search", "daily mean", "--json", "--limit", "1").data[0]
    assert hit["path"] == MEAN and hit["kind"] == "mission" and isinstance(hit["line"], int)
    assert sorted(hit) == ["id", "kind", "line", "mission_id", "path", "score", "section", "snippet", "title"]
    assert "**" in hit["snippet"]


def test_nothing_found_is_code_one_and_an_empty_list(cm) -> None:
    told = cm("kb", "search", "zzzzqqqq", "--json")
    assert (told.code, told.data, told.err) == (1, [], "nothing found\n")


def test_a_query_is_needed_and_a_kind_must_be_known(cm) -> None:
    assert cm("kb", "search").code == 2
    assert cm("kb", "search", "x", "--kind", "party").code == 2
    assert cm("kb", "search", "x", "--limit", "0").code == 2


STRANGE = ["-x", "--nothing", '"', "AND", "*", "(", "a AND", "col:x", "-- x", "\udcff\udcfe", "^a"]


@pytest.mark.parametrize("query", STRANGE)
def test_no_text_is_an_error(cm, query: str) -> None:
    assert cm("kb", "search", query).code in (0, 1)
    assert "mean" in cm("kb", "search", query, "mean").out
    assert cm("kb", "search", "mean", "--path", query).code in (0, 1, 2)


def test_random_bytes_as_the_command_line_gives_them_are_no_error(cm) -> None:
    chance = random.Random(7)
    for _ in range(150):
        given = bytes(chance.randrange(1, 256) for _ in range(chance.randrange(1, 30)))
        told = cm("kb", "search", "--", os.fsdecode(given))
        assert told.code in (0, 1) and told.err in ("", "nothing found\n")


def test_a_found_place_cannot_steer_the_terminal(cm, station: Path) -> None:
    folder = station / "cmos" / "docs"
    (folder / "evil.md").write_text("# A \x1b[31mred\x1b[0m heading\n\nkookaburra \x1b]0;x\x07 \u202e\n", "utf-8")
    told = cm("kb", "search", "kookaburra")
    assert told.code == 0 and not {"\x1b", "\x07", "\u202e"} & set(told.out)


def test_an_index_says_what_it_did_and_what_it_passed_over(cm, station: Path) -> None:
    (station / "cmos" / "docs" / "a.png").write_bytes(b"\0")
    first = cm("kb", "index")
    assert first.code == 0 and "passed over, not Markdown, text or YAML: cmos/docs/a.png" in first.out
    again = cm("kb", "index", "--json").data
    assert (again["read"], again["changed"], again["removed"], again["records"]) == (0, 0, 0, 0)
    assert again["passed_over"] == [{"path": "cmos/docs/a.png", "why": "not Markdown, text or YAML"}]
    assert cm("kb", "index", "--again", "--json").data["read"] == again["documents"] > 5


def test_of_many_that_are_passed_over_five_are_named(cm, station: Path) -> None:
    for number in range(7):
        (station / "cmos" / "docs" / ("%d.png" % number)).write_bytes(b"x")
    assert cm("kb", "index").out.rstrip().endswith("cmos/docs/4.png and 2 more")


def test_a_search_finds_what_was_written_a_moment_ago(cm, station: Path) -> None:
    (station / "cmos" / "docs" / "new.md").write_text("# New\n\nbrolga\n", "utf-8")
    assert cm("kb", "search", "brolga").out.startswith("cmos/docs/new.md:3")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_project_that_cannot_be_written_is_searched_as_it_was_indexed(cm, station: Path) -> None:
    assert cm("kb", "index").code == 0
    (station / "cmos" / "docs" / "new.md").write_text("brolga\n", "utf-8")
    for path in (station / ".cmos", station / ".cmos" / "memory.db"):
        path.chmod(path.stat().st_mode & ~stat.S_IWUSR)
    try:
        told = cm("kb", "search", "daily mean")
        assert told.code == 0 and MEAN in told.out and "out of date" in told.err
    finally:
        (station / ".cmos").chmod(0o755)


def test_outside_of_a_project_it_is_code_three(cm, station: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cm("kb", "search", "x").code == 3
    shutil.rmtree(str(tmp_path / "elsewhere"))
