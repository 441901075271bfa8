"""The lines in a hook, as the shells run them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cmos.hooks import block as hook_block
from cmos.hooks.block import NAMES, STOP, block, find, insert, owner, script, strip

SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]
HOOKS = Path(__file__).resolve().parent.parent.parent / "hooks"
LINES = "refs/heads/main aaa refs/heads/main bbb\nrefs/heads/b $HOME `id` refs/heads/b %s\\n\n"


def fake(folder: Path, body: str) -> str:
    """Make a command that stands for cmosctl."""
    path = folder / "cmosctl"
    path.write_text(body, "utf-8")
    path.chmod(0o755)
    return str(path)


def ran(folder: Path, shell: str, text: str, stdin: str = "", **env: str) -> Any:
    hook = folder / "hook"
    hook.write_text(text, "utf-8")
    environment = dict(os.environ, **env)
    return subprocess.run(
        [shell, str(hook), "one", "two words"], input=stdin.encode(), env=environment, capture_output=True, timeout=20
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_scripts_that_ship_are_what_install_writes(name: str) -> None:
    path = HOOKS / name
    assert path.read_bytes() == script(name).encode()
    assert os.access(str(path), os.X_OK)
    installed = script(name, "/opt/a b/cmosctl")
    assert installed.replace("'/opt/a b/cmosctl' ", "") == script(name)


def test_there_is_no_other_script() -> None:
    assert sorted(path.name for path in HOOKS.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", [0, 1, 2, 126, 127, 130])
def test_the_rest_of_a_strict_hook_runs_whatever_cmosctl_exits_with(
    tmp_path: Path, shell: str, name: str, code: int
) -> None:
    command = fake(tmp_path, "#!/bin/sh\nexit %d\n" % code)
    text = insert(b"#!/bin/sh\nset -eu\necho rest\nexit 3\n", block(name, command)).decode()
    done = ran(tmp_path, shell, "set -eu\n" + text, LINES, PATH="/usr/bin:/bin")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"rest\n", b"")


@pytest.mark.parametrize("shell", SHELLS)
def test_only_the_code_that_means_so_stops_a_push(tmp_path: Path, shell: str) -> None:
    command = fake(tmp_path, "#!/bin/sh\nexit %d\n" % STOP)
    assert ran(tmp_path, shell, "set -eu\n" + block("pre-push", command) + "echo rest\n", LINES).returncode == 1
    done = ran(tmp_path, shell, block("post-rewrite", command) + "echo rest\n", LINES)
    assert (done.returncode, done.stdout) == (0, b"rest\n")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["post-rewrite", "pre-push"])
@pytest.mark.parametrize("stdin", ["", "a b c d\n", LINES, "a line of a mirror\n" * 20_000], ids=len)
@pytest.mark.parametrize("reads", ["cat > \"$0.seen\"", ":"])
def test_cmosctl_and_the_rest_of_the_hook_read_the_same(
    tmp_path: Path, shell: str, name: str, stdin: str, reads: str
) -> None:
    command = fake(tmp_path, "#!/bin/sh\n%s\n" % reads)
    done = ran(tmp_path, shell, "set -eu\n" + block(name, command) + "cat\n", stdin)
    assert (done.returncode, done.stdout.decode()) == (0, stdin)
    if reads != ":":
        assert Path(command + ".seen").read_text("utf-8").strip() == stdin.strip()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", NAMES)
def test_a_hook_whose_cmosctl_is_gone_does_nothing(tmp_path: Path, shell: str, name: str) -> None:
    text = "set -eu\n" + block(name, str(tmp_path / "gone" / "cmosctl")) + "cat\n"
    done = ran(tmp_path, shell, text, LINES, PATH="/usr/bin:/bin")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, LINES, b"")


@pytest.mark.parametrize("shell", SHELLS)
def test_one_whose_python_is_gone_counts_as_missing(tmp_path: Path, shell: str) -> None:
    (tmp_path / "bin").mkdir()
    fake(tmp_path / "bin", '#!/bin/sh\necho "from the path: $*"\n')
    command = fake(tmp_path, "#!%s/gone/python\n" % tmp_path)
    done = ran(tmp_path, shell, block("post-merge", command), PATH="%s/bin:/usr/bin:/bin" % tmp_path)
    assert (done.returncode, done.stdout) == (0, b"from the path: hook run post-merge one two words\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_switch_turns_it_off(tmp_path: Path, name: str) -> None:
    command = fake(tmp_path, "#!/bin/sh\necho ran\n")
    done = ran(tmp_path, "sh", block(name, command) + "cat\n", "input\n", CMOSCTL_HOOKS="0")
    assert done.stdout == b"input\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_block_is_found_and_taken_out_wherever_it_stands(name: str) -> None:
    rest = b"#!/bin/bash -e\r\n# \xff\necho last line without an end"
    lines = block(name, "/a'b/c\"d $e/cmosctl")
    content = insert(rest, lines)
    assert find(content) == lines.encode() and strip(content) == rest
    assert strip(rest) == rest and find(rest) is None
    assert hook_block.is_current(lines.encode(), name)
    assert hook_block.called(lines.encode()) == "/a'b/c\"d $e/cmosctl"
    assert not hook_block.is_current(lines.replace("hook v1", "hook v0").encode(), name)
    assert b"\r" not in lines.encode()


@pytest.mark.parametrize(
    "content, whose",
    [
        (b"#!/bin/sh\n", "sh"),
        (b"#! /bin/bash -eu\n", "sh"),
        (b"#!/usr/bin/env bash\n", "sh"),
        (b"#!/usr/bin/env dash\n", "sh"),
        (b"#!/usr/bin/fish\n", "/usr/bin/fish"),
        (b"#!/usr/bin/env python3\n", "/usr/bin/env python3"),
        (b"#!/bin/sh\r\n", "/bin/sh"),
        (b"echo\n", "without a #! line"),
        (b"", "without a #! line"),
        (b"\x7fELF\0", "binary"),
        (b"#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n", "pre-commit"),
        (b"#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n", "prek"),
        (b'#!/usr/bin/env sh\n. "$(dirname "$0")/_/husky.sh"\n', "husky"),
        (b'#!/bin/sh\nif [ "$LEFTHOOK" = 0 ]; then exit; fi\ncall_lefthook run "post-commit" "$@"\n', "lefthook"),
        (b'#!/bin/sh\ngit lfs post-commit "$@"\n', "git-lfs"),
    ],
)
def test_whose_a_hook_is(content: bytes, whose: str) -> None:
    assert owner(content) == whose


@pytest.mark.parametrize(
    "line, called",
    [
        ('exec /opt/bin/cmosctl hook run post-commit "$@"', True),
        ('subprocess.run(["cmosctl", "hook", "run", "post-commit"])', True),
        ("# cmosctl hook run post-commit", False),
        ("cmosctl hook run post-merge", False),
    ],
)
def test_a_line_that_somebody_wrote_counts(line: str, called: bool) -> None:
    assert hook_block.is_called(b"#!/bin/x\n" + line.encode() + b"\n", "post-commit") is called
