"""What people do with git: each row of the matrix is a few commands, and what the log must have got by them.

The checkout is on the branch ``work``, two commits (``B1.2: one``, ``B1.2: two``) ahead of ``main``. The remote holds
what others did: ``ahead`` goes on from work, ``side`` and ``base`` from main, ``clash`` contradicts ``B1.2: one``;
``next`` and ``apart`` are like ``ahead`` and ``side``, but never fetched.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple

_MISSION = "cmos/missions/sprint-01/B1.2_store-the-readings.yaml"
_TYPED = "echo 'remark: typed' >> %s\n" % _MISSION
_PULLED = "Merge branch 'apart' of REMOTE into work"
_MERGED = "Merge remote-tracking branch 'origin/side' into work"


class Row(NamedTuple):
    name: str
    #: One command a line, for ``sh``.
    script: str
    #: The subjects that a hook logs at once, each once.
    logged: Tuple[str, ...] = ()
    #: Those that the next command logs: git calls no hook of ours, or a hook that is told too little.
    later: Tuple[str, ...] = ()


COMMITS = (
    Row("commit", "echo x >> code.txt\ngit commit -a -m 'B1.2: x'", ("B1.2: x",)),
    Row("commit --no-verify", "echo x >> code.txt\ngit commit -a --no-verify -m x", ("x",)),
    Row(
        "commit of one file of two, from a subfolder",
        "echo x > cmos/docs/x.md\necho y > cmos/docs/y.md\ngit add -A\ncd cmos/docs && git commit -m x x.md",
        ("x",),
    ),
    Row(
        "commit of a part, with a mission file changed and not added",
        "echo x >> code.txt\ngit add code.txt\n%sgit commit -m x\ngit diff" % _TYPED,
        ("x",),
    ),
    Row("commit of a mission file", _TYPED + "git commit -a -m x", ("x",)),
    Row("commit of nothing", "git commit -m nothing"),
    Row(
        "a concluded conflict",
        "git merge origin/clash\necho both > one.txt\ngit add one.txt\ngit commit -m concluded",
        ("concluded",),
        ("clash",),
    ),
    Row("cherry-pick", "git cherry-pick origin/side~1", ("side 1",)),
    Row("cherry-pick of two", "git cherry-pick origin/main..origin/side", ("side 1", "B1.1: side 2")),
    Row(
        "cherry-pick with a conflict",
        "git cherry-pick origin/clash\necho both > one.txt\ngit add one.txt\ngit cherry-pick --continue",
        ("clash",),
    ),
    Row("revert", "git revert --no-edit HEAD", ('Revert "B1.2: two"',)),
    Row("commit --amend", "echo x >> code.txt\ngit commit -a --amend -m 'B1.2: two, better'"),
    Row(
        "commit, then --amend",
        "git commit --allow-empty -m x\ngit commit --allow-empty --amend -m 'x, better'",
        ("x",),
    ),
)
MERGES = (
    Row("merge, fast-forward", "git merge origin/ahead", ("ahead 1",)),
    Row("merge, clean", "git merge --no-edit origin/side", ("side 1", "B1.1: side 2", _MERGED)),
    Row("merge --squash", "git merge --squash origin/side\ngit commit -m squashed", ("squashed",)),
    Row("merge --abort", "git merge origin/clash\ngit merge --abort"),
    Row("pull, fast-forward", "git pull --ff-only origin next", ("next 1",)),
    Row("pull, clean", "git pull --no-rebase --no-edit origin apart", ("apart 1", _PULLED)),
)
REPLAYS = (
    Row("rebase", "git rebase origin/base", ("base 1",)),
    Row("rebase --apply", "git rebase --apply origin/base", ("base 1",)),
    Row("pull --rebase", "git pull --rebase origin apart", ("apart 1",)),
    Row(
        "rebase -i with a fixup",
        "echo x >> one.txt\ngit commit -a --fixup HEAD~1\ngit rebase -i --autosquash origin/main",
        ("fixup! B1.2: one",),
    ),
    Row(
        "rebase with a conflict",
        "git rebase origin/clash\necho both > one.txt\ngit add one.txt\ngit rebase --continue",
        ("clash",),
    ),
    Row("rebase --abort", "git rebase origin/clash\ngit rebase --abort"),
    Row(
        "rebase, amended on its way",
        "GIT_SEQUENCE_EDITOR='sed -i s/pick/edit/' git rebase -i origin/main\n"
        "git commit --amend -m 'B1.2: one, better'\ngit rebase --continue\ngit rebase --continue",
    ),
    Row(
        "rebase --abort of what was amended on its way",
        "echo x >> two.txt\ngit commit -a -m x\n"
        "GIT_SEQUENCE_EDITOR='sed -i s/pick/edit/' git rebase -i HEAD~1\necho y > y.txt\ngit add y.txt\n"
        "git commit -m 'on its way'\ngit commit --amend -m 'on its way, amended'\ngit rebase --abort",
        ("x",),
    ),
    Row(
        "am",
        "git format-patch --stdout origin/main..origin/side > ../mail\ngit am ../mail",
        (),
        ("side 1", "B1.1: side 2"),
    ),
)
MOVES = (
    Row("reset", "git reset HEAD~1\ngit reset --soft HEAD~1\ngit status"),
    Row("reset --hard", "echo x >> code.txt\ngit reset --hard HEAD~1\ngit reset --hard ORIG_HEAD"),
    Row(
        "stash, push and pop",
        _TYPED + "echo x > new.txt\n"
        "git stash push --include-untracked\ngit stash list\ngit stash pop",
    ),
    Row("switch", "git switch --detach origin/main\ngit switch -\ngit switch -c other origin/base\ngit switch work"),
    Row("fetch", "git fetch origin next apart"),
    Row("update-ref", "git update-ref refs/heads/other HEAD~1\ngit update-ref HEAD HEAD~1\ngit status --short"),
    Row("restore of nothing", "git restore ."),
    Row("bisect", "git bisect start HEAD HEAD~2\ngit bisect good\ngit bisect reset"),
)
OTHERS = (
    Row("push", "git push origin work:fresh\ngit push origin work"),
    Row("push --dry-run", "git push --dry-run origin work:fresh"),
    Row("push of nothing", "git push origin work"),
    Row("push that is rejected", "git push origin work:apart"),
    Row(
        "worktree add",
        "git worktree add -b tree ../tree\ncd ../tree && git commit --allow-empty -m 'B1.1: in the tree'\n"
        "git merge tree",
        ("B1.1: in the tree",),
    ),
    Row("clone", "git clone . ../clone\ncd ../clone && git commit --allow-empty -m 'in the clone'"),
)
ROWS = COMMITS + MERGES + REPLAYS + MOVES + OTHERS
