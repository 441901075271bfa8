"""Repositories with hooks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from hook_world import Shell


@pytest.fixture(scope="session")
def _station(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cmos.services.setup import set_up

    folder = tmp_path_factory.mktemp("initialised") / "station"
    shutil.copytree(str(sample), str(folder))
    set_up(str(folder))
    return folder


@pytest.fixture
def station(_station: Path, tmp_path: Path) -> Path:
    """The sample project with its database, committed, without hooks."""
    folder = tmp_path / "stätion one"
    shutil.copytree(str(_station), str(folder))
    return folder


@pytest.fixture
def sh(station: Path, scripts: Path) -> Shell:
    return Shell(station, scripts)


@pytest.fixture
def install(sh: Shell) -> Callable[..., Any]:
    """``install()`` puts the hooks in, in the station unless another folder is given."""
    from cmos.services import hooking

    def call(folder: Optional[Path] = None) -> Any:
        return hooking.install(str(folder or sh.folder), command=str(sh.script))

    return call
