"""A larger project to wear down, and what its database and files hold afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest

pytest.register_assert_rewrite("truth", "killed_git")

from truth import MISSION, Truth, check_statuses, check_texts  # noqa: E402


@pytest.fixture
def busy(project: Path, run: Callable[..., Any]) -> Truth:
    """The sample project with thirty more missions, initialised."""
    for sprint in (3, 4, 5):
        folder = project / "cmos" / "missions" / ("sprint-%02d" % sprint)
        folder.mkdir()
        for place in range(1, 11):
            text = MISSION.format(sprint=sprint, place=place)
            (folder / ("B%d.%d_task.yaml" % (sprint, place))).write_text(text, "utf-8")
    ran = run("init", "--no-hooks")
    assert ran.code == 0, ran.err
    return Truth(project)


@pytest.fixture
def sound(busy: Truth, run: Callable[..., Any]) -> Callable[[], None]:
    """Check what must hold after any wear: converged, idempotent, nothing torn, no litter."""
    before = busy.texts()

    def check() -> None:
        for _ in range(2):
            ran = run("sync")
            assert ran.code == 0, ran.out + ran.err
        assert busy.column("PRAGMA integrity_check") == ["ok"]
        assert busy.rows("SELECT * FROM files WHERE temporary IS NOT NULL") == []
        check_texts(before, busy.texts())
        check_statuses(busy)
        settled = busy.texts(), sorted(map(repr, busy.rows("SELECT * FROM missions")))
        assert run("sync").code == 0
        assert settled == (busy.texts(), sorted(map(repr, busy.rows("SELECT * FROM missions"))))

    return check
