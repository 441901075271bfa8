"""``mission verify FILES``: what pre-commit runs as cmos-verify."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

from cmos.cli.main import run as run_command
from cmos.review import files
from cmos.review.files import is_read

CHECKOUT = Path(__file__).resolve().parents[2]
WHOLE = "missionId: %s\nobjective: o\ncontext: c\nsuccessCriteria: [s]\ndeliverables: [d]\nstatus: %s\n"


@pytest.fixture
def missions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A missions folder without a database and without git, seen from the folder of the project."""
    folder = tmp_path / "cmos" / "missions"
    (folder / "templates").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def verify(missions: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple]:
    """``verify(text)`` writes a file and checks it: exit code, lines and last line of talk."""

    def call(text: str, *more: str) -> tuple:
        (missions / "a.yaml").write_text(text, "utf-8")
        code = run_command(["mission", "verify", "cmos/missions/a.yaml", *more])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return call


def test_a_sound_file_is_silent(verify) -> None:
    assert verify(WHOLE % ("B1", "Queued")) == (0, [], "1 mission: 0 errors, 0 warnings\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: B1\nname: [\n", ":3:1: error: "),
        ("id: B1\nname: a: b\n", ":2:8: error: mapping values are not allowed"),
        ("id: B1\nname: x\nname: y\n", ':3:1: error: the key "name" occurs twice'),
        ("id: B1\n<<<<<<< a\nname: x\n=======\nname: y\n>>>>>>> b\n", ":2:1: error: unresolved merge conflict"),
        (WHOLE % ("B1", "on hold"), ":6:9: error: B1 has the status 'on hold', which is none of: Queued,"),
        ("missions:\n- id: B1\n- {id: B1}\n", ":3:1: error: B1 is in this file already"),
        (WHOLE % ("B1", "Queued") + "---\n" + WHOLE % ("B1", "Queued"), ":8:1: error: B1 is in this file already"),
        ("a: " + "[" * 70 + "]" * 70, ":1:67: error: nested deeper than 64 levels"),
        ("x: " + "y" * 1_100_000, ":1:1: error: larger than 1 MB"),
    ],
)
def test_an_error_names_line_and_column(verify, text: str, expected: str) -> None:
    code, lines, _ = verify(text)
    assert code == 1
    assert lines[0].startswith("cmos/missions/a.yaml" + expected)
    assert len([line for line in lines if ": error: " in line]) == 1


def test_what_is_lacking_is_a_warning(verify) -> None:
    expected = "cmos/missions/a.yaml:1:1: warning: B1 lacks objective, context, successCriteria, deliverables"
    assert verify("missionId: B1\n") == (0, [expected], "1 mission: 0 errors, 1 warning\n")


@pytest.mark.parametrize("word", ["Planned", "in_progress", "completed", '""', "null"])
def test_other_spellings_of_a_status_are_no_error(verify, word: str) -> None:
    assert verify(WHOLE % ("B1", word))[:2] == (0, [])


def test_a_mission_and_its_row_in_one_file_are_no_duplicate(verify) -> None:
    assert verify("missions:\n- id: B1\n---\n" + WHOLE % ("B1", "Queued"))[:2] == (0, [])


def test_as_json(verify, missions: Path) -> None:
    code, lines, err = verify("id: B1\nname: [\n", "cmos/missions/b.yaml", "--json")
    document = json.loads("\n".join(lines))
    assert (code, err, document["data"]["errors"], document["data"]["warnings"]) == (1, "", 1, 0)
    (finding,) = document["data"]["findings"]
    assert (finding["code"], finding["path"], finding["line"]) == ("quarantine", "cmos/missions/a.yaml", 3)


def test_files_that_are_no_missions_or_have_vanished_are_passed_over(missions: Path, tmp_path: Path, capsys) -> None:
    broken = [missions / "templates" / "t.yaml", missions / ".hidden.yaml", missions / "a.txt", tmp_path / "b.yaml"]
    for path in broken:
        path.write_text("id: [", "utf-8")
    (missions / "link.yaml").symlink_to(broken[0])
    (missions / "folder.yaml").mkdir()
    others = [missions / "link.yaml", missions / "folder.yaml", missions / "gone.yaml"]
    assert run_command(["mission", "verify", *map(str, broken + others)]) == 0
    assert capsys.readouterr() == ("", "0 missions: 0 errors, 0 warnings\n")


def test_a_file_that_cannot_be_read_is_an_error(verify, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: str) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(files, "_bytes", denied)
    assert verify("")[:2] == (1, ["cmos/missions/a.yaml: error: cannot be read: Permission denied"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cmos/missions/backlog.yaml", True),
        ("/x/deep/cmos/missions/sprint-01/B1.yml", True),
        ("../cmos/missions/./a.yaml", True),
        ("cmos/missions/templates/a.yaml", False),
        ("cmos/missions/x/templates/a.yaml", False),
        ("cmos/missions/templates.yaml", True),
        ("cmos/missions/.x/a.yaml", False),
        ("cmos/docs/a.yaml", False),
        ("missions/a.yaml", False),
        ("cmos/missions", False),
    ],
)
def test_which_paths_are_mission_files(path: str, expected: bool) -> None:
    assert is_read(path) is expected


def test_no_database_is_opened_or_even_imported(missions: Path) -> None:
    (missions / "a.yaml").write_text(WHOLE % ("B1", "Queued"), "utf-8")
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        "from cmos.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "mission", "verify", "cmos/missions/a.yaml"],
        env=dict(os.environ, PYTHONPATH=str(CHECKOUT)),
        capture_output=True,
        check=True,
    )
    modules = set(done.stderr.decode().split())
    assert "cmos.missionfile.reader" in modules
    assert not [name for name in modules if name.split(".")[0] in ("sqlite3", "git", "watchdog")]
    assert not [name for name in modules if name.startswith(("cmos.db", "cmos.git"))]
    assert sorted(path.name for path in missions.parent.parent.iterdir()) == ["cmos"]
