"""A pipeline of another process and those that run in its place, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from session_fakes import until

from velox_tui.errors import ControlError, InputMissingError
from velox_tui.session import Session
from velox_tui.sources.base import Source
from velox_tui.sources.canned import CannedSource
from velox_tui.sources.followed import FollowedSource
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import State


class Named(CannedSource):
    """A canned run of this name, in the state that it is told, with rings of this size."""

    def __init__(self, run_id: str, *, slots: int | None = None) -> None:
        super().__init__(1000)
        shape = self.run.topology
        if slots is not None:
            shape = replace(shape, rings=tuple(replace(ring, capacity=slots) for ring in shape.rings))
        self.run = replace(self.run, run_id=run_id, topology=replace(shape, texts=(("of", run_id),)))
        self.state = State.RUNNING
        self.released = 0
        self._last: Reading | None = None

    def read(self) -> Reading:
        if self._last is None or self.state == State.RUNNING:
            later_ns = 10**12 if self.run.run_id == "b" else 0
            now = super().read()
            self._last = replace(now, run=self.run, mono_ns=now.mono_ns + later_ns)
        return replace(self._last, state=self.state)

    def release(self) -> None:
        self.released += 1


class Machine:
    """Where pipelines come and go."""

    def __init__(self) -> None:
        self.there: Source | None = None
        self.told: list[str] = []

    def attach(self) -> Source:
        if self.there is None:
            raise InputMissingError("no pipeline runs here")
        return self.there


@pytest.fixture
def machine() -> Iterator[Machine]:
    yield Machine()


@pytest.mark.parametrize("state", [State.STOPPED, State.LOST])
def test_the_end_is_read_and_stays_until_there_is_a_successor(machine: Machine, state: State) -> None:
    first, second = Named("a"), Named("b")
    machine.there = first
    source = FollowedSource(machine.attach, tell=machine.told.append)
    assert source.read().state == State.RUNNING and machine.told == []
    first.state = state
    machine.there = second
    assert source.read().run.run_id == "a", "its end is seen although another runs already"
    reading = source.read()
    assert (reading.run.run_id, reading.state, source.run.run_id) == ("b", State.RUNNING, "b")
    assert [(event.kind, event.name) for event in reading.events[:1]] == [("life", "restarted")]
    assert (first.released, second.released) == (1, 0)
    assert [text.split()[2] for text in machine.told] == ["has" if state == State.STOPPED else "is", "goes"]
    assert source.read().events == () and len(machine.told) == 2


def test_without_a_successor_the_last_reading_stays(machine: Machine) -> None:
    first = Named("a")
    machine.there = first
    source = FollowedSource(machine.attach, tell=machine.told.append)
    before = source.read()
    first.state, machine.there = State.LOST, None
    for _ in range(3):
        after = source.read()
        assert after.state == State.LOST and (after.words == before.words).all()
    assert len(machine.told) == 1


def test_one_that_is_over_too_is_no_successor(machine: Machine) -> None:
    first, second = Named("a"), Named("b")
    machine.there = first
    source = FollowedSource(machine.attach)
    first.state = second.state = State.STOPPED
    machine.there = second
    assert [source.read().run.run_id for _ in range(3)] == ["a"] * 3
    assert second.released == 2 and first.released == 0


def test_one_that_cannot_be_read_yet_is_let_go_and_tried_again(machine: Machine) -> None:
    class Unreadable(Named):
        def __init__(self) -> None:
            super().__init__("b")
            self.failures = [OSError("Too many open files"), InputMissingError("gone")]

        def read(self) -> Reading:
            if self.failures:
                raise self.failures.pop()
            return super().read()

    first, second = Named("a"), Unreadable()
    machine.there = first
    source = FollowedSource(machine.attach)
    first.state, machine.there = State.LOST, second
    assert [source.read().run.run_id for _ in range(4)] == ["a", "a", "a", "b"]
    assert (second.released, first.released) == (2, 1)


def test_another_shape_is_followed_only_where_nobody_keeps_columns(machine: Machine) -> None:
    for any_shape, run_ids in ((False, ["a", "a", "a"]), (True, ["a", "b", "b"])):
        first, second = Named("a"), Named("b", slots=64)
        machine.there, machine.told = first, []
        source = FollowedSource(machine.attach, any_shape=any_shape, tell=machine.told.append)
        first.state, machine.there = State.LOST, second
        assert [source.read().run.run_id for _ in range(3)] == run_ids
        assert len([text for text in machine.told if "shape" in text]) == (not any_shape)


def test_nothing_is_steered(machine: Machine) -> None:
    machine.there = Named("a")
    source = FollowedSource(machine.attach)
    with pytest.raises(ControlError):
        source.command(0, 0, 1)
    source.close()


def test_a_session_tells_runs_apart_also_in_its_history(machine: Machine) -> None:
    first, second = Named("a"), Named("b")
    machine.there = first
    session = Session(FollowedSource(machine.attach), interval_ns=1_000_000)
    session.start()
    until(lambda: len(session.history) >= 20)
    first.state, machine.there = State.LOST, second
    until(
        lambda: (
            session.newest is not None
            and session.newest.run.run_id == "b"
            and session.newest.deltas is not None
        )
    )
    begun = session.history.last
    until(lambda: session.history.last >= begun + 20)
    session.close("left")
    every = [
        session.history.sample(number) for number in range(session.history.first, session.history.last + 1)
    ]
    ids = [one.run.run_id for one in every if one is not None]
    assert ids == sorted(ids) and set(ids) == {"a", "b"}
    change = every[ids.index("b")]
    assert change is not None and change.deltas is None, "no rate across two runs"
    assert [event.name for event in change.events if event.name == "restarted"] == ["restarted"]
