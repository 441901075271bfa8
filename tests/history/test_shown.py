"""What the command line shows of commits."""

from __future__ import annotations

from history_repo import Repo


def test_mission_show_lists_commits_and_says_which_are_on_the_branch(repo: Repo, run) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("B1.10: aside\x1b[31m", "aside.txt")
    repo.log()
    repo.git("switch", "--quiet", "main")
    sha = repo.commit("B1.10: here")
    repo.log()
    ran = run("mission", "show", "B1.10", cwd=repo.root)
    lines = [line.strip() for line in ran.out.splitlines() if line.strip().startswith(sha[:10]) or "aside" in line]
    assert lines[0].endswith("(not on this branch)") and "\x1b" not in ran.out
    assert lines[1].startswith(sha[:10]) and lines[1].endswith("B1.10: here")
    found = run("mission", "show", "B1.10", "--json", cwd=repo.root).data["commits"]
    assert [one["on_branch"] for one in found] == [False, True]
    assert sorted(found[1]) == ["author", "on_branch", "sha", "subject", "ts"]
    assert found[1]["sha"] == sha


def test_a_rewritten_commit_is_shown_as_it_is_now(repo: Repo, run) -> None:
    old = repo.commit("B1.10: one")
    repo.log()
    new = repo.commit("B1.10: one, better", "code.txt", None, "--amend")
    repo.log()
    (shown,) = run("mission", "show", "B1.10", "--json", cwd=repo.root).data["commits"]
    assert (shown["sha"], shown["subject"], shown["on_branch"]) == (new, "B1.10: one, better", True)
    repo.git("reset", "--quiet", "--hard", old)
    (shown,) = run("mission", "show", "B1.10", "--json", cwd=repo.root).data["commits"]
    assert (shown["sha"], shown["on_branch"]) == (old, True)


def test_a_mission_without_commits_shows_none(repo: Repo, run) -> None:
    assert run("mission", "show", "B2.1", "--json", cwd=repo.root).data["commits"] == []
    assert "commits" not in run("mission", "show", "B2.1", cwd=repo.root).out


def test_the_log_lists_only_commits_on_request(repo: Repo, run) -> None:
    repo.commit("B1.10: one")
    repo.log()
    found = run("session", "list", "--type", "commit", "--json", cwd=repo.root).data
    assert [one["summary"] for one in found] == ["start", "B1.10: one"]
    assert found[1]["details"]["files"] == ["code.txt"]


def test_sync_logs_all_history_on_request_and_says_how_much(repo: Repo, run) -> None:
    repo.hooks = False
    repo.commit("B1.10: one")
    ran = run("sync", "--all-history", cwd=repo.root)
    assert (ran.code, "logged 1 commit\n" in ran.out) == (0, True)
    assert run("sync", "--json", cwd=repo.root).data["commits"] is None
    assert run("sync", "--check", "--all-history", cwd=repo.root).code == 2


def test_init_says_how_many_commits_it_logged(repo: Repo, run) -> None:
    import shutil

    shutil.rmtree(str(repo.root / ".cmos"))
    ran = run("init", "--no-hooks", "--all-history", "--fresh", cwd=repo.root)
    assert (ran.code, "Commits logged: 1." in ran.out) == (0, True)
