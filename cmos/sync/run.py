"""The pass around every command that reads or changes missions.

What changed on disk comes in first; what the command changed goes out after.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterable, Iterator, Optional

from cmos import clock
from cmos.core.errors import DatabaseProblem
from cmos.core.models import Options
from cmos.db import connection
from cmos.db.connection import Connection
from cmos.db.lock import writer_lock
from cmos.files import exchange
from cmos.files.exchange import is_empty
from cmos.files.scan import ODD, RACY_NS, Stamp, is_text, scan, stamp
from cmos.git.head import at_work, head, head_text, wait_for_git
from cmos.missions import rows as mission_rows
from cmos.project.rows import worktree_value
from cmos.sync import rows as sync_rows

# the rest of the sync is imported where it is needed: most commands find nothing to do
if TYPE_CHECKING:
    from cmos.project.project import Project
    from cmos.sync.passes import Pass


DEFAULT = Options()

#: How many passes a command runs in a row when an editor keeps saving the files that it writes.
_ROUNDS = 5


def refresh(project: Project, *, is_due: bool = False, retry: bool = False) -> bool:
    """Run one pass if something changed on disk or a write is pending; say whether one ran.

    With ``is_due`` the caller knows that it is; ``retry`` is that of ``change``, for a pass that is run anyway.
    When the database is busy or cannot be written, also for want of space, the command goes on with what it has.
    """
    if not is_due and not _is_due(project):
        return False
    try:
        with change(project, Options(retry=retry)):
            pass
    except DatabaseProblem as problem:
        project.fail(problem)
        project.notices.append("files changed but could not be taken in: %s" % problem.message)
    else:
        project.notices += [problem.message for problem in project.failures]
    # a command that only reads goes on with what there is
    project.problems, project.failures = project.failures, []
    return True


def _is_due(project: Project) -> bool:
    return not is_quiet(project) and needs_pass(project)


@contextmanager
def change(project: Project, options: Options = DEFAULT) -> Iterator[Connection]:
    """Do what ``begin`` does, for a caller that only needs the database."""
    with begin(project, options) as one:
        yield one.project.db


@contextmanager
def begin(project: Project, options: Options = DEFAULT) -> Iterator[Pass]:
    """Take the lock and a transaction, sync, and let the caller change rows.

    What was changed is committed at the end; then the files are written.
    Raises DatabaseProblem when the lock is not to be had in time.
    """
    from cmos.sync.plan import plan_files
    from cmos.sync.write import write_files

    wait_for_git(project.layout.repository, but=options.passes_over)
    with writer_lock(project.layout.lock, patience=project.patience) as line:
        project.notices += [line] if line and line not in project.notices else []
        project.now = clock.now()
        project.check_in_place()
        with connection.translated(project.layout.database):
            if project.is_trial:
                with connection.taken_back(project.db):
                    yield take_in(project, options)
                return
            with connection.immediate(project.db):
                one = take_in(project, options)
                yield one
                plans = plan_files(project, one, retry=options.retry)
            for _ in range(_ROUNDS):
                if not write_files(project, one, plans):
                    return
                with connection.immediate(project.db):
                    one = take_in(project, options._replace(accept_mass_change=False))
                    plans = plan_files(project, one)


def needs_pass(project: Project) -> bool:
    """Say whether a pass has anything to do; looks closer than ``is_quiet``."""
    from cmos.sync import survey as surveys

    waits = sync_rows.is_waiting(project) or mission_rows.is_set_by_sql(project.db)
    waits = waits or bool(exchange.lies_aside(project.layout.aside))
    return waits or surveys.has_moved(project) or is_log_behind(project) or not surveys.survey(project).is_quiet


def take_in(project: Project, options: Options = DEFAULT) -> Pass:
    """Recover and take the files in; inside a transaction, under the lock.

    The files are read only now, under the lock: a copy read earlier may be older than the
    base that another process has just stored, and would look like an edit.
    """
    from cmos.sync import record, write
    from cmos.sync import survey as surveys
    from cmos.sync.passes import Pass

    record.take_sql_statuses(project)
    gate = at_work(project.layout.repository, but=options.passes_over)
    if gate:
        return Pass(project, surveys.Survey.nothing(), options, gate=gate)
    if not project.is_trial:
        write.put_back(project)
    survey = surveys.survey(project)
    project.report.unreadable = list(survey.scan.unreadable)
    one = Pass(project, survey, options, leftovers=write.recover(project, survey.scan.strays))
    if survey.has_changes or _is_to_be_read_again(project):
        from cmos.sync.take import take_files

        take_files(one)
    else:
        surveys.remember_look(project)
    # after the files: a commit may name a mission that they have just brought
    if options.takes_history and is_log_behind(project):
        from cmos.history import record as history

        history.catch_up(project, project.db, progress=options.commit_progress)
    return one


def _is_to_be_read_again(project: Project) -> bool:
    from cmos.sync import issue_rows
    from cmos.sync import survey as surveys

    kinds = surveys.to_read_again(project)
    return bool(kinds) and bool(issue_rows.open_issues(project.db, worktree=project.worktree, kinds=kinds))


def register(one: Pass, path: str) -> None:
    """Take in a file that the command has just made; inside the transaction of ``run.change(project)``."""
    from cmos.sync.survey import survey_folder
    from cmos.sync.take import take_files

    if not one.gate:
        take_files(one._replace(survey=survey_folder(one.project, path.rpartition("/")[0], one.survey.scan)))


def is_quiet(project: Project) -> bool:
    """Say whether every folder is as it was at the last sync and no write is pending.

    False means that a survey must look closer, not that something changed.
    """
    layout = project.layout
    if at_work(layout.repository):
        return True  # files that git is moving about say nothing
    if sync_rows.last_head(project) != head_text(layout.repository) or is_log_behind(project):
        return False
    if sync_rows.is_waiting(project) or mission_rows.is_set_by_sql(project.db) or not is_empty(layout.aside):
        return False
    found = scan(layout.root)
    known = sync_rows.signatures(project)
    if found.strays or known.pop(ODD, (b"", 0))[0] != found.odd_signature() or len(known) != len(found.folders):
        return False
    for name, folder in found.folders.items():
        signature, checked_ns = known.get(name, (b"", 0))
        if signature != folder.signature or folder.newest_ns + RACY_NS >= checked_ns:
            return False
    return True


def has_changed(project: Project, paths: Iterable[str]) -> bool:
    """Say whether one of the files (absolute paths) has certainly changed; False means that it may have."""
    if at_work(project.layout.repository):
        return False
    for path in filter(is_text, paths):
        known = sync_rows.stamp_of(project, os.path.relpath(path, project.layout.root))
        if known is not None and known != _stamp_of(path):
            return True
    return False


def _stamp_of(path: str) -> Optional[Stamp]:
    try:
        return stamp(os.lstat(path))
    except OSError:
        return None


def is_log_behind(project: Project) -> bool:
    """Say whether HEAD has moved since its history was logged; never during a rebase."""
    repository = project.layout.repository
    if repository is None or repository.is_rewriting:
        return False
    sha = head(repository).sha
    return sha is not None and sha != worktree_value(project.db, project.worktree, "history_head")
