"""A disk without a byte to spare: what is there can still be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
SCRIPT = """
set -e
mount -t tmpfs -o size=3m tmpfs "$1"
cp -r "$2" "$1/cmos"
cd "$1"
cmosctl() { "$PY" -c 'from cmos.cli.main import main; main()' "$@"; }
cmosctl init --no-hooks > /dev/null
head -c 9m /dev/zero > filler 2> /dev/null || true
for line in "mission next" "status" "mission list" "context" "memory list"; do cmosctl $line > /dev/null; done
set +e
cmosctl fact --kind k --content c; code=$?
rm filler
set -e
test $code = 6
cmosctl fact --kind k --content c > /dev/null
cmosctl mission complete B1.2 > /dev/null
cmosctl sync --check
"""


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no disk of our own can be made here")
def test_reads_answer_on_a_full_disk_and_writes_say_why_not(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    command = ["unshare", "-Urm", "sh", "-c", SCRIPT, "sh", str(tmp_path / "disk"), str(TESTS / "sample")]
    environment = dict(os.environ, PY=sys.executable)
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert b"free some disk space" in done.stderr
