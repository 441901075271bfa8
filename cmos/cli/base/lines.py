"""Lines that several commands print: of a sprint, of who holds a mission, of sessions, of what lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Optional, Sequence

from cmos import clock
from cmos.cli.base import output
from cmos.core.status import COMPLETED, CURRENT, IN_PROGRESS
from cmos.core.text import fit, pad

if TYPE_CHECKING:
    from cmos.core.models import Mission, Session
    from cmos.overview.overview import SprintLine
    from cmos.sync.issues import Lost


def sprint_line(line: SprintLine, longest: int = 0) -> str:
    """Return the line of a sprint: its name, padded, how much of it is done, and its title."""
    colour = COMPLETED if line.is_finished else CURRENT if line.done else ""
    numbers = "%d/%d" % (line.done, line.total)
    bar = output.status_style(colour, output.bar(line.done, line.total))
    name = pad(output.cell(line.sprint_id or "(no sprint)"), longest)
    parts = (name if longest else output.strong(name), "%s %s" % (bar, numbers.rjust(7 if longest else 0)))
    return "  ".join((*parts, fit(output.one_line(line.title), 50))).rstrip()


def holder(mission: Mission, last_sign: Optional[str], now: str) -> str:
    """Say who holds a mission, where, and when one last heard of it; empty for one that is not in progress."""
    if mission.status != IN_PROGRESS:
        return ""
    where = " in worktree %s" % mission.worktree if mission.worktree not in (None, ".") else ""
    age = clock.age(last_sign or mission.started_at, now)
    return output.one_line("%s%s%s" % (mission.agent or "another clone", where, ", %s" % age if age else ""))


def session_lines(sessions: Iterable[Session], *names: str, heads: Sequence[str] = ()) -> List[str]:
    """Return the lines of a table of sessions: the fields of these names, and the summary."""
    names = tuple("who" if name == "agent" else name for name in names)
    rows = [[*(str(getattr(one, name) or "-") for name in names), output.one_line(one.summary)] for one in sessions]
    return output.columns(rows, heads=heads)


def lost_lines(found: Iterable[Lost]) -> List[str]:
    """Return the lines that show texts and values that lost, each text whole."""
    lines: List[str] = []
    for one in found:
        stayed = fit(output.one_line(one.stayed or "nothing"), 60)
        what = "%s of %s; %s stayed" % (one.field, one.mission_id, stayed) if one.field else "a text"
        lines.append("%s  %s: %s" % (output.clean(one.ts or ""), output.clean(one.path), output.clean(what)))
        lines += ["    " + output.clean(line) for line in one.text.splitlines()]
    return lines
