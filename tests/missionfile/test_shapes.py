"""Every shape of mission file there is, from bytes to records."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import pytest

from cmos.missionfile.reader import read
from cmos.missionfile.records import PREREQUISITES, Contents, Record, SprintRecord
from cmos.missionfile.splice import Edit, apply

HEADER = """\
# pack.yaml
name: "Build.Implementation.v1"
version: "1.0.0"
displayName: "Implementation Mission"
author: "Somebody"
schema: "./schemas/Implementation.v1.json"

---
"""

BACKLOG = """\
name: Planning.SprintPlan.v1
version: 1.0.0
displayName: Sprint Plan Orchestrator
---
missionId: SP-MAIN-001
objective: Track the sprints.
domainFields:
  type: Planning.SprintPlan.v1
  sprints:
  - sprintId: Sprint 1
    title: First
    focus: Begin
    status: Completed
    missions:
    - id: B1.1
      name: Rows
      status: Completed
      completed_at: '2025-10-31T20:27:04Z'
      notes: done
    - { id: "B1.2", name: "Flow, style", status: "Queued", path: "missions/B1.2_flow.yaml" }
  - sprintId: Sprint 2
    title: Second
    focus: null
    missions:
    - id: B2.1
      name: Later
      status:
  missionDependencies:
  - from: B1.1
    to: B1.2
    type: Blocks
  - { from: B1.2, to: B2.1 }
  - from: B2.1
  - nonsense
"""

KUBERNETES = """\
apiVersion: mission.v1
kind: Mission
metadata:
  id: sprint-01-b1
  name: Parser
  status: Completed
spec:
  objective: |
    Read it.
  context: here
  acceptanceCriteria: [works]
  deliverables: [parser]
"""


ALL = ("objective", "context", "successCriteria", "deliverables")


def records(text: str) -> Tuple[Record, ...]:
    contents = read(text.encode())
    assert contents.faults == ()
    return contents.records


def one(text: str) -> Record:
    (record,) = records(text)
    return record


def values(record: Record) -> Dict[str, Optional[str]]:
    return {name: field.value for name, field in record.fields.items()}


@pytest.mark.parametrize("key", ["missionId", "mission_id", "id", "mission"])
def test_an_id_may_stand_under_four_keys(key: str) -> None:
    record = one("%s: B1\nname: x\n" % key)
    assert (record.id, record.kind) == ("B1", "file")


def test_the_longest_spelling_of_the_id_wins() -> None:
    assert one("id: 7\nmission: some words\nmissionId: B1\n").id == "B1"


@pytest.mark.parametrize(
    "text",
    [
        "id: B1\nversion: 2\n",
        "mission: To boldly go.\n",
        "missionId:\nname: x\n",
        "missionId: ''\nname: x\n",
        "missionId: null\nname: x\n",
        "missionId: [a]\nname: x\n",
        "- id: B1\n  name: x\n",
        "kind: Deployment\nmetadata:\n  id: x\nspec: {}\n",
        "metadata:\n  id: x\nsprints_done: 1\n",
        HEADER,
        HEADER + "notes:\n  canonical: true\n",
        "sprint: '03'\ntheme: Views\nowner: us\n",
    ],
)
def test_what_looks_like_no_mission_is_none(text: str) -> None:
    assert records(text) == ()


def test_a_pack_header_is_no_mission_and_gives_no_name() -> None:
    record = one(HEADER + 'missionId: "B1.1"\nobjective: "x"\n')
    assert (record.id, record.line, values(record)) == ("B1.1", 9, {})


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("name: Build.Implementation.v1\n", None),
        ("name: Build.Implementation.v1\ntitle: Real\n", "Real"),
        ("name: Anything\nversion: 1\ndisplayName: Pack\n", None),
        ("name: Anything\nversion: 1\ndisplayName: Pack\ntitle: Real\n", "Real"),
        ("name: Anything\nversion: 1\n", "Anything"),
        ("name: MCP server v0.1\n", "MCP server v0.1"),
        ("title: Only\n", "Only"),
        ("name: Name\ntitle: Title\n", "Name"),
    ],
)
def test_the_name_of_the_pack_is_not_the_name_of_the_mission(lines: str, name: Optional[str]) -> None:
    assert values(one("missionId: B1\n" + lines)).get("name") == name


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("sprint: 35", {"sprint": "35"}),
        ("sprintId: Sprint 28", {"sprint": "Sprint 28"}),
        ("sprint_id: '09'", {"sprint": "09"}),
        ("completedAt: 2025-10-15T00:52:53Z", {"completed_at": "2025-10-15T00:52:53Z"}),
        ("completed_at: null", {"completed_at": None}),
        ("status:", {"status": None}),
        ("status: ~", {"status": None}),
        ("status: ''", {"status": ""}),
        ("status: 'null'", {"status": "null"}),
        ("status: yes", {"status": "yes"}),
        ("notes: 1.50", {"notes": "1.50"}),
        ("notes: [a, b]", {}),
        ("notes:\n  - a", {}),
        ("status: {phase: done}", {}),
        ("outcome:\n  status: Completed", {}),
        ("completion: {status: Completed}", {}),
        ("metadata: {status: Completed}", {}),
    ],
)
def test_values_are_kept_as_written_and_only_scalars_count(lines: str, expected: Dict[str, Optional[str]]) -> None:
    assert values(one("missionId: B1\n%s\n" % lines)) == expected


def test_a_mission_in_the_style_of_kubernetes() -> None:
    record = one(KUBERNETES)
    assert (record.id, record.line, record.objective, record.missing) == ("sprint-01-b1", 4, "Read it.\n", ())
    assert values(record) == {"name": "Parser", "status": "Completed"}


def test_a_status_line_of_a_kubernetes_mission_goes_under_its_id() -> None:
    text = KUBERNETES.replace("  status: Completed\n", "")
    record = one(text)
    assert (text[: record.insert_at].splitlines()[-1], record.indent) == ("  id: sprint-01-b1", "  ")


def test_several_missions_in_one_file_come_in_its_order() -> None:
    found = records("missionId: B2\n---\nmissionId: B1\n---\n# nothing\n---\nmissionId: B3\n")
    assert [(record.id, record.line) for record in found] == [("B2", 1), ("B1", 3), ("B3", 7)]


def test_an_id_of_two_documents_is_locked_in_both() -> None:
    found = records("missionId: B1\nstatus: a\n---\nmissionId: B1\nname: b\n---\nmissionId: B2\nstatus: c\n")
    assert [field.locked for record in found for field in record.fields.values()] == [
        "more than one document has it",
        "more than one document has it",
        "",
    ]
    assert [record.insert_at >= 0 for record in found] == [False, False, True]


def test_an_id_twice_in_one_list_is_locked() -> None:
    found = records("sprints:\n- sprintId: 1\n  missions:\n  - {id: a, status: x}\n  - {id: a, status: y}\n")
    assert [record.fields["status"].locked for record in found] == ["more than one row has it"] * 2


def test_a_mission_and_its_row_in_one_document_may_be_written() -> None:
    found = records("id: B1\nname: x\nstatus: a\nmissions:\n- {id: B1, status: b}\n")
    assert [(record.kind, record.fields["status"].locked) for record in found] == [("file", ""), ("row", "")]


def test_a_backlog_has_rows_and_no_mission_of_its_own() -> None:
    contents = read(BACKLOG.encode())
    assert contents.is_backlog
    assert [(row.id, row.kind, row.line, row.link) for row in contents.records] == [
        ("B1.1", "row", 15, None),
        ("B1.2", "row", 20, "missions/B1.2_flow.yaml"),
        ("B2.1", "row", 25, None),
    ]
    assert [values(row) for row in contents.records] == [
        {
            "status": "Completed",
            "completed_at": "2025-10-31T20:27:04Z",
            "name": "Rows",
            "notes": "done",
            "sprint": "Sprint 1",
        },
        {"status": "Queued", "name": "Flow, style", "sprint": "Sprint 1"},
        {"status": None, "name": "Later", "sprint": "Sprint 2"},
    ]
    assert {row.fields["sprint"].locked for row in contents.records} == {"the sprint's own line"}
    assert contents.sprints == (
        SprintRecord("Sprint 1", "First", "Begin", "Completed"),
        SprintRecord("Sprint 2", "Second", None, None),
    )
    assert contents.dependencies == (("B1.1", "B1.2", "Blocks"), ("B1.2", "B2.1", None))


def test_a_backlog_cut_before_its_sprints_is_no_mission() -> None:
    cut = BACKLOG[: BACKLOG.index("domainFields")] + "oops: a: b\n"
    contents = read(cut.encode())
    assert (contents.records, len(contents.faults)) == ((), 1)


def test_a_backlog_broken_in_the_middle_gives_the_rows_before() -> None:
    contents = read(BACKLOG.replace("title: Second", "title: Second: best").encode())
    assert [(row.id, row.whole) for row in contents.records] == [("B1.1", False), ("B1.2", False)]


@pytest.mark.parametrize(
    "text",
    [
        "sprints:\n- sprintId: S\n  missions:\n  - id: a\n",
        "sprints:\n  sprints:\n  - sprintId: S\n    missions:\n    - id: a\n",
        "domainFields:\n  sprints: [{sprintId: S, missions: [{id: a}]}]\n",
        "domainFields:\n  sprints: &s [{sprintId: S, missions: [{id: a}]}]\nsprints: {sprints: *s}\n",
        "x: &s [{sprintId: S, missions: [{id: a}]}]\nsprints: *s\n",
        "sprintId: S\ntitle: T\nmissions:\n- id: a\n",
    ],
)
def test_sprints_are_found_once_wherever_they_stand(text: str) -> None:
    contents = read(text.encode())
    assert contents.is_backlog
    assert [sprint.id for sprint in contents.sprints] == ["S"]
    assert [(row.id, values(row)) for row in contents.records] == [("a", {"sprint": "S"})]


def test_rows_reached_through_an_alias_alone_are_locked() -> None:
    (row,) = records("x: &s [{sprintId: S, missions: [{id: a, status: b}]}]\nsprints: *s\n")
    assert row.fields["status"].locked == "alias"


def test_a_sprint_plan_is_a_mission_with_rows() -> None:
    text = "id: B30.1\nsprint: Sprint 30\nname: Plan\nstatus: Current\nmissions:\n- id: B30.1.1\n  name: a\n- {id: b}\n"
    contents = read(text.encode())
    assert (contents.is_backlog, contents.sprints) == (True, ())
    assert [(record.kind, record.id) for record in contents.records] == [
        ("file", "B30.1"),
        ("row", "B30.1.1"),
        ("row", "b"),
    ]
    assert [values(record)["sprint"] for record in contents.records] == ["Sprint 30"] * 3
    assert [record.fields["sprint"].locked for record in contents.records] == [""] + ["the sprint's own line"] * 2


@pytest.mark.parametrize(
    "lines",
    [
        "missions:\n- a\n- b",
        "missions: none",
        "sprints: [1, 2]",
        "sprints: []",
        "domainFields:\n  sprints:\n  - goal: x",
    ],
)
def test_a_mission_that_mentions_lists_is_still_only_a_mission(lines: str) -> None:
    contents = read(("missionId: B1\nname: x\n%s\n" % lines).encode())
    assert [record.id for record in contents.records] == ["B1"]
    assert not contents.is_backlog


def test_mission_files_of_a_backlog_are_links() -> None:
    text = "missionFiles:\n  B1: cmos/missions/B1.yaml\n  B2: [x]\n  B3:\n  ? [a]\n  : y\n"
    assert read(text.encode()).links == {"B1": "cmos/missions/B1.yaml"}


def test_dependencies_may_be_an_alias_of_the_same_list() -> None:
    text = "domainFields:\n  missionDependencies: &d\n  - {from: a, to: b, type: Relates}\nmissionDependencies: *d\n"
    assert read(text.encode()).dependencies == (("a", "b", "Relates"),)


@pytest.mark.parametrize(
    ("lines", "expected"), [("", None), ("missionDependencies: []", ()), ("missionDependencies: x", None)]
)
def test_no_list_of_dependencies_is_not_an_empty_one(lines: str, expected: Any) -> None:
    assert read(("missionId: B1\n%s\n" % lines).encode()).dependencies == expected


@pytest.mark.parametrize(
    ("lines", "locked"),
    [
        ("status: &s Queued", "anchored scalar"),
        ("x: &s Queued\nstatus: *s", "alias"),
        ("status: |\n  Queued", "block scalar"),
        ("status: >-\n  Queued", "block scalar"),
        ("status: !x Queued", "tagged scalar"),
        ("status: !!str Queued", "tagged scalar"),
        ("status: ! Queued", "tagged scalar"),
        ("base: &b {status: Queued}\n<<: *b", "merged-in key"),
        ("base: &b {status: Queued}\n<<: [*b]", "merged-in key"),
        ("status: Queued", ""),
        ("'status': 'Queued'", ""),
    ],
)
def test_scalars_that_are_not_to_be_rewritten_are_read_and_locked(lines: str, locked: str) -> None:
    field = one("missionId: B1\n%s\n" % lines).fields["status"]
    assert ((field.value or "").strip(), field.locked) == ("Queued", locked)


@pytest.mark.parametrize("text", ["{missionId: B1, status}", "{missionId: B1, status, name: x}"])
def test_a_key_without_a_colon_is_locked(text: str) -> None:
    field = one(text).fields["status"]
    assert (field.value, field.locked) == (None, "key without a colon")


@pytest.mark.parametrize(
    ("text", "before", "indent"),
    [
        ("missionId: B1\nname: x\n", "missionId: B1\n", ""),
        ("name: x\nmissionId: B1   # the id\nobjective: y\n", "name: x\nmissionId: B1   # the id\n", ""),
        ("missionId: B1\r\nname: x\r\n", "missionId: B1\r\n", ""),
        ("  missionId: B1\n  name: x\n", "  missionId: B1\n", "  "),
        ("name: x\nmissionId: B1", "name: x\nmissionId: B1", ""),
        ("{missionId: B1, name: x}", "{missionId: B1", ", "),
        ("missionId: 'B\n  1'\nname: x\n", "missionId: 'B\n  1'\n", ""),
    ],
)
def test_a_line_may_follow_the_line_of_the_id(text: str, before: str, indent: str) -> None:
    record = one(text)
    assert (text[: record.insert_at], record.indent) == (before, indent)


@pytest.mark.parametrize(
    "text",
    [
        "missionId: |\n  B1\nname: x\n",
        "? missionId\n: B1\n",
        "missionId: &i B1\nname: x\n",
    ],
)
def test_no_line_goes_where_it_could_do_harm(text: str) -> None:
    assert one(text).insert_at == -1


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ("", ALL),
        ("objective: a\ncontext: b\nsuccess_criteria: [c]\ndeliverables: [d]", ()),
        ("objective:\ncontext: ''\nsuccessCriteria: []\ndeliverables: {}", ALL),
        ("objectives: [a]\nacceptanceCriteria: [x]", ("context", "deliverables")),
        ("goal: a\nqualityGates: {build: b}\nexpectedArtifacts: x", ("context",)),
        ("spec: {objective: a, acceptanceCriteria: [b]}", ("context", "deliverables")),
    ],
)
def test_what_a_mission_lacks_is_named(lines: str, missing: Tuple[str, ...]) -> None:
    assert one("missionId: B1\n%s\n" % lines).missing == missing


def test_reading_is_a_pure_function_of_the_bytes() -> None:
    several: List[Contents] = [read(BACKLOG.encode()) for _ in range(2)]
    assert several[0] == several[1]


@pytest.mark.parametrize(
    ("lines", "objective"),
    [
        ("objective: a\ngoal: b", "a"),
        ("objectives: [a, {id: b}, [c], 3]", "a; b; 3"),
        ("summary: |\n  a\n  b\ndescription: c", "a\nb\n"),
        ("objective:\ndescription: c", "c"),
        ("goal: g", "g"),
        ("objective: {a: b}", None),
    ],
)
def test_an_objective_is_read_under_each_of_its_spellings(lines: str, objective: Optional[str]) -> None:
    assert one("missionId: B1\n%s\n" % lines).objective == objective


@pytest.mark.parametrize("key", PREREQUISITES)
def test_prerequisites_are_read_under_each_of_their_spellings(key: str) -> None:
    assert one("missionId: B1\n%s: [B0.1, 'B0.2: the parser', {id: B0.3}, [x], '']\n" % key).prerequisites == (
        "B0.1",
        "B0.2",
        "B0.3",
    )
    assert one("missionId: B1\ncontext: {%s: B0.1}\n" % key).prerequisites == ("B0.1",)
    assert one("kind: Mission\nmetadata: {id: b, %s: [a]}\n" % key).prerequisites == ("a",)


def test_a_row_has_its_objective_its_prerequisites_and_a_place_for_a_status() -> None:
    text = "missions:\n  - name: x\n    id: B1\n    summary: s\n    dependsOn: B0\n  - {id: B2, name: y}\n  - id: B3\n"
    first, second, third = read(text.encode()).records
    assert (first.objective, first.prerequisites, first.kind) == ("s", ("B0",), "row")
    new = text.encode()
    for record in (first, second, third):
        new = apply(new, [Edit(record.id, "row", "status", "Completed", True)])
    assert new.decode().splitlines()[2:4] == ["    id: B1", "    status: Completed"]
    assert "{id: B2, status: Completed, name: y}" in new.decode()
    assert new.endswith(b"  - id: B3\n    status: Completed\n")
    assert len(new) == len(text) + 2 * len("    status: Completed\n") + len(", status: Completed")


def test_rows_that_two_lists_share_get_no_status() -> None:
    text = "sprints:\n- sprintId: a\n  missions: &m\n  - id: B1\n- sprintId: b\n  missions: *m\n"
    assert {record.insert_at for record in read(text.encode()).records} == {-1}
