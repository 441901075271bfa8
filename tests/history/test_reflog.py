"""What the reflog tells of a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmos.git.branches import Reflog, read_newest, read_reflog
from cmos.git.checkout import Repository

A, B, C = "a" * 40, "b" * 40, "c" * 40


def told(folder: Path, *lines: str, branch: str = "refs/heads/main"):
    (folder / "logs").mkdir(parents=True)
    text = "".join("%s Ada <ada@example.org> 1600000000 +0100\t%s\n" % tuple(line.split("|")) for line in lines)
    (folder / "logs" / "HEAD").write_text(text, "utf-8")
    return read_reflog(Repository(str(folder), str(folder), str(folder), None), branch)


@pytest.mark.parametrize(
    "what",
    ["commit: x", "commit (initial): x", "commit (merge): x", "cherry-pick: x", "revert: x", "am: x", "rebase: x"]
    + ["rebase (pick): x", "rebase -i (fixup): x", "pull --rebase (continue): x", "pull -r o main (pick): x"]
    + ["merge side: Merge made by the 'ort' strategy.", "pull ssh://h:22/x main: Merge made by x."],
)
def test_what_makes_a_commit_is_known(tmp_path: Path, what: str) -> None:
    assert told(tmp_path, "%s %s|%s" % (A, B, what)).made == {B: "main"}


@pytest.mark.parametrize(
    "what",
    ["rebase (start): checkout main", "pull --rebase (start): checkout abc", "merge side: Fast-forward"]
    + ["reset: moving to HEAD~1", "pull: Fast-forward", "clone: from x", "rebase: checkout main"],
)
def test_what_only_moves_makes_no_commit(tmp_path: Path, what: str) -> None:
    assert told(tmp_path, "%s %s|%s" % (A, B, what)).made == {}


def test_the_branch_of_a_commit_follows_from_the_moves(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "%s %s|commit: x" % (A, B),
        "%s %s|checkout: moving from feature/b1.1 to main" % (B, A),
        "%s %s|commit (amend): y" % (A, C),
    )
    assert found.made == {B: "feature/b1.1", C: "main"}
    assert found.amended == {C: A}
    assert found.last == (A, C)


def test_of_a_new_commit_the_newest_entry_is_read_alone(tmp_path: Path) -> None:
    told(tmp_path, "%s %s|commit: x" % (C, A), "%s %s|commit: y" % (A, B))
    checkout = Repository(str(tmp_path), str(tmp_path), str(tmp_path), None)
    assert read_newest(checkout, "refs/heads/main", B) == Reflog({B: "main"}, {}, (A, B))


@pytest.mark.parametrize("what", ["commit (amend): y", "reset: moving to x", "commit: %s" % ("long " * 1000)])
def test_where_the_newest_entry_does_not_tell_all_are_read(tmp_path: Path, what: str) -> None:
    everything = told(tmp_path, "%s %s|commit (amend): x" % (C, A), "%s %s|%s" % (A, B, what))
    checkout = Repository(str(tmp_path), str(tmp_path), str(tmp_path), None)
    assert everything and everything.amended[A] == C
    assert read_newest(checkout, "refs/heads/main", B) == everything
    assert read_newest(checkout, "refs/heads/main", A) == everything


def test_there_may_be_no_reflog(tmp_path: Path) -> None:
    checkout = Repository(str(tmp_path), str(tmp_path), str(tmp_path), None)
    assert read_reflog(checkout, None) is None and read_newest(checkout, None, A) is None
