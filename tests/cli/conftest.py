"""Commands run in this process, in a project that is initialised once and copied for each test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

from cmos.cli.main import run as run_command


class Told(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        document = json.loads(self.out)
        assert sorted(document) == ["data", "schema_version"] and document["schema_version"] == 1
        return document["data"]

    @property
    def error(self) -> Any:
        document = json.loads(self.err.splitlines()[-1])
        assert sorted(document) == ["error", "schema_version"]
        assert sorted(document["error"]) == ["code", "hint", "message"]
        return document["error"]


@pytest.fixture
def station(station: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The initialised project, as the current folder."""
    monkeypatch.chdir(station)
    return station


@pytest.fixture
def cm(station: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """``cm("mission", "next")`` runs the command in the station's folder."""

    def call(*arguments: str) -> Told:
        capsys.readouterr()
        code = run_command(arguments)
        out, err = capsys.readouterr()
        return Told(code, out, err)

    return call
