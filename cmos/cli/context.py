"""``cmosctl context``: what an agent has to know, within a budget."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import click

from cmos.cli import output
from cmos.cli.options import agent_option, json_option, open_here, who

_DEFAULT_BUDGET = 2000
#: Less holds no more than names.
_LEAST = 250


@click.command()
@click.option(
    "--budget", type=click.IntRange(min=_LEAST), default=_DEFAULT_BUDGET, show_default=True, metavar="TOKENS",
    help="At most so many tokens, at four bytes each.",
)  # fmt: skip
@click.option(
    "--format", type=click.Choice(("json", "md")), default="json", show_default=True, help="JSON, or md for people."
)
@agent_option
@json_option
def context(budget: int, format: str, agent: Optional[str], as_json: bool) -> None:
    """Print what an agent has to know before it begins: the mission at hand and what matters to it.

    What does not fit the budget is left out, the least important first, and counted under "cut". The size
    does not grow with the project. With --json, the object is wrapped like all others.
    """
    from cmos.core.text import within
    from cmos.overview import briefing

    with open_here() as ws:
        if format == "json" or as_json:
            output.print_context(briefing.context(ws, agent=who(agent), budget=budget), wrapped=as_json)
            return
        output.show(within(lambda some: page(briefing.context(ws, agent=who(agent), budget=some)), budget))


def page(data: Dict[str, Any]) -> str:
    """Return the document as Markdown."""
    lines = ["# %s" % output.one_line(data["project"])]
    for title, key in (("In progress", "active_mission"), ("Current", "current_mission"), ("Next", "next_mission")):
        if data[key]:
            lines += ["", "**%s:** %s" % (title, _mission(data[key]))]
    for title, key in _PARTS:
        items = [output.one_line(_item(one)) for one in data.get(key, ())]
        left = data["cut"].get(key)
        more = ["- and %d more" % left] if left else []
        if items or more:
            lines += ["", "## %s" % title, "", *("- " + item for item in items), *more]
    if data.get("commands"):
        lines += ["", "## Commands", "", "```sh", *map(output.clean, data["commands"]), "```"]
    return "\n".join(lines + _text(data))


_PARTS = (
    ("Depends on", "depends_on"),
    ("Needed by", "needed_by"),
    ("Other links", "other_links"),
    ("Decisions", "decisions"),
    ("Facts", "facts"),
    ("Also in progress", "in_progress"),
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


def _mission(mission: Dict[str, Any]) -> str:
    named = "%s %s" % (mission["id"], mission.get("name", ""))
    return output.one_line("%s. %s" % (named.strip(), mission.get("objective", "")))


def _item(item: Dict[str, Any]) -> str:
    if "total" in item:
        return "%s: %d of %d done. %s" % (item["sprint_id"], item["done"], item["total"], item["title"] or "")
    if "title" in item:
        why = ": %s" % item["rationale"] if "rationale" in item else ""
        return "%s%s (%s)" % (item["title"], why, item.get("mission_id") or item.get("ts"))
    names = ("ts", "kind", "from_id", "type", "to_id", "id", "mission_id", "name", "status", "action", "agent")
    words = [str(item[name]) for name in (*names, "content", "summary", "blocked_reason") if item.get(name)]
    return " ".join(words)
