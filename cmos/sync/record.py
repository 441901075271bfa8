"""The result of an action: its rows and its session are stored, and the files are asked to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, List, Optional

from cmos.core.errors import NeedsPerson
from cmos.core.models import Mission
from cmos.core.status import BLOCKED, COMPLETED, CURRENT, IN_PROGRESS, is_open
from cmos.journal import rows as journal_rows
from cmos.missionfile.records import SYNCED
from cmos.missions import choice, lifecycle
from cmos.missions import rows as mission_rows
from cmos.missions.lifecycle import Outcome
from cmos.project import rows as project_rows
from cmos.sync import issue_rows, issues, rules
from cmos.sync import rows as sync_rows
from cmos.sync.issue_rows import Pending
from cmos.sync.survey import is_on_trunk

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.project.project import Project


def record(project: Project, outcome: Outcome, *, summary: Optional[str] = None) -> Outcome:
    """Store the new versions of the missions and log the session; inside ``run.change(project)``.

    Returns the outcome with the session as it was stored.
    """
    if outcome.already:
        _reject_proposals(project, outcome.mission.id)
        for path in write_status(project, [outcome.mission.id]):
            project.notices.append("%s said another status of %s, and follows" % (path, outcome.mission.id))
        return outcome
    for mission in outcome.changed:
        save(project, mission_rows.get(project.db, mission.id), mission)
    if outcome.fact is not None:
        journal_rows.add_fact(project.db, outcome.fact)
    point_to_current(project.db)
    if outcome.session is None:
        return outcome
    session = outcome.session._replace(summary=summary or outcome.session.summary)
    return outcome._replace(session=session._replace(id=journal_rows.add_session(project.db, session)))


def _reject_proposals(project: Project, mission_id: str) -> None:
    """Close proposals about a status: a command that asks for the present one is a decision.

    What was typed since the last command stays open: nobody has seen it yet.
    """
    if all(change.mission_id != mission_id for change in project.report.put_back):
        issue_rows.close(project, None, "proposal", mission_id=mission_id, field="status")


def point_to_current(db: Connection) -> None:
    """Keep ``current_mission`` and ``current_sprint`` in the project's state up to date.

    With no mission open, there is no current one; the sprint stays the one that was worked at last.
    """
    mission = choice.current(mission_rows.with_status(db, IN_PROGRESS, CURRENT))
    _put(db, "current_mission", mission.id if mission else None)
    if mission is not None and mission.sprint_id is not None:
        _put(db, "current_sprint", mission.sprint_id)


def _put(db: Connection, key: str, value: Optional[str]) -> None:
    if project_rows.get_state(db, key) != value:
        project_rows.put_state(db, key, value)


def save(project: Project, before: Optional[Mission], after: Mission, *, adds_keys: bool = False) -> None:
    """Store the row and ask for each synced field that differs to be written; inside ``run.change(project)``.

    With ``adds_keys``, also where no file has the key; of a status always.

    A value that the file changed since the last sync stays: whoever gave the command could
    not know of it, so the command's value is the conflict's loser (docs/sync.md, S7). A new status
    closes the proposals about it: somebody has decided.
    """
    if before is None:
        mission_rows.insert_many(project.db, [after], now=project.now)
        return
    after = _without_conflicts(project, before, after)
    if after.status != before.status:
        is_work = after.status in (IN_PROGRESS, COMPLETED, BLOCKED)
        after = after._replace(worktree=project.worktree if is_work else None)
    mission_rows.update_many(project.db, [after])
    is_written = False
    for field in SYNCED:
        old, new = _value(before, field), _value(after, field)
        if old != new:
            is_asked = ask_field(project, after.id, field, new, insert_line=adds_keys or field == "status")
            is_written = is_written or (is_asked and field == "status")
            issue_rows.close(project, None, "conflict", mission_id=after.id, field=field)
    if before.status != after.status:
        issue_rows.close(project, None, "proposal", mission_id=after.id)
        here = project.worktree if is_written else None
        issues.follow(project, after.id, after.status, but=here)


def _without_conflicts(project: Project, before: Mission, after: Mission) -> Mission:
    for edit in project.report.indexed:
        new = _value(after, edit.field)
        if edit.mission_id != after.id or edit.before is None or new == _value(before, edit.field):
            continue
        change = edit._replace(before=new)
        issues.conflict(project, change, line=None)
        project.fail(NeedsPerson(project.report.notices.pop(), hint="to set it nevertheless, give the command again"))
        kept: Any = {rules.column(edit.field): edit.after}
        after = after._replace(**kept)
    return after


def _value(mission: Mission, field: str) -> Optional[str]:
    value: Optional[str] = getattr(mission, rules.column(field))
    return value


_OWNED = ("status", "completed_at")


def write_status(project: Project, ids: Optional[Iterable[str]] = None) -> List[str]:
    """Ask for the status of missions to be written where files differ; inside ``run.change(project)``.

    Returns the paths of these files. Without ``ids``, of all missions.
    """
    wanted = None if ids is None else set(ids)
    found = [
        issue
        for issue in issue_rows.open_issues(project.db, worktree=project.worktree, kinds=["drift"])
        if issue.field in _OWNED and issue.mission_id and (wanted is None or issue.mission_id in wanted)
    ]
    for mission_id in sorted({issue.mission_id or "" for issue in found}):
        ask(project, mission_id)
    return sorted({issue.path for issue in found})


def ask(project: Project, mission_id: str) -> None:
    """Ask for the status of a mission in the database to be written into its files."""
    mission = mission_rows.get(project.db, mission_id)
    for field in _OWNED if mission is not None else ():
        ask_field(project, mission_id, field, getattr(mission, field))


def ask_field(
    project: Project, mission_id: str, field: str, value: Optional[str], *, insert_line: bool = False
) -> bool:
    """Ask for a value to be written. Only files on the trunk get Current and In Progress.

    False if the files say enough as they are.
    """
    if field == "status" and is_open(value):
        said = [record.status for record in sync_rows.live_records(project, mission_id) if record.status]
        done = next((status for status in said if not is_open(status)), None)
        value = rules.written(value or "", done or next(iter(said), None), on_trunk=is_on_trunk(project))
        if value is None:
            issue_rows.drop_wish(project, mission_id, field)
            return False
    issue_rows.ask(project, Pending(mission_id, field, value, insert_line, ""))
    return True


def take_sql_statuses(project: Project) -> None:
    """Give statuses that were set with SQL the log line and the file that a command would have given them."""
    found = mission_rows.set_by_sql(project.db)
    for row, was in found:
        if was is None:
            mission_rows.acknowledge(project.db, row.id)
            continue
        outcome = lifecycle.adopt(row, was, now=project.now)
        # a time that was set with the status has to reach the file too
        before = row._replace(status=was, completed_at=row.completed_at if not outcome.mission.completed_at else None)
        save(project, before, outcome.mission)
        if outcome.session is not None:
            journal_rows.add_session(project.db, outcome.session)
        if outcome.fact is not None:
            journal_rows.add_fact(project.db, outcome.fact)
        project.notices.append("%s: %s was set in the database; the log and the files follow" % (row.id, row.status))
    if found:
        point_to_current(project.db)
