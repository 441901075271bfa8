"""Invalid YAML of the kinds that people write: the line says how to mend it, and that works."""

from __future__ import annotations

import re
from typing import Callable

import pytest

from cmos.missionfile import events
from cmos.missionfile.reader import read

QUOTES = "put the whole text behind the dash or the colon in quotes"
TABS = "use spaces instead of the tab"


@pytest.fixture(params=["c", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setattr(events, "CParser", None)


def in_quotes(line: str) -> str:
    found = re.match(r"([ ]*(?:- )?(?:[\w.-]+:[ ]+)?)(.*)", line)
    assert found is not None
    return "%s'%s'" % (found.group(1), found.group(2).replace("'", "''"))


@pytest.mark.parametrize(
    ("line", "advice", "mend"),
    [
        ("  - `validate` gives a report", QUOTES, in_quotes),
        ("  - @team looks at it", QUOTES, in_quotes),
        ('  - "one.org", "two.org"', QUOTES, in_quotes),
        ("  - 'Done' within a week", QUOTES, in_quotes),
        ("  - **bold** claims", QUOTES, in_quotes),
        ("  - { a, b", QUOTES, in_quotes),
        ("  - Kinds (status: 'a' | 'b'): three", QUOTES, in_quotes),
        ('  key: "a/path.md"  :reference', QUOTES, in_quotes),
        ("\t- tabbed", TABS, lambda line: line.replace("\t", "  ")),
    ],
)
def test_the_advice_works(line: str, advice: str, mend: Callable[[str], str]) -> None:
    head = "missionId: B1\nname: x\n"
    text = head + "extra:\n%s\nobjective: y\n"
    faults = read((text % line).encode()).faults
    assert faults and advice in faults[0].cause, faults
    assert read((text % mend(line)).encode()).faults == ()


def test_a_wrong_indentation_is_named() -> None:
    faults = read(b"missionId: B1\n name: x\n  other: y\n").faults
    assert faults and "indent it under its key" in faults[0].cause, faults


def test_what_no_line_explains_gets_no_advice() -> None:
    (fault,) = read(b"missionId: B1\nmissionId: B2\nname: x\n---\n%YAML 1.2\n").faults[:1]
    assert "quotes" not in fault.cause and "indent" not in fault.cause
