"""A small repository for each test, copied from one that is made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from history_repo import Repo, new_repository

from cmos.setup.setup import set_up


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    root = tmp_path_factory.mktemp("template") / "repo"
    root.mkdir()
    new_repository(root)
    repo = Repo(root)
    repo.git("add", "--all")
    # the first look takes what names a mission
    repo.git("commit", "--quiet", "--message", "start\n\nMission: B1.1")
    set_up(str(root))
    repo.catch_up()
    return root


@pytest.fixture(params=[False, True], ids=["without hooks", "with hooks"])
def repo(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Repo:
    """A repository with one commit, ``start``, and a database that has seen it."""
    shutil.copytree(str(template), str(tmp_path / "répo"), symlinks=True)
    return Repo(tmp_path / "répo", hooks=request.param)

