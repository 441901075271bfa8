"""A hook's part from the moment git calls it: which projects it is about, what is said, what is logged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Callable, Iterator, List, NamedTuple, Optional, Tuple

from cmos import clock
from cmos.core.errors import CmosError, NotAProject
from cmos.core.hook_call import NAMES, STOP, read_pairs, read_pushed
from cmos.files import project_list
from cmos.files import write as file_write
from cmos.git import checkout, process
from cmos.git.checkout import Repository
from cmos.project.layout import Layout, has_signs
from cmos.project.project import find_project
from cmos.project.trust import opened

if TYPE_CHECKING:
    from cmos.services.pushing import Push

#: Seconds that git may be kept waiting for the database (GIT.md, section 2).
PATIENCE = 2.0
#: Lines that one hook prints.
_LINES = 5

Say = Callable[[str], None]


class Call(NamedTuple):
    """How git called a hook."""

    name: str
    arguments: List[str]
    #: What git gave it to read.
    stdin: str
    folder: str


def answer(call: Call, say: Say) -> int:
    """Do the part of a hook in each project of the checkout; return 0, or STOP for a push to be stopped."""
    found = _repository(call.folder)
    # from here on git is to be asked about folders, not about what called us
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
    """Return the checkout that the hook is of; None where it has no files of its own."""
    found = checkout.find_checkout(folder)
    given = os.environ.get("GIT_DIR")
    if found is None or not given:
        return found
    # of a repository beside its files, in a folder that may belong to another one
    same = os.path.realpath(os.path.join(folder, given)) == os.path.realpath(found.git_dir)
    return found if same else None


def _projects(found: Repository, call: Call, say: Say) -> Iterator[Layout]:
    places = [found.top] + [os.path.join(found.top, one) for one in project_list.read(found.common_dir)]
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
        return _stop_push(call, layout, say) if call.name == "pre-push" else _follow(call, layout, say)
    except CmosError as problem:
        say("%s: %s%s" % (call.name, problem.message, "; %s" % problem.hint if problem.hint else ""))
    except OSError as error:
        say("%s: %s: %s" % (call.name, error.strerror, error.filename))
    return 0


def _follow(call: Call, layout: Layout, say: Say) -> int:
    from cmos.services import hook_events

    if call.name == "post-commit":
        lines = hook_events.on_commit(layout)
    elif call.name == "post-merge":
        lines = hook_events.on_merge(layout)
    else:
        lines = hook_events.on_rewrite(layout, _pairs(call, layout.repository))
    for line in lines:
        say(line)
    return 0


def _pairs(call: Call, repository: Optional[Repository]) -> List[Tuple[str, str]]:
    """Return old and new commits; none in the middle of a rebase, which may yet be aborted."""
    what = (call.arguments or [os.environ.get("PRE_COMMIT_REWRITE_COMMAND", "")])[0]
    if repository is None or (repository.is_rewriting and what != "rebase"):
        return []
    # pre-commit gives its hooks nothing to read
    return read_pairs(call.stdin or (checkout.rewritten(repository) if what == "rebase" else ""))


def _stop_push(call: Call, layout: Layout, say: Say) -> int:
    from cmos.services import pushing

    looks = [pushing.look(layout, pushed) for pushed in _pushes(call)]
    problems = list(dict.fromkeys(problem for one in looks for problem in one.problems))
    for problem in problems:
        say(problem)
    if problems:
        say("the push is stopped; to push all the same: git push --no-verify")
        return STOP
    for note in [note for one in looks for note in one.notes]:
        say(note)
    statuses = [status for one in looks for status in one.statuses]
    _warn(layout, statuses, say)
    return 0


def _pushes(call: Call) -> List[Push]:
    from cmos.services.pushing import Push

    remote = (call.arguments or [os.environ.get("PRE_COMMIT_REMOTE_NAME", "")])[0]
    rows = read_pushed(call.stdin)
    if not rows and "PRE_COMMIT_REMOTE_NAME" in os.environ:
        # pre-commit gives its hooks nothing to read; with neither end named, all is new to the remote
        told = [os.environ.get(name) for name in ("PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH")]
        return [Push(next(filter(None, told), "HEAD"), os.environ.get("PRE_COMMIT_FROM_REF"), remote)]
    return [Push(row.local, row.remote, remote) for row in rows if row.local and row.remote_ref[:10] != "refs/cmos/"]


def _warn(layout: Layout, statuses: List[Tuple[str, str, str]], say: Say) -> None:
    """Say which pushed statuses are not the database's: nothing to stop a push for."""
    from cmos.services import pushing

    if statuses:
        lines: List[str] = []
        with opened(layout, patience=PATIENCE, notices=lines) as db:
            for line in pushing.drift(db, statuses):
                say(line)
