"""From pending values to new contents of files (docs/sync.md, S8, first half)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Tuple

from cmos.core.record import NamedTuple
from cmos.files import exchange
from cmos.files.scan import digest
from cmos.git import objects
from cmos.git.head import activity, may_skip
from cmos.missionfile.reader import read as read_contents
from cmos.missionfile.records import Contents, Record
from cmos.missions import rows as mission_rows
from cmos.sync import issue_rows, issues, rules
from cmos.sync import rows as sync_rows
from cmos.sync.issue_rows import Intent, Pending
from cmos.sync.rows import BaseRecord
from cmos.sync.rules import OWNED_BY_FILE
from cmos.sync.survey import read

if TYPE_CHECKING:
    from cmos.missionfile.splice import Edit
    from cmos.project.project import Project
    from cmos.sync.passes import Pass


class Change(NamedTuple):
    """A value that is to be written at one place."""

    wish: Pending
    at: BaseRecord
    before: Optional[str]
    insert: bool


class Plan(NamedTuple):
    """One file's new content."""

    path: str
    content: bytes
    intent: Intent
    changes: List[Change]


class _Opened(NamedTuple):
    data: bytes
    contents: Contents


class _Moved(Exception):
    """A file no longer matches the base: the next pass takes it in and plans again."""


def plan_files(project: Project, one: Pass, *, retry: bool = False) -> List[Plan]:
    """Return the new contents of the files that pending values change, and record the intents.

    Wishes that were refused are tried again only with ``retry``, or when files changed.
    """
    project.notices += project.report.notices
    project.report.notices.clear()
    if one.gate and issue_rows.wishes(project):
        what = activity(project.layout.repository, one.gate)
        project.notices.append("git is in the middle of %s: the files follow when it is over" % what)
    if project.report.brake or one.gate:
        return []
    planner = _Planner(project)
    by_path: Dict[str, List[Change]] = {}
    for mission_id, wishes in planner.wishes(retry or one.survey.has_changes).items():
        try:
            for change in planner.changes(mission_id, wishes):
                by_path.setdefault(change.at.path, []).append(change)
        except _Moved:
            continue
    plans = [plan for path in sorted(by_path) for plan in planner.plan_file(path, by_path[path])]
    issue_rows.begin_write(project, [plan.intent for plan in plans])
    return plans


class _Planner:
    """The files that were opened to plan writes, and the changes to each."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._layout = project.layout
        self._opened: Dict[str, _Opened] = {}

    def wishes(self, retry: bool) -> Dict[str, List[Pending]]:
        groups: Dict[str, List[Pending]] = {}
        for wish in issue_rows.wishes(self._project):
            if wish.refused and retry:
                issue_rows.refuse(self._project, wish.mission_id, wish.field, "")
            if retry or not wish.refused:
                groups.setdefault(wish.mission_id, []).append(wish)
        return groups

    def changes(self, mission_id: str, wishes: Iterable[Pending]) -> List[Change]:
        places = [(at, self._record(at)) for at in sync_rows.live_records(self._project, mission_id)]
        valid = [(at, record) for at, record in places if record is not None]
        invalid = [at for at, record in places if record is None]
        changes: List[Change] = []
        for wish in wishes:
            if not places and wish.field in OWNED_BY_FILE:
                self._wait_for_file(wish)
                continue
            changes += self._change(wish, valid)
            for at in invalid:
                if getattr(at, wish.field) is not None:
                    self._refuse(Change(wish, at, getattr(at, wish.field), False), "this part of the file is not valid")
        return changes

    def _wait_for_file(self, wish: Pending) -> None:
        """Keep a value that files own pending while no file has the mission: one may return with the old value."""
        issue_rows.refuse(self._project, wish.mission_id, wish.field, issue_rows.NO_FILE)
        for at in sync_rows.live_records(self._project, wish.mission_id, are_gone=True):
            if getattr(at, wish.field) is not None:
                self._refuse(Change(wish, at, getattr(at, wish.field), False), "the file is gone")

    def _change(self, wish: Pending, places: List[Tuple[BaseRecord, Record]]) -> List[Change]:
        having = [(at, record.fields[wish.field]) for at, record in places if wish.field in record.fields]
        free = [(at, field) for at, field in having if not field.locked]
        if having and not free:
            why = having[0][1].locked
            if wish.field == "sprint":
                why = "its row stands under another sprint; move the row to %s by hand" % wish.value
            self._refuse(Change(wish, having[0][0], having[0][1].value, False), why)
            return []
        due = [Change(wish, at, field.value, False) for at, field in free if field.value != wish.value]
        if not having and wish.insert_line and wish.value is not None:
            free_places = [at for at, record in places if record.insert_at >= 0]
            # a mission's own document goes before its row
            due = [Change(wish, at, None, True) for at in sorted(free_places, key=lambda at: at.kind != "file")][:1]
        if due:
            close_issues(self._project, wish, [at.path for at, field in free if field.value == wish.value])
        else:
            if places and not having and wish.field in OWNED_BY_FILE and wish.value:
                self._tell_alone(places[0][0].path, wish)
            # each place has the value already, or no file has a place for it
            settle(self._project, wish, [at.path for at, _ in having])
        return due

    def _tell_alone(self, path: str, wish: Pending) -> None:
        text = "%s has no key for the %s; only the database has the new value"
        self._project.notices.append(text % (path, wish.field))

    def _record(self, at: BaseRecord) -> Optional[Record]:
        """Return the record as it is in the file; None if its part is invalid."""
        records = self._open(at.path).contents.records
        return next((r for r in records if (r.id, r.kind, r.whole) == (at.file_id, at.kind, True)), None)

    def _open(self, path: str) -> _Opened:
        if path not in self._opened:
            try:
                found = read(self._project, path)
            except OSError as error:
                raise _Moved from error
            if found.hash != sync_rows.hash_of(self._project, path):
                raise _Moved
            self._opened[path] = _Opened(found.data, read_contents(found.data))
        return self._opened[path]

    def plan_file(self, path: str, changes: List[Change]) -> List[Plan]:
        full = os.path.join(self._layout.root, path)
        why = exchange.why_not(full) or self._is_skipped(path)
        if why:
            for change in changes:
                self._refuse(change, why)
            return []
        data = self._opened[path].data
        content, made = self._apply(self._opened[path], changes)
        if not made:
            return []
        temporary = os.path.relpath(exchange.temporary_for(full), self._layout.root)
        sync_rows.keep_text(self._project, data, path=path, why=sync_rows.REPLACED)
        return [Plan(path, content, Intent(path, digest(data), digest(content), temporary), made)]

    def _is_skipped(self, path: str) -> str:
        # git would not see a write there, and lose it at the next checkout
        if may_skip(self._layout.repository) and objects.skipped(self._layout.root, [path]):
            return "git is told to skip it (skip-worktree)"
        return ""

    def _apply(self, opened: _Opened, changes: List[Change]) -> Tuple[bytes, List[Change]]:
        # most commands write no file
        from cmos.missionfile.splice import Refused, apply

        try:
            return apply(opened.data, [_edit(change) for change in changes], opened.contents), changes
        except Refused:
            pass
        data, made = opened.data, []
        for change in changes:
            try:
                data = apply(data, [_edit(change)])
                made.append(change)
            except Refused as error:
                if change.insert and change.wish.field in OWNED_BY_FILE:
                    self._tell_alone(change.at.path, change.wish)
                    settle(self._project, change.wish, [])
                else:
                    self._refuse(change, error.reason)
        return data, made

    def _refuse(self, change: Change, why: str) -> None:
        """Leave a write pending with its reason."""
        wish, at = change.wish, change.at
        issue_rows.refuse(self._project, wish.mission_id, wish.field, why)
        about = (at.path, wish.mission_id, wish.field)
        noted = issues.note(self._project, "pending", *about, file=change.before, database=wish.value, reason=why)
        if noted.is_new:
            told = (at.path, wish.field, wish.mission_id, why)
            self._project.notices.append("%s: the %s of %s is not written: %s; it stays pending" % told)


def _edit(change: Change) -> Edit:
    from cmos.missionfile.splice import Edit

    return Edit(change.at.file_id, change.at.kind, change.wish.field, change.wish.value, change.insert)


def settle(project: Project, wish: Pending, paths: Iterable[str]) -> None:
    """Delete a wish that the files now fulfil, and close the issues about it."""
    issue_rows.fulfil(project, wish.mission_id, wish.field)
    close_issues(project, wish, paths)


def close_issues(project: Project, wish: Pending, paths: Iterable[str]) -> None:
    """Close the issues about a value at places that have it."""
    mission = mission_rows.get(project.db, wish.mission_id)
    # a status that waits for its commit keeps waiting when a value typed over it is put back
    waits = wish.field == "status" and mission is not None and not rules.alike(wish.value, mission.status)
    for path in paths:
        for kind in ("pending",) if waits else ("drift", "waiting", "pending", "conflict"):
            issue_rows.close(project, project.worktree, kind, path=path, mission_id=wish.mission_id, field=wish.field)
