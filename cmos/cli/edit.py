"""``cmosctl mission add|edit``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from cmos.cli.base import output
from cmos.cli.base.declare import UsageError, argument, command, option
from cmos.cli.base.options import acting, agent_option, json_option, open_here
from cmos.core.status import CURRENT

if TYPE_CHECKING:
    from cmos.actions.act import Act
    from cmos.actions.edit import Edited
    from cmos.missionfile.keys import Text
    from cmos.project.project import Project


#: What an edit of a mission's file may change in its row.
_EDITABLE = ("name", "sprint_id", "notes", "objective")


@command()
@argument("mission_id", metavar="ID")
@argument("name")
@option("--sprint", metavar="SPRINT", help="The sprint it belongs to.")
@option("--objective", default="", metavar="TEXT", help="What is true when it is done.")
@option("--context", default="", metavar="TEXT", help="Why it is needed, and what one must know to begin.")
@option("--criterion", multiple=True, metavar="TEXT", help="How to tell that it is done; repeatable.")
@option("--deliverable", multiple=True, metavar="TEXT", help="What it leaves behind; repeatable.")
@option("--depends-on", multiple=True, metavar="ID", help="A mission that must be completed first; repeatable.")
@option("--no-file", is_flag=True, help="Do not create a mission file.")
@json_option
def add(mission_id: str, name: str, sprint: Optional[str], no_file: bool, as_json: bool, **words: Any) -> None:
    """Add a mission at the end of the queue, with a file; what is not given is to be filled in there."""
    from cmos.actions import edit as editing
    from cmos.core.models import Words

    given = Words(words["objective"], words["context"], words["criterion"], words["deliverable"], words["depends_on"])
    if no_file and given != Words():
        raise UsageError("'--no-file' leaves no place for the other texts.")
    with open_here() as project:
        added = editing.add(project, mission_id, name, sprint=sprint, words=None if no_file else given)
    if as_json:
        output.print_json(dict(output.plain(added.mission), path=added.path))
        return
    where = ": %s" % added.path if added.path else " without a file."
    output.show(output.clean("%s added%s" % (added.mission.id, where)))
    if added.mission.status == CURRENT:
        output.say("nothing else is open: %s is Current" % added.mission.id)
    elif not added.is_something_open:
        output.say("no mission is Current; to start this one: cmosctl mission start %s" % added.mission.id)


@command()
@argument("mission_id", metavar="ID")
@option("--name", help="New name.")
@option("--notes", help="New notes; an empty text removes them.")
@option("--sprint", metavar="SPRINT", help="New sprint.")
@option("--status", help="New status: Queued, Current, In Progress, Completed, Blocked or Deferred.")
@option("--reason", help="Why it is blocked, with --status Blocked.")
@option("--set", "texts", multiple=True, metavar="KEY=TEXT", help="Set a key of its file; repeatable.")
@option("--add", "entries", multiple=True, metavar="KEY=TEXT", help="Add to a list of its file; repeatable.")
@agent_option
@json_option
def edit(
    mission_id: str,
    texts: Tuple[str, ...],
    entries: Tuple[str, ...],
    agent: Optional[str],
    as_json: bool,
    **given: Optional[str],
) -> None:
    """Change a mission by options; without options, in your editor (VISUAL, EDITOR or vi).

    --set and --add change nothing else in the file. Dots lead into mappings: context.background. The
    TEXT - stands for the standard input.
    --status acts as start, complete and block do. Current returns the mission that was Current to
    the queue. Queued, Current and Deferred end a claim and reopen a Completed mission.
    """
    act = acting(agent)
    if texts or entries:
        if any(value is not None for value in given.values()):
            raise UsageError("'--set' and '--add' go without the other options.")
        _by_keys(mission_id, [_text(one, False) for one in texts] + [_text(one, True) for one in entries], as_json)
    elif all(value is None for value in given.values()):
        with open_here() as project:
            _by_editor(project, mission_id, act, as_json)
    else:
        _by_options(mission_id, act, as_json, given)


def _text(given: str, is_entry: bool) -> Text:
    from cmos.missionfile.keys import Text

    key, separator, value = given.partition("=")
    if not separator or not key.strip():
        raise UsageError("%r is not KEY=TEXT." % given)
    return Text(key.strip(), sys.stdin.read() if value == "-" else value, is_entry)


def _by_keys(mission_id: str, texts: List[Text], as_json: bool) -> None:
    from cmos.actions import draft as drafts

    with open_here() as project:
        mission = drafts.put_texts(project, mission_id, texts)
    keys = list(dict.fromkeys(one.key for one in texts))
    text = "%s: %s changed." % (mission.id, ", ".join(keys))
    output.answer({"mission": mission, "changed": keys, "promoted": None}, [output.clean(text)], as_json=as_json)


def _by_options(mission_id: str, act: Act, as_json: bool, given: Dict[str, Optional[str]]) -> None:
    from cmos.actions.edit import Fields, Move, edit

    status, reason = given.pop("status"), given.pop("reason")
    _check_reason(status, reason)
    move = Move(status, reason) if status is not None else None
    with open_here() as project:
        edited = edit(project, mission_id, Fields(**given), move=move, act=act)
    # only now: what lost against an edit of the file is an error, and nothing was changed then
    for warning in edited.outcome.warnings if edited.outcome else ():
        output.say("warning: %s" % warning)
    promoted = edited.outcome.promoted if edited.outcome else None
    data = {"mission": edited.mission, "changed": edited.changed, "promoted": promoted}
    output.answer(data, [output.clean(_edit_text(edited))], as_json=as_json)


def _check_reason(status: Optional[str], reason: Optional[str]) -> None:
    from cmos.core.status import BLOCKED, standard

    if standard(status) == BLOCKED and not (reason or "").strip():
        raise UsageError("Missing option '--reason': a Blocked mission needs a reason.")
    if reason is not None and standard(status) != BLOCKED:
        raise UsageError("'--reason' goes with '--status Blocked'.")


def _edit_text(edited: Edited) -> str:
    id, outcome = edited.mission.id, edited.outcome
    names = ", ".join("sprint" if name == "sprint_id" else name for name in edited.changed)
    texts = ["%s: %s changed." % (id, names)] if names else []
    if outcome is not None and not outcome.already:
        texts += ["%s is now %s." % (one.id, one.status) for one in outcome.changed]
    return " ".join(texts) or "%s is already like that; nothing changed." % id


def _by_editor(project: Project, mission_id: str, act: Act, as_json: bool) -> None:
    from cmos.actions import draft as drafts
    from cmos.cli.editor import edited
    from cmos.missions import find

    draft = drafts.draft(project, mission_id)
    content = edited(project, draft)
    if content != draft.content:
        drafts.put(project, draft, content, act)
    mission = find.find_mission(project.db, draft.mission.id)
    changed = [name for name in _EDITABLE if getattr(mission, name) != getattr(draft.mission, name)]
    text = "%s: %s." % (mission.id, "changed" if content != draft.content else "nothing changed")
    data = {"mission": mission, "changed": changed, "promoted": None}
    output.answer(data, [output.clean(text)], as_json=as_json)
