"""Repositories with hooks, and a console script as an installation has it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from hook_world import Shell

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SCRIPT = """#!%s
import sys
sys.path.insert(0, %r)
from cmos.cli.entry import main
main()
"""


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a bin é")
    (folder / "cmosctl").write_text(SCRIPT % (sys.executable, str(CHECKOUT)), "utf-8")
    (folder / "cmosctl").chmod(0o755)
    return folder


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
