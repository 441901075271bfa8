"""Several projects in one repository: a commit is logged where it belongs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import List

import pytest
from each_command import call

SAMPLE = Path(__file__).resolve().parent.parent / "sample"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=str(folder), check=True, capture_output=True)


def logged(project: Path) -> List[str]:
    code, told = call(project, "session list --json")
    assert code == 0


    return sorted(one["summary"] for one in json.loads(told)["data"] if one["action"] == "commit")


@pytest.mark.parametrize("hooks", ["init", "init --no-hooks"])
def test_a_commit_counts_in_the_project_that_it_touches_or_names(tmp_path: Path, hooks: str) -> None:
    git(tmp_path, "init", "-q")
    for name in ("p1", "p2"):
        shutil.copytree(str(SAMPLE), str(tmp_path / name / "cmos"))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "both")
    for name in ("p1", "p2"):
        assert call(tmp_path / name, hooks)[0] == 0
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", "nothing of %s" % name)

    def commit(place: str, subject: str) -> None:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(subject, "utf-8")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "-m", subject)

    commit("p2/x", "fix p2 only")
    commit("p1/x", "fix p1 only")
    commit("other/x", "fix neither")
    commit("p2/y", "B1.3: named for both")
    both = (tmp_path / "p1" / "z", tmp_path / "p2" / "z")
    for path in both:
        path.write_text("z", "utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "touches both")
    assert logged(tmp_path / "p1") == ["B1.3: named for both", "fix p1 only", "touches both"]
    assert logged(tmp_path / "p2") == ["B1.3: named for both", "fix p2 only", "touches both"]
    assert call(tmp_path / "p1", "sync --all-history")[0] == 0
    assert "fix p2 only" not in logged(tmp_path / "p1")
