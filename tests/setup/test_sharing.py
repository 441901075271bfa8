"""A project that a group of users shares."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from each_command import call

from cmos.git import process

SAMPLE = Path(__file__).resolve().parent.parent / "sample"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "setting, file, folder",
    [("group", 0o660, 0o2770), ("all", 0o664, 0o2775), ("0640", 0o640, 0o2750), ("umask", 0o600, 0o700)],
)
def test_the_files_have_the_permissions_that_git_gives_its_own(tmp_path, setting: str, file: int, folder: int) -> None:
    root = tmp_path / "p"
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    process.run(str(root), "init", "-q")
    process.run(str(root), "config", "core.sharedRepository", setting)
    before = os.umask(0o077)
    try:
        assert call(root, "init --no-hooks")[0] == 0
        assert mode(root / ".cmos" / "memory.db") == file
        assert mode(root / ".cmos") == folder
        assert mode(root / ".git" / "cmos.lock") == file
    finally:
        os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become two other users")
def test_a_second_person_of_the_group_can_write(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest" in str(folder):
            folder.chmod(0o755)
        elif not folder.stat().st_mode & stat.S_IXOTH:
            pytest.skip("nobody else can get to %s" % folder)
    root, warm = tmp_path / "p", tmp_path / "warm"
    for folder in (root, warm):
        shutil.copytree(str(SAMPLE), str(folder / "cmos"))
        process.run(str(folder), "init", "-q", "--shared=group")
    for path in (root, *root.rglob("*")):
        os.chown(str(path), 4001, 4000)
        path.chmod(mode(path) | (0o2070 if path.is_dir() else 0o060))
    lines = ((4001, "init --no-hooks"), (4002, "fact --kind k --content c"), (4002, "mission complete B1.2"))
    for user, line in (*lines, (4001, "mission list"), (4001, "mission start B1.4")):
        code, told = as_user(root, warm, user, line)
        assert code == 0, (user, line, told)


def as_user(root: Path, warm: Path, user: int, line: str):
    """Run a command as another user, who need not be able to read where this Python is installed."""
    code = (
        "import os, sys; sys.path.insert(0, %r); from pathlib import Path; from each_command import call\n"
        "for line in ('init --no-hooks', %r): call(Path(%r), line)\n"
        "os.setgroups([4000]); os.setgid(4000); os.setuid(%d); os.umask(0o022)\n"
        "code, told = call(Path(%r), %r); print(told); sys.exit(code)"
    ) % (str(SAMPLE.parent), line, str(warm), user, str(root), line)
    environment = dict(os.environ, HOME="/nonexistent", GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_COUNT="1")
    environment.update(GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=str(root), env=environment, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()
