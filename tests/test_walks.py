"""The walks in docs/architecture.md, each function with its file, are what the real calls go through."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Callable, Dict, Iterator, List, Tuple

import pytest

import cmos
from cmos import __main__ as entry
from cmos.cli.main import run
from cmos.hooks.run import GUARD

PACKAGE = os.path.dirname(os.path.abspath(cmos.__file__)) + os.sep
PAGE = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
STEP = re.compile(r"^\d+\. `([a-z_/]+\.py)` `(\w+)`", re.MULTILINE)

Call = Tuple[str, str]


def walks() -> Dict[str, List[Call]]:
    part = PAGE.read_text("utf-8").partition("## Four walks")[2].partition("\n## ")[0]
    titles = re.split(r"^### (\w+)$", part, flags=re.MULTILINE)[1:]
    return {title: STEP.findall(text) for title, text in zip(titles[::2], titles[1::2])}


@contextmanager
def traced() -> Iterator[List[Call]]:
    """Give the calls of functions of cmos, in the order in which they begin."""
    calls: List[Call] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            calls.append((frame.f_code.co_filename[len(PACKAGE) :].replace(os.sep, "/"), frame.f_code.co_name))

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def complete(project: Path, git: Callable[..., str]) -> None:
    run(["mission", "complete", "B1.2"])


def save(project: Path, git: Callable[..., str]) -> None:
    path = project / "cmos" / "missions" / "sprint-01" / "B1.3_derive-a-daily-mean.yaml"
    path.write_text(path.read_text("utf-8").replace("name: ", "name: Saved, ", 1), "utf-8")
    run(["sync"])


def commit(project: Path, git: Callable[..., str]) -> None:
    git("commit", "--quiet", "--allow-empty", "--message", "B1.2: work")
    with pytest.raises(SystemExit):
        entry.hook_main()


def search(project: Path, git: Callable[..., str]) -> None:
    run(["kb", "search", "mean"])


@pytest.mark.parametrize("walk", [complete, save, commit, search])
def test_a_walk_is_what_the_page_says(
    walk: Callable[[Path, Callable[..., str]], None], started: Path, git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(started)
    monkeypatch.setenv(GUARD, "")  # deleted, it would stay as the walk of a commit sets it
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "argv", ["cmosctl", "hook", "run", "post-commit"])
    told = walks()[walk.__name__.capitalize()]
    with traced() as calls:
        walk(started, git)
    assert len(told) > 5
    rest = iter(calls)
    assert [step for step in told if step not in rest] == []
