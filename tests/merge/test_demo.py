"""The demo in docs/merging.md, typed as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LIST = re.compile(r"^(B1\.\d)  +(\w+(?: \w+)?)  ", re.MULTILINE)


def test_stock_git_and_the_driver_end_with_the_same_statuses(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "cmosctl"
    command.parent.mkdir()
    code = "from cmos.cli.main import main; main()"
    call = "PYTHONPATH=%s exec %s -c %s" % tuple(map(shlex.quote, (str(CHECKOUT), sys.executable, code)))
    command.write_text('#!/bin/sh\n%s "$@"\n' % call, "utf-8")
    command.chmod(0o755)
    parts = SCRIPT.findall((CHECKOUT / "docs" / "merging.md").read_text("utf-8"))
    done = subprocess.run(
        ["sh", "-e"],
        input="".join(parts).encode("utf-8"),
        cwd=str(tmp_path),
        env=dict(os.environ, PATH="%s:%s" % (command.parent, os.environ["PATH"])),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    told = done.stdout.decode("utf-8")
    assert done.returncode == 0, told
    assert told.count("CONFLICT") == 1 and told.count("Merge made by") == 1
    assert LIST.findall(told) == 2 * [("B1.1", "Completed"), ("B1.2", "Completed"), ("B1.3", "Current")]
    backlog = (tmp_path / "station" / "cmos" / "missions" / "backlog.yaml").read_text("utf-8")
    assert re.findall(r'status: "(.*)"', backlog) == ["Completed", "Completed", "Current"]
