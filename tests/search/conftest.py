"""A small project with documents, as an open workspace."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Callable, Iterator

import pytest

from cmos.project.project import Project, open_project

GUIDE = """\
# Station guide

How the readings are taken.

## Calibrating the barometer

Set `pressureOffset` in config.station_settings before the first reading.

## Sending data

The uplink retries three times.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    from cmos.setup.setup import set_up

    folder = tmp_path / "a stätion"
    (folder / "cmos" / "docs").mkdir(parents=True)
    (folder / "cmos" / "missions").mkdir()
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    set_up(str(folder))
    return folder


@pytest.fixture
def write(root: Path) -> Callable[..., Path]:
    """``write("docs/a.md", "text")`` in the project's folder ``cmos``."""

    def put(path: str, text: str) -> Path:
        file = root / "cmos" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    put("docs/guide.md", GUIDE)
    return put


@pytest.fixture
def ws(root: Path, write: Callable[..., Path]) -> Iterator[Project]:
    with open_project(str(root)) as workspace:
        yield workspace
