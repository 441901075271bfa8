"""Each commit is in the log once, whatever git did with it, with hooks and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from history_repo import Repo

from cmos.actions.reconcile import reconcile
from cmos.core.report import Logged


def test_a_commit_is_logged_with_what_it_is(repo: Repo) -> None:
    sha = repo.commit("One thing\n\nMission: B1.10", "a b.txt")
    (session,) = [one for one in repo.log() if one.summary == "One thing"]
    assert (session.action, session.agent, session.origin) == ("commit", "GitHook", "git")
    assert (session.mission_id, session.key) == ("B1.10", "commit:" + sha)
    assert session.ts == repo.git("log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd")
    assert json.loads(session.details or "") == {
        "sha": sha,
        "author": "Ada <ada@example.org>",
        "subject": "One thing",
        "branch": "main",
        "files": ["a b.txt"],
        "file_count": 1,
        "missions": ["B1.10"],
    }


def test_looking_again_logs_nothing_and_is_not_due(repo: Repo) -> None:
    repo.commit("one")
    assert repo.subjects() == ["start", "one"]
    assert not repo.is_due()
    assert repo.catch_up() == Logged()
    assert repo.subjects() == ["start", "one"]


def test_a_hook_logs_at_once_and_leaves_nothing_to_do(template: Path, repo: Repo) -> None:
    repo.commit("one")
    repo.commit("two")
    assert repo.is_due() is not repo.hooks
    assert [one.summary for one in repo.logged()] == (["start", "one", "two"] if repo.hooks else ["start"])


def test_an_amended_commit_keeps_its_session(repo: Repo) -> None:
    repo.commit("one")
    repo.log()
    old = repo.head()
    repo.write("code.txt", "other")
    repo.git("commit", "--quiet", "--amend", "--message", "one, better\n\nMission: B2.1")
    repo.after_commit()
    if repo.hooks:
        repo.on_rewrite((old, repo.head()))
    assert repo.subjects() == ["start", "one"]
    assert repo.commits_of("B2.1") == [("one, better", True)]


def test_a_commit_amended_before_anybody_looked_is_logged_as_it_is(repo: Repo) -> None:
    repo.hooks = False
    repo.commit("one")
    repo.git("commit", "--quiet", "--amend", "--message", "one, better", "--reset-author")
    assert repo.subjects() == ["start", "one, better"]


def test_without_a_reflog_an_amended_commit_is_known_by_author_and_time(repo: Repo) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    repo.git("reflog", "expire", "--expire=all", "--all")
    (repo.root / ".git" / "logs" / "HEAD").unlink()
    repo.commit("one")
    repo.log()
    repo.commit("one", "other.txt", None, "--amend")
    assert repo.subjects() == ["start", "one"]


def branch_and_main(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("side 1", "side.txt")
    repo.commit("side 2", "side.txt")
    repo.git("switch", "--quiet", "main")


def test_a_fast_forward_merge_logs_each_commit_once(repo: Repo) -> None:
    branch_and_main(repo)
    repo.git("merge", "--quiet", "side")
    if repo.hooks:
        repo.on_merge()
    assert repo.subjects() == ["start", "side 1", "side 2"]


def test_a_true_merge_logs_the_merged_commits_and_itself(repo: Repo) -> None:
    branch_and_main(repo)
    repo.commit("main 1")
    repo.git("merge", "--quiet", "--message", "merged", "side")
    if repo.hooks:
        repo.on_merge()
    subjects = repo.subjects()
    assert sorted(map(str, subjects)) == ["main 1", "merged", "side 1", "side 2", "start"]
    assert subjects[-1] == "merged" or repo.hooks
    assert repo.details("merged")["file_count"] == 0


def test_a_merge_that_is_concluded_by_commit_brings_the_other_side(repo: Repo) -> None:
    repo.hooks, hooks = False, repo.hooks
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("side 1", "code.txt", "side")
    repo.git("switch", "--quiet", "main")
    repo.commit("main 1", "code.txt", "main")
    repo.git("merge", "side", fails=True)
    repo.hooks = hooks
    repo.commit("concluded", "code.txt", "both")
    assert sorted(map(str, repo.subjects())) == ["concluded", "main 1", "side 1", "start"]


def test_a_squashed_merge_is_one_commit_more(repo: Repo) -> None:
    branch_and_main(repo)
    repo.log()
    repo.git("merge", "--quiet", "--squash", "side")
    if repo.hooks:
        repo.on_merge()
    repo.git("commit", "--quiet", "--message", "squashed")
    repo.after_commit()
    repo.git("switch", "--quiet", "side")
    assert sorted(map(str, repo.subjects())) == ["side 1", "side 2", "squashed", "start"]


def see_both(repo: Repo) -> None:
    """Let side and main, with a commit more, be logged."""
    branch_and_main(repo)
    repo.git("switch", "--quiet", "side")
    repo.log()
    repo.git("switch", "--quiet", "main")
    repo.commit("main 1")
    repo.log()
    repo.git("switch", "--quiet", "side")
    repo.log()


ALL = ["main 1", "side 1", "side 2", "start"]


@pytest.mark.parametrize("how", ["--merge", "--apply"])
def test_a_rebased_branch_is_not_logged_again(repo: Repo, how: str) -> None:
    see_both(repo)
    old = repo.git("rev-list", "main..side").split()
    repo.git("rebase", "--quiet", how, "main")
    if repo.hooks:
        repo.on_rewrite(*zip(old, repo.git("rev-list", "main..side").split()))
        assert not repo.is_due()
    assert sorted(map(str, repo.subjects())) == ALL


def test_a_rebase_that_nobody_watched_from_the_start_loses_nothing(repo: Repo) -> None:
    repo.hooks, hooks = False, repo.hooks
    branch_and_main(repo)
    repo.commit("main 1")
    repo.git("switch", "--quiet", "side")
    repo.git("rebase", "--quiet", "main")
    repo.hooks = hooks
    assert sorted(map(str, repo.subjects())) == ALL


def test_a_rebase_with_a_conflict_keeps_the_session(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("side 1", "code.txt", "side")
    repo.log()
    repo.git("switch", "--quiet", "main")
    repo.commit("main 1", "code.txt", "main")
    repo.log()
    repo.git("switch", "--quiet", "side")
    old = repo.head()
    repo.git("rebase", "main", fails=True)
    assert not repo.is_due()
    assert repo.catch_up() == Logged()
    repo.write("code.txt", "both")
    repo.git("-c", "core.editor=true", "rebase", "--continue")
    if repo.hooks:
        repo.on_rewrite((old, repo.head()))
    assert repo.subjects() == ["start", "side 1", "main 1"]


def test_during_a_rebase_post_commit_does_nothing(repo: Repo) -> None:
    (repo.root / ".git" / "rebase-merge").mkdir()
    repo.git("commit", "--quiet", "--allow-empty", "--message", "replayed")
    repo.on_commit()
    assert [one.summary for one in repo.logged()] == ["start"]
    assert not repo.is_due()


def test_commits_squashed_by_a_rebase_keep_their_sessions_and_get_no_other(repo: Repo) -> None:
    repo.commit("one", "a.txt")
    repo.commit("fixup! one", "b.txt")
    repo.log()
    old = repo.git("rev-list", "-2", "HEAD").split()
    repo.git("-c", "sequence.editor=true", "rebase", "--quiet", "-i", "--autosquash", "HEAD~2")
    if repo.hooks:
        repo.on_rewrite(*[(one, repo.head()) for one in old])
    assert repo.subjects() == ["start", "one", "fixup! one"]


def test_a_cherry_picked_commit_is_the_one_it_was(repo: Repo) -> None:
    see_both(repo)
    repo.git("switch", "--quiet", "main")
    repo.git("cherry-pick", "side~1")
    repo.after_commit()
    assert sorted(map(str, repo.subjects())) == ALL
    repo.git("merge", "--quiet", "--strategy", "ours", "--message", "merged", "side")
    assert sorted(map(str, repo.subjects())) == sorted([*ALL, "merged"])


def test_what_is_reverted_and_what_is_put_back_are_commits_of_their_own(repo: Repo) -> None:
    repo.commit("one")
    repo.log()
    repo.git("revert", "--no-edit", "HEAD")
    repo.after_commit()
    repo.log()
    repo.git("revert", "--no-edit", "HEAD")
    repo.after_commit()
    assert len(repo.subjects()) == 4


def test_a_reset_takes_nothing_away_and_coming_back_adds_nothing(repo: Repo) -> None:
    repo.commit("one")
    sha = repo.commit("two")
    repo.log()
    repo.git("reset", "--quiet", "--hard", "HEAD~2")
    assert repo.subjects() == ["start", "one", "two"]
    repo.git("reset", "--quiet", "--hard", sha)
    assert repo.subjects() == ["start", "one", "two"]


def test_patches_applied_by_am_are_logged(repo: Repo) -> None:
    repo.hooks, hooks = False, repo.hooks
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("mailed", "mail.txt")
    patch = repo.git("format-patch", "--stdout", "-1") + "\n"
    repo.git("switch", "--quiet", "main")
    repo.git("am", "--quiet", stdin=patch)
    repo.hooks = hooks
    assert repo.subjects() == ["start", "mailed"]
    repo.git("switch", "--quiet", "side")
    assert repo.subjects() == ["start", "mailed"]


def test_equal_commits_within_a_second_are_each_logged(repo: Repo) -> None:
    for _ in range(5):
        repo.write("same.txt", ((repo.root / "same.txt").read_text() if repo.edits else "") + "x\n")
        repo.git("commit", "--quiet", "--message", "same")
        repo.git("commit", "--quiet", "--message", "same", "--allow-empty")
        repo.after_commit()
    assert repo.subjects() == ["start"] + 10 * ["same"] or repo.hooks
    assert len(repo.subjects()) == 11


def test_the_commits_of_a_teammate_arrive_with_their_author(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "--quiet", str(repo.root), str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.write("theirs.txt")
    other.git("commit", "--quiet", "--message", "B1.10: theirs", "--author", "Grace <grace@example.org>")
    other.commit("nameless")
    repo.git("pull", "--quiet", str(other.root), "HEAD")
    if repo.hooks:
        repo.on_merge()
    assert repo.details("B1.10: theirs")["author"] == "Grace <grace@example.org>"
    # what was made elsewhere is not of the mission that happens to be at work here
    assert repo.missions()["nameless"] is None
    assert repo.missions()["B1.10: theirs"] == "B1.10"


def test_what_a_rebase_goes_on_top_of_is_not_of_the_mission_at_work(repo: Repo, tmp_path: Path) -> None:
    repo.hooks, hooks = False, repo.hooks
    repo.git("clone", "--quiet", str(repo.root), str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.commit("theirs", "theirs.txt")
    repo.commit("mine", "mine.txt")
    old = repo.head()
    repo.git("pull", "--quiet", "--rebase", str(other.root), "HEAD")
    if hooks:
        repo.on_rewrite((old, repo.head()))
    assert repo.missions() == {"start": "B1.1", "theirs": None, "mine": "B1.2"}


def test_a_sync_of_files_goes_with_it(repo: Repo) -> None:
    repo.commit("one")
    with repo.open() as ws:
        reconcile(ws)
    assert repo.subjects() == ["start", "one"]


def test_of_many_commits_of_one_second_git_is_not_asked_in_pairs(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2026-01-10T12:00:00Z")
    hooks, repo.hooks = repo.hooks, False
    for _ in range(20):
        repo.commit("the same")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert repo.catch_up().new == 20
    calls = [line for line in (tmp_path / "trace").read_text("utf-8").splitlines() if "built-in: git " in line]
    assert len(calls) < 10, calls
    repo.hooks = hooks
