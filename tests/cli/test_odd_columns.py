"""No value of any column stops any command, or reaches a terminal as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

import pytest
from each_command import LEFT_OUT, READS, commands_known

#: Processes that can share the work of all commands.
PARTS = 8
pytest.register_assert_rewrite("odd_columns")

from odd_columns import VALUES, WRITES, Case, Station, cases  # noqa: E402


@pytest.fixture
def spoilt(station: Path) -> Station:
    return Station(station)


def faults(station: Station, case: Case, line: str) -> List[str]:
    if not station.spoil(case):
        return []
    found = ["%s, %s: %s" % (case, line, fault) for fault in station.faults(line)]
    if line in WRITES:
        station.put_files_back()
    return found


def test_every_command_is_tried_or_left_out_by_name():
    tried = {name for name in commands_known() if any((line + " ").startswith(name + " ") for line in READS + WRITES)}
    assert sorted(tried | LEFT_OUT) == commands_known()


def test_each_column_with_some_values_and_some_commands(spoilt):
    """Each column once; which value and which commands goes round, the same way each time."""
    values = list(VALUES)
    found = []
    for number, (table, column) in enumerate(spoilt.columns()):
        case = Case(table, column, values[number % len(values)], True)
        lines = WRITES if number % 2 else READS
        found += faults(spoilt, case, lines[number * 5 % len(lines)])
    assert found == []


@pytest.mark.parametrize("value", VALUES)
def test_what_sync_says_of_an_odd_issue_can_be_shown(spoilt, value):
    cases = [Case("issues", column, value, True) for column in ("kind", "path", "why", "field", "file_value")]
    assert [fault for case in cases for fault in faults(spoilt, case, "sync --check")] == []


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_each_column_with_each_value_and_all_commands(spoilt, part):
    found = []
    # all of it takes a while; a check takes each so-many-th
    every = list(enumerate(cases(spoilt.columns())))[:: int(os.environ.get("CMOS_SOAK_EACH", "1"))]
    for number, case in every[part::PARTS]:
        writes = [WRITES[(number * 5 + step) % len(WRITES)] for step in range(5)]
        for line in (*READS, *writes):
            found += faults(spoilt, case, line)
    assert found == []
