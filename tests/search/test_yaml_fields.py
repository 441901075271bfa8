"""YAML to fields, valid or not."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from cmos.search.chunks import Chunk
from cmos.search.documents import split_document

MISSION = """\
name: "Build.Implementation.v1"
version: "1.0.0"

---

# a comment
missionId: "B1.3"
name: Derive a daily mean
status: Queued

objective: >
  Derive the mean of each day from the readings
  note: this line is text, not a field, and long enough to stand by itself.

# why it matters
successCriteria:
- "A day without readings has no mean, and says so in the table that is printed"
- "The mean is rounded to one digit, half to even, and shown with its unit"
deliverables: {code: src/mean.py, tests: tests/test_mean.py, docs: docs/the-daily-mean-and-how-it-is-derived.md}
"""


def chunks(text: str, path: str = "cmos/missions/sprint-01/B1.3_derive.yaml") -> List[Chunk]:
    return split_document(path, text)


def test_a_field_is_a_section_of_its_mission_and_knows_its_line() -> None:
    assert [(one.line, one.section) for one in chunks(MISSION)] == [
        (1, "B1.3_derive"),
        (5, "B1.3 Derive a daily mean"),
        (11, "B1.3 Derive a daily mean › objective"),
        (15, "B1.3 Derive a daily mean › successCriteria"),
        (19, "B1.3 Derive a daily mean › deliverables"),
    ]


def test_a_field_keeps_its_text_and_the_comment_above_it() -> None:
    criteria = next(one for one in chunks(MISSION) if one.heading == "successCriteria")
    assert criteria.text.startswith("# why it matters\nsuccessCriteria:\n") and "half to even" in criteria.text


def test_a_file_that_is_not_valid_yaml_is_read_to_its_end() -> None:
    broken = MISSION + 'notes: "closed" and more: text\n\t- tab\n]}\nrisks: ' + "what may go wrong " * 10
    assert "risks" in [one.heading for one in chunks(broken)]


def test_markdown_after_the_front_matter_is_split_by_its_headings() -> None:
    text = "id: S1\nname: Summary\n\n---\n\n# Report\n\n## Metrics\n\nfast\n\n## Risks\n\nnone\n"
    found = [(one.line, one.section) for one in chunks(text, "cmos/missions/S1_summary.yaml")]
    report = "S1_summary › Report"
    assert found[1:] == [(6, report), (8, report + " › Metrics"), (12, report + " › Risks")]


def test_a_long_list_is_cut_between_items_that_are_called_by_their_id() -> None:
    item = "    - id: step-%d\n      description: %s\n"
    text = "missionId: B1\nname: A\nplan:\n  steps:\n" + "".join(item % (n, "do it well " * 50) for n in range(6))
    found = {one.section for one in chunks(text)}
    assert "B1 A › plan › steps › step-4" in found


def test_an_item_in_braces_is_called_by_its_id() -> None:
    items = "".join("  - {id: step-%d, text: %s}\n" % (n, "do it well " * 50) for n in range(6))
    found = {one.section for one in chunks("missionId: B1\nname: A\nsteps:\n" + items)}
    assert "B1 A \u203a steps \u203a step-4" in found


def test_the_metadata_name_a_document_and_a_domain_pack_does_not() -> None:
    (found,) = chunks("metadata:\n  id: B7.1\n  name: Kites\n")
    assert found.section == "B7.1 Kites"
    (found,) = chunks("id: B1.3\nname: Build.Implementation.v1\n")
    assert found.section == "B1.3 derive"


STRANGE = ["", "\n\n", "---\n---\n", "- a\n- b\n", ": x\n", "a:\n" * 3000, "  - " * 200, '"' * 99]
STRANGE += ["\n".join(" " * n + "a:" for n in range(1300)), "\n".join(" " * n + "- b" for n in range(1300))]
STRANGE += ["- " * 400_000, "a: " + " " * 900_000 + "b", "a" * 900_000 + ":", "#" + "# " * 400_000]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(one.text.strip() and one.line >= 1 for one in chunks(text))


def test_no_line_of_a_mission_file_is_lost() -> None:
    for path in sorted(Path(__file__).parent.parent.glob("sample/missions/**/*.yaml")):
        text = path.read_text("utf-8")
        held = "\n".join(one.text for one in chunks(text, path.name)).split("\n")
        lost = [line for line in text.split("\n") if line.strip() and line not in held and line.strip() != "---"]
        assert lost == []
