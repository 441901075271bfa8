"""``cmosctl init`` and ``cmosctl demo``."""

from __future__ import annotations

import os
import shlex
from types import ModuleType
from typing import TYPE_CHECKING, Dict, List, Optional

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, Exit, argument, command, option
from cmos.cli.base.options import here, json_option
from cmos.cli.base.output import progress_bar

if TYPE_CHECKING:
    from cmos.core.report import Issue
    from cmos.setup.setup import Setup


#: Problems that the summary names; the rest is a command away.
_SHOWN = 20


@command()
@option("--no-hooks", is_flag=True, help="Do not install git hooks.")
@option("--all-history", is_flag=True, help="Log every commit of the history, not only the newest.")
@option("--adopt", is_flag=True, help="Take over a database that was not made for this repository.")
@option("--fresh", is_flag=True, help="Make a new database in place of a lost one; its remains are kept aside.")
@json_option
def init(no_hooks: bool, all_history: bool, adopt: bool, fresh: bool, as_json: bool) -> None:
    """Make this folder a project: create the database and import the mission files.

    Running it again imports what is new and changes nothing else. It never writes your files.
    """
    from cmos.setup.setup import set_up

    with progress_bar("Reading mission files") as files, progress_bar("Reading commits") as commits:
        done = set_up(
            here(), progress=files, all_history=all_history, commit_progress=commits, adopt=adopt, fresh=fresh
        )
    if not no_hooks:
        from cmos.cli.hook import install_for_init

        install_for_init(done.root)
    if as_json:
        output.print_json(_document(done))
        return
    for line in _lines(done):
        output.show(line)
    for notice in done.notices:
        output.say(notice)


def _document(done: Setup) -> object:
    return {
        "root": done.root,
        "database": done.database,
        "created": done.created,
        "registered": len(done.registered),
        "missions": {"total": sum(one.number for one in done.counts), "by_status": _totals(done)},
        "sprints": [{"sprint": one.sprint_id, "status": one.status, "missions": one.number} for one in done.counts],
        "current": [mission.id for mission in done.open],
        "sessions": done.sessions,
        "commits": done.logged,
        "imported": {"added": dict(done.imported.added), "unchanged": dict(done.imported.unchanged)},
        "problems": [_problem(issue) for issue in done.issues if issue.kind in ("quarantine", "duplicate", "leftover")],
        "remarks": done.imported.remarks,
        "drift": [issue for issue in done.issues if issue.kind == "drift"],
        "notices": done.notices,
    }


def _problem(issue: Issue) -> object:
    return {
        "kind": issue.kind,
        "path": issue.path,
        "line": issue.line,
        "cause": issue.why,
        "mission_id": issue.mission_id,
        "text": issue.file_value,
    }


def _lines(done: Setup) -> List[str]:
    verb = "Created" if done.created else "Already a project:"
    lines = ["%s %s" % (verb, output.strong(done.database)), ""]
    lines += _table(done)
    lines += _open(done)
    lines += _log(done)
    lines += _commits(done)
    lines += _problems([issue for issue in done.issues if issue.kind in ("quarantine", "duplicate", "leftover")])
    drift = [issue for issue in done.issues if issue.kind == "drift"]
    if drift:
        lines += ["", "Missions whose file and backlog give different statuses: %d. The backlog counts." % len(drift)]
    return [*lines, "", "Next: cmosctl status, cmosctl mission next"]


def _table(done: Setup) -> List[str]:
    totals = _totals(done)
    if not totals:
        return ['No missions yet: cmosctl mission add B1.1 "My first mission" --sprint "Sprint 1"']
    sprints = list(dict.fromkeys(one.sprint_id for one in done.counts))
    number = {(one.sprint_id, one.status): one.number for one in done.counts}
    rows = [[sprint or "(no sprint)", *(str(number.get((sprint, s), "")) for s in totals)] for sprint in sprints]
    if len(sprints) > 1:
        rows.append(["all", *(str(n) for n in totals.values())])
    return output.columns(rows, heads=["sprint", *totals])


def _totals(done: Setup) -> Dict[str, int]:
    from cmos.missions.find import by_status

    return {status: number for status, number in by_status(done.counts).items() if number}


def _open(done: Setup) -> List[str]:
    lines = ["%s: %s  %s" % (m.status, output.strong(m.id), output.clean(m.name or "")) for m in done.open]
    return ["", *lines] if lines else []


def _log(done: Setup) -> List[str]:
    added = done.imported.added.items()
    parts = ["%d %s" % (number, table) for table, number in added if number and table != "project_state"]
    return ["", "Imported: %s." % ", ".join(parts)] if parts else []


def _commits(done: Setup) -> List[str]:
    if done.logged is None or not done.logged.new:
        return []
    left = done.logged.left
    rest = " %d older ones are not logged yet: cmosctl sync --all-history" % left if left else ""
    return ["", "Commits logged: %d.%s" % (done.logged.new, rest)]


def _problems(problems: List[Issue]) -> List[str]:
    if not problems:
        return []
    lines = ["", "Not understood, and left unchanged (%d):" % len(problems)]
    for issue in problems[:_SHOWN]:
        lines.append("  %s  %s" % (output.clean(issue.spot.place), output.clean(issue.spot.cause)))
    if len(problems) > _SHOWN:
        lines.append("  and %d more: cmosctl sync" % (len(problems) - _SHOWN))
    return lines


_HELLO = 'print("Hello!")\n'


@command()
@argument("folder", metavar="[DIR]", required=False)
def demo(folder: Optional[str]) -> None:
    """Walk through a sample sprint in a throwaway git repository.

    The commands shown are really run, in DIR (a new or empty folder) or in a temporary folder.
    """
    from cmos.setup import sample

    start = here()
    root = sample.create(folder)
    os.chdir(root)
    try:
        _walk(sample, root)
    finally:
        os.chdir(start)


def _walk(sample: ModuleType, root: str) -> None:
    _say("A repository with a backlog, two mission files and a commit. cmos moves in:")
    _run("init")
    _say("An agent asks what to do, and takes it:")
    _run("mission", "next", "--claim", "--agent", "demo")
    _say("It does the work, and says that it is done. The next mission is promoted, and the files follow:")
    sample.write(root, "hello.py", _HELLO)
    _run("mission", "complete", "--agent", "demo", "--summary", "Prints a greeting")
    _show("git diff --stat", sample.changes(root))
    _say("One commit has the work and the status:")
    _show("git commit -m 'B1.1: greet'", sample.commit(root, "B1.1: greet"))
    _run("mission", "list")
    _say("Where the project stands:")
    _run("status")
    _say("The project is yours to try: %s" % root)
    for line in (
        "cd %s" % shlex.quote(root),
        "cmosctl mission show B1.1",
        "cmosctl mission add B1.4 'Say goodbye' --sprint 'Sprint 1'",
        "edit cmos/missions/sprint-01/B1.2_greet-by-name.yaml, then: cmosctl mission show B1.2",
        "type a status into a file, then: cmosctl sync",
    ):
        output.show("  " + output.clean(line))


def _run(*arguments: str) -> None:
    """Run a command as a user would, and show it with its answer."""
    from cmos.cli.main import run

    output.show(output.strong("$ cmosctl " + " ".join(shlex.quote(one) for one in arguments)))
    code = run(arguments)
    output.show()
    if code:
        raise Exit(code)


def _show(command: str, answer: str) -> None:
    output.show(output.strong("$ " + command))
    for line in answer.splitlines():
        output.show(output.clean(line))
    output.show()


def _say(text: str) -> None:
    output.show(output.faint("# " + text))


@command()
@argument("shell", type=Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, options, ids, statuses, sprints, agents and kinds.

    For bash, put this line into ~/.bashrc: eval "$(cmosctl completion bash)"; for zsh the same with zsh
    into ~/.zshrc; for fish: cmosctl completion fish > ~/.config/fish/completions/cmosctl.fish
    """
    from cmos.cli.base.with_click import completion_of

    output.put(completion_of(shell))
