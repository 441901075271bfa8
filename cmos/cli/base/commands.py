"""The registry of all commands: where each one lives, and its line of help.

Help for the program and its groups is printed from here, without importing any command.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from cmos.cli.base.declare import Command
from cmos.core.record import NamedTuple


class Entry(NamedTuple):
    """A command: ``module:attribute`` of it, or the commands of a group."""

    help: str
    place: str = ""
    commands: Optional[Dict[str, "Entry"]] = None  # noqa: UP037  # evaluated by Python 3.8
    hidden: bool = False


MISSION: Dict[str, Entry] = {
    "list": Entry("List missions in backlog order.", "cmos.cli.show:list_missions"),
    "next": Entry("Show the mission to work on now, or claim one.", "cmos.cli.mission:next_mission"),
    "start": Entry("Start a mission: mark it In Progress under your name.", "cmos.cli.mission:start"),
    "release": Entry("Give a mission that you hold back.", "cmos.cli.mission:release"),
    "complete": Entry("Mark a mission Completed and make the next one Current.", "cmos.cli.mission:complete"),
    "block": Entry("Mark a mission Blocked and say why.", "cmos.cli.mission:block"),
    "drop": Entry("Give a mission up and say why.", "cmos.cli.mission:drop"),
    "add": Entry("Add a mission, with a file to fill in.", "cmos.cli.edit:add"),
    "edit": Entry("Change a mission, by options or in your editor.", "cmos.cli.edit:edit"),
    "show": Entry("Show everything known about a mission.", "cmos.cli.show:show"),
    "verify": Entry("Check all missions and report problems, with their places.", "cmos.cli.check:verify"),
    "incomplete": Entry("List missions that lack required fields.", "cmos.cli.check:incomplete"),
    "audit": Entry("Review one sprint or all: gaps, blockers, contradictions.", "cmos.cli.check:audit"),
}

SESSION: Dict[str, Entry] = {
    "log": Entry("Add a line to the log.", "cmos.cli.log:log"),
    "list": Entry("List the log, or a part of it.", "cmos.cli.log:list_sessions"),
    "show": Entry("Show one session with its details.", "cmos.cli.log:show"),
}

MEMORY: Dict[str, Entry] = {
    "list": Entry("List decisions and facts, newest first.", "cmos.cli.log:list_memory"),
}

KB: Dict[str, Entry] = {
    "search": Entry("Search documents, missions, decisions, facts and sessions.", "cmos.cli.kb:search"),
    "index": Entry("Bring the search index up to date.", "cmos.cli.kb:index"),
}

HOOK: Dict[str, Entry] = {
    "install": Entry("Add cmosctl to git's hooks.", "cmos.cli.hook:install"),
    "uninstall": Entry("Restore git's hooks as they were before.", "cmos.cli.hook:uninstall"),
    "status": Entry("Show which hooks git runs, and whether cmosctl is in them.", "cmos.cli.hook:status"),
    "run": Entry("Run cmosctl's part of a hook.", "cmos.cli.hook:run", hidden=True),
    "merge-driver": Entry("Merge a mission file for git.", "cmos.cli.hook:merge_driver", hidden=True),
}

EXPORT: Dict[str, Entry] = {
    "backlog": Entry("Write the missions as a backlog.yaml.", "cmos.cli.db:backlog"),
    "sessions": Entry("Write the log as a SESSIONS.jsonl.", "cmos.cli.db:sessions"),
    "all": Entry("Write everything in readable files.", "cmos.cli.db:export_all"),
}

DB: Dict[str, Entry] = {
    "init": Entry("Create the database, and nothing else.", "cmos.cli.db:init"),
    "migrate": Entry("Bring the database to the newest schema.", "cmos.cli.db:migrate"),
    "recover": Entry("Rebuild a damaged or missing database.", "cmos.cli.db:recover"),
    "shell": Entry("Open the database, or run SQL in it.", "cmos.cli.db:shell"),
    "export": Entry("Write all that it holds as YAML or JSON.", "cmos.cli.db:export_database"),
    "import": Entry("Import an export, a log or a backlog.", "cmos.cli.db:import_file"),
}

WATCH: Dict[str, Entry] = {
    "start": Entry("Watch in the background.", "cmos.cli.watch:start"),
    "run": Entry("Watch in the foreground, with a line for each pass.", "cmos.cli.watch:run"),
    "stop": Entry("Stop the watcher of this worktree.", "cmos.cli.watch:stop"),
    "status": Entry("Show whether a watcher is running and what it has done.", "cmos.cli.watch:status"),
}

COMMANDS: Dict[str, Entry] = {
    "init": Entry("Make this folder a project: database, hooks, first import.", "cmos.cli.setup:init"),
    "completion": Entry("Print what makes a shell complete commands and values.", "cmos.cli.setup:completion"),
    "demo": Entry("Walk through a sample sprint in a throwaway repository.", "cmos.cli.setup:demo"),
    "mission": Entry("Work with missions.", commands=MISSION),
    "session": Entry("Work with the session log.", commands=SESSION),
    "decision": Entry("Record a decision and why it was made.", "cmos.cli.log:decision"),
    "fact": Entry("Record a fact: something found to be true.", "cmos.cli.log:fact"),
    "memory": Entry("List the decisions and facts recorded so far.", commands=MEMORY),
    "kb": Entry("Search everything the project has written down.", commands=KB),
    "status": Entry("Show where the project stands.", "cmos.cli.status:status"),
    "context": Entry("Print what an agent needs to know, within a token budget.", "cmos.cli.context:context"),
    "sync": Entry("Bring mission files, database and commit history in step.", "cmos.cli.sync:sync"),
    "watch": Entry("Keep files and database in step while you work.", commands=WATCH),
    "export": Entry("Write the project as flat files (YAML, JSON).", commands=EXPORT),
    "hook": Entry("Manage the git hooks that keep cmosctl up to date.", commands=HOOK),
    "db": Entry("Create, migrate, back up and open the database.", commands=DB),
}


#: Words that people and agents type for what another command does.
_OTHER_WORDS = {
    **dict.fromkeys(("delete", "rm", "remove"), "to give a mission up: cmosctl mission drop ID"),
    **dict.fromkeys(("unclaim", "release"), "to give a mission back: cmosctl mission release ID"),
    **dict.fromkeys(("unblock", "resume"), "to resume a mission: cmosctl mission start ID"),
    **dict.fromkeys(("done", "finish", "close"), "to complete a mission: cmosctl mission complete [ID]"),
    **dict.fromkeys(("claim", "ready", "take"), "to take the next free mission: cmosctl mission next --claim"),
    **dict.fromkeys(("board", "log", "progress"), "to see where the project stands: cmosctl status"),
    **dict.fromkeys(("link", "depend", "deps"), "to let a mission wait: cmosctl mission edit ID --add dependsOn=OTHER"),
}


def find(words: Sequence[str]) -> Tuple[Optional[Entry], int]:
    """Return the command that the words begin with, and how many of them name it; None for a group or nothing."""
    entries, number = COMMANDS, 0
    for word in words:
        entry = entries.get(word)
        if entry is None:
            break
        number += 1
        if entry.commands is None:
            return entry, number
        entries = entry.commands
    return None, number


def load(entry: Entry) -> Command:
    """Import a command."""
    module, _, attribute = entry.place.partition(":")
    # importlib takes longer to import than most commands
    command: Command = getattr(__import__(module, fromlist=[attribute]), attribute)
    return command


def unknown(name: str, known: List[str]) -> str:
    """Say that there is no such command, and which was meant."""
    from cmos.core.ids import nearest

    if name in _OTHER_WORDS:
        return "no such command: %s; %s" % (name, _OTHER_WORDS[name])
    groups = [group for group, entry in COMMANDS.items() if name in (entry.commands or {})]
    close = ["cmosctl %s %s" % (group, name) for group in groups] or nearest(name, known)
    return "no such command: %s%s" % (name, "; did you mean %s?" % " or ".join(close) if close else "")
