"""No everyday move of git takes a status back (docs/sync.md, S3, S7, I18 to I20)."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from typing import Callable, List, Tuple
from zlib import crc32

import pytest
from team import IDS, MISSION, Clone, Setting, Team

from cmos.actions import act as actions
from cmos.actions.act import Act
from cmos.actions.draft import put_texts
from cmos.actions.edit import Fields, Move, edit, set_status
from cmos.missionfile.keys import Text
from cmos.missions.find import find_mission
from cmos.missions.link_rows import dependencies
from cmos.setup.setup import set_up
from cmos.sync import run

#: Each test runs in one of these; in the others, and in each so-many-th (CMOS_SOAK_SETTINGS) of all, with ``-m soak``.
SOME = [
    Setting(hooks="native"),
    Setting("files", "linked", "native", "main", "--rebase"),
    Setting("files", "main", "none", "topic"),
    Setting("backlog", "submodule", "none", "develop", "--rebase"),
]
ALL = [
    Setting(*one)
    for one in product(
        ("backlog", "files"), ("main", "linked", "submodule"), ("none", "native"), ("main", "develop", "topic"),
        ("--no-rebase", "--rebase"),
    )
][:: int(os.environ.get("CMOS_SOAK_SETTINGS", "1"))]  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "team" in metafunc.fixturenames:
        chosen = SOME[crc32(metafunc.function.__name__.encode()) % len(SOME)]
        rest = [one for one in dict.fromkeys((*SOME, *ALL)) if one != chosen]
        soaked = [pytest.param(one, id=str(one), marks=pytest.mark.soak) for one in rest]
        metafunc.parametrize("team", [pytest.param(chosen, id=str(chosen)), *soaked], indirect=True)


@pytest.fixture
def team(request: pytest.FixtureRequest, tmp_path: Path, scripts: Path) -> Team:
    return Team(tmp_path, request.param, scripts)


def check(*people: Clone, done: List[str] | tuple[str, ...] = ("M1",)) -> None:
    """Everybody's database and files say that missions are Completed, nothing is open and nothing dirty."""
    for person in people:
        person.sync()
        for one in done:
            assert person.status(one) == "Completed", (person.root.name, one)
            assert set(person.said(one)) == {"Completed"}, (person.root.name, one)
        assert person.told() == [], person.root.name
        assert person.is_clean, (person.root.name, person.dirty())


def finish(team: Team, person: Clone, *ids: str) -> None:
    person.complete(*ids)
    person.commit("done: %s" % ", ".join(ids))
    team.push(person)


def other_place(team: Team, mission_id: str) -> str:
    new = "plan.yaml" if team.setting.layout == "backlog" else "sprint-09/%s_new.yaml" % mission_id
    return "cmos/missions/" + new


def test_a_renamed_file_whose_mission_somebody_else_completed(team: Team) -> None:
    a, b, c = map(team.clone, "abc")
    a.move("M1", other_place(team, "M1"))
    a.sync()
    a.commit("moved")
    finish(team, b, "M1")
    team.pull(a)
    check(a)
    team.push(a)
    team.pull(b)
    team.pull(c)
    check(b, c)


def test_completed_and_moved_in_one_commit(team: Team) -> None:
    a, b, c = map(team.clone, "abc")
    b.complete("M1")
    b.move("M1", other_place(team, "M1"))
    b.commit("done and moved")
    team.push(b)
    team.pull(a)
    team.pull(c)
    check(a, b, c)


def bring(person: Clone, how: str) -> None:
    """Bring what is on origin/work into the files, without a commit."""
    if how == "squash":
        person.git("merge", "--quiet", "--squash", "origin/work")
    elif how == "cherry-pick":
        person.git("cherry-pick", "--no-commit", "origin/work")
    elif how == "checkout":
        person.git("checkout", "--quiet", "origin/work", "--", "cmos")
    elif how == "restore":
        person.git("restore", "--source", "origin/work", "cmos")
    else:
        patch = person.root.parent / "a.patch"
        patch.write_text(person.git("diff", "HEAD...origin/work"), "utf-8")
        person.git("apply", str(patch))


@pytest.mark.parametrize("how", ["squash", "cherry-pick", "checkout", "restore", "apply"])
def test_what_git_brought_without_a_commit_waits_for_one(team: Team, how: str) -> None:
    a, b = map(team.clone, "ab")
    b.git("switch", "--quiet", "--create", "work")
    finish(team, b, "M1")
    a.git("fetch", "--quiet", "origin")
    bring(a, how)
    files = a.files()
    a.sync()
    assert a.files() == files, "nothing is put back"
    assert (a.status("M1"), set(a.said("M1"))) == ("Current", {"Completed"})
    assert [line.split()[0] for line in a.told()] == ["waiting"]
    a.git("commit", "--quiet", "--all", "--message", "as one")
    check(a)
    team.push(a)
    team.pull(b)
    check(b)


@pytest.mark.parametrize("between", [False, True], ids=["at once", "with a command in between"])
def test_a_status_that_was_typed_and_committed_was_meant(team: Team, between: bool) -> None:
    a = team.clone("a")
    a.type("M2", "Queued", "Blocked")
    a.git("add", "--all")
    if between:
        a.act(actions.complete, "M3")
        assert a.said("M2") == ["Blocked"], "a staged status is not put back"
    a.git("commit", "--quiet", "--all", "--message", "on purpose")
    a.sync()
    assert (a.status("M2"), a.said("M2"), a.told(), a.dirty()) == ("Blocked", ["Blocked"], [], "")
    summaries = [row[5] for row in a.tables()["sessions"] if row[2:4] == ("M2", "blocked")]
    assert len(summaries) == 1 and "by Ada" in summaries[0]


def test_a_status_that_was_typed_before_the_first_commit_was_meant_too(tmp_path: Path) -> None:
    world = Clone(tmp_path / "a new öne")
    world.root.mkdir()
    world.git("init", "--quiet")
    world.write("sprint-01/M1_it.yaml", MISSION.format(id="M1", sprint="01", status="Queued"))
    set_up(str(world.root))
    world.type("M1", "Queued", "Completed")
    world.commit("the first")
    check(world)


def test_a_status_that_came_in_a_broken_file_arrives_when_that_is_mended(team: Team) -> None:
    a, b = map(team.clone, "ab")
    b.complete("M1")
    path = b.root / b.file("M1")
    text = path.read_text("utf-8")
    path.write_text(text + "\n<<<<<<< ours\n", "utf-8")
    b.git("commit", "--quiet", "--all", "--message", "broken")
    b.git("push", "--quiet", "--no-verify", "origin", "HEAD")
    team.pull(a)
    assert a.status("M1") == "Current"
    path.write_text(text, "utf-8")
    b.commit("mended")
    team.push(b)
    team.pull(a)
    check(a, b)


def test_branches_that_each_complete_one_merge_on_a_forge_without_a_driver(team: Team) -> None:
    people = [team.clone("p%d" % number) for number in range(4)]
    for number, person in enumerate(people):
        person.git("switch", "--quiet", "--create", "work-%d" % number)
        person.claim("M%d" % (2 * number + 1))
        assert person.is_clean, "who is at it is no content of a branch"
        finish(team, person, "M%d" % (2 * number + 1))
    for number, how in enumerate(("merge", "squash", "rebase", "merge")):
        team.merge_on_the_forge("work-%d" % number, how=how)
    a = team.clone("a")
    for person in people:
        person.git("switch", "--quiet", team.setting.branch)
        team.pull(person)
    check(a, *people, done=("M1", "M3", "M5", "M7"))


def test_a_claim_on_a_branch_is_in_nobody_s_way(team: Team) -> None:
    a, b = map(team.clone, "ab")
    b.git("switch", "--quiet", "--create", "theirs")
    b.claim("M3")
    finish(team, b, "M2")
    a.git("switch", "--quiet", "--create", "mine")
    a.claim("M1")
    assert a.is_clean
    a.git("fetch", "--quiet", "origin")
    a.git("merge", "--quiet", "--no-edit", "origin/theirs")
    a.sync()
    assert (a.status("M1"), a.status("M2"), a.told(), a.dirty()) == ("In Progress", "Completed", [], "")
    assert a.look().is_in_step


def test_worktrees_merged_one_after_another_leave_nothing_open(team: Team) -> None:
    a = team.clone("a")
    for number in range(1, 5):
        root = team.folder / ("w%d" % number)
        a.git("worktree", "add", "--quiet", "-b", "agent-%d" % number, str(root))
        worker = Clone(root)
        worker.sync()
        worker.claim("M%d" % number, "agent-%d" % number)
        worker.complete("M%d" % number, agent="agent-%d" % number)
        worker.commit("done M%d" % number)
        assert a.look().is_in_step, "what a branch carries is on its way"
    for number in range(1, 5):
        a.git("merge", "--quiet", "--no-edit", "agent-%d" % number)
        a.sync()
    check(a, done=IDS[:4])


def test_a_new_worktree_takes_back_no_name_and_no_prerequisite(team: Team) -> None:
    a = team.clone("a")
    a.sync()
    early = a.git("rev-parse", "HEAD").strip()
    with a.open() as ws:
        put_texts(ws, "M3", [Text("dependsOn", "M2", is_entry=True)])
        edit(ws, "M3", Fields(name="Newer"), act=Act("tester"))
    a.commit("M3: waits")
    a.sync()

    def told(person: Clone) -> Tuple[str, List[str]]:
        with person.open() as ws:
            run.refresh(ws)
            return find_mission(ws.db, "M3").name or "", [link.from_id for link in dependencies(ws.db, "M3")]

    first, second = Clone(team.folder / "w1"), Clone(team.folder / "w2")
    a.git("worktree", "add", "--quiet", "-b", "agent-1", str(first.root), early)
    assert (told(first), told(a)) == (("Newer", ["M2"]), ("Newer", ["M2"]))
    # what is typed there counts, before the first look too
    a.git("worktree", "add", "--quiet", "-b", "agent-2", str(second.root), early)
    path = second.root / second.file("M3")
    path.write_text(path.read_text("utf-8").replace("The M3\n", "Newest\n", 1), "utf-8")
    second.age(path)
    assert told(second)[0] == told(a)[0] == "Newest"


def pull_by_hand(team: Team, person: Clone) -> None:
    """Pull; where git leaves a conflict, for there is no driver, take what was pulled."""
    person.git("fetch", "--quiet", "origin")
    rebases = team.setting.pull == "--rebase"
    person.git("rebase" if rebases else "merge", "origin/" + team.setting.branch, check=False)
    if person.git("ls-files", "--unmerged"):
        person.git("checkout", "--quiet", "--ours" if rebases else "--theirs", "cmos")
        person.git("add", "--all")
        person.git("-c", "core.editor=true", *(("rebase", "--continue") if rebases else ("commit", "--no-edit")))
    person.sync()


@pytest.mark.parametrize("synced", [False, True], ids=["", "with a sync between commit and pull"])
def test_two_claim_one_mission_and_one_completes_it(team: Team, synced: bool) -> None:
    a, b = map(team.clone, "ab")
    for person in (a, b):
        person.claim("M2")
        person.write("note-%s.yaml" % person.root.name[0], "missionId: N-%s\n" % person.root.name[0])
        person.commit("begun")
    b.complete("M2")
    b.commit("done")
    team.push(b)
    if synced:
        a.sync()
    pull_by_hand(team, a)
    check(a, done=("M2",))
    assert a.mission("M2").agent is None


def test_i19_a_look_changes_nothing(team: Team) -> None:
    a, b = map(team.clone, "ab")
    b.git("switch", "--quiet", "--create", "theirs")
    finish(team, b, "M1")
    a.git("fetch", "--quiet", "origin")
    before = {one: a.status(one) for one in IDS}
    a.git("switch", "--quiet", "--create", "review", "origin/theirs")
    a.sync()
    assert {one: a.status(one) for one in IDS} == before and a.is_clean
    assert [line for line in a.notices if "review" in line and "M1" in line]
    assert any("on branch review the file says Completed" in line for line in a.told())
    a.git("checkout", "--quiet", "--detach", "origin/theirs")
    a.sync()
    assert {one: a.status(one) for one in IDS} == before
    a.git("switch", "--quiet", team.setting.branch)
    a.sync()
    assert (a.told(), {one: a.status(one) for one in IDS}) == ([], before)
    a.git("merge", "--quiet", "--ff-only", "origin/theirs")
    check(a)


def test_a_look_and_a_merge_without_a_command_in_between(team: Team) -> None:
    a, b = map(team.clone, "ab")
    b.git("switch", "--quiet", "--create", "theirs")
    finish(team, b, "M1")
    a.git("fetch", "--quiet", "origin")
    a.git("switch", "--quiet", "--create", "review", "origin/theirs")
    a.sync()
    assert a.status("M1") == "Current"
    a.git("switch", "--quiet", team.setting.branch)
    a.git("merge", "--quiet", "--ff-only", "review")
    check(a)


def test_a_conflict_that_a_person_settled_in_the_merge_is_settled(team: Team) -> None:
    a, b = map(team.clone, "ab")
    finish(team, b, "M2")
    a.act(actions.block, "M2", reason="no time")
    a.commit("blocked")
    a.git("fetch", "--quiet", "origin")
    a.git("merge", "--no-edit", "origin/" + team.setting.branch, check=False)
    assert "<<<<<<<" in (a.root / a.file("M2")).read_text("utf-8")
    a.sync()
    a.git("checkout", "--quiet", "--theirs", "cmos")
    a.git("commit", "--quiet", "--all", "--no-edit")
    check(a, done=("M2",))


def test_one_completion_has_one_time_in_all_clones(team: Team) -> None:
    a, b = map(team.clone, "ab")
    for number, one in enumerate(("M1", "M2", "M3")):
        b.complete(one)
        os.environ["GIT_COMMITTER_DATE"] = "2026-03-0%dT12:00:00Z" % (number + 1)
        try:
            b.commit("done: " + one)
        finally:
            del os.environ["GIT_COMMITTER_DATE"]
    b.commit("something else")
    team.push(b)
    team.pull(a)
    c = team.clone("c")
    for person in (a, c):
        times = [person.mission(one).completed_at for one in ("M1", "M2", "M3")]
        assert times == ["2026-03-0%dT12:00:00Z" % day for day in (1, 2, 3)], person.root.name
    check(a, b, c, done=("M1", "M2", "M3"))


def test_a_pull_that_completes_the_current_mission_lets_the_next_one_come(team: Team) -> None:
    a, b = map(team.clone, "ab")
    finish(team, b, "M1")
    team.pull(a)
    check(a)
    assert a.status("M2") == "Current"
    finish(team, a, "M2")
    team.pull(b)
    check(b, done=("M1", "M2"))


def test_a_mission_that_was_opened_again_is_open_everywhere(team: Team) -> None:
    a, b, c = map(team.clone, "abc")
    finish(team, b, "M1")
    team.pull(a)
    with a.open() as ws:
        set_status(ws, "M1", Move("Queued"), actions.Act("ada"))
    a.commit("again")
    team.push(a)
    for person in (b, c):
        team.pull(person)
        assert person.status("M1") in ("Queued", "Current")
        assert (person.told(), person.dirty()) == ([], "")


def test_commits_without_an_id_are_of_the_mission_claimed_in_their_worktree(
    team: Team, subjects: Callable[[Clone], dict[str, str]]
) -> None:
    a = team.clone("a")
    w2 = Clone(team.folder / "w2")
    a.git("worktree", "add", "--quiet", "-b", "second", str(w2.root))
    w2.sync()
    a.claim("M1", "orion")
    w2.claim("M2", "vega")
    w2.git("commit", "--quiet", "--allow-empty", "--message", "some work")
    w2.sync()
    w2.complete("M2", agent="vega")
    w2.commit("the end of it")
    w2.sync()
    a.git("commit", "--quiet", "--allow-empty", "--message", "other work")
    a.sync()
    assert subjects(a) == {"some work": "M2", "the end of it": "M2", "other work": "M1"}


@pytest.fixture
def subjects() -> Callable[[Clone], dict[str, str]]:
    def of(person: Clone) -> dict[str, str]:
        rows = [row for row in person.tables()["sessions"] if row[3] == "commit"]
        return {row[5]: row[2] for row in rows if row[5] != "the plan"}

    return of
