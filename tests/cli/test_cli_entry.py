"""The entry point: help, usage errors, exit codes, and output that no byte can break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmos import __version__
from cmos.cli import main as entry
from cmos.cli.base import declare
from cmos.cli.base.commands import COMMANDS
from cmos.core.errors import CmosError

CODE = "from cmos.cli.main import main; main()"


def test_help_lists_every_command_and_imports_none() -> None:
    script = (
        "import sys; from cmos.cli.main import run; run(['--help']); print(*[m for m in sys.modules if 'cmos' in m])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment())
    text = done.stdout.decode("utf-8")
    assert all("  %s " % name in text for name in COMMANDS)
    assert "cmos.project" not in text and "cmos.db" not in text


@pytest.mark.parametrize("command", ["--version", "hook run post-commit"])
def test_no_cycles_are_looked_for_before_and_after_a_command(command: str) -> None:
    script = (
        "import atexit, gc; atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 0)); "
        "from cmos.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script, *command.split()], capture_output=True, env=environment())
    assert done.stdout.decode("utf-8").split()[-2:] == ["False", "True"]


def environment(**more: str) -> dict:
    return dict(os.environ, PYTHONPATH=str(Path(entry.__file__).parents[2]), **more)


def test_version(cm) -> None:
    assert cm("--version").out == "cmosctl %s\n" % __version__


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("next", "did you mean cmosctl mission next?"),
        ("mission done", "cmosctl mission complete [ID]"),
        ("rm", "cmosctl mission drop ID"),
        ("mission unblock", "cmosctl mission start ID"),
        ("mission ready", "cmosctl mission next --claim"),
        ("board", "cmosctl status"),
        ("mission lst", "did you mean list or start?"),
    ],
)
def test_a_word_that_is_no_command_is_answered_with_the_one_that_does_it(cm, typed: str, meant: str) -> None:
    told = cm(*typed.split())
    assert told.code == 2 and meant in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--nonsense",),
        ("mission", "nonsense"),
        ("mission", "start"),
        ("mission", "list", "--nonsense"),
    ],
)
def test_what_cannot_be_parsed_is_a_usage_error(cm, arguments) -> None:
    told = cm(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("cmosctl: ") and "--help" in told.err


def test_a_near_spelling_is_suggested(cm) -> None:
    assert "did you mean complete" in cm("mission", "compleet", "B1.1").err


@pytest.mark.parametrize("arguments", [("mission", "nonsense", "--json"), ("mission", "complete", "--json")])
def test_a_usage_error_under_json_is_json(cm, arguments) -> None:
    told = cm(*arguments)
    assert told.code == 2 and told.error["code"] == "usage"


def test_json_after_two_dashes_is_no_option(cm) -> None:
    told = cm("mission", "show", "--", "--json")
    assert told.code == 4 and told.err.startswith("cmosctl: ")


def test_outside_of_a_project_the_code_is_three(cm, tmp_path_factory, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    told = cm("mission", "list", "--json")
    assert (told.code, told.out, told.error["code"]) == (3, "", "not_a_project")
    assert "cmosctl init" in told.error["hint"]


def test_commands_work_from_a_subfolder(cm, station, monkeypatch) -> None:
    monkeypatch.chdir(station / "cmos" / "missions" / "sprint-01")
    assert cm("mission", "next", "--json").data["id"] == "B1.2"


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (CmosError("x"), 1),
        (PermissionError(13, "Permission denied", "/a/b"), 6),
        (OSError(28, "No space left on device"), 6),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 0),
    ],
)
def test_what_a_command_raises_becomes_a_message_and_a_code(cm, monkeypatch, raised, code) -> None:
    def fail(_: object) -> int:
        raise raised

    monkeypatch.setattr(declare, "perform", fail)
    monkeypatch.setattr(entry, "_drop_output", lambda: None)
    told = cm("status")
    assert told.code == code and "Traceback" not in told.err
    assert bool(told.err) == (code != 0)


def test_a_reader_that_went_away_is_no_error(station) -> None:
    command = "%s -c '%s' mission list --json | head -c 1 > /dev/null" % (sys.executable, CODE)
    done = subprocess.run(["sh", "-c", command], capture_output=True, env=environment())
    assert done.stderr == b""


@pytest.mark.parametrize("more", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_a_full_disk_under_stdout_is_code_six(station, more) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-c", CODE, "mission", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(**more))
    assert done.returncode == 6 and done.stderr.count(b"No space left") == 1 and done.stderr.count(b"\n") == 2


def test_output_is_utf8_whatever_the_locale_says(station) -> None:
    plain = environment(LC_ALL="C", PYTHONUTF8="0")
    done = subprocess.run([sys.executable, "-c", CODE, "mission", "list"], capture_output=True, env=plain)
    assert done.returncode == 0 and "Dérive" in done.stdout.decode("utf-8")


def test_an_argument_that_is_not_unicode_breaks_nothing(station) -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-c", CODE.encode(), b"mission", b"show", b"B\xff", b"--json"],
        capture_output=True,
        env=environment(),
    )
    assert done.returncode == 2 and json.loads(done.stderr.decode("utf-8"))["error"]["code"] == "usage"


@pytest.mark.parametrize("group", [(), ("mission",), ("db",)])
def test_a_group_alone_prints_its_help_as_it_is(cm, group) -> None:
    told = cm(*group)
    assert (told.out + told.err).startswith("Usage: cmosctl")
