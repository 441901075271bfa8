"""The registry of all commands: where each one lives, and its line of help.

The help of the whole and of a group is printed from here, so that it imports no command.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional


class Entry(NamedTuple):
    """A command: ``module:attribute`` of it, or the commands of a group."""

    help: str
    place: str = ""
    commands: Optional[Dict[str, "Entry"]] = None  # noqa: UP037  # evaluated by Python 3.8
    hidden: bool = False


MISSION: Dict[str, Entry] = {
    "list": Entry("Show missions in the backlog's order.", "cmos.cli.mission_list:list_missions"),
    "next": Entry("Show the mission to work on now, or claim one.", "cmos.cli.mission:next_mission"),
    "start": Entry("Take a mission up: In Progress, in your name.", "cmos.cli.mission_act:start"),
    "complete": Entry("Mark a mission done and make the next one Current.", "cmos.cli.mission_act:complete"),
    "block": Entry("Mark a mission blocked, with the reason.", "cmos.cli.mission_act:block"),
    "add": Entry("Add a mission, with a file to fill in.", "cmos.cli.mission_edit:add"),
    "edit": Entry("Change a mission, by flags or in your editor.", "cmos.cli.mission_edit:edit"),
    "show": Entry("Show all that is known of a mission.", "cmos.cli.mission_list:show"),
    "verify": Entry("Check all missions; say what is wrong and where.", "cmos.cli.mission_check:verify"),
    "incomplete": Entry("List missions that lack required fields.", "cmos.cli.mission_check:incomplete"),
    "audit": Entry("Look over a sprint, or all: gaps, blockers, contradictions.", "cmos.cli.mission_check:audit"),
}

SESSION: Dict[str, Entry] = {
    "log": Entry("Add a line to the log.", "cmos.cli.session:log"),
    "list": Entry("Show the log, or a part of it.", "cmos.cli.session:list_sessions"),
    "show": Entry("Show one session with its details.", "cmos.cli.session:show"),
}

MEMORY: Dict[str, Entry] = {
    "list": Entry("Show decisions and facts, the newest first.", "cmos.cli.memory:list_memory"),
}

KB: Dict[str, Entry] = {
    "search": Entry("Search documents, missions, decisions, facts, sessions.", "cmos.cli.kb:search"),
    "index": Entry("Bring the search index up to date.", "cmos.cli.kb:index"),
}

HOOK: Dict[str, Entry] = {
    "install": Entry("Put cmosctl's lines into git's hooks.", "cmos.cli.hook:install"),
    "uninstall": Entry("Give git's hooks back as they were.", "cmos.cli.hook:uninstall"),
    "status": Entry("Show what git runs, and whether cmosctl is part of it.", "cmos.cli.hook:status"),
    "run": Entry("Do the part of a hook.", "cmos.cli.hook:run", hidden=True),
    "merge-driver": Entry("Merge a mission file for git.", "cmos.cli.merge_driver:merge_driver", hidden=True),
}

WATCH: Dict[str, Entry] = {
    "start": Entry("Watch in the background.", "cmos.cli.watch:start"),
    "run": Entry("Watch in the foreground, with a line for each pass.", "cmos.cli.watch:run"),
    "stop": Entry("End the watcher of this worktree.", "cmos.cli.watch:stop"),
    "status": Entry("Show whether a watcher runs and what it did.", "cmos.cli.watch:status"),
}

COMMANDS: Dict[str, Entry] = {
    "init": Entry("Make this folder a project: database, hooks, first import.", "cmos.cli.init:init"),
    "demo": Entry("Walk through a sample sprint in a throw-away repository.", "cmos.cli.demo:demo"),
    "mission": Entry("Work with missions.", commands=MISSION),
    "session": Entry("Work with the log of sessions.", commands=SESSION),
    "decision": Entry("Record a decision and why it was made.", "cmos.cli.memory:decision"),
    "fact": Entry("Record something found to be true.", "cmos.cli.memory:fact"),
    "memory": Entry("Look at what was learned.", commands=MEMORY),
    "kb": Entry("Search what was written down.", commands=KB),
    "status": Entry("Show where the project stands.", "cmos.cli.status:status"),
    "context": Entry("Print what an agent has to know, within a budget.", "cmos.cli.context:context"),
    "sync": Entry("Bring mission files, database and history in step.", "cmos.cli.sync:sync"),
    "watch": Entry("Keep files and database in step while you work.", commands=WATCH),
    "export": Entry("Write the flat files that people know.", "cmos.cli.export:export"),
    "hook": Entry("Let git tell cmosctl what happens.", commands=HOOK),
    "db": Entry("Create, migrate, back up and open the database.", "cmos.cli.db:db"),
}
