"""What a hook does when git calls it: find the projects, do its part in each, print and log a few lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Callable, Iterator, List, Optional, Sequence, Tuple

from cmos import clock
from cmos.core.errors import CmosError, NotAProject
from cmos.core.record import NamedTuple
from cmos.db import connection
from cmos.db.lock import writer_lock
from cmos.files import write as file_write
from cmos.files.write import write_whole
from cmos.git import branches, checkout, head, process
from cmos.git.checkout import Repository
from cmos.history import record as history
from cmos.history import rows as history_rows
from cmos.history import walk
from cmos.history.naming import Ids, coming_ids, naming
from cmos.hooks.block import NAMES, STOP, read_pairs, read_pushed
from cmos.missions import rows as mission_rows
from cmos.project.layout import Layout, has_signs
from cmos.project.project import find_project
from cmos.project.trust import opened
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.db.connection import Connection
    from cmos.git.head import Head
    from cmos.history.naming import Commit
    from cmos.history.record import Context, Pairs
    from cmos.hooks.push import Push


#: Seconds that git may be kept waiting for the database (docs/git.md, Hooks).
PATIENCE = 2.0
#: Lines that one hook prints.
_LINES = 5

Say = Callable[[str], None]


class Call(NamedTuple):
    """A hook as git called it."""

    name: str
    arguments: List[str]
    #: Its standard input.
    stdin: str
    folder: str


#: Set while a hook runs, so that a git command started by it starts none.
GUARD = "CMOSCTL_IN_HOOK"
_READING = ("post-rewrite", "pre-push")


def run_hook(arguments: Sequence[str], say: Say) -> int:
    """Do the part of one hook and return the exit code: 0, or STOP where a push is to be stopped."""
    if not arguments or os.environ.get("CMOSCTL_HOOKS") == "0" or os.environ.get(GUARD):
        return 0
    os.environ[GUARD] = "1"
    name, rest = arguments[0], list(arguments[1:])
    return answer(Call(name, rest, _stdin() if name in _READING else "", os.getcwd()), say)


def _stdin() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def answer(call: Call, say: Say) -> int:
    """Do a hook's part in each project of the checkout; return 0, or STOP to stop a push."""
    found = _repository(call.folder)
    # from here on, questions to git are about folders, not about the repository that called us
    for name in process.LOCAL:
        os.environ.pop(name, None)
    if found is None or call.name not in NAMES:
        return 0
    code = 0
    said: List[str] = []
    for layout in _projects(found, call, said.append):
        code = _guarded(call, layout, said.append) or code
    for line in said[:_LINES]:
        say(line)
    if len(said) > _LINES:
        say("and %d more lines: %s" % (len(said) - _LINES, file_write.hook_log_path(found.common_dir)))
    file_write.write_hook_log(found.common_dir, "%s %s %d" % (clock.now(), call.name, code), said)
    return code


def _repository(folder: str) -> Optional[Repository]:
    """Return the checkout that the hook belongs to; None when the repository has none here."""
    found = checkout.find_checkout(folder)
    given = os.environ.get("GIT_DIR")
    if found is None or not given:
        return found
    # the repository may lie apart from its files, and the folder belong to another one
    same = os.path.realpath(os.path.join(folder, given)) == os.path.realpath(found.git_dir)
    return found if same else None


def _projects(found: Repository, call: Call, say: Say) -> Iterator[Layout]:
    places = [found.top] + [os.path.join(found.top, one) for one in list_projects(found.common_dir)]
    seen = []
    missing = None
    for place in filter(os.path.isdir, places):
        try:
            layout = find_project(place)
        except NotAProject as problem:
            missing = missing or problem
            continue
        except CmosError as problem:
            say("%s: %s; %s" % (call.name, problem.message, problem.hint))
            continue
        if layout.root not in seen:
            seen.append(layout.root)
            yield layout
    if not seen and missing is not None and has_signs(found.top):
        say("%s: %s; %s" % (call.name, missing.message, missing.hint))


def _guarded(call: Call, layout: Layout, say: Say) -> int:
    try:
        if call.name == "pre-push":
            return _stop_push(call, layout, say)
        for line in _follow(call, layout):
            say(line)
    except CmosError as problem:
        say("%s: %s%s" % (call.name, problem.message, "; %s" % problem.hint if problem.hint else ""))
    except OSError as error:
        say("%s: %s: %s" % (call.name, error.strerror, error.filename))
    return 0


def _follow(call: Call, layout: Layout) -> List[str]:
    if call.name == "post-commit":
        return on_commit(layout)
    if call.name == "post-merge":
        return on_merge(layout)
    return on_rewrite(layout, _pairs(call, layout.repository))


def _pairs(call: Call, repository: Optional[Repository]) -> List[Tuple[str, str]]:
    """Return pairs of old and new commits; none in the middle of a rebase, which may still be aborted."""
    what = (call.arguments or [os.environ.get("PRE_COMMIT_REWRITE_COMMAND", "")])[0]
    if repository is None or (repository.is_rewriting and what != "rebase"):
        return []
    # pre-commit passes no input on
    return read_pairs(call.stdin or (head.rewritten(repository) if what == "rebase" else ""))


def _stop_push(call: Call, layout: Layout, say: Say) -> int:
    from cmos.hooks import push as hook_push

    verdicts = [hook_push.check_push(layout, pushed) for pushed in _pushes(call)]
    problems = list(dict.fromkeys(problem for verdict in verdicts for problem in verdict.problems))
    for problem in problems:
        say(problem)
    if problems:
        say("the push is stopped; to push anyway: git push --no-verify")
        return STOP
    for note in [note for verdict in verdicts for note in verdict.notes]:
        say(note)
    statuses = [status for verdict in verdicts for status in verdict.statuses]
    if statuses:
        # no reason to stop a push
        with opened(layout, patience=PATIENCE, notices=[]) as db:
            for line in hook_push.drift(db, statuses):
                say(line)
    return 0


def _pushes(call: Call) -> List[Push]:
    from cmos.hooks.push import Push

    remote = (call.arguments or [os.environ.get("PRE_COMMIT_REMOTE_NAME", "")])[0]
    rows = read_pushed(call.stdin)
    if not rows and "PRE_COMMIT_REMOTE_NAME" in os.environ:
        # pre-commit passes no input on; when it names neither end, everything is new to the remote
        ends = [os.environ.get(name) for name in ("PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH")]
        return [Push(next(filter(None, ends), "HEAD"), os.environ.get("PRE_COMMIT_FROM_REF"), remote)]
    return [Push(row.local, row.remote, remote) for row in rows if row.local and row.remote_ref[:10] != "refs/cmos/"]


def on_commit(layout: Layout) -> List[str]:
    """post-commit: log the commit at HEAD. Reads and writes no file of the project."""
    repository = layout.repository
    # the commits of a rebase are logged when it ends: it may still be aborted
    if repository is None or repository.is_rewriting:
        return []
    here = walk.where(repository)
    if here.sha is None:
        return []
    lines: List[str] = []
    with opened(layout, patience=PATIENCE, notices=lines) as db:
        if history_rows.session_key(db, here.sha) is None:
            commit = walk.read_one(repository.top, here.sha)
            with writer_lock(layout.lock, patience=PATIENCE) as line, connection.immediate(db):
                lines += [line] if line else []
                _log(layout, db, here, commit)
    return lines


def on_merge(layout: Layout) -> List[str]:
    """post-merge: take in the files and commits that arrived."""
    from cmos.core.models import Options
    from cmos.project.project import open_layout

    with open_layout(layout, patience=PATIENCE) as project:
        with run.change(project, Options(passes_over="MERGE_HEAD")) as db:
            history.catch_up(project, db)
        return project.notices


def on_rewrite(layout: Layout, pairs: Pairs) -> List[str]:
    """post-rewrite: give each new commit the session of the old one.

    Without pairs (pre-commit passes none on) the history tells, once the rebase is over.
    """
    from cmos.project.project import open_layout

    with open_layout(layout, patience=PATIENCE) as project:
        if pairs and all(history_rows.session_key(project.db, new) is not None for _, new in pairs):
            return []
        with writer_lock(layout.lock, patience=PATIENCE), connection.immediate(project.db):
            history.catch_up(project, project.db, pairs=pairs)
        return project.notices


def _log(layout: Layout, db: Connection, here: Head, commit: Commit) -> None:
    assert layout.repository is not None and here.sha is not None
    told = branches.read_newest(layout.repository, here.branch, here.sha)
    # only ids that may matter: each is searched for in the text
    text = "\n".join((*naming(commit.message, commit.subject), here.branch or ""))
    named = mission_rows.maybe_named(db, text)
    ids = Ids([*named, *coming_ids(commit.files)])
    context = history.prepare(layout, db, [here.sha], here.branch, told, ids=ids, at_work=layout.worktree)
    history.log(context, commit)
    if _follows(history_rows.head(db, layout.worktree), context, commit):
        history_rows.put_head(db, layout.worktree, commit.sha)


def _follows(seen: Optional[str], context: Context, commit: Commit) -> bool:
    """Say whether this commit directly follows the last logged one; if not, the next command reads the history."""
    if seen is None or len(commit.parents) > 1:
        return False
    told = context.reflog
    before = told.last[0] if told is not None and told.last[1] == commit.sha else "".join(commit.parents)
    return seen == before or (not seen and not commit.parents)


def list_projects(common_dir: str) -> List[str]:
    """Return the folders of a repository's projects, relative to the top of a checkout."""
    try:
        with open(_path(common_dir), encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError:
        return []


def add_project(common_dir: str, folder: str) -> None:
    """Remember the folder of a project. Raises OSError."""
    known = list_projects(common_dir)
    if folder == "." or folder in known or "\n" in folder:
        return
    os.makedirs(os.path.dirname(_path(common_dir)), exist_ok=True)
    text = "".join(line + "\n" for line in [*known, folder])
    write_whole(_path(common_dir), text.encode("utf-8", "surrogateescape"))


def _path(common_dir: str) -> str:
    return os.path.join(common_dir, "cmos", "projects.txt")
