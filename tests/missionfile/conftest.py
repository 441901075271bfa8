"""Both parsers of YAML that a machine may have."""

from __future__ import annotations

import pytest

from cmos.missionfile import events


@pytest.fixture(params=["c", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write with the C parser, and as where it is not installed."""
    if request.param == "pure":
        monkeypatch.setattr(events, "CParser", None)
    elif events.CParser is None:
        pytest.skip("the C parser is not installed")
    return str(request.param)
