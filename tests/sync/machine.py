"""People, editors and commands that do anything in any order, for the state machine tests."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Dict, Optional, Tuple, Type

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from world import World

from cmos.actions import act as actions
from cmos.core.errors import NeedsPerson, UnknownRecord
from cmos.core.status import KNOWN
from cmos.files import exchange
from cmos.missionfile.reader import read
from cmos.missions import rows as mission_rows
from cmos.missions.find import find_mission
from cmos.sync import run
from cmos.sync.record import save
from cmos.sync.rules import alike

FILES = ("backlog.yaml", "sprint-01/B1.2_commands.yaml", "sprint-02/B2.1_memory.yaml", "sprint-03/B3.1_extra.yaml")
IDS = ("B1.1", "B1.2", "B2.1", "B2.2", "B3.1")
#: The kinds of issues that say why a file and the database differ.
EXPLAINING = ("drift", "waiting", "pending", "conflict")
a_file = st.sampled_from(FILES)
an_id = st.sampled_from(IDS)
a_status = st.sampled_from((*KNOWN, "Paused"))


class Machine(RuleBasedStateMachine):
    """One project. ``typed`` holds the texts that must not be lost, by who owns them now."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cmos-machine-"))
        self.count = 0
        self.synced = True
        #: A commit was made that no sync has seen: what it holds may arrive as news.
        self.has_moved = False
        self.typed: Dict[Tuple[str, str], str] = {}
        self.valid: Dict[str, bytes] = {}

    def teardown(self) -> None:
        shutil.rmtree(str(self.folder))

    make = World

    @initialize()
    def begin(self) -> None:
        self.world = self.make(self.folder / "w")
        self.ids = set(IDS)

    # what people do to files

    @rule(name=a_file, mission_id=an_id)
    def edits_a_name(self, name: str, mission_id: str) -> None:
        field = self._field(name, mission_id, "name")
        if field is not None:
            self.count += 1
            value = "typed-%d" % self.count
            self._overwrite(name, mission_id)
            self._type(name, field, value)
            self.typed[(name, mission_id)] = value

    @rule(name=a_file, mission_id=an_id, status=a_status)
    def types_a_status(self, name: str, mission_id: str, status: str) -> None:
        field = self._field(name, mission_id, "status")
        if field is not None:
            self._type(name, field, status)

    @rule(name=a_file)
    def breaks(self, name: str) -> None:
        if self.world.path(name).exists():
            self.valid.setdefault(name, self.world.path(name).read_bytes())
            self.world.write(name, self.world.path(name).read_bytes() + b"\n\xff[ {\n")
            self.synced = False

    @rule(name=a_file)
    def truncates(self, name: str) -> None:
        path = self.world.path(name)
        if path.exists() and name not in self.valid:
            self.valid[name] = path.read_bytes()
            self.world.write(name, path.read_bytes()[:40])
            self.synced = False

    @rule(name=a_file)
    def mends(self, name: str) -> None:
        if name in self.valid:
            self._forget(name)
            self.world.write(name, self.valid.pop(name))
            self.synced = False

    @rule(name=a_file)
    def deletes(self, name: str) -> None:
        path = self.world.path(name)
        if path.exists():
            self._forget(name)
            self.valid.setdefault(name, path.read_bytes())
            path.unlink()
            self.synced = False

    @rule(name=st.sampled_from(FILES[1:]))
    def moves_away_and_back(self, name: str) -> None:
        path = self.world.path(name)
        other = path.with_name("moved.yaml")
        if path.exists() and not other.exists():
            os.rename(str(path), str(other))
            self.world.sync()
            os.rename(str(other), str(path))
            self.synced = False

    @rule()
    def copies(self) -> None:
        path = self.world.path(FILES[2])
        if path.exists():
            shutil.copy(str(path), str(self.world.path("sprint-02/copy.yaml")))
            self.synced = False

    @rule()
    def removes_the_copy(self) -> None:
        path = self.world.path("sprint-02/copy.yaml")
        if path.exists():
            path.unlink()
            self.synced = False

    # what commands do

    @rule(mission_id=an_id)
    def completes(self, mission_id: str) -> None:
        try:
            self.world.act(actions.complete, mission_id)
        except NeedsPerson:
            pass  # a commit had brought another status

    @rule(mission_id=an_id)
    def blocks(self, mission_id: str) -> None:
        try:
            self.world.act(actions.block, mission_id, reason="because")
        except NeedsPerson:
            pass

    @rule(mission_id=an_id)
    def starts(self, mission_id: str) -> None:
        try:
            self.world.act(actions.start, mission_id)
        except NeedsPerson:
            pass

    @rule(mission_id=an_id)
    def renames(self, mission_id: str) -> None:
        self.count += 1
        value = "set-%d" % self.count
        try:
            with self.world.open() as ws, run.change(ws) as db:
                before = find_mission(db, mission_id)
                save(ws, before, before._replace(name=value))
        except NeedsPerson:
            assert self._is_kept(value)
            return
        self.typed[("command", mission_id)] = value
        for name in FILES:
            # an order to set the name is not a loss of the one before
            self.typed.pop((name, mission_id), None)

    @rule(name=a_file, mission_id=an_id)
    def completes_while_an_editor_saves(self, name: str, mission_id: str) -> None:
        real = exchange._swap
        self.count += 1
        value = "raced-%d" % self.count
        saved = []

        def swap(one: str, other: str) -> None:
            field = self._field(name, mission_id, "name")
            if not saved and field is not None and other == str(self.world.path(name)):
                saved.append(value)
                self._overwrite(name, mission_id)
                self._type(name, field, value)
                self.typed[(name, mission_id)] = value
            real(one, other)

        exchange._swap = swap
        try:
            self.world.act(actions.complete, mission_id)
        except NeedsPerson:
            pass  # a commit had brought another status
        finally:
            exchange._swap = real
        self.world.sync()
        self.synced = True

    @rule(mission_id=an_id, point=st.sampled_from(("_write", "_swap", "_check", "_put_aside", "_sync_folder")),
          after=st.booleans())
    def completes_and_is_killed(self, mission_id: str, point: str, after: bool) -> None:
        child = os.fork()
        if child == 0:
            try:
                real = getattr(exchange, point)

                def die(*arguments: object, **options: object) -> None:
                    if after:
                        real(*arguments, **options)
                    os._exit(0)

                setattr(exchange, point, die)
                self.world.act(actions.complete, mission_id)
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    @rule()
    def syncs(self) -> None:
        statuses = self._statuses()
        self.world.sync()
        assert self.has_moved or self._statuses().items() >= statuses.items(), "a sync changes no status by itself"
        self.synced = True

    # what must hold

    @precondition(lambda self: hasattr(self, "world"))
    @invariant()
    def i10_no_deletion_by_absence(self) -> None:
        rows = {row[0] for row in self.world.tables()["missions"]}
        assert rows >= self.ids
        self.ids = rows

    @precondition(lambda self: hasattr(self, "world") and self.synced)
    @invariant()
    def after_a_sync(self) -> None:
        self.synced = False
        before = self.world.files()
        statuses = self._statuses()
        outcome = self.world.sync()
        assert self.has_moved or self._statuses().items() >= statuses.items(), "a sync changes no status by itself"
        self.has_moved = False
        if outcome.report.brake:
            assert self.world.files() == before
            return
        first = self.world.snapshot()
        assert self.world.sync().report.is_empty
        second = self.world.snapshot()
        changed = {name: (first[1][name], rows) for name, rows in second[1].items() if first[1][name] != rows}
        assert second[0] == first[0] and not changed, "I2: a second sync changes nothing"
        self._i1_no_loss()
        self._i7_converged_or_explained()
        assert not [name for name in self._files() if ".cmos-" in name], "I8: nothing is left over"

    def _forget(self, name: str) -> None:
        """Let a person put away what stands in a broken file, whose last whole text is at hand."""
        for mission_id in IDS if name in self.valid and self.world.path(name).exists() else ():
            if self._field(name, mission_id, "name") is not None:
                self._overwrite(name, mission_id)
                if not self.synced:
                    self.typed.pop((name, mission_id), None)  # nobody has seen it

    def _i1_no_loss(self) -> None:
        for (owner, mission_id), value in self.typed.items():
            assert self._is_kept(value), (owner, mission_id, value)

    def _is_kept(self, value: str) -> bool:
        files = list(self.world.files().values()) + list(self.valid.values()) + self.world.kept()
        tables = self.world.tables()
        word = re.compile(rb"%s\b" % value.encode())
        in_files = any(word.search(text) for text in files)
        return in_files or any(value in row for table in ("missions", "issues") for row in tables[table])

    def _i7_converged_or_explained(self) -> None:
        told = {(kind, mission_id) for kind, mission_id, _ in self.world.issues()}
        copies = {row[5] for row in self.world.tables()["issues"] if row[2] == "duplicate"}
        with self.world.open() as ws:
            rows = {one.id: one.status for one in mission_rows.listing(ws.db)}
        for text in self._files().values():
            for record in read(text).records:
                status = record.fields.get("status")
                if not record.whole or record.id not in rows or status is None or record.id in copies:
                    continue
                explained = any((kind, record.id) in told for kind in EXPLAINING)
                assert alike(status.value, rows[record.id]) or explained, (record.id, status.value, rows[record.id])

    # helpers

    def _files(self) -> Dict[str, bytes]:
        """Return the files of the project, as far as they are its own."""
        return self.world.files()

    def _statuses(self) -> Dict[str, str]:
        with self.world.open() as ws:
            return {one.id: one.status for one in mission_rows.listing(ws.db)}

    def _field(self, name: str, mission_id: str, field: str) -> Optional[Tuple[int, int]]:
        path = self.world.path(name)
        if not path.exists():
            return None
        for record in read(path.read_bytes()).records:
            if record.id == mission_id and record.whole and field in record.fields:
                return record.fields[field][1:3]
        return None

    def _overwrite(self, name: str, mission_id: str) -> None:
        """Forget what a command set if a person types over it knowing it: that is no loss."""
        place = self._field(name, mission_id, "name")
        assert place is not None
        if self.world.read(name)[place[0] : place[1]].strip("'\"") == self.typed.get(("command", mission_id)):
            del self.typed[("command", mission_id)]

    def _type(self, name: str, place: Tuple[int, int], value: str) -> None:
        text = self.world.read(name)
        self.world.write(name, text[: place[0]] + value + text[place[1] :])
        self.synced = False


def must_fail(machine: Type[RuleBasedStateMachine]) -> None:
    """See that a state machine finds what was broken on purpose."""
    plan = settings(
        max_examples=200,
        stateful_step_count=30,
        deadline=None,
        phases=(Phase.generate,),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(BaseException) as caught:
        run_state_machine_as_test(machine, settings=plan)
    found = getattr(caught.value, "exceptions", [caught.value])
    # an error of the machine's own would find everything
    assert all(isinstance(one, (AssertionError, Flaky, UnknownRecord)) for one in found), found
