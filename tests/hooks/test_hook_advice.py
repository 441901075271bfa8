"""The lines that a person puts in by hand."""

from __future__ import annotations

import subprocess

import pytest
from ruamel.yaml import YAML

from cmos.hooks.block import NAMES, STOP, advise, is_called


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("runs", ["", "sh", "husky", "git-lfs", "without a #! line", "/usr/bin/env python3"])
@pytest.mark.parametrize("exists", [True, False])
def test_what_is_put_in_is_seen_to_call_cmosctl(name: str, runs: str, exists: bool) -> None:
    told = advise(name, "/r/.git/hooks/" + name, runs=runs, exists=exists, command="/opt/cmosctl")
    assert is_called(told.lines.encode(), name)
    assert (".husky/%s" % name in told.where) is (runs == "husky")


def test_a_hook_in_python_is_not_given_lines_of_shell() -> None:
    told = advise("pre-push", "/r/.git/hooks/pre-push", runs="/usr/bin/python3", exists=True, command=None)
    assert told.lines.startswith("cmosctl hook run pre-push ") and "exit code %d" % STOP in told.lines
    assert "\n" not in told.lines.strip()


def test_a_file_that_is_not_there_yet_is_given_whole() -> None:
    told = advise("post-merge", "/r/.githooks/post-merge", runs="", exists=False, command=None)
    assert told.lines.startswith("#!/bin/sh\n") and "executable" in told.where


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", [0, 1, STOP, 127])
def test_lefthook_gets_a_command_that_fails_only_to_stop_a_push(name: str, code: int) -> None:
    told = advise(name, "/r/.git/hooks/" + name, runs="lefthook", exists=True, command="/a 'b'/cmosctl")
    command = YAML(typ="safe").load(told.lines)[name]["commands"]["cmosctl"]
    assert told.where == "lefthook.yml"
    assert command.get("use_stdin", False) is (name in ("post-rewrite", "pre-push"))
    run = command["run"].partition(" hook run ")[2]
    done = subprocess.run(["sh", "-c", "stand_in() { return %d; }; stand_in hook run %s" % (code, run)])
    assert done.returncode == (1 if name == "pre-push" and code == STOP else 0)
