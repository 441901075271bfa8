"""What an agent has to know before it begins, within a budget: ``context``."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from cmos.core.status import CURRENT, IN_PROGRESS
from cmos.core.text import Page, plain, shorten
from cmos.journal import rows as journal_rows
from cmos.journal.rows import MemoryFilter
from cmos.missions import lifecycle
from cmos.missions import rows as mission_rows
from cmos.missions.find import path_of
from cmos.overview.overview import Overview, overview, text_in

if TYPE_CHECKING:
    from cmos.core.models import Entry, Mission, Session
    from cmos.project.project import Project

#: The newest of each list that are considered; ``cut`` counts what there is beyond them too.
_NEWEST = 30
#: Decisions and facts that the search adds.
_FOUND = 8
#: The newest of all of them, whatever they are about.
_RECENT = 10
#: Finished sprints that are named; of the others there is the number.
_FINISHED = 2
#: Bytes of a summary, a rationale or a reason.
_WORDS = 300
#: Of what is left, how much the text of the mission's file takes before the lists get theirs.
_TEXT_SHARE = 0.6
#: Items of each list that come before any list gets more.
_FIRST = 3


class _Lists(NamedTuple):
    """A list with its most important items first, and how many there are in the project."""

    key: str
    items: List[Any]
    total: int


def context(project: Project, *, agent: str, budget: int) -> Dict[str, Any]:
    """Return what an agent has to know as one JSON object of at most ``budget`` tokens.

    Its size and its time do not depend on the number of finished missions.
    """
    seen = overview(project, recent=_NEWEST)
    active = lifecycle.current([m for m in seen.open if m.status == IN_PROGRESS], agent=agent)
    current = next((m for m in seen.open if m.status == CURRENT), None)
    at_hand = active or current or seen.next
    lists, text = _lists(project, seen, active, at_hand), _text(project, at_hand)
    named = [("active_mission", active), ("current_mission", current), ("next_mission", seen.next)]
    page = Page(
        {
            "generated_at": project.now,
            "project": shorten(seen.project, 40),
            **{key: _id(one) for key, one in named},
            "mission_totals": {"total": seen.totals["total"]},
            **{one.key: [] for one in lists},
        },
        totals={"mission_text": len(text), **{one.key: one.total for one in lists}},
        budget=budget,
    )
    for key, mission in named:  # the one at hand is the first that there is
        page.put(key, _brief(mission))
    _put_state(page, project, seen, at_hand)
    _fill(page, text, lists)
    return page.done()


def _put_state(page: Page, project: Project, seen: Overview, at_hand: Optional[Mission]) -> None:
    page.put("mission_totals", seen.totals)
    page.put("commands", commands(at_hand.id if at_hand else "ID"))
    if at_hand is not None:
        page.put("mission_path", path_of(project, at_hand.id))
        line = next((line for line in seen.sprints if line.sprint_id == at_hand.sprint_id), None)
        page.put("sprint", plain(line))
    page.put("finished_sprints", sum(line.is_finished for line in seen.sprints))
    page.put("open_issues", seen.issues)


def _fill(page: Page, text: str, lists: List[_Lists]) -> None:
    if text:
        page.put_text("mission_text", text, share=_TEXT_SHARE)
    for one in lists:
        page.extend(one.key, one.items, most=_FIRST)
    if text:
        page.put_text("mission_text", text)
    for one in lists:
        page.extend(one.key, one.items, most=len(one.items))


def commands(mission_id: str) -> List[str]:
    """Return the five commands that an agent needs."""
    # an id that came from a file may hold anything, and this is there to be typed
    message, mission_id = quote("%s: ..." % mission_id), quote(mission_id)
    return [
        "cmosctl mission next --claim",
        'cmosctl fact --kind finding --content "..."',
        'cmosctl decision --title "..." --rationale "..."',
        # in this order: one commit then has the work and the status
        'cmosctl mission complete %s --summary "..." && git add --all && git commit -m %s' % (mission_id, message),
        'cmosctl mission block %s --reason "..."' % mission_id,
    ]


def _lists(project: Project, seen: Overview, active: Optional[Mission], at_hand: Optional[Mission]) -> List[_Lists]:
    others = [m for m in seen.open if m.status == IN_PROGRESS and m is not active]
    unfinished = [line for line in seen.sprints if not line.is_finished]
    finished = [line for line in seen.sprints if line.is_finished][::-1]
    decisions, facts = journal_rows.counts(project.db)
    notes = _notes(project, at_hand)
    return [
        *_links(project, at_hand),
        _Lists("decisions", [_note(*one) for one in notes if one[0].type == "decision"], decisions),
        _Lists("facts", [_note(*one) for one in notes if one[0].type == "fact"], facts),
        _Lists(
            "recent_sessions",
            [_session(one) for one in seen.recent_sessions[::-1]],
            journal_rows.count_sessions(project.db),
        ),
        _Lists("in_progress", [_short(one) for one in others[:_NEWEST]], len(others)),
        _Lists("blocked", [_short(one) for one in seen.blocked[:_NEWEST]], len(seen.blocked)),
        _Lists(
            "sprints",
            shorten(plain(unfinished[:_NEWEST] + finished[:_FINISHED]), _WORDS),
            len(unfinished) + len(finished[:_FINISHED]),
        ),
    ]


def _links(project: Project, mission: Optional[Mission]) -> Iterable[_Lists]:
    """Return what the mission waits for, what waits for it, and its other links as they were given."""
    found = mission_rows.dependencies(project.db, mission.id) if mission is not None else []
    blocks = [one for one in found if (one.type or "").casefold() == "blocks"]
    before = [one.from_id for one in blocks if mission and one.to_id == mission.id]
    after = [one.to_id for one in blocks if mission and one.from_id == mission.id]
    others = [plain(one) for one in found if one not in blocks]
    known = mission_rows.get_many(project.db, (before + after)[: 2 * _NEWEST])
    for key, ids in (("depends_on", before), ("needed_by", after)):
        yield _Lists(key, [_short(known[one]) if one in known else {"id": one} for one in ids[:_NEWEST]], len(ids))
    yield _Lists("other_links", shorten(others[:_NEWEST], _WORDS), len(others))


def _notes(project: Project, mission: Optional[Mission]) -> List[Tuple[Entry, str]]:
    """Return decisions and facts with why each matters: of the mission, of its sprint, found by search, the newest."""
    found: Dict[Tuple[str, int], Tuple[Entry, str]] = {}
    tiers: List[Tuple[str, Iterable[Entry]]] = []
    if mission is not None:
        tiers.append(("mission", journal_rows.entries(project.db, MemoryFilter(mission_id=mission.id), limit=_NEWEST)))
        if mission.sprint_id is not None:
            tiers.append(
                ("sprint", journal_rows.entries(project.db, MemoryFilter(sprints=[mission.sprint_id]), limit=_NEWEST))
            )
        tiers.append(("search", _recalled(project, mission)))
    tiers.append(("newest", journal_rows.last_recorded(project.db, limit=_RECENT)))
    for why, entries in tiers:
        for entry in entries:
            if (entry.kind or "").casefold() != "status":
                found.setdefault((entry.type, entry.id), (entry, why))
    return list(found.values())


def _recalled(project: Project, mission: Mission) -> List[Entry]:
    from cmos.search.search import recall

    asked = mission.objective or mission.name or ""
    hits = [(hit.kind, hit.id) for hit in recall(project, asked, limit=_FOUND) if hit.id is not None]
    return journal_rows.entries_by_id(project.db, hits)


def _text(project: Project, mission: Optional[Mission]) -> str:
    path = path_of(project, mission.id) if mission is not None else None
    return (text_in(project, path) or "") if path is not None else ""


def _id(mission: Optional[Mission]) -> Optional[Dict[str, Any]]:
    return shorten({"id": mission.id}, 20) if mission is not None else None


def _brief(mission: Optional[Mission]) -> Optional[Dict[str, Any]]:
    names = ("id", "name", "sprint_id", "status", "objective", "agent", "started_at", "blocked_reason", "notes")
    return _fields(mission, names) if mission is not None else None


def _short(mission: Mission) -> Any:
    return shorten(_fields(mission, ("id", "name", "status", "agent", "started_at", "blocked_reason")), _WORDS)


def _fields(mission: Mission, names: Iterable[str]) -> Dict[str, Any]:
    return {name: getattr(mission, name) for name in names if getattr(mission, name) is not None}


def _session(session: Session) -> Any:
    names = ("ts", "mission_id", "action", "agent", "summary")
    return shorten({name: getattr(session, name) for name in names}, _WORDS)


def _note(entry: Entry, why: str) -> Any:
    told: Dict[str, Any] = {"ts": entry.ts, "mission_id": entry.mission_id}
    if entry.type == "decision":
        told.update(title=entry.text, rationale=entry.rationale)
    else:
        told.update(kind=entry.kind, content=entry.text)
    return shorten({key: value for key, value in dict(told, because=why).items() if value is not None}, _WORDS)
