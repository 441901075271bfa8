"""Repositories with hooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from hook_world import Shell


@pytest.fixture
def sh(station: Path, scripts: Path) -> Shell:
    return Shell(station, scripts)


@pytest.fixture
def install(sh: Shell) -> Callable[..., Any]:
    """``install()`` puts the hooks in, in the station unless another folder is given."""
    from cmos.hooks import install as hook_install

    def call(folder: Optional[Path] = None) -> Any:
        return hook_install.install(str(folder or sh.folder), command=str(sh.script))

    return call
