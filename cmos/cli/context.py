"""``cmosctl context``: what an agent needs to know."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, Integer, argument, command, option
from cmos.cli.base.options import actor, agent_option, json_option, open_here

_DEFAULT_BUDGET = 2000
#: Less holds no more than names.
_LEAST = 250


@command()
@option(
    "--budget", type=Integer(min=_LEAST), default=_DEFAULT_BUDGET, show_default=True, metavar="TOKENS",
    help="The most tokens to print, at four bytes each.",
)  # fmt: skip
@argument("mission_id", metavar="[ID]", required=False)
@option(
    "--format", type=Choice(("json", "md")), default="json", show_default=True, help="json, or md for Markdown."
)
@option("--hook", is_flag=True, help="For the hook of an agent: outside of a project, print nothing and exit 0.")
@agent_option
@json_option
def context(
    mission_id: Optional[str], budget: int, format: str, hook: bool, agent: Optional[str], as_json: bool
) -> None:
    """Print what an agent needs to know before it starts: its mission, and what matters to that mission.

    Without an ID: the mission that you hold in this worktree, else the next one that is free. What
    exceeds the budget is left out, least important first, and counted under "cut". The size does not
    grow with the project. --json wraps the object as in every other command.
    """
    from cmos.core.errors import NotAProject
    from cmos.core.text import within
    from cmos.overview import briefing

    try:
        with open_here() as project:
            by = actor(project, agent)
            if format == "json" or as_json:
                found = briefing.context(project, by, budget=budget, wanted=mission_id)
                output.print_context(found, wrapped=as_json)
                return
            text = within(lambda some: page(briefing.context(project, by, budget=some, wanted=mission_id)), budget)
            output.show(*_to_wrap(text))
    except NotAProject:
        if not hook:
            raise


def _to_wrap(text: str) -> Iterator[str]:
    """Yield the lines of a page, what stands between fences in one: it stays as it is on a narrow screen too."""
    inside: List[str] = []
    for line in text.split("\n"):
        if inside or line.startswith("```"):
            inside.append(line)
            # a text that holds a fence stands between longer ones
            if len(inside) > 1 and line == "`" * inside[0].count("`"):
                yield "\n".join(inside)
                inside = []
        else:
            yield line
    if inside:
        yield "\n".join(inside)


def page(data: Dict[str, Any]) -> str:
    """Return the document as Markdown."""
    lines = ["# %s" % output.one_line(data["project"])]
    for title, key in _MISSIONS:
        if data.get(key):
            lines += ["", "**%s:** %s" % (title, _mission_part(data[key]))]
    lines += _text(data)
    for title, key in _PARTS:
        items = [output.one_line(_item(one)) for one in data.get(key, ())]
        left = data["cut"].get(key)
        more = ["- and %d more" % left] if left else []
        if items or more:
            lines += ["", "## %s" % title, "", *("- " + item for item in items), *more]
    if data.get("commands"):
        lines += ["", "## Commands", "", "```sh", *map(output.clean, data["commands"]), "```"]
    news = data.get("since_your_last_session")
    if news and (news["completed"] or news["commits"]):
        done = ", ".join(filter(None, news["completed"])) or "none"
        text = "Since your last session (%s): completed by others: %s; commits: %d"
        lines += ["", output.one_line(text % (news["ts"], done, news["commits"]))]
    there = ", ".join("%(mission_id)s (%(by)s)" % one for one in data.get("not_merged_here", ()))
    lines += ["", output.one_line("Not merged here: %s" % there)] if there else []
    return "\n".join(lines + ["", "Branch: %s" % output.one_line(data["branch"])] if data.get("branch") else lines)


_MISSIONS = (
    ("Asked for", "mission"),
    ("Yours", "active_mission"),
    ("Current", "current_mission"),
    ("Next", "next_mission"),
)
_PARTS = (
    ("Depends on", "depends_on"),
    ("Needed by", "needed_by"),
    ("Other links", "other_links"),
    ("Open questions", "open_questions"),
    ("Decisions", "decisions"),
    ("Facts", "facts"),
    ("Pages about it", "related_pages"),
    ("In progress by others", "in_progress"),
    ("Blocked", "blocked"),
    ("Sprints", "sprints"),
    ("Recent sessions", "recent_sessions"),
)


def _text(data: Dict[str, Any]) -> List[str]:
    text = data.get("mission_text")
    if not text:
        return []
    fence = "```"
    while fence in text:
        fence += "`"
    left = data["cut"].get("mission_text")
    note = ["", "%d characters of it are left out here." % left] if left else []
    title = output.one_line(data.get("mission_path") or "The mission's file")
    return ["", "## %s" % title, "", fence + "yaml", output.clean(text, lines=True).rstrip("\n"), fence, *note]


def _mission_part(mission: Dict[str, Any]) -> str:
    named = "%s %s" % (mission["id"], mission.get("name", ""))
    return output.one_line("%s. %s" % (named.strip(), mission.get("objective", "")))


def _item(item: Any) -> str:
    if isinstance(item, str):
        return item
    if "total" in item:
        return "%s: %d of %d done. %s" % (item["sprint_id"], item["done"], item["total"], item["title"] or "")
    if "title" in item:
        why = ": %s" % item["rationale"] if "rationale" in item else ""
        about = item.get("mission_id") or item.get("ts")
        return "%s%s%s" % (item["title"], why, " (%s)" % about if about else "")
    if "status" in item:
        return _mission_item(item)
    names = ("ts", "kind", "from_id", "type", "to_id", "id", "mission_id", "action", "agent", "content", "summary")
    return " ".join(str(item[name]) for name in names if item.get(name))


def _mission_item(item: Dict[str, Any]) -> str:
    """Return a mission, then what is to be known of it, then what was said when it was completed."""
    there = item.get("not_merged_here")
    by = item.get("completed_by") or item.get("agent")
    known = [
        "not merged here: %s" % there if there else "",
        item["status"] + (" by %s" % by if by else ""),
        "in worktree %s" % item["worktree"] if item.get("worktree") not in (None, ".") else "",
        "last sign: %s" % item["last_sign"] if item.get("last_sign") else "",
    ]
    named = "%s %s (%s)" % (item["id"], item.get("name", ""), ", ".join(filter(None, known)))
    said = item.get("summary") or item.get("blocked_reason")
    return "%s: %s" % (named, said) if said else named
