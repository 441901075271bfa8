"""Any key of a mission's file by command: what was set is read back, and every other byte stays."""

from __future__ import annotations

import os
import random
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from test_splice import SHAPES, VALUES

from cmos.missionfile.keys import Text, put
from cmos.missionfile.reader import read
from cmos.missionfile.splice import Refused

TEXT = """\
# top
missionId: B1.1   # id
name: "A b"
status: Queued
objective: |  # hm
  One
  two

# a ruler
context:
  background: 'x'   # why
  deep: {a: 1, b: [x, y]}
  a.b: dotted
successCriteria:
  - "works"
  - k: v   # last

# another
deliverables: []
constraints:
notes: &a foo
other: *a
dependsOn:
- B1.2
"""


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (Text("objective", "Short"), "|  # hm\n  One\n  two\n", "Short  # hm\n"),
        (Text("objective", "Of: two\nlines\n"), "  One\n  two\n", "  Of: two\n  lines\n"),
        (Text("goal", "Short"), "|  # hm\n  One\n  two\n", "Short  # hm\n"),
        (Text("name", "C: d"), '"A b"', '"C: d"'),
        (Text("context.background", "it's"), "'x'", "'it''s'"),
        (Text("context.deep.a", "2"), "a: 1", "a: 2"),
        (Text("context.a.b", "x"), "dotted", "x"),
        (Text("context.background", "a\nb"), "'x'   # why", '"a\\nb"   # why'),
        (Text("context.a.b", "a\nb"), "dotted", "|-\n    a\n    b"),
        (Text("context.deep.b", "z", True), "[x, y]", "[x, y, z]"),
        (Text("acceptance", "fast: yes", True), "# last\n", '# last\n  - "fast: yes"\n'),
        (Text("deliverables", "a page", True), "[]", '["a page"]'),
        (Text("constraints", "none", True), "constraints:\n", 'constraints:\n  - "none"\n'),
        (Text("constraints", "none"), "constraints:\n", "constraints: none\n"),
        (Text("dependencies", "B1.3", True), "- B1.2\n", "- B1.2\n- B1.3\n"),
        (Text("owner", "Ada"), "# id\n", '# id\nowner: "Ada"\n'),
        (Text("risks", "Ice", True), "# id\n", '# id\nrisks:\n  - "Ice"\n'),
        (Text("owner", "Ada\nBob"), "# id\n", "# id\nowner: |-\n  Ada\n  Bob\n"),
        (Text("dependsOn", "B1.2", True), "", ""),
        (Text("name", "A b"), "", ""),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_one_place_changes(text: Text, old: str, new: str, ending: str) -> None:
    data = TEXT.replace("\n", ending).encode()
    wanted = TEXT.replace(old, new, 1).replace("\n", ending) if old else TEXT.replace("\n", ending)
    assert put(data, "B1.1", "file", [text]).decode() == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (Text("context", "x"), "context is a mapping; give a key in it: context.KEY"),
        (Text("context", "x", True), "context is a mapping"),
        (Text("successCriteria", "x"), "successCriteria is a list; to add to it: --add"),
        (Text("name", "x", True), "name is no list; --set sets it"),
        (Text("notes", "x"), "notes has an anchor or a tag"),
        (Text("other", "x"), "other is an alias"),
        (Text("status", "Completed"), "status is what commands set: mission start, complete, block, edit --status"),
        (Text("completed_at", "2026-01-01T00:00:00Z"), "completed_at is what commands set"),
        (Text("missionId", "B2"), "an id does not change"),
        (Text("no.where", "x"), "it has no no.where, and there is no safe place for one"),
        (Text("a key", "x"), "it has no a key, and there is no safe place for one"),
        (Text("name", "\x1b[2J"), "the value holds a control character"),
        (Text("owner", "x" * 1_100_000), "the file would be larger than 1 MB"),
    ],
)
def test_what_cannot_be_set_is_refused_with_a_reason(text: Text, reason: str) -> None:
    with pytest.raises(Refused, match="^" + reason.replace("(", r"\(")):
        put(TEXT.encode(), "B1.1", "file", [Text("name", "first"), text])


def test_a_row_is_as_good_as_a_file() -> None:
    data = b"sprints:\n- sprintId: Sprint 1\n  missions:\n  - {id: B1, name: x}\n  - id: B2\n    objective: a\n"
    new = put(data, "B1", "row", [Text("objective", "dig"), Text("deliverables", "a hole", True)])
    new = put(new, "B2", "row", [Text("objective", "fill"), Text("requires", "B1", True)])
    assert new == (
        b"sprints:\n- sprintId: Sprint 1\n  missions:\n"
        b'  - {id: B1, deliverables: ["a hole"], objective: "dig", name: x}\n'
        b'  - id: B2\n    requires:\n      - "B1"\n    objective: fill\n'
    )


def places(value: Any, path: str = "") -> Iterator[Tuple[str, bool]]:
    """Yield each key of a mission that leads to a scalar or a list, and which of the two it is."""
    for key, one in value.items():
        if isinstance(key, str) and "." not in key:
            if isinstance(one, dict):
                yield from places(one, path + key + ".")
            else:
                yield path + key, isinstance(one, list)


def plain(data: bytes) -> List[Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    return list(yaml.load_all(data))


@lru_cache(maxsize=None)
def _missions() -> List[Tuple[bytes, str, Dict[str, Any]]]:
    found = []
    folders = [SHAPES, *(Path(one) for one in os.environ.get("CMOS_CORPUS", "").split(":") if one)]
    for path in sorted(one for folder in folders for one in folder.rglob("*.yaml")):
        contents = read(path.read_bytes())
        own = [record for record in contents.records if record.kind == "file"]
        if not contents.faults and len(own) == 1 and len(plain(path.read_bytes())) == 1:
            found.append((path.read_bytes(), own[0].id, plain(path.read_bytes())[0]))
    assert found
    return found


def alike(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts begin with in common."""
    pairs = enumerate(zip(one, other))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


@given(st.data())
def test_any_text_under_any_key_is_read_back_and_nothing_else_changes(data: st.DataObject) -> None:
    content, id, document = data.draw(st.sampled_from(_missions()), label="mission")
    key, is_list = data.draw(st.sampled_from(sorted(places(document))), label="key")
    _put_one(content, id, document, Text(key, data.draw(VALUES, label="value"), is_list))


@pytest.mark.soak
def test_thousands_of_random_edits() -> None:
    """Five thousand on the shapes; with ``CMOS_CORPUS``, folders parted by colons, on the files there too."""
    chance = random.Random(5)
    words = ["x", "a: b", "- c", "two\nlines", "# none", "'", '"', "\u00e9\U0001f600", "null", "1.0", "{a}", " s "]
    missions, made = _missions(), 0
    for _ in range(5000):
        content, id, document = chance.choice(missions)
        key, is_list = chance.choice(sorted(places(document)))
        value = " ".join(chance.choice(words) for _ in range(chance.randrange(1, 4)))
        made += _put_one(content, id, document, Text(key, value, is_list))
    assert made > 3000


def _put_one(content: bytes, id: str, document: Dict[str, Any], text: Text) -> bool:
    try:
        new = put(content, id, "file", [text])
    except Refused:
        return False
    (after,), before = plain(new), plain(content)[0]
    *way, last = text.key.split(".")
    here, was = after, before
    for name in way:
        here, was = here[name], was[name]
    value, old = here.pop(last), was.pop(last)
    if text.is_entry:
        assert text.value in map(str, value) and [one for one in value if one in old] == old
    else:
        assert str(value) == text.value or (value is None and old is None)
    assert after == before
    first = alike(content, new)
    kept = first + alike(content[first:][::-1], new[first:][::-1])
    assert kept >= len(content) - len(str(old).encode()) * 2 - 200, "no more than the value is replaced"
    return True
