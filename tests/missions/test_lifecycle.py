"""The lifecycle: what holds after any sequence of commands, and the rules one by one."""

from __future__ import annotations

import json
from typing import Dict, FrozenSet, List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmos.core.errors import CmosError, InvalidValue, NeedsPerson
from cmos.core.models import Mission
from cmos.missions import lifecycle
from cmos.missions.choice import Actor, Board
from cmos.missions.lifecycle import Outcome

NOW = "2026-01-31T09:30:00Z"
HERE = "."
LATER = "2026-02-01T10:00:00Z"


class World:
    """Missions in backlog order, and the commands applied to them as the service does."""

    def __init__(self, missions: List[Mission], waiting: FrozenSet[str] = frozenset()) -> None:
        self.missions: Dict[str, Mission] = {mission.id: mission for mission in missions}
        self.waiting = waiting

    def board(self) -> Board:
        everything = list(self.missions.values())
        return Board(
            tuple(m for m in everything if m.status in ("Current", "In Progress")),
            iter([m for m in everything if m.status == "Queued"]),
            self.waiting,
        )

    def take(self, outcome: Optional[Outcome]) -> Optional[Outcome]:
        for mission in outcome.changed if outcome else ():
            self.missions[mission.id] = mission
        return outcome

    def apply(self, verb: str, mission_id: str, agent: str) -> Optional[Outcome]:
        target, board = self.missions[mission_id], self.board()
        if verb == "complete":
            return self.take(lifecycle.complete(target, board, now=NOW, by=Actor(agent, HERE)))
        if verb == "block":
            return self.take(lifecycle.block(target, board, now=NOW, by=Actor(agent, HERE), reason="no key"))
        if verb == "start":
            return self.take(lifecycle.start(target, board, now=NOW, by=Actor(agent, HERE)))
        if verb == "claim":
            return self.take(lifecycle.claim(board, now=NOW, by=Actor(agent, HERE), another=True))
        if verb == "release":
            return self.take(lifecycle.release(target, board, now=NOW, by=Actor(agent, HERE)))
        return self.take(lifecycle.move(target, board, status=verb, now=NOW, by=Actor(agent, HERE)))

    def statuses(self) -> Dict[str, str]:
        return {mission.id: mission.status for mission in self.missions.values()}


def queued(*ids: str) -> List[Mission]:
    return [Mission(id, name="the %s" % id) for id in ids]


IDS = ["B%d.%d" % (sprint, place) for sprint in (1, 2) for place in (1, 2, 3)]
STATUSES = st.sampled_from(["Queued", "In Progress", "Completed", "Blocked", "Deferred", "Paused"])
VERBS = st.sampled_from(["complete", "block", "start", "claim", "release", "Queued", "Current", "Deferred"])
STEPS = st.lists(st.tuples(VERBS, st.sampled_from(IDS), st.sampled_from(["ada", "claude"])), max_size=25)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    missions = []
    for id in IDS:
        status = draw(STATUSES)
        missions.append(Mission(id, status=status, completed_at=NOW if status == "Completed" else None))
    return World(missions, frozenset(draw(st.sets(st.sampled_from(IDS)))))


@given(worlds(), STEPS)
def test_no_sequence_of_commands_leaves_two_missions_current(world: World, steps) -> None:
    for verb, id, agent in steps:
        try:
            world.apply(verb, id, agent)
        except CmosError:
            continue
        assert list(world.statuses().values()).count("Current") <= 1


@given(worlds(), STEPS)
def test_completed_and_its_time_go_together(world: World, steps) -> None:
    for verb, id, agent in steps:
        try:
            world.apply(verb, id, agent)
        except CmosError:
            continue
        for mission in world.missions.values():
            assert (mission.status == "Completed") == bool(mission.completed_at)
            assert (mission.status == "In Progress") or not mission.started_at or mission.status != "Queued"
            assert mission.blocked_reason is None or mission.status == "Blocked"


@given(worlds(), STEPS, st.sampled_from(IDS))
def test_completing_twice_changes_nothing_the_second_time(world: World, steps, id: str) -> None:
    for verb, other, agent in steps:
        try:
            world.apply(verb, other, agent)
        except CmosError:
            continue
    world.apply("complete", id, "human")
    before = dict(world.missions)
    outcome = lifecycle.complete(world.missions[id], world.board(), now=LATER, by=Actor("claude", HERE), notes="again")
    assert outcome.already and not outcome.changed and outcome.session is None and outcome.promoted is None
    assert world.missions == before


@given(worlds())
def test_claims_never_give_one_mission_twice_nor_one_that_waits(world: World) -> None:
    taken = []
    while True:
        before = world.statuses()
        outcome = world.apply("claim", IDS[0], "ada")
        if outcome is None:
            break
        assert before[outcome.mission.id] in ("Queued", "Current")
        assert outcome.mission.id not in world.waiting
        taken.append(outcome.mission.id)
    assert len(taken) == len(set(taken))
    assert not [id for id, status in world.statuses().items() if status == "Queued" and id not in world.waiting]


@given(worlds(), STEPS, st.lists(st.sampled_from([None, NOW, LATER, "1999", "junk"]), min_size=6, max_size=6))
def test_the_order_does_not_depend_on_times(world: World, steps, times) -> None:
    other = World(
        [m._replace(created_at=t, started_at=t) for m, t in zip(world.missions.values(), times)], world.waiting
    )
    for verb, id, agent in steps:
        for one in (world, other):
            try:
                one.apply(verb, id, agent)
            except CmosError:
                pass
        assert world.statuses() == other.statuses()


@given(worlds(), STEPS)
def test_a_deferred_or_odd_status_is_never_promoted(world: World, steps) -> None:
    for verb, id, agent in steps:
        before = world.statuses()
        try:
            outcome = world.apply(verb, id, agent)
        except CmosError:
            continue
        if outcome and outcome.promoted:
            assert before[outcome.promoted.id] == "Queued"


def test_completing_makes_the_next_queued_mission_current() -> None:
    world = World(queued("B1.1", "B1.2", "B1.3"))
    world.apply("start", "B1.1", "ada")
    outcome = world.apply("complete", "B1.1", "ada")
    assert world.statuses() == {"B1.1": "Completed", "B1.2": "Current", "B1.3": "Queued"}
    assert outcome.promoted.id == "B1.2"
    assert outcome.session.action == "complete"
    assert json.loads(outcome.session.details) == {"was": "In Progress", "promoted": "B1.2"}


def test_nothing_is_promoted_while_another_mission_is_open() -> None:
    world = World(queued("B1.1", "B1.2", "B1.3"))
    world.apply("start", "B1.2", "ada")
    assert world.apply("complete", "B1.1", "ada").promoted is None
    assert world.statuses()["B1.3"] == "Queued"


def test_with_nothing_queued_in_the_board_nothing_is_promoted() -> None:
    world = World(queued("B1.1", "B1.2"))
    board = world.board()._replace(queued=())
    assert lifecycle.complete(world.missions["B1.1"], board, now=NOW, by=Actor("ada", HERE)).promoted is None


def test_a_mission_that_waits_is_passed_over() -> None:
    world = World(queued("B1.1", "B1.2", "B1.3"), frozenset(["B1.2"]))
    outcome = world.apply("complete", "B1.1", "ada")
    assert outcome.promoted.id == "B1.3" and outcome.warnings == ()


def test_when_all_wait_the_first_is_taken_with_a_warning() -> None:
    world = World(queued("B1.1", "B1.2", "B1.3"), frozenset(["B1.2", "B1.3"]))
    outcome = world.apply("complete", "B1.1", "ada")
    assert outcome.promoted.id == "B1.2"
    assert "every queued mission waits" in outcome.warnings[0]


def test_the_queue_is_read_no_further_than_needed() -> None:
    def endless():
        yield from queued("B1.2")
        raise AssertionError("read on")

    board = Board(queued=endless())
    assert lifecycle.complete(Mission("B1.1"), board, now=NOW, by=Actor("ada", HERE)).promoted.id == "B1.2"


def test_a_completed_mission_without_a_time_gets_one() -> None:
    outcome = lifecycle.complete(Mission("B1.1", status="Completed"), Board(), now=NOW, by=Actor("ada", HERE))
    assert not outcome.already and outcome.mission.completed_at == NOW


def test_completing_keeps_in_the_log_what_the_row_loses() -> None:
    target = Mission("B1.1", status="Blocked", blocked_reason="no key", notes="old words")
    outcome = lifecycle.complete(target, Board(), now=NOW, by=Actor("ada", HERE), notes="new words")
    assert outcome.mission.notes == "new words" and outcome.mission.blocked_reason is None
    details = json.loads(outcome.session.details)
    assert details["notes_before"] == "old words" and details["blocked_reason_before"] == "no key"
    assert outcome.session.summary == "new words"


def test_blocking_keeps_the_reason_and_promotes() -> None:
    world = World(queued("B1.1", "B1.2"))
    world.apply("start", "B1.1", "ada")
    outcome = world.apply("block", "B1.1", "ada")
    blocked = world.missions["B1.1"]
    assert (blocked.status, blocked.blocked_reason, blocked.agent) == ("Blocked", "no key", None)
    assert (outcome.session.action, outcome.session.summary) == ("blocked", "no key")
    assert world.statuses()["B1.2"] == "Current"
    assert world.apply("block", "B1.1", "ada").already


def test_blocking_without_a_reason_is_refused() -> None:
    with pytest.raises(InvalidValue):
        lifecycle.block(Mission("B1.1"), Board(), now=NOW, by=Actor("ada", HERE), reason="  ")


def test_a_blocked_mission_is_taken_up_again() -> None:
    world = World(queued("B1.1"))
    world.apply("block", "B1.1", "ada")
    outcome = world.apply("start", "B1.1", "claude")
    taken = world.missions["B1.1"]
    assert (taken.status, taken.agent, taken.started_at, taken.blocked_reason) == ("In Progress", "claude", NOW, None)
    assert json.loads(outcome.session.details)["blocked_reason_before"] == "no key"


@pytest.mark.parametrize("verb", ["start", "block"])
def test_what_is_completed_is_not_begun_again_by_the_way(verb: str) -> None:
    world = World([Mission("B1.1", status="Completed", completed_at=NOW)])
    with pytest.raises(NeedsPerson) as caught:
        world.apply(verb, "B1.1", "ada")
    assert "--status Queued" in caught.value.hint


def test_starting_what_another_agent_is_at_is_refused() -> None:
    world = World(queued("B1.1"))
    world.apply("start", "B1.1", "ada")
    assert world.apply("start", "B1.1", "ada").already
    with pytest.raises(NeedsPerson, match="ada has had it"):
        world.apply("start", "B1.1", "claude")


@given(worlds(), STEPS)
def test_no_agent_ends_what_another_holds_unless_it_takes_it(world: World, steps) -> None:
    for verb, id, agent in steps:
        held = world.missions[id]
        is_others = held.status == "In Progress" and held.agent not in (None, agent)
        try:
            outcome = world.apply(verb, id, agent)
        except CmosError:
            continue
        if is_others and verb in ("complete", "block", "start", "release"):
            assert not outcome.changed


@pytest.mark.parametrize("verb", ["complete", "block", "start", "release"])
def test_what_another_agent_holds_is_acted_on_by_whoever_takes_it_and_by_a_person(verb: str) -> None:
    target = Mission("B1.1", status="In Progress", agent="ada", worktree=HERE, started_at=NOW)
    act = getattr(lifecycle, verb)
    more = {"reason": "no key"} if verb == "block" else {}
    with pytest.raises(NeedsPerson, match="ada has had it since %s" % NOW) as caught:
        act(target, Board(), now=LATER, by=Actor("claude", HERE), **more)
    assert "--take" in caught.value.hint
    for by in (Actor("claude", HERE, takes=True), Actor("human", HERE)):
        outcome = act(target, Board(), now=LATER, by=by, **more)
        assert outcome.warnings == ("B1.1 was held by ada since %s" % NOW,)
        if outcome.session is not None:
            assert json.loads(outcome.session.details)["taken_from"] == "ada"


def test_whoever_holds_one_here_gets_it_back_and_a_further_one_only_on_request() -> None:
    world = World(queued("B1.1", "B1.2"))
    assert world.apply("claim", "B1.1", "ada").mission.id == "B1.1"
    again = lifecycle.claim(world.board(), now=LATER, by=Actor("ada", HERE))
    assert again.already and again.mission.id == "B1.1" and again.mission.started_at == NOW
    assert lifecycle.claim(world.board(), now=LATER, by=Actor("ada", "other")).mission.id == "B1.2"
    assert lifecycle.claim(world.board(), now=LATER, by=Actor("ada", HERE), another=True).mission.id == "B1.2"


def test_a_claim_that_came_through_git_is_nobodys() -> None:
    world = World([Mission("B1.1", status="In Progress"), *queued("B1.2")])
    assert world.apply("claim", "B1.1", "ada").mission.id == "B1.2"
    assert world.apply("complete", "B1.1", "ada").warnings == ()


def test_a_claim_of_ones_own_in_another_worktree_stays_there_unless_it_is_taken() -> None:
    target = Mission("B1.1", status="In Progress", agent="ada", worktree="other", started_at=NOW)
    kept = lifecycle.start(target, Board(), now=LATER, by=Actor("ada", HERE))
    assert kept.already and "another worktree, other" in kept.warnings[0]
    moved = lifecycle.start(target, Board(), now=LATER, by=Actor("ada", HERE, takes=True))
    assert (moved.mission.worktree, moved.mission.started_at) == (HERE, LATER)


def test_a_claim_remembers_the_run() -> None:
    outcome = lifecycle.start(Mission("B1.1"), Board(), now=NOW, by=Actor("ada", HERE, run="r1"))
    assert json.loads(outcome.session.details) == {"was": "Queued", "run": "r1"}


def test_a_released_mission_comes_next_unless_another_does() -> None:
    world = World(queued("B1.1", "B1.2"))
    world.apply("start", "B1.1", "ada")
    assert world.apply("release", "B1.1", "ada").mission.status == "Current"
    world.apply("start", "B1.2", "ada")
    assert world.apply("release", "B1.2", "ada").mission.status == "Queued"
    assert world.missions["B1.2"].agent is None and world.apply("release", "B1.2", "ada").already


@pytest.mark.parametrize("status", ["Completed", "Blocked", "Deferred"])
def test_what_nobody_holds_is_not_released(status: str) -> None:
    with pytest.raises(NeedsPerson) as caught:
        lifecycle.release(Mission("B1.1", status=status), Board(), now=NOW, by=Actor("ada", HERE))
    assert "--status Queued" in caught.value.hint


def test_starting_what_nobody_claimed_takes_it() -> None:
    world = World([Mission("B1.1", status="In Progress")])
    assert world.apply("start", "B1.1", "ada").mission.agent == "ada"


def test_a_mission_that_is_current_stays_current_when_another_is_started() -> None:
    world = World([Mission("B1.1", status="Current"), *queued("B1.2")])
    world.apply("start", "B1.2", "ada")
    assert world.statuses() == {"B1.1": "Current", "B1.2": "In Progress"}
    assert world.apply("complete", "B1.2", "ada").promoted is None


def test_starting_what_waits_warns_and_goes_on() -> None:
    world = World(queued("B1.1"), frozenset(["B1.1"]))
    outcome = world.apply("start", "B1.1", "ada")
    assert outcome.mission.status == "In Progress" and "waits for" in outcome.warnings[0]


def test_making_one_current_puts_the_other_back() -> None:
    world = World([Mission("B1.1", status="Current"), *queued("B1.2")])
    world.apply("Current", "B1.2", "ada")
    assert world.statuses() == {"B1.1": "Queued", "B1.2": "Current"}


def test_a_status_set_by_hand_is_kept_as_a_fact_with_what_it_replaced() -> None:
    target = Mission("B1.1", status="Completed", completed_at=NOW)
    outcome = lifecycle.move(target, Board(), status="Queued", now=LATER, by=Actor("ada", HERE))
    assert outcome.session is None and outcome.mission.completed_at is None
    assert outcome.fact.kind == "status" and NOW in outcome.fact.content
