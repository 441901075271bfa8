"""History in repositories that are not as usual, and long ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from history_repo import Repo, new_repository

from cmos.core.errors import DatabaseProblem
from cmos.core.report import Logged
from cmos.db import sql
from cmos.db.lock import writer_lock
from cmos.history import record as history
from cmos.history.walk import MOST_FILES
from cmos.project.project import new_project
from cmos.setup.setup import create_at, set_up
from cmos.sync import run
from cmos.transfer.transfer import export_database, import_path


@pytest.fixture
def fresh(tmp_path: Path) -> Repo:
    """A repository without a commit, and without a database."""
    root = tmp_path / "fresh"
    root.mkdir()
    new_repository(root)
    return Repo(root)


def many(repo: Repo, number: int) -> None:
    """Commit many times, quickly."""
    lines = ["reset refs/heads/main"]
    for place in range(number):
        message = "B1.1: change %d" % place
        lines += ["commit refs/heads/main", "committer Ada <ada@example.org> %d +0100" % (1_600_000_000 + place)]
        lines += ["data %d" % len(message), message, "M 644 inline f", "data %d" % len(str(place)), str(place)]
    repo.git("fast-import", "--quiet", stdin="\n".join(lines) + "\n")


def test_the_first_commit_of_all_is_of_the_mission_at_work(fresh: Repo) -> None:
    set_up(str(fresh.root))
    assert fresh.subjects() == [] and not fresh.is_due()
    fresh.commit("first")
    assert fresh.missions() == {"first": "B1.2"}
    assert fresh.details("first")["file_count"] == 6


def test_the_hook_logs_the_first_commit_of_all(fresh: Repo) -> None:
    set_up(str(fresh.root))
    fresh.hooks = True
    fresh.commit("first")
    assert not fresh.is_due()
    assert fresh.missions() == {"first": "B1.2"}


def test_the_hook_does_nothing_before_the_first_commit(fresh: Repo) -> None:
    set_up(str(fresh.root))
    fresh.on_commit()
    assert fresh.logged() == []


def test_a_first_look_takes_the_newest_and_the_rest_on_request(fresh: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "RECENT", 20)
    many(fresh, 50)
    fresh.git("reset", "--quiet", "--hard")
    new_missions(fresh)
    done = set_up(str(fresh.root))
    assert done.logged == Logged(new=20, left=30)
    assert any("30 older ones" in notice for notice in done.notices)
    fresh.git("checkout", "--quiet", "HEAD~40")
    assert len(fresh.subjects()) == 20
    fresh.git("checkout", "--quiet", "main")
    fresh.commit("B1.1: new")
    assert len(fresh.subjects()) == 21
    assert fresh.catch_up(all_history=True) == Logged(new=30)
    assert len(set(fresh.subjects())) == 51
    assert fresh.catch_up(all_history=True) == Logged()


def new_missions(repo: Repo) -> None:
    shutil.rmtree(str(repo.root / "cmos"), ignore_errors=True)
    folder = repo.root / "cmos" / "missions"
    folder.mkdir(parents=True)
    (folder / "B1.1_x.yaml").write_text("missionId: B1.1\nname: x\nstatus: Current\n", "utf-8")


def test_what_is_older_than_the_database_is_logged_if_it_names_a_mission(fresh: Repo) -> None:
    fresh.commit("B1.10: named")
    fresh.commit("nameless")
    set_up(str(fresh.root))
    assert fresh.missions() == {"B1.10: named": "B1.10"}
    fresh.catch_up(all_history=True)
    assert fresh.missions() == {"B1.10: named": "B1.10", "nameless": None}
    fresh.commit("of now")
    assert fresh.missions()["of now"] == "B1.2"


def test_what_the_first_look_left_out_stays_out_when_head_goes_back_and_comes_again(fresh: Repo) -> None:
    fresh.commit("B1.10: named")
    fresh.commit("nameless")
    set_up(str(fresh.root))
    before = fresh.subjects()
    fresh.git("checkout", "--quiet", "HEAD~1")
    fresh.log()
    fresh.git("checkout", "--quiet", "main")
    assert fresh.subjects() == before


def test_a_commit_on_a_detached_head_is_logged(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--detach")
    repo.commit("apart")
    assert repo.missions()["apart"] == "B1.2"
    assert repo.details("apart")["branch"] is None
    repo.git("switch", "--quiet", "main")
    repo.log()
    assert repo.commits_of("B1.2") == [("apart", False)]


def test_the_name_of_the_branch_counts_also_when_the_branch_was_left(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", "feature/b2.1-greet")
    repo.commit("on the branch")
    repo.git("switch", "--quiet", "main")
    repo.commit("on main", "other.txt")
    assert repo.missions() == {"start": "B1.1", "on the branch": "B2.1", "on main": "B1.2"}
    assert repo.details("on the branch")["branch"] == "feature/b2.1-greet"


@pytest.mark.parametrize("name", ["gr\u00f6\u00dfe", "gr\udcf6\udcdfe"])
def test_a_branch_may_have_any_letters_in_its_name(repo: Repo, name: str) -> None:
    repo.git("switch", "--quiet", "--create", name)
    repo.commit("B1.10: loose")
    repo.git("pack-refs", "--all")
    repo.commit("B1.10: packed")
    assert repo.subjects() == ["start", "B1.10: loose", "B1.10: packed"]
    branch = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    assert repo.details("B1.10: loose")["branch"] == branch


@pytest.mark.parametrize("name", ["HEAD", "refs/heads/main"])
def test_bytes_in_a_reference_that_are_no_text_end_nothing(repo: Repo, name: str) -> None:
    (repo.root / ".git" / name).write_bytes(b"\xff\xfe\n")
    assert repo.subjects() == ["start"]
    repo.on_commit()


def test_a_commit_of_several_missions_is_one_session_shown_with_each(repo: Repo) -> None:
    repo.commit("both\n\nMission: B1.10, B2.1")
    assert repo.missions()["both"] == "B1.10"
    assert repo.commits_of("B1.10") == repo.commits_of("B2.1") == [("both", True)]


def test_a_linked_worktree_logs_into_the_same_database_once(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "linked")
    linked = Repo(tmp_path / "linked", hooks=repo.hooks)
    linked.commit("over there")
    assert linked.subjects() == ["start", "over there"]
    repo.git("merge", "--quiet", "linked")
    assert repo.subjects() == ["start", "over there"]
    repo.commit("here", "here.txt")
    assert len(linked.subjects()) == (3 if repo.hooks else 2)
    assert repo.subjects() == ["start", "over there", "here"]


def test_a_shallow_clone_logs_what_it_has(repo: Repo, tmp_path: Path) -> None:
    repo.hooks = False
    repo.commit("B1.1: older")
    repo.commit("B1.1: newest")
    repo.git("clone", "--quiet", "--depth", "1", "file://%s" % repo.root, str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    set_up(str(shallow.root))
    assert shallow.subjects() == ["B1.1: newest"]
    shallow.commit("B1.1: mine")
    assert shallow.subjects() == ["B1.1: newest", "B1.1: mine"]


def test_packed_references_are_read(repo: Repo) -> None:
    repo.commit("one")
    repo.git("pack-refs", "--all")
    assert repo.subjects() == ["start", "one"]
    assert not repo.is_due()


def test_a_commit_in_an_imported_log_is_not_logged_again(fresh: Repo) -> None:
    sha, other = fresh.commit("full"), fresh.commit("short")
    lines = [{"mission": "B1.1", "action": "commit", "summary": "full", "details": {"hash": sha}}]
    lines += [{"mission": "B1.1", "action": "commit", "summary": "short", "details": {"hash": other[:8]}}]
    fresh.commit("B1.1: in no log")
    (fresh.root / "cmos" / "SESSIONS.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    set_up(str(fresh.root))
    assert sorted(map(str, fresh.subjects())) == ["B1.1: in no log", "full", "short"]
    assert [session.origin for session in fresh.log()] == ["import", "import", "git"]


def test_texts_that_are_not_utf_8_and_very_many_files_end_nothing(repo: Repo) -> None:
    for number in range(MOST_FILES + 20):
        (repo.root / ("f%d" % number)).write_text("x", "utf-8")
    (repo.root / "\udcff").write_text("x", "utf-8")
    repo.git("add", "--all")
    message = b"odd \xff\n\nMission: B1.10\n"
    subprocess.run(
        ["git", "-c", "i18n.commitEncoding=UTF-8", "commit", "--quiet", "-F", "-"],
        cwd=str(repo.root),
        input=message,
        check=True,
    )
    repo.after_commit()
    (session,) = [one for one in repo.log() if one.mission_id == "B1.10"]
    details = json.loads(session.details or "")
    assert (len(details["files"]), details["file_count"]) == (100, 121)


def test_a_user_s_settings_of_git_log_change_nothing(repo: Repo) -> None:
    for name, value in [("log.showSignature", "true"), ("diff.renames", "copies"), ("diff.noprefix", "true")]:
        repo.git("config", name, value)
    for name, value in [("core.quotePath", "true"), ("color.ui", "always"), ("diff.external", "false")]:
        repo.git("config", name, value)
    repo.commit("one", "é.txt")
    assert repo.details("one")["files"] == ["é.txt"]


def test_without_git_a_command_says_so_and_goes_on(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.hooks = False
    repo.commit("one")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        assert repo.catch_up() == Logged()
        assert "git cannot be run" in repo.notices[0]
    assert repo.subjects() == ["start", "one"]


def test_a_busy_database_is_an_error_after_two_seconds_and_nothing_is_lost(repo: Repo) -> None:
    repo.hooks = False
    repo.commit("one")
    with repo.open() as ws, writer_lock(ws.layout.lock), pytest.raises(DatabaseProblem):
        repo.on_commit()
    assert repo.subjects() == ["start", "one"]


def test_the_hook_leaves_to_the_next_command_what_came_between(repo: Repo) -> None:
    repo.hooks = False
    repo.commit("unseen")
    repo.hooks = True
    repo.commit("seen")
    assert repo.is_due()
    assert sorted(map(str, repo.subjects())) == ["seen", "start", "unseen"]


def test_the_hook_writes_no_file_of_the_project(repo: Repo) -> None:
    repo.hooks = True
    path = repo.root / "cmos" / "missions" / "sprint-01" / "B1.1_x.yaml"
    path.write_text(path.read_text("utf-8").replace("Completed", "Queued"), "utf-8")
    repo.git("commit", "--quiet", "--all", "--message", "typed by hand")
    repo.on_commit()
    assert "status: Queued" in path.read_text("utf-8")
    assert repo.git("status", "--porcelain") == ""


def test_a_commit_that_adds_its_mission_is_of_that_mission(repo: Repo) -> None:
    text = "missionId: B3.1\nname: x\nstatus: Queued\n"
    repo.hooks = True
    repo.commit("B3.1: a new one", "cmos/missions/sprint-01/B3.1_x.yaml", text)
    assert repo.missions()["B3.1: a new one"] == "B3.1"


def test_how_far_this_clone_has_looked_is_no_part_of_an_export(repo: Repo) -> None:
    repo.commit("one")
    repo.log()
    with repo.open() as ws:
        tables = sql.tables(ws.db)
    assert {"commits", "commit_missions"} <= set(tables) and not {"worktrees", "looks"} & set(tables)


def test_an_export_taken_over_by_a_clone_doubles_no_commit(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.hooks = False
    repo.commit("B1.10: one")
    repo.log()
    repo.commit("B1.10: one, better", "code.txt", None, "--amend")
    repo.log()
    with repo.open() as ws:
        (tmp_path / "dump.json").write_text(export_database(ws, "json"), "utf-8")
    repo.git("clone", "--quiet", str(repo.root), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    create_at(new_project(str(clone.root)))
    with clone.open() as ws, monkeypatch.context() as patch:
        # the import comes first, the history after it
        patch.setattr(run, "is_log_behind", lambda project: False)
        report = import_path(ws, str(tmp_path / "dump.json"), now="2026-01-01T00:00:00Z")
        assert report.leftovers == []
    assert clone.subjects() == ["start", "B1.10: one"]
    assert clone.commits_of("B1.10") == [("B1.10: one, better", True)]


def test_the_hook_loads_no_library_that_it_does_not_need() -> None:
    code = "import sys, cmos.hooks.run; print(*sys.modules)"
    checkout = str(Path(__file__).resolve().parent.parent.parent)
    done = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.decode("utf-8").split()}
    assert "sqlite3" in loaded
    assert not loaded & {"git", "ruamel", "click", "watchdog", "dataclasses"}
