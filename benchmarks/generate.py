"""Generate a project of many missions: ``python benchmarks/generate.py FOLDER --missions 10000``."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Iterator, Tuple

IN_A_SPRINT = 100
#: Real backlogs are a rolling window of the newest sprints; files over 1 MiB are refused anyway.
IN_THE_BACKLOG = 200
SIZE = 2500

MISSION = """\
name: "Build.Implementation.v1"
version: "1.0.0"
displayName: "Implementation Mission"

---

missionId: "B{sprint}.{place}"
name: "Part {place} of sprint {sprint}"
sprint: "Sprint {sprint:02d}"
status: "{status}"
objective: >
  Build part {place} so that the rest of sprint {sprint} can stand on it, and
  measure it against the numbers below.

context: |
  It follows what was found in sprint {before}.
  The interfaces are those of the last release.

successCriteria:
  - "p95 at most {place} ms with 5 agents"
  - "No regression in the suite"
deliverables:
  - "app/src/part_{sprint}_{place}.py"
  - "app/tests/test_part_{sprint}_{place}.py"

domainFields:
  type: "Build.Implementation.v1"
  plan:
"""
STEP = """\
    - id: step-{number}
      description: "Carry the change through layer {number} and its tests, then measure again."
      done: false
"""
BACKLOG = """\
name: "Planning.SprintPlan.v1"
version: "1.0.0"

---

missionId: "SP-MAIN-001"
objective: "Track the newest sprints."
domainFields:
  type: "Planning.SprintPlan.v1"
  sprints:
"""


def places(missions: int) -> Iterator[Tuple[int, int]]:
    """Yield sprint and place of each mission, both from 1."""
    for number in range(missions):
        yield number // IN_A_SPRINT + 1, number % IN_A_SPRINT + 1


def status(number: int, missions: int) -> str:
    """Return what a project looks like in the middle of its last sprint."""
    if number < missions - IN_A_SPRINT // 2:
        return "Completed"
    return "Current" if number == missions - IN_A_SPRINT // 2 else "Queued"


def mission_text(sprint: int, place: int, word: str) -> str:
    text = MISSION.format(sprint=sprint, place=place, status=word, before=max(1, sprint - 1))
    number = 0
    while len(text) < SIZE:
        number += 1
        text += STEP.format(number=number)
    return text


def backlog_text(missions: int, listed: int = IN_THE_BACKLOG) -> str:
    lines, last = [BACKLOG], 0
    for number, (sprint, place) in enumerate(places(missions)):
        if number < missions - listed:
            continue
        if sprint != last:
            last = sprint
            lines.append('    - sprintId: "Sprint %02d"\n      title: "The %dth"\n      missions:\n' % (sprint, sprint))
        row = '        - { id: "B%d.%d", name: "Part %d of sprint %d", status: "%s" }\n'
        lines.append(row % (sprint, place, place, sprint, status(number, missions)))
    return "".join(lines)


def session_lines(missions: int) -> Iterator[str]:
    for number, (sprint, place) in enumerate(places(min(missions, 500))):
        mission = "B%d.%d" % (sprint, place)
        line = {"ts": "2026-01-%02dT09:00:00Z" % (number % 28 + 1), "mission": mission, "action": "complete"}
        yield json.dumps(dict(line, agent="human", summary="Part %d stands" % place)) + "\n"


def generate(root: Path, missions: int, listed: int = IN_THE_BACKLOG) -> None:
    """Write the project into an empty folder, as a repository whose files are not committed.

    A commit of 10,000 files takes longer than all that is measured here, and a file
    that HEAD does not hold is the slower case for sync.
    """
    folder = root / "cmos" / "missions"
    folder.mkdir(parents=True)
    for number, (sprint, place) in enumerate(places(missions)):
        path = folder / ("sprint-%02d" % sprint) / ("B%d.%d_part-%d.yaml" % (sprint, place, place))
        path.parent.mkdir(exist_ok=True)
        path.write_text(mission_text(sprint, place, status(number, missions)), "utf-8")
    (folder / "backlog.yaml").write_text(backlog_text(missions, listed), "utf-8")
    (root / "cmos" / "SESSIONS.jsonl").write_text("".join(session_lines(missions)), "utf-8")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--missions", type=int, default=1000)
    given = parser.parse_args()
    generate(given.folder, given.missions)


if __name__ == "__main__":
    main()
