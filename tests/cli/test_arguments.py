"""What is read the short way is what click reads: the same call, whatever is typed."""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

import pytest
from each_command import READS, WRITES
from hypothesis import given
from hypothesis import strategies as st

from cmos.cli.base import declare, with_click
from cmos.cli.base.commands import COMMANDS, Entry, find, load
from cmos.cli.base.declare import Call, Choice, Command, Parameter
from cmos.core.errors import CmosError


def leaves(entries: Dict[str, Entry], *before: str) -> Iterator[Tuple[Tuple[str, ...], Command]]:
    for name, entry in entries.items():
        if entry.commands is None:
            yield (*before, name), load(entry)
        else:
            yield from leaves(entry.commands, *before, name)


LEAVES = dict(leaves(COMMANDS))
VALUES = ["B1.2", "", "-", "two words", "é", "a=b", "7", "0", "-1", "08", "1.5", "1e3", " 5", "٣", "--", "-v", "="]


def check(words: List[str]) -> bool:
    """Read words both ways and compare; say whether the short way could."""
    entry, number = find(words)
    if entry is None:
        return False
    arguments = declare.read(load(entry), words[number:])
    if arguments is None:
        return False
    try:
        other = with_click.read(words)
    except CmosError as error:
        raise AssertionError("%s: click refuses it: %s" % (words, error.message)) from None
    assert isinstance(other, Call), words
    assert (other.command, other.arguments, other.colour) == (load(entry), arguments, None)
    assert {name: type(value) for name, value in other.arguments.items()} == {
        name: type(value) for name, value in arguments.items()
    }
    assert other.path == " ".join(["cmosctl", *words[:number]])
    return True


@pytest.mark.parametrize("line", [one for one in READS + WRITES if find(one.split())[0]])
def test_what_people_and_agents_type_goes_the_short_way(line: str) -> None:
    assert check(line.split())


def given_for(one: Parameter) -> Iterator[List[str]]:
    """Yield the ways in which a parameter may be given."""
    values = [*VALUES, *(one.type.words if isinstance(one.type, Choice) else ())]
    if not one.spellings:
        yield from ([value] for value in values)
        return
    for spelling in one.spellings:
        yield [spelling]
        yield [spelling[:-1]]
        yield from ([spelling, value] for value in values)
        yield from ([spelling + "=" + value] for value in values)
        yield from ([spelling + value] for value in values[:4])


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_each_parameter_alone_and_twice_is_read_as_click_reads_it(path: Tuple[str, ...]) -> None:
    needed = ["x" for one in LEAVES[path].parameters if one.required]
    assert check([*path, *needed]) or any(one.type for one in LEAVES[path].parameters if one.required)
    for one in LEAVES[path].parameters:
        for words in given_for(one):
            check([*path, *words])
            check([*path, *needed, *words])
            check([*path, *words, *needed, *words])


@given(st.sampled_from(sorted(LEAVES)), st.data())
def test_any_words_are_read_as_click_reads_them(path: Tuple[str, ...], data: st.DataObject) -> None:
    ways = [words for one in LEAVES[path].parameters for words in given_for(one)]
    word = st.sampled_from([[value] for value in VALUES] + ways) | st.text(max_size=5).map(lambda text: [text])
    check([*path, *(one for words in data.draw(st.lists(word, max_size=5)) for one in words)])


@pytest.mark.parametrize("words", ["--help", "--hel", "--json=1", "--claim -x", "more", "--wait", "--wait -5", "-- x"])
def test_what_is_not_plain_is_left_to_click(words: str) -> None:
    assert declare.read(LEAVES["mission", "next"], words.split()) is None
