"""The sprint in docs/agents.md, typed as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_a_sprint_is_done_with_an_agents_commands_only(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "cmosctl"
    command.parent.mkdir()
    code = "from cmos.cli.main import main; main()"
    call = "PYTHONPATH=%s exec %s -c %s" % tuple(map(shlex.quote, (str(CHECKOUT), sys.executable, code)))
    command.write_text('#!/bin/sh\n%s "$@"\n' % call, "utf-8")
    command.chmod(0o755)
    (script,) = SCRIPT.findall((CHECKOUT / "docs" / "agents.md").read_text("utf-8"))
    done = subprocess.run(
        ["sh", "-e"],
        input=script.encode("utf-8"),
        cwd=str(tmp_path),
        env=dict(os.environ, PATH="%s:%s" % (command.parent, os.environ["PATH"])),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    told = done.stdout.decode("utf-8")
    assert done.returncode == 0, told
    contexts = [line for line in told.splitlines() if line.startswith('{"generated_at"')]
    assert ['"because": "sprint"' in one for one in contexts] == [False, True]
    review = dict(part.split("\n\n", 1) for part in told.split("# Review of Sprint 1")[1].split("\n## ")[1:])
    assert [name in review["Done"] for name in ("B1.1", "B1.2", "B1.3")] == [True, True, True]
    assert review["Not done"] == "None.\n" and review["Open questions"] == "None.\n"
    assert "**A gap is ten minutes** (B1.3) Shorter ones are the radio" in review["Decisions"]
    assert "B1.1: read once a minute" in review["Commits"]
    assert "3 of 3 missions completed" in told
