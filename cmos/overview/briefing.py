"""What an agent has to know before it begins, within a budget: ``context``."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Tuple

from cmos.core.models import NEEDED_BY
from cmos.core.record import NamedTuple
from cmos.core.status import COMPLETED, CURRENT, IN_PROGRESS
from cmos.core.text import Page, plain, shorten
from cmos.git.head import head, short
from cmos.journal import rows as journal_rows
from cmos.journal.rows import MemoryFilter, SessionFilter
from cmos.missionfile.sections import document_of, is_needed_first, sections
from cmos.missions import link_rows
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_mission, next_mission, place_of
from cmos.overview import items
from cmos.overview.overview import Overview, SprintLine, overview, text_at

if TYPE_CHECKING:
    from cmos.core.models import Entry, Mission
    from cmos.missions.choice import Actor
    from cmos.missions.find import Place
    from cmos.project.project import Project
    from cmos.search.rank import Hit

#: The newest of each list that are considered; ``cut`` counts what there is beyond them too.
_NEWEST = 30
#: Decisions and facts that the search adds, and pages that it finds.
_FOUND = 8
#: The newest of all of them, whatever they are about.
_RECENT = 10
#: Items of each list that come before any list gets more.
_FIRST = 3


class _Lists(NamedTuple):
    """A list with its most important items first, and how many there are in the project."""

    key: str
    items: List[Any]
    total: int


class _Work(NamedTuple):
    """The missions that an agent may be told to work on."""

    #: The one that it holds here.
    active: Optional[Mission]
    current: Optional[Mission]
    #: The one that a claim would take.
    free: Optional[Mission]
    #: The one that the document is about: the one that was asked for, else the active one, else the free one.
    at_hand: Optional[Mission]


def context(project: Project, by: Actor, *, budget: int, wanted: Optional[str] = None) -> Dict[str, Any]:
    """Return what an agent has to know as one JSON object of at most ``budget`` tokens.

    It is about the wanted mission, else the one that the agent holds, else the next one that is free. Its
    size and its time do not depend on the number of finished missions. Raises UnknownRecord.
    """
    seen = overview(project, recent=_RECENT)
    work = _work(project, seen, by, wanted)
    place = place_of(project, work.at_hand.id) if work.at_hand else None
    parts, lists = _parts(project, place), _lists(project, seen, work, place)
    merges = _merges(seen, lists)
    named = [("active_mission", work.active), ("current_mission", work.current), ("next_mission", seen.next)]
    if wanted is not None:
        named.insert(0, ("mission", work.at_hand))
    page = Page(
        {
            "generated_at": project.now,
            "project": shorten(seen.project, 40),
            **{key: items.id_of(one) for key, one in named},
            "mission_totals": {"total": seen.totals["total"]},
            **{one.key: [] for one in lists},
        },
        totals={"mission_text": len("\n".join(text for text, _ in parts)), **{one.key: one.total for one in lists}},
        budget=budget,
    )
    for key, mission in named:
        page.put(key, items.brief(mission) if mission == work.at_hand else items.short(mission))
    page.put("commands", merges + commands(work, is_work_left=seen.is_work_left))
    if seen.not_merged_here:
        page.put("not_merged_here", seen.not_merged_here[:_FOUND])
    _put_state(page, project, seen, work, place)
    _fill(page, parts, lists)
    _put_news(page, project, by)
    return page.done()


def _work(project: Project, seen: Overview, by: Actor, wanted: Optional[str]) -> _Work:
    found = next_mission(project, by).mission
    active = found if found is not None and found.status == IN_PROGRESS else None
    current = next((m for m in seen.open if m.status == CURRENT), None)
    free = found if active is None else None
    return _Work(active, current, free, find_mission(project.db, wanted) if wanted else found)


def _put_state(page: Page, project: Project, seen: Overview, work: _Work, place: Optional[Place]) -> None:
    page.put("mission_totals", seen.totals)
    if place is not None:
        page.put("mission_path", str(place))
    if work.at_hand is not None:
        sprint = work.at_hand.sprint_id
        page.put("sprint", plain(next((line for line in seen.sprints if line.sprint_id == sprint), None)))
    repository = project.layout.repository
    page.put("branch", short(head(repository).branch) if repository is not None else None)
    page.put("finished_sprints", sum(line.is_finished for line in seen.sprints))
    page.put("open_issues", seen.issues)


def _fill(page: Page, parts: List[Tuple[str, bool]], lists: List[_Lists]) -> None:
    """Fill the page: what the mission is for, some of each list, the rest of the mission, the rest of the lists."""
    texts = [text for text, _ in parts]
    first = sum(is_first for _, is_first in parts)
    page.put_parts("mission_text", texts[:first], first=first)
    for one in lists:
        page.extend(one.key, one.items, most=_FIRST)
    page.put_parts("mission_text", texts, first=first)
    for one in lists:
        page.extend(one.key, one.items, most=len(one.items))


def _put_news(page: Page, project: Project, by: Actor) -> None:
    """Say what others have done since this agent's last session."""
    last = journal_rows.list_sessions(project.db, SessionFilter(agent=by.agent), limit=1)
    if not last or not last[0].ts:
        return
    since = journal_rows.list_sessions(project.db, SessionFilter(since=last[0].ts), limit=_NEWEST)
    done = [one.mission_id for one in since if one.action == "complete" and one.agent != by.agent]
    commits = [one.mission_id or "" for one in since if one.action == "commit" and not one.is_merge]
    others = {one.id for one in mission_rows.get_many(project.db, commits).values() if one.agent != by.agent}
    news = {"ts": last[0].ts, "completed": done, "commits": sum(one in others for one in commits)}
    page.put("since_your_last_session", news)


def _merges(seen: Overview, lists: List[_Lists]) -> List[str]:
    """Return the merge that brings what the mission depends on; where no work is left, what is not here yet."""
    told = [one.get("not_merged_here") for of in lists if of.key == "depends_on" for one in of.items]
    told += [] if seen.is_work_left else [one["by"] for one in seen.not_merged_here]
    branches = [by.partition(" ") for by in told if by]
    found = dict.fromkeys("git merge %s" % quote(name) for kind, _, name in branches if kind == "branch")
    return list(found)[:_FIRST]


def commands(work: _Work, *, is_work_left: bool) -> List[str]:
    """Return the commands that fit the state, in the order of the work."""
    mission = work.active or work.at_hand
    is_others = mission is not None and mission != work.active and mission.status == IN_PROGRESS
    if mission is None and not is_work_left:
        return ["cmosctl status", "cmosctl mission add ID NAME"]
    if mission is None or mission.status == COMPLETED or is_others:
        return ["cmosctl mission next --claim --wait 600", "cmosctl status"]
    # an id that came from a file may hold anything, and this is there to be typed
    message, id = quote("%s: ..." % mission.id), quote(mission.id)
    claim = "cmosctl mission next --claim" if mission == work.free else "cmosctl mission start %s" % id
    return [
        *([] if work.active else [claim]),
        'cmosctl fact --kind finding --content "..."',
        'cmosctl decision --title "..." --rationale "..."',
        # in this order: one commit then has the work and the status
        'cmosctl mission complete %s --summary "..." && git add --all && git commit -m %s' % (id, message),
        'cmosctl mission block %s --reason "..."' % id,
    ]


def _lists(project: Project, seen: Overview, work: _Work, place: Optional[Place]) -> List[_Lists]:
    at_hand = work.at_hand
    others = [m for m in seen.open if m.status == IN_PROGRESS and m != work.active]
    decisions, facts = journal_rows.counts(project.db)
    sessions = journal_rows.count_sessions(project.db)
    recalled = _recalled(project, at_hand)
    notes = _notes(project, at_hand, recalled)
    questions = journal_rows.open_questions(project.db, limit=_NEWEST)
    pages = [hit for hit in recalled if hit.id is None and (place is None or hit.path != place.path)]
    signs = journal_rows.last_signs(project.db, [one.id for one in others[:_NEWEST]])
    nearby = _nearby(seen.sprints, at_hand)
    return [
        *_links(project, seen, at_hand),
        _Lists("open_questions", [items.question(one) for one in questions], len(questions)),
        _Lists("decisions", [items.note(*one) for one in notes if one[0].type == "decision"], decisions),
        _Lists("facts", [items.note(*one) for one in notes if one[0].type == "fact"], facts),
        _Lists("related_pages", ["%s:%s  %s" % (p.path, p.line or 1, shorten(p.title, 60)) for p in pages], len(pages)),
        _Lists("in_progress", [items.holder(one, signs, project.now) for one in others[:_NEWEST]], len(others)),
        _Lists("blocked", [items.short(one) for one in seen.blocked[:_NEWEST]], len(seen.blocked)),
        _Lists("sprints", shorten(plain(nearby), items.WORDS), sum(not line.is_finished for line in seen.sprints)),
        _Lists("recent_sessions", [items.session(one) for one in seen.recent_sessions[::-1]], sessions),
    ]


def _nearby(sprints: List[SprintLine], mission: Optional[Mission]) -> List[SprintLine]:
    """Return the unfinished sprints, the one at work first, then those after it, then the one before."""
    names = [line.sprint_id for line in sprints]
    here = names.index(mission.sprint_id) if mission is not None and mission.sprint_id in names else 0
    before = sprints[max(here - 1, 0) : here]
    return [line for line in sprints[here : here + _NEWEST] if not line.is_finished] + before


def _recalled(project: Project, mission: Optional[Mission]) -> List[Hit]:
    """Return the decisions, facts and pages that fit the mission's objective best."""
    if mission is None:
        return []
    from cmos.search.search import recall

    asked = mission.objective or mission.name or ""
    return recall(project, asked, limit=2 * _FOUND, kinds=("decision", "fact", "doc", "research"))


def _parts(project: Project, place: Optional[Place]) -> List[Tuple[str, bool]]:
    """Return the fields of the mission's file or row, and whether each is needed first."""
    text = text_at(project, place) or ""
    if place is not None and place.line is None:
        own = document_of(text, place.file_id)
        text = own if any(map(is_needed_first, sections(own))) else text
    return [(one.text, is_needed_first(one)) for one in sections(text)]


def _links(project: Project, seen: Overview, mission: Optional[Mission]) -> Iterable[_Lists]:
    """Return what the mission waits for, what waits for it, and its other links as they were given."""
    from cmos.actions.elsewhere import unmerged

    found = link_rows.dependencies(project.db, mission.id) if mission is not None else []
    blocks = [one for one in found if one.blocks]
    before = [one.from_id for one in blocks if mission and one.to_id == mission.id]
    after = [one.to_id for one in blocks if mission and one.from_id == mission.id]
    others = [plain(one) for one in found if one not in blocks]
    free = {one.from_id for one in blocks if one.type == NEEDED_BY}
    known = mission_rows.get_many(project.db, (before + after)[: 2 * _NEWEST])
    # an entry of a mission's own list need not name a mission
    before = [one for one in before if one in known or one not in free]
    said = journal_rows.summaries(project.db, [one for one in before if one in known][:_NEWEST])
    carried = {one["mission_id"]: one["by"] for one in seen.not_merged_here}
    there = unmerged(project, [known[one] for one in before if one in known], carried)
    for key, ids in (("depends_on", before), ("needed_by", after)):
        told = {one: dict(items.short(known[one]), **said.get(one, {})) for one in ids[:_NEWEST] if one in known}
        for one in set(told) & set(there):
            told[one]["not_merged_here"] = there[one]
        yield _Lists(key, [told.get(one, {"id": one}) for one in ids[:_NEWEST]], len(ids))
    yield _Lists("other_links", shorten(others[:_NEWEST], items.WORDS), len(others))


def _notes(project: Project, mission: Optional[Mission], recalled: List[Hit]) -> List[Tuple[Entry, str]]:
    """Return decisions and facts with why each matters: of the mission, of its sprint, found by search, the newest."""
    found: Dict[Tuple[str, int], Tuple[Entry, str]] = {}
    tiers: List[Tuple[str, Iterable[Entry]]] = []
    if mission is not None:
        tiers.append(("mission", journal_rows.entries(project.db, MemoryFilter(mission_id=mission.id), limit=_NEWEST)))
        if mission.sprint_id is not None:
            tiers.append(
                ("sprint", journal_rows.entries(project.db, MemoryFilter(sprints=[mission.sprint_id]), limit=_NEWEST))
            )
        hits = [(hit.kind, hit.id) for hit in recalled if hit.id is not None]
        tiers.append(("search", journal_rows.entries_by_id(project.db, hits)))
    tiers.append(("newest", journal_rows.last_recorded(project.db, limit=_RECENT)))
    for why, entries in tiers:
        for entry in entries:
            if (entry.kind or "").casefold() != "status":
                found.setdefault((entry.type, entry.id), (entry, why))
    return list(found.values())
