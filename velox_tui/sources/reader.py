"""Readings of one segment: the same for a pipeline of this process and for another process's."""

from __future__ import annotations

import os
import time

import numpy as np
from numpy.typing import NDArray

from velox_tui.engine.segment import Segment
from velox_tui.sources.system import SystemProbe
from velox_tui.sources.table import topology
from velox_tui.telemetry import commands
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Cut, Depth, Event, Run, State
from velox_tui.telemetry.topology import Role


class SegmentReader:
    """Turns a segment into Readings; remembers which commands it has told. Used by one thread."""

    def __init__(self, segment: Segment, source: str) -> None:
        """`source` is what Run.source will say."""
        self.segment = segment
        header = segment.header
        self.run = Run(
            segment.run_id,
            topology(segment),
            source,
            os.uname().nodename,
            header.pid,
            header.start_mono_ns,
            header.start_unix_ns,
            header.clock,
        )
        self._probe = SystemProbe(header.pid)
        self._threads = tuple(self.run.topology.find(Role.THREAD_ID))
        self._state = self.run.topology.first(Role.STATE)
        self._commands = self.run.topology.first(Role.COMMANDS)
        self._told = 0

    def close(self) -> None:
        """Unmaps the segment. Twice is once."""
        self.segment.close()

    def read(self, *, alive: bool = True) -> Reading:
        """The present moment. `alive`: whether the owner's process still lives."""
        mono_ns = time.monotonic_ns()
        words = self.segment.words()
        reading_ns = time.monotonic_ns() - mono_ns
        cut, book = self.segment.cut(), self.segment.book()
        state = self._state_of(words)
        asked = 0 if self._commands is None else int(words[self._commands.index])
        return Reading(
            run=self.run,
            mono_ns=mono_ns,
            unix_ns=time.time_ns(),
            state=state if alive or state == State.STOPPED else State.LOST,
            words=words,
            cut=None if cut is None else Cut(*cut),
            histograms=self.segment.histograms(),
            depth=None if book is None else Depth(book[0], book[1]),
            system=self._probe.read(self._stage_threads(words)),
            reading_ns=reading_ns,
            events=self._new_commands() if asked > self._told else (),
        )

    def await_cut(self, timeout_ns: int) -> None:
        """Waits until there is a first exact cut, but no longer than that."""
        until_ns = time.monotonic_ns() + timeout_ns
        while self.segment.cut() is None and time.monotonic_ns() < until_ns:
            time.sleep(0.001)

    def _state_of(self, words: NDArray[np.uint64]) -> State:
        if self._state is None:
            return State.RUNNING
        return State(min(int(words[self._state.index]), State.STOPPED))

    def _stage_threads(self, words: NDArray[np.uint64]) -> list[tuple[int, tuple[int, ...]]]:
        """Stage threads with the stages that each runs."""
        stages: dict[int, tuple[int, ...]] = {}
        for word in self._threads:
            thread_id = int(words[word.index])
            if thread_id and word.stage is not None:
                stages[thread_id] = (*stages.get(thread_id, ()), word.stage)
        return list(stages.items())

    def _new_commands(self) -> tuple[Event, ...]:
        records = self.segment.log()
        new = [tuple(int(field) for field in record) for record in records if int(record[0]) > self._told]
        if not new:
            return ()
        missed = new[0][0] - self._told - 1
        self._told = new[-1][0]
        told = [
            commands.event(self.run.topology, t_ns, what & 0xFFFFFFFF, what >> 32, value)
            for _, t_ns, what, value in new
        ]
        if missed > 0:
            text = f"{missed} commands came faster than they are read"
            told.insert(0, Event(new[0][1], "control", "info", "commands_missed", text, value=float(missed)))
        return tuple(told)
