"""Markdown to sections."""

from __future__ import annotations

import pytest

from cmos.search.chunks import LIMIT, bare, headings
from cmos.search.documents import split_document

PAGE = """\
Before any heading.

# Title

Intro.

## First *part*

Text.

Second part
-----------

More.

### Deep ###

```sh
# not a heading
```

## Third
"""


def found(text: str, path: str = "cmos/docs/page.md"):
    return [(chunk.line, chunk.section) for chunk in split_document(path, text)]


def test_a_section_knows_its_line_and_the_headings_above_it() -> None:
    assert found(PAGE) == [
        (1, "page"),
        (3, "Title"),
        (7, "Title › First part"),
        (11, "Title › Second part"),
        (16, "Title › Second part › Deep"),
        (22, "Title › Third"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```\n# in a fence\n```",
        "~~~\n# in a fence\n```\n# still in it\n~~~",
        "````\n```\n# in the longer fence\n````",
        "    # indented code",
        "#no space",
        "<!--\n# in a comment\n-->",
        "---\ntitle: x\n---\ntext",
        "- an item\n---",
        "\n---\n",
        "| a | b |\n|---|---|",
    ],
)
def test_what_only_looks_like_a_heading_is_none(text: str) -> None:
    assert list(headings(text.split("\n"))) == []


@pytest.mark.parametrize("text", ["# A", "A\n=", "  ## A ##", "A\n---", "```\n```\n# A", "<!-- x -->\n# A"])
def test_a_heading_is_found(text: str) -> None:
    assert [heading.text for heading in headings(text.split("\n"))] == ["A"]


def test_links_and_emphasis_are_no_part_of_a_heading() -> None:
    assert bare("See [the **docs**](a.md) of `snake_case` {#x}") == "See the docs of snake_case"


def test_every_line_is_in_exactly_one_section_and_long_ones_are_cut() -> None:
    text = "# A\n\n" + "\n\n".join("paragraph %d " % n + "x" * 200 for n in range(40)) + "\n\n## B\nend"
    chunks = split_document("a.md", text)
    assert "\n".join(chunk.text for chunk in chunks) == text
    assert all(len(chunk.text) <= LIMIT + 300 for chunk in chunks) and len(chunks) > 5
    lines = text.split("\n")
    assert all(lines[chunk.line - 1] == chunk.text.split("\n")[0] for chunk in chunks)


def test_a_long_section_is_cut_at_a_blank_line() -> None:
    text = "# A\n\n" + "\n\n".join("\n".join(["a line of a paragraph " * 3] * 5) for _ in range(20))
    starts = [chunk.text.split("\n")[0] for chunk in split_document("a.md", text)]
    assert len(starts) > 3 and starts == ["# A", *[""] * (len(starts) - 1)]


def test_a_control_character_is_no_part_of_a_text() -> None:
    assert [chunk.text for chunk in split_document("a.txt", "a\x02b\x00c\x1b[1md\u202ee")] == ["a b c [1md e"]


def test_line_breaks_of_other_systems_count_as_lines() -> None:
    assert found("# A\r\n\r\ntext\r\n## B\r\n") == [(1, "A"), (4, "A › B")]


LONG = ["# " + "a " * 400_000, "#" + " " * 900_000 + "x", "[" * 900_000 + "\n===", "`" * 900_000]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_page_of_one_long_line_is_one_piece(text: str) -> None:
    assert [chunk.line for chunk in split_document("a.md", text)] in ([1], [1, 2])
