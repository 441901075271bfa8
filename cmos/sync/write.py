"""Planned writes carried out, and recovery after a crash (docs/sync.md, S8, second half)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Iterable, List, Optional, Sequence, Tuple

from cmos import clock
from cmos.core.errors import FileProblem
from cmos.core.record import NamedTuple
from cmos.core.report import FieldChange
from cmos.db import connection
from cmos.files import exchange
from cmos.files.scan import TEMPORARY, Scan, Stamp, digest, mission_file
from cmos.git import objects
from cmos.project.layout import Layout
from cmos.sync import issue_rows
from cmos.sync import rows as sync_rows
from cmos.sync.issue_rows import Intent
from cmos.sync.plan import Change, Plan, settle
from cmos.sync.rows import BaseFile
from cmos.sync.survey import written

if TYPE_CHECKING:
    from cmos.project.project import Project
    from cmos.sync.passes import Pass


class Outcome(NamedTuple):
    """The result of one planned write."""

    plan: Plan
    #: The file's new stamp; None if it was not written.
    stamp: Optional[Stamp] = None
    #: Texts that others saved in between, to be kept.
    texts: Tuple[bytes, ...] = ()
    #: The error of the disk; empty if there was none.
    error: str = ""


def write_files(project: Project, one: Pass, plans: List[Plan]) -> bool:
    """Write the planned files and record it; say whether a file had changed under a write."""
    for path in one.leftovers:
        exchange.remove(path)
    if not plans:
        return False
    outcomes = [_write(project.layout, plan) for plan in plans]
    with connection.immediate(project.db):
        project.report.written += record(project, outcomes, one.survey.scan, now_ns=clock.now_ns())
    for outcome in outcomes:
        if outcome.error:
            hint = "the change is safe in the database; once that is mended: cmosctl sync"
            project.fail(FileProblem(outcome.error, hint=hint))
    return any(outcome.stamp is None and not outcome.error for outcome in outcomes)


def _write(layout: Layout, plan: Plan) -> Outcome:
    path, temporary = _places(layout, plan.intent)
    if path is None or temporary is None:
        return Outcome(plan, error="%s is not written: it is behind a link" % plan.path)
    try:
        done = exchange.exchange(
            path, plan.content, old_hash=plan.intent.old_hash, temporary=temporary, aside=layout.aside
        )
    except exchange.Changed as changed:
        return Outcome(plan, texts=changed.texts)
    except OSError as error:
        return Outcome(plan, error="%s could not be written: %s" % (plan.path, error.strerror or error))
    return Outcome(plan, done.stamp, () if done.late is None else (done.late,))


def record(project: Project, outcomes: Sequence[Outcome], scan: Scan, *, now_ns: int) -> List[FieldChange]:
    """Update the base for the files that were written; return what was written."""
    changes: List[FieldChange] = []
    folders = sync_rows.signatures(project)
    unwritten = {_key(change) for one in outcomes if one.stamp is None for change in one.plan.changes}
    for outcome in outcomes:
        plan = outcome.plan
        issue_rows.end_write(project, plan.path)
        for text in outcome.texts:
            sync_rows.keep_text(project, text, path=plan.path, why=sync_rows.LOST)
        if outcome.stamp is None:
            continue
        sync_rows.put_files(project, [BaseFile(plan.path, plan.intent.new_hash, *outcome.stamp, now_ns)])
        signature = written(plan.path, scan, outcome.stamp)
        if signature is not None:
            folders[signature[0]] = signature[1], now_ns
        changes += [_follow(project, plan, change, done=_key(change) not in unwritten) for change in plan.changes]
    sync_rows.put_signatures(project, folders)
    return changes


def _key(change: Change) -> Tuple[str, str]:
    return change.wish.mission_id, change.wish.field


def _follow(project: Project, plan: Plan, change: Change, *, done: bool) -> FieldChange:
    wish = change.wish
    sync_rows.put_value(project, change.at, wish.field, wish.value)
    if done:
        settle(project, wish, [plan.path])
    return FieldChange(wish.mission_id, wish.field, change.before, wish.value, plan.path)


def put_back(project: Project) -> None:
    """Rename files back that a crash left without their name; before anybody looks."""
    for intent in issue_rows.intents(project):
        path, temporary = _places(project.layout, intent)
        if path is not None and temporary is not None:
            exchange.put_back(path, temporary)


def recover(project: Project, strays: Iterable[str]) -> List[str]:
    """Clear up what a crash left; return the files to remove once this transaction is safe.

    A begun write needs nothing more: what it asked for is still pending, and a pass
    compares it with the file as it now is.
    """
    layout = project.layout
    left: List[str] = []
    begun = issue_rows.intents(project)
    known = {intent.temporary: intent for intent in begun if None not in _places(layout, intent)}
    unknown = set(strays) - set(known)
    if unknown and layout.repository:
        # one that was committed before it was cleared up belongs to git now: leave it alone
        unknown -= set(objects.blobs(layout.root, "HEAD", "cmos/missions"))
    for path in sorted(unknown | set(known)):
        full = mission_file(layout.root, path)
        content, intent = exchange.leftover(full) if full else None, known.get(path)
        if full is None or content is None:
            continue
        left.append(full)
        if intent is None or not _is_ours(layout, intent, content):
            _keep(project, content, intent.path if intent else path)
    for intent in begun:
        issue_rows.end_write(project, intent.path)
    return left + _look_aside(project)


def _places(layout: Layout, intent: Intent) -> Tuple[Optional[str], Optional[str]]:
    """Return the full paths of a file and of its temporary file; None for a path that no write ever touches."""
    folder, _, name = intent.temporary.rpartition("/")
    is_beside = folder == intent.path.rpartition("/")[0] and name.startswith(TEMPORARY)
    path = mission_file(layout.root, intent.path)
    return path, mission_file(layout.root, intent.temporary) if is_beside else None


def _is_ours(layout: Layout, intent: Intent, content: bytes) -> bool:
    """Say whether a temporary file holds only our own text."""
    if digest(content) in (intent.old_hash, intent.new_hash):
        return True
    # the file was not swapped yet: the temporary file is our own, half written
    present = exchange.leftover(os.path.join(layout.root, intent.path))
    return present is not None and digest(present) == intent.old_hash


def _look_aside(project: Project) -> List[str]:
    looked = []
    for path in exchange.lies_aside(project.layout.aside):
        try:
            late = exchange.late_content(path)
        except OSError:
            continue  # no file, or gone by now
        looked.append(path)
        if late is not None:
            _keep(project, late, os.path.basename(path))
    return looked


def _keep(project: Project, text: bytes, path: str) -> None:
    sync_rows.keep_text(project, text, path=path, why=sync_rows.LOST)
    told = "a text that was saved while %s was being written is kept; to see it: cmosctl sync --log"
    project.report.notices.append(told % path)
