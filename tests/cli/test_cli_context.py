"""``context``: what is in it, and that it keeps its budget in projects of any shape."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest

from cmos.core.text import tokens
from cmos.missionfile.sections import document_of, is_needed_first, sections

ODD = ["plain words", "\u202eno \x9f end", 'quotes " and \\ and\nlines', "\u65e5\u672c\u8a9e", "\U0001f680", "\x00\x01"]


def document(cm, *arguments: str):
    told = cm("context", *arguments)
    assert told.code == 0, told.err
    return json.loads(told.out)


def odd(chance: random.Random, most: int) -> str:
    return (chance.choice(ODD) * chance.randint(1, most))[:most]


def fill(station: Path, seed: int) -> None:
    """Put rows of all shapes into the database, seen from B1.2, which is at hand."""
    chance = random.Random(seed)
    many = chance.choice((0, 3, 60, 400))
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        sprints = ["Sprint 01", *(odd(chance, 60) for _ in range(min(many, 50)))]
        words = ["Queued", "Blocked", "In Progress", "Completed", odd(chance, 80)]
        db.executemany(
            "INSERT OR IGNORE INTO missions (id, sprint_id, name, status, objective) VALUES (?,?,?,?,?)",
            [
                ("%d%s" % (n, odd(chance, 90)), chance.choice(sprints), odd(chance, 400), chance.choice(words), "")
                for n in range(many)
            ],
        )
        ids = [row[0] for row in db.execute("SELECT id FROM missions")]
        db.executemany(
            "INSERT INTO dependencies (source, place, from_id, to_id, type) VALUES ('test',?,?,?,?)",
            [
                (n, *chance.choice([("B1.2", one), (one, "B1.2")]), chance.choice(("Blocks", "Relates")))
                for n, one in enumerate(ids)
                if one != "B1.2"
            ],
        )
        tables = (("decisions", "title, rationale"), ("facts", "kind, content"), ("sessions", "agent, summary"))
        for table, columns in tables:
            db.executemany(
                "INSERT INTO %s (ts, mission_id, %s) VALUES (?,?,?,?)" % (table, columns),
                [("2026", chance.choice(ids), odd(chance, 500), odd(chance, 2000)) for _ in range(many)],
            )
        long = (odd(chance, 3000), odd(chance, 3000))
        db.execute("UPDATE missions SET objective = ?, notes = ? WHERE id = 'B1.2'", long)
    db.close()
    path = next((station / "cmos" / "missions").rglob("B1.2*"))
    path.write_text(path.read_text("utf-8") + "# a comment of the file\n" * chance.choice((0, 400)), "utf-8")


@pytest.mark.parametrize("seed", range(12))
def test_the_budget_is_kept_whatever_the_project_holds(cm, station: Path, seed: int) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    fill(station, seed)
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        totals = {name: db.execute("SELECT count(*) FROM %s" % name).fetchone()[0] for name in ("decisions", "facts")}
        totals["recent_sessions"] = db.execute("SELECT count(*) FROM sessions").fetchone()[0]
        blocked = "SELECT count(*) FROM missions WHERE status = 'Blocked'"
        totals["blocked"] = db.execute(blocked).fetchone()[0]
    db.close()
    for budget in (250, 333, 700, 2000, 9000):
        for form in ((), ("--json",), ("--format", "md")):
            assert tokens(cm("context", "--agent", "ada", "--budget", str(budget), *form).out) <= budget
        found = document(cm, "--agent", "ada", "--budget", str(budget))
        for name, total in totals.items():
            assert len(found[name]) + found["cut"].get(name, 0) == total
        text = next((station / "cmos" / "missions").rglob("B1.2*")).read_text("utf-8")
        whole = "\n".join(part.text for part in sections(text))
        assert len(found.get("mission_text", "")) + found["cut"].get("mission_text", 0) == len(whole)
        assert all(line in whole for line in found.get("mission_text", "").splitlines())


def test_the_whole_file_is_in_it_when_there_is_room(cm, station: Path) -> None:
    found = document(cm)
    text = (station / found["mission_path"]).read_text("utf-8")
    assert found["mission_text"] == "\n".join(part.text for part in sections(text))
    assert found["sprint"]["sprint_id"] == "Sprint 01" and "mission_text" not in found["cut"]


def test_what_the_mission_depends_on_and_what_depends_on_it(cm, station: Path) -> None:
    links = [("B1.1", "B1.2", "Blocks"), ("B1.2", "B9.9", "blocks"), ("B1.2", "B2.1", "Relates")]
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.execute("DELETE FROM dependencies")
        db.executemany(
            "INSERT INTO dependencies (source, place, from_id, to_id, type) VALUES ('',?,?,?,?)",
            [(place, *link) for place, link in enumerate(links)],
        )
    db.close()
    found = document(cm)
    assert [(one["id"], one["status"]) for one in found["depends_on"]] == [("B1.1", "Completed")]
    assert found["needed_by"] == [{"id": "B9.9"}]
    assert found["other_links"] == [{"from_id": "B1.2", "to_id": "B2.1", "type": "Relates"}]


def test_what_was_learned_comes_by_how_near_it_is(cm, station: Path) -> None:
    for mission, content in (
        ("B2.1", "Nothing to do with it"),
        ("B2.1", "A reading that is lost in a power cut is lost"),
        ("B1.1", "Of the same sprint"),
        ("B1.2", "Of the mission"),
    ):
        cm("fact", "--kind", "finding", "--mission", mission, "--content", content)
    near = [(one["content"], one["because"]) for one in document(cm)["facts"] if one.get("kind") == "finding"]
    assert near[:2] == [("Of the mission", "mission"), ("Of the same sprint", "sprint")]
    assert ("A reading that is lost in a power cut is lost", "search") in near
    assert near.index(("A reading that is lost in a power cut is lost", "search")) == 2


def test_the_commands_are_about_the_mission_at_hand(cm) -> None:
    commands = document(cm)["commands"]
    assert len(commands) == 5 and any("mission complete B1.2 " in one for one in commands)


def test_an_id_from_a_file_is_no_command(cm, station: Path) -> None:
    (station / "cmos" / "missions" / "odd.yaml").write_text("id: X;date\nstatus: Queued\n", "utf-8")
    told = cm("mission", "start", "X;date")
    assert told.code == 0, told
    assert "cmosctl mission complete 'X;date' --summary" in " ".join(document(cm)["commands"])


def test_markdown_has_the_same(cm) -> None:
    cm("decision", "--title", "One file per day", "--rationale", "disks break")
    told = cm("context", "--format", "md").out
    assert "**Current:** B1.2 " in told and "- One file per day: disks break (B1.2)" in told
    assert "cmosctl mission next --claim" in told and "successCriteria:" in told


@pytest.mark.parametrize("arguments", [(), ("--format", "md"), ("--json",)])
def test_outside_of_a_project_stdout_stays_empty(cm, tmp_path: Path, monkeypatch, arguments) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    told = cm("context", *arguments)
    assert (told.code, told.out) == (3, "")


def test_no_list_is_left_empty_by_a_longer_one(cm) -> None:
    cm("mission", "block", "B1.3", "--reason", "the tuner is missing")
    for number in range(30):
        cm("fact", "--kind", "finding", "--mission", "B1.2", "--content", "%d %s" % (number, "antenna " * 25))
    found = document(cm, "--budget", "1500")
    assert len(found["facts"]) >= 3 and found["cut"]["facts"] > 0
    assert found["blocked"] and found["recent_sessions"] and found["sprints"]


def test_a_status_that_moved_is_nothing_to_learn(cm) -> None:
    cm("fact", "--kind", "Status", "--mission", "B1.2", "--content", "B1.2 was queued")
    cm("fact", "--kind", "finding", "--mission", "B1.2", "--content", "B1.2 needs a ladder")
    assert [one["content"] for one in document(cm)["facts"] if "B1.2 " in one["content"]] == ["B1.2 needs a ladder"]


def test_what_is_needed_first_is_there_before_a_long_context(cm, station: Path) -> None:
    path = next((station / "cmos" / "missions").rglob("B1.3*"))
    text = "missionId: B1.3\n# ======\ncontext: |\n%sempty:\nsuccessCriteria:\n%sobjective: Derive it.\n"
    text += "constraints: [offline]\n"
    criteria = "".join("  - criterion %d holds in all weathers\n" % number for number in range(60))
    path.write_text(text % ("  A long story.\n" * 2000, criteria), "utf-8")
    told = document(cm, "B1.3")
    assert told["mission"]["id"] == "B1.3" and told["mission_path"].endswith(path.name)
    assert told["mission_text"].startswith("objective: Derive it.\nsuccessCriteria:\n" + criteria)
    assert "constraints: [offline]" in told["mission_text"] and "A long story." in told["mission_text"]
    assert "====" not in told["mission_text"] and "empty:" not in told["mission_text"]
    assert told["cut"]["mission_text"] > 20000


def test_one_mission_of_a_file_of_several_is_given_alone(cm, station: Path) -> None:
    several = "missionId: M1\nobjective: One.\n---\nmissionId: M2\nobjective: Two.\ndependsOn: [M1]\n"
    (station / "cmos" / "missions" / "several.yaml").write_text(several, "utf-8")
    told = document(cm, "M2")
    assert told["mission_text"] == "objective: Two.\ndependsOn: [M1]"
    assert [one["id"] for one in told["depends_on"]] == ["M1"]


def test_the_commands_fit_the_state(cm) -> None:
    free = document(cm, "--agent", "ada")
    assert free["active_mission"] is None and free["commands"][0] == "cmosctl mission next --claim"
    cm("mission", "next", "--claim", "--agent", "ada")
    mine = document(cm, "--agent", "ada")
    assert mine["active_mission"]["id"] == "B1.2" and not any("--claim" in command for command in mine["commands"])
    other = document(cm, "--agent", "bob")
    assert other["active_mission"] is None and other["commands"][3].startswith("cmosctl mission complete B1.3")
    (held,) = other["in_progress"]
    assert (held["id"], held["agent"], held["last_sign"]) == ("B1.2", "ada", "less than a minute")
    for id in ("B1.3", "B1.4", "B2.1"):
        cm("mission", "start", id, "--agent", "ada")
    assert document(cm, "--agent", "bob")["commands"] == ["cmosctl mission next --claim --wait 600", "cmosctl status"]


def test_a_prerequisite_comes_with_its_summary_and_questions_until_they_are_answered(cm) -> None:
    cm("mission", "complete", "B2.1", "--agent", "ada", "--summary", "The mast stands")
    (before,) = document(cm, "B2.2")["depends_on"]
    assert (before["completed_by"], before["summary"]) == ("ada", "The mast stands")
    cm("fact", "--kind", "question", "--content", "Who climbs?", "--mission", "B2.2")
    assert [one["content"] for one in document(cm, "B2.2")["open_questions"]] == ["Who climbs?"]
    cm("fact", "--kind", "answer", "--content", "Who climbs? Ada.", "--mission", "B2.2")
    assert document(cm, "B2.2")["open_questions"] == []


def test_what_others_did_since_is_told(cm) -> None:
    cm("session", "log", "--type", "start", "--mission", "B1.3", "--agent", "bob", "--summary", "x")
    cm("mission", "complete", "B1.2", "--agent", "ada")
    assert document(cm, "--agent", "bob")["since_your_last_session"]["completed"] == ["B1.2"]


def test_for_a_hook_no_project_is_silence(cm, station: Path, tmp_path: Path, monkeypatch) -> None:
    assert document(cm, "--hook")["project"]
    monkeypatch.chdir(tmp_path)
    told = cm("context", "--hook")
    assert (told.code, told.out, told.err) == (0, "", "")


SHAPES = sorted((Path(__file__).parents[1] / "shapes").glob("*.yaml"))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.stem)
def test_each_open_mission_has_its_place_and_what_is_needed_first(cm, station: Path, shape: Path) -> None:
    before = {one["id"] for one in cm("mission", "list", "--json").data}
    (station / "cmos" / "missions" / shape.name).write_bytes(shape.read_bytes())
    for mission in cm("mission", "list", "--json").data:
        if mission["status"] == "Completed" or mission["id"] in before:
            continue
        told, shown = document(cm, mission["id"]), cm("mission", "show", mission["id"], "--json").data
        assert told["mission_path"].split(":")[0] == shown["path"]
        own = document_of(shown["text"], mission["id"]) if shown["line"] is None else shown["text"]
        needed = [part.text for part in sections(own) if is_needed_first(part)]
        if len("".join(needed).encode("utf-8")) < 4800:
            assert all(text in told["mission_text"] for text in needed), mission["id"]


def test_of_a_mission_that_another_holds_no_command_is_named_that_is_refused(cm) -> None:
    cm("mission", "start", "B1.2", "--agent", "ada")
    told = document(cm, "B1.2", "--agent", "bob")
    assert told["mission"]["agent"] == "ada" and not any("B1.2" in command for command in told["commands"])
    assert document(cm, "B1.4", "--agent", "bob")["commands"][0] == "cmosctl mission start B1.4"


def test_it_is_about_the_mission_that_next_names_whatever_waits(cm, station: Path) -> None:
    cm("mission", "add", "B0.1", "First", "--sprint", "Sprint 01")
    path = next((station / "cmos" / "missions").rglob("B1.2*"))
    path.write_text(path.read_text("utf-8") + "dependsOn: [B0.1]\n", "utf-8")
    following = cm("mission", "next", "--json").data["id"]
    told = document(cm)
    assert told["current_mission"]["id"] == "B1.2" and following != "B1.2"
    assert following in told["commands"][3] and told["commands"][0] == "cmosctl mission next --claim"
    assert cm("mission", "next", "--claim", "--json").data["id"] == following


def test_in_a_linked_worktree_the_project_has_its_own_name(cm, station: Path, monkeypatch, git) -> None:
    with sqlite3.connect(str(station / ".cmos" / "memory.db")) as db:
        db.execute("DELETE FROM project_state WHERE key = 'project'")
    db.close()
    name = document(cm)["project"]
    git("worktree", "add", "--quiet", "-b", "side", "../sïde tree", cwd=station)
    monkeypatch.chdir(station.parent / "sïde tree")
    assert document(cm)["project"] == name == station.name


def test_what_was_imported_without_a_date_is_shown_without_one(cm, station: Path, tmp_path: Path) -> None:
    (tmp_path / "context.json").write_text('{"working_memory": {"decisions_made": ["Use SI units"]}}', "utf-8")
    assert cm("db", "import", str(tmp_path / "context.json")).code == 0
    assert "- Use SI units\n" in cm("context", "--format", "md", "--budget", "5000").out


@pytest.mark.parametrize("has_file_here", [True, False])
def test_a_prerequisite_that_is_done_elsewhere_is_said_to_be_there(
    cm, station: Path, monkeypatch, git, has_file_here: bool
) -> None:
    git("add", "--all", cwd=station)
    git("commit", "--quiet", "--allow-empty", "--message", "begin", cwd=station)
    git("checkout", "--quiet", "-b", "orion", cwd=station)
    id = "B1.2" if has_file_here else "B1.9"
    if not has_file_here:
        cm("mission", "add", "B1.9", "Charts", "--sprint", "1")
    cm("mission", "edit", "B2.1", "--status", "Current")
    cm("mission", "complete", id, "--agent", "orion", "--no-promote")
    git("add", "--all", cwd=station)
    git("commit", "--quiet", "--message", "%s: done" % id, cwd=station)
    cm("sync")
    git("checkout", "--quiet", "-", cwd=station)
    cm("mission", "edit", "B1.3", "--add", "dependsOn=%s" % id)
    (before,) = [one for one in document(cm, "B1.3")["depends_on"] if one["id"] == id]
    assert (before["status"], before["not_merged_here"]) == ("Completed", "branch orion")
    assert "(not merged here: branch orion, Completed by orion)" in cm("context", "B1.3", "--format", "md").out
    assert "it is Completed in branch orion, which is not merged here" in cm("mission", "show", id).out


@pytest.mark.parametrize("is_committed", [True, False])
def test_what_another_worktree_completed_needs_a_merge_and_no_person(
    cm, station: Path, monkeypatch, git, is_committed: bool
) -> None:
    cm("mission", "edit", "B1.3", "--add", "dependsOn=B1.2")
    git("add", "--all", cwd=station)
    git("commit", "--quiet", "--allow-empty", "--message", "begin", cwd=station)
    vega = station.parent / "vega"
    git("worktree", "add", "--quiet", "-b", "vega", str(vega), cwd=station)
    monkeypatch.chdir(vega)
    cm("mission", "complete", "B1.2", "--agent", "vega", "--no-promote")
    if is_committed:
        git("add", "--all", cwd=vega)
        git("commit", "--quiet", "--message", "B1.2: done", cwd=vega)
    monkeypatch.chdir(station)
    by = "branch vega" if is_committed else "worktree vega"
    told = cm("status").out
    assert "needs a person" not in told and "not merged here" in told and "B1.2 (%s)" % by in told, told
    told = document(cm, "B1.3")
    assert "open_issues" not in told or not told["open_issues"]
    assert told["not_merged_here"] == [{"mission_id": "B1.2", "by": by}]
    assert [one["not_merged_here"] for one in told["depends_on"] if one["id"] == "B1.2"] == [by]
    assert ("git merge vega" in told["commands"][:1]) is is_committed, told["commands"]
    assert "Not merged here: B1.2 (%s)" % by in cm("context", "--format", "md").out
    assert "B1.2" not in cm("mission", "verify").out
    assert "%s has it: a merge settles it" % by in cm("mission", "show", "B1.2").out
    assert "%s has it: a merge settles it" % by in cm("sync").out
    assert cm("sync", "--check").code == 0
