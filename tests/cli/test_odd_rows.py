"""Rows that somebody's own SQL, or a hostile file, has put into a project, on the command line."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Callable, List

import pytest

LONG = "s" * 500_000


@pytest.fixture
def sql(cm: Callable[..., Any]) -> Callable[[str], None]:
    """``sql("UPDATE ...")`` as a person runs it."""

    def call(text: str) -> None:
        assert cm("db", "shell", "-c", text).code == 0

    return call


@pytest.mark.parametrize("id", ["NULL", "x'41'", "CAST(x'41ff' AS TEXT)"])
def test_a_row_without_a_name_stops_nothing_and_verify_tells_how_to_mend_it(cm, sql, station: Path, id: str) -> None:
    sql("INSERT INTO missions (id, name, status) VALUES (%s, 'x', 'Queued')" % id)
    for line in ("init --no-hooks", "status", "mission list", "mission next", "sync", "context", "db export json"):
        assert cm(*line.split()).code == 0, line
    assert len(cm("mission", "list", "--json").data) == 6
    assert cm("mission", "complete", "B1.2").code == 0
    (found,) = nameless(cm)
    assert found["severity"] == "error"
    assert "every command passes it over" in found["message"] and "cmosctl db shell -c" in found["message"]


def nameless(cm: Callable[..., Any]) -> List[Any]:
    return [one for one in cm("mission", "verify", "--json").data["findings"] if one["code"] == "nameless-row"]


def test_the_command_that_verify_gives_makes_a_mission_of_a_row_without_an_id(cm, sql) -> None:
    sql("INSERT INTO missions (name, status) VALUES ('x', 'Queued')")
    (found,) = nameless(cm)
    sql(found["message"].split('db shell -c "')[1].rstrip('"'))
    assert cm("mission", "show", "B9.9").code == 0
    assert nameless(cm) == []
    assert cm("mission", "start", "B9.9").code == 0


def test_a_status_that_is_a_blob_is_taken_as_the_status_that_it_says(cm, sql, station: Path) -> None:
    sql("UPDATE missions SET status = CAST('Completed' AS BLOB) WHERE id = 'B1.3'")
    assert cm("mission", "show", "B1.3", "--json").data["status"] == "Completed"
    with closing(sqlite3.connect(str(station / ".cmos" / "memory.db"))) as db:
        assert db.execute("SELECT typeof(status) FROM missions WHERE id = 'B1.3'").fetchone() == ("text",)


def test_a_blob_and_a_broken_text_are_shown_and_told(cm, sql) -> None:
    sql("UPDATE missions SET notes = x'6e6f1b74', name = CAST(x'ff41' AS TEXT) WHERE id = 'B2.1'")
    shown = cm("mission", "show", "B2.1")
    assert (shown.code, "\\xffA" in shown.out, "no\\x1bt" in shown.out) == (0, True, True)
    told = {one["message"].split(";")[0] for one in cm("mission", "verify", "--json").data["findings"]}
    assert "1 row of the table missions: a BLOB as its notes" in told
    assert "1 row of the table missions: not UTF-8 as its name" in told


def test_an_export_keeps_every_byte_and_the_shell_shows_it(cm, sql) -> None:
    sql("UPDATE missions SET notes = x'6e6fff', name = CAST(x'ff41' AS TEXT) WHERE id = 'B2.1'")
    rows = json.loads(cm("db", "export", "json").out)["tables"]["missions"]
    row = next(one for one in rows if one["id"] == "B2.1")
    assert (row["notes"], row["name"]) == ({"base64": "bm//"}, {"text_base64": "/0E="})
    ran = cm("db", "shell", "-c", "SELECT notes, name FROM missions WHERE id = 'B2.1'", "--json")
    assert ran.data == [[{"notes": "x'6e6fff'", "name": "\\xffA"}]]


@pytest.mark.parametrize("id", ["NaN", '{"real": "nan"}', '{"base64": "QQ=="}', '{"text_base64": "Qf8="}'])
def test_an_import_refuses_a_mission_whose_id_is_no_text(cm, station: Path, id: str) -> None:
    text = '{"cmos_export": 1, "schema": 6, "tables": {"missions": [{"id": %s, "name": "x"}, {"id": "Z1"}]}}'
    (station / "odd.json").write_text(text % id, "utf-8")
    ran = cm("db", "import", "odd.json", "--json")
    assert (ran.code, len(ran.data["leftovers"]), ran.data["added"]) == (0, 1, {"missions": 1})
    assert [one["id"] for one in cm("mission", "list", "--json").data][-1] == "Z1"


def test_a_sprint_of_half_a_megabyte_among_thousands_of_missions_costs_a_line(station: Path) -> None:
    folder = station / "cmos" / "missions" / "sprint-01"
    documents = ("missionId: Z%d\nname: n\nsprint: sprint-01\nstatus: Queued\n" % number for number in range(2000))
    (folder / "many.yaml").write_text("---\n".join(documents), "utf-8")
    (folder / "long.yaml").write_text("missionId: Y1\nsprint: %s\n---\nmissionId: Y2\nname: other\n" % LONG, "utf-8")
    ran = limited(station, "mission", "list")
    assert ran.returncode == 0
    lines = ran.stdout.decode().splitlines()
    assert len(lines) == 3 + 6 + 2000 + 1 and max(map(len, lines)) < 200
    told = "long.yaml:2:9: a sprint of 500000 characters (%s...); at most 500 are allowed" % LONG[:20]
    assert told in ran.stderr.decode() and len(ran.stderr) < 1000
    checked = limited(station, "mission", "verify")
    assert checked.returncode == 1 and told.replace("9: a", "9: error: a") in checked.stdout.decode()


def test_a_long_value_in_a_row_costs_every_table_its_own_length_only(station: Path) -> None:
    db = sqlite3.connect(str(station / ".cmos" / "memory.db"))
    db.executemany("INSERT INTO missions (id, status) VALUES (?, 'Queued')", [("Z%d" % n,) for n in range(2000)])
    db.execute("UPDATE missions SET sprint_id = ?1, status_known = status WHERE id = 'B2.1'", (LONG,))
    db.execute("INSERT INTO missions (id, sprint_id, status) VALUES (?1, ?1, ?1)", (LONG,))
    db.execute("INSERT INTO sessions (mission_id, agent, action) VALUES (?1, ?1, ?1)", (LONG,))
    db.executemany("INSERT INTO sessions (action) VALUES (?)", [("note",)] * 2000)
    db.execute("INSERT INTO facts (kind, mission_id, content) VALUES (?1, ?1, 'x')", (LONG,))
    db.commit()
    db.close()
    limited(station, "sync")
    for line in ("mission list", "mission incomplete", "session list", "memory list", "status", "status --verbose"):
        ran = limited(station, *line.split())
        assert ran.returncode in (0, 1), ran.stderr[-500:]
        assert max(map(len, ran.stdout.decode().splitlines())) < 15_000, line
    shell = limited(station, "db", "shell", "-c", "SELECT id, sprint_id, status FROM missions")
    assert shell.returncode == 0 and len(shell.stdout) < 1_000_000 + 2200 * 200


def limited(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command that may take 200 MB."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (200 << 20, 200 << 20))

    checkout = str(Path(__file__).resolve().parent.parent.parent)
    return subprocess.run(
        [sys.executable, "-c", "from cmos.cli.main import main; main()", *arguments],
        cwd=str(folder),
        env=dict(os.environ, PYTHONPATH=checkout),
        capture_output=True,
        preexec_fn=limit,
    )


def test_many_missions_of_one_id_in_a_file_are_one_line_and_one_issue(cm, station: Path) -> None:
    path = station / "cmos" / "missions" / "sprint-01" / "many.yaml"
    path.write_text("---\n".join(["missionId: Z\n"] * 2000), "utf-8")
    told = cm("sync").err.splitlines()
    at = "cmos/missions/sprint-01/many.yaml:3"
    assert told == ["%s: Z stands in %s already; it and 1998 more like it are passed over" % (at, at[:-2])]
    assert issues(station) == ["Z"]


def test_many_ids_of_one_file_that_stand_elsewhere_are_one_line_and_a_hundred_issues(cm, station: Path) -> None:
    folder = station / "cmos" / "missions" / "sprint-01"
    text = "---\n".join("missionId: Z%d\n" % number for number in range(300))
    (folder / "first.yaml").write_text(text, "utf-8")
    assert cm("sync").code == 0
    (folder / "second.yaml").write_text(text, "utf-8")
    assert cm("sync").err.count("second.yaml") == 1
    assert len(issues(station)) == 100
    (folder / "second.yaml").unlink()
    cm("sync")
    assert issues(station) == []


def issues(station: Path) -> List[str]:
    with closing(sqlite3.connect(str(station / ".cmos" / "memory.db"))) as db:
        return [row[0] for row in db.execute("SELECT mission_id FROM issues WHERE kind = 'duplicate'")]


@pytest.mark.parametrize("variable", ["CMOS_AGENT", "AI_AGENT"])
def test_an_agent_whose_name_is_not_utf8_gets_one_that_is(run, started: Path, variable: str) -> None:
    ran = run("mission", "start", "B1.3", "--json", env={variable: "\udcff\x1bme"})
    assert ran.code == 0, ran.err
    assert ran.data["mission"]["agent"] == "??me"
