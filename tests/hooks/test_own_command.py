"""Which cmosctl a hook is made to call."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cmos.hooks.spots import find


def script(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_shim_is_not_resolved(tmp_path: Path) -> None:
    real = script(tmp_path / "tools" / "cmos" / "bin" / "cmosctl")
    shim = tmp_path / "bin" / "cmosctl"
    shim.parent.mkdir()
    shim.symlink_to(real)
    assert find(str(shim), "") == str(shim)
    assert find("-c", "%s:%s" % (tmp_path / "none", shim.parent)) == str(shim)


def test_a_relative_start_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = script(tmp_path / "venv" / "bin" / "cmosctl")
    monkeypatch.chdir(tmp_path)
    assert find(os.path.join("venv", "bin", "cmosctl"), "") == path


@pytest.mark.parametrize(
    "cache",
    [
        ".cache/uv/archive-v0/abc/bin",
        ".cache/uv/environments-v2/abc/bin",
        ".cache/pipx/abc/bin",
        ".cache/pre-commit/repoabcdefgh/py_env-python3/bin",
    ],
)
def test_one_in_a_cache_is_passed_over(tmp_path: Path, cache: str) -> None:
    fleeting = script(tmp_path / cache / "cmosctl")
    assert find(fleeting, os.path.dirname(fleeting)) is None
    link = tmp_path / "bin" / "cmosctl"
    link.parent.mkdir()
    link.symlink_to(fleeting)
    assert find(str(link), "") is None
    lasting = script(tmp_path / "lasting" / "cmosctl")
    assert find(fleeting, "%s:%s" % (os.path.dirname(fleeting), os.path.dirname(lasting))) == lasting


def test_what_cannot_be_run_is_none(tmp_path: Path) -> None:
    path = tmp_path / "bin" / "cmosctl"
    script(path)
    path.chmod(0o644)
    (tmp_path / "folder" / "cmosctl").mkdir(parents=True)
    assert find(str(path), str(tmp_path / "folder")) is None
