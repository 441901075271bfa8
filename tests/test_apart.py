"""The suite itself: nothing of the user's machine is in reach of a test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def test_home_is_a_scratch_folder(home: Path) -> None:
    assert Path.home() == home
    assert any(parent.name.startswith("pytest-") for parent in home.parents)


def test_git_reads_no_configuration_but_the_suites_own(home: Path) -> None:
    listed = subprocess.run(["git", "config", "--list", "--show-origin"], cwd=str(home), stdout=subprocess.PIPE).stdout
    assert {line.split(b"\t")[0] for line in listed.splitlines()} == {b"file:" + str(home).encode() + b"/.gitconfig"}


def test_no_variable_of_git_or_an_agent_is_set() -> None:
    local = subprocess.run(["git", "rev-parse", "--local-env-vars"], stdout=subprocess.PIPE).stdout.decode().split()
    agents = ("CMOS_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "CURSOR_TRACE_ID", "GEMINI_CLI")
    assert not set(os.environ) & {*local, *agents}


def test_the_sample_is_a_clean_repository_at_a_path_with_a_space(project: Path, git) -> None:
    assert " " in str(project) and "é" in str(project)
    assert git("status", "--porcelain") == ""
