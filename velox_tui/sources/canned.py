"""A pipeline that is only told about: the same readings every time, without engine, files or clock.

100,000 transactions a second by Poisson, four dedicated stages. In every minute there are a burst of 8,000
with drops (second 12), a stall of OrderBook (20), a marker (26) and a late poll (40). For tests, snapshots
and demonstrations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import ControlError
from velox_tui.sources import canned_flow
from velox_tui.sources.canned_flow import RATE_HZ, Bundles, Counts, Ids, at, batches, draw
from velox_tui.sources.canned_system import canned_depth, canned_system
from velox_tui.sources.canned_topology import STAGES, canned_topology
from velox_tui.sources.canned_words import (
    SETTINGS,
    Position,
    Timing,
    as_words,
    ledger_words,
    processor_words,
    timing_words,
)
from velox_tui.telemetry import commands
from velox_tui.telemetry.alerts import AlertLimits
from velox_tui.telemetry.book import pack_best_pair
from velox_tui.telemetry.commands import Command
from velox_tui.telemetry.histogram import BUCKETS
from velox_tui.telemetry.observer import Observer
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Cut, Event, Run, Sample, State

START_MONO_NS = 1_000_000_000_000
START_UNIX_NS = 1_767_355_200_000_000_000
"""2026-01-02 12:00:00 UTC."""
PID = 48_122
FIRST_THREAD = PID + 1
BURST, BURST_PUSHED = 8_000, 4_308
"""Transactions of a burst, and how many of them found room."""
STALL_NS = 30_000_000
LATE_NS = 35_000_000
COUNTED_NS = 250_000_000
"""How often the processor's counters are read."""
BURST_AT, STALL_AT, MARKER_AT, LATE_AT = 12, 20, 26, 40
"""Seconds of every minute."""
_BUSY = (0.31, 0.12, 0.08, 0.02)
_SERVICE_NS = (90.0, 75.0, 60.0, 140.0)
_HOP_NS = 120.0
"""Mean time in a ring."""
_EXIT_NS = ((300.0, 0.55), (640.0, 0.50), (900.0, 0.48), (1200.0, 0.42))
"""Median and deviation of the latency at each stage's exit, without the bundle wait."""


class CannedSource:
    """A Source of canned readings; the last of `seconds` of them finds the pipeline stopped."""

    controllable = False
    failure: str | None = None

    def __init__(self, seconds: int = 60, *, seed: int = 7) -> None:
        """A run of so many seconds."""
        topology = canned_topology()
        self.run = Run("canned", topology, "canned", "ny4-07", PID, START_MONO_NS, START_UNIX_NS, "tsc")
        self._seconds = seconds
        self._random = np.random.RandomState(seed)
        self._second = 0
        self._mono_ns = START_MONO_NS
        self._ids = Ids()
        self._bundles = Bundles()
        self._timing = Timing()
        self._histograms = np.zeros((len(topology.histograms), 1 + BUCKETS), np.uint64)
        self._before = Position(0, 0, 0, self._bundles.fills.copy(), 0, self._bundles.fills.copy())
        self._bursts = 0
        self._commands = 0
        self._stopped = False
        self._swing = 1.0

    def command(self, command: int, stage: int, value: int) -> None:
        """What is only told about cannot be steered."""
        raise ControlError("no control here: the readings are canned")

    def close(self) -> None:
        """The next reading finds the pipeline stopped."""
        self._seconds = min(self._seconds, self._second + 1)

    def release(self) -> None:
        """There is nothing to give back."""

    def read(self) -> Reading:
        """The reading of the next second; once stopped, the last one again, a second later."""
        if not self._stopped:
            self._advance()
        else:
            self._mono_ns += 1_000_000_000
        reading = self._reading()
        self._second += 1
        return reading

    def late_ns(self) -> int:
        """How late the next reading is."""
        return LATE_NS if self._second % 60 == LATE_AT else 80_000 + 1_000 * (self._second % 7)

    def _advance(self) -> None:
        self._stopped = self._second + 1 >= self._seconds
        begin = START_MONO_NS + (self._second + 1) * 1_000_000_000
        interval_ns = begin + self.late_ns() - self._mono_ns
        self._mono_ns += interval_ns
        generated = int(self._random.poisson(RATE_HZ * interval_ns / 1e9))
        pushed = self._before.pushed + generated
        if self._is(BURST_AT):
            self._ids.drops.append(
                (self._before.pushed + generated // 2 + BURST_PUSHED, BURST - BURST_PUSHED)
            )
            self._bursts += BURST
            self._timing.full[0] += BURST - BURST_PUSHED
            pushed += BURST_PUSHED
        self._commands += self._is(BURST_AT) + self._is(STALL_AT)
        now = self._position(pushed)
        self._record(now, interval_ns)
        self._before = now

    def _is(self, second: int) -> bool:
        return self._second % 60 == second

    def _position(self, pushed: int) -> Position:
        """How far the stages have come when `pushed` have been: a few are still on their way."""
        waiting = (0, 0, 0) if self._stopped else tuple(int(n) for n in self._random.randint(0, 4, 3))
        booked = pushed - waiting[0]
        bundled = booked - waiting[1]
        self._bundles.build(self._random, bundled)
        if self._stopped:
            self._bundles.drain(bundled)
        taken = self._bundles.fills.copy()
        if waiting[2] == 3:
            taken[self._bundles.last] -= 1
        late = self._before.late + int(self._random.poisson(0.3))
        outside = self._before.outside + 3 * self._is(BURST_AT)
        fills = self._bundles.fills.copy()
        return Position(pushed, booked, bundled, fills, self._bundles.by_drain, taken, late, outside)

    def _record(self, now: Position, interval_ns: int) -> None:
        words, before = (ledger_words(position, self._ids, self._bursts) for position in (now, self._before))
        moved = tuple(
            words[name] - before[name]
            for name in (
                "ingress_pushed_total",
                "order_book_out_total",
                "bundle_out_total",
                "output_in_total",
            )
        )
        units = (moved[0], moved[1], words["bundle_in_total"] - before["bundle_in_total"])
        taken = words["output_bundles_total"] - before["output_bundles_total"]
        self._timing.covered_ns = (self._mono_ns - START_MONO_NS) // COUNTED_NS * COUNTED_NS
        self._swing = 1 + 0.06 * float(self._random.rand())
        generated = words["ingress_generated_total"] - before["ingress_generated_total"]
        lateness = draw(generated, canned_flow.lognormal(210 * self._swing, 0.6))
        self._add("ingress_lateness", lateness)
        entered_ns = int(lateness[0]) / generated
        for stage, items in enumerate((*units, taken)):
            entered_ns = self._record_stage(stage, items, moved[stage], interval_ns, entered_ns)
        for ring in range(3):
            self._add(f"ring{ring}_occupancy", self._occupancy(ring))
        self._add("e2e_no_wait", self._latency(3, moved[3], waits=False))
        self._add("control_jitter", draw(20, canned_flow.lognormal(60_000 * self._swing, 0.3)))

    def _record_stage(self, stage: int, items: int, moved: int, interval_ns: int, entered_ns: float) -> float:
        """Records one stage; gives the mean latency at which its transactions enter the next one."""
        name, timing = STAGES[stage][0], self._timing
        latency = self._latency(stage, moved, waits=stage > 1)
        self._add(("ingress_exit", "order_book_exit", "bundle_exit", "e2e")[stage], latency)
        batch = batches(self._random, items, 67 if self._is(BURST_AT) and stage < 3 else 0)
        worked = int(batch[1:].sum())
        self._add(f"{name}_batch", batch)
        self._add(f"{name}_service", draw(worked, canned_flow.lognormal(_SERVICE_NS[stage], 0.35)))
        timing.worked[stage] += worked
        timing.cycles[stage] += worked + int(interval_ns * (1 - _BUSY[stage]) / 45)
        timing.busy_ns[stage] += int(interval_ns * (_BUSY[stage] + 0.01 * self._random.rand()))
        stalled = STALL_NS if self._is(STALL_AT) and stage == 1 else 0
        timing.longest_ns[stage] = max(timing.longest_ns[stage], 41_000 + 900 * stage, stalled)
        timing.entry_sum_ns[stage] += int(entered_ns * moved)
        return int(latency[0]) / moved + _HOP_NS

    def _latency(self, stage: int, moved: int, *, waits: bool) -> Counts:
        """Latency of the interval's transactions: most as ever, those behind a burst or a stall spread over
        it.
        """
        slow, spread = 0, 1.0
        if self._is(BURST_AT):
            slow, spread = BURST_PUSHED, 420_000.0 + 60_000 * stage
        elif self._is(STALL_AT) and stage:
            slow, spread = STALL_NS * RATE_HZ // 10**9, float(STALL_NS)
        slow = min(slow, moved)
        median, deviation = _EXIT_NS[stage][0] * self._swing, _EXIT_NS[stage][1]
        usual = (
            canned_flow.uniform(median, median + 100_300)
            if waits
            else canned_flow.lognormal(median, deviation)
        )
        return draw(moved - slow, usual) + draw(slow, canned_flow.uniform(median, median + spread))

    def _occupancy(self, ring: int) -> Counts:
        """What the ring's consumer found, once for each batch; the shape of the largest says when it was
        crowded.
        """
        worked = self._timing.worked[ring + 1] - int(
            self._histograms[self._index(f"ring{ring}_occupancy"), 1:].sum()
        )
        crowded = {(BURST_AT, 0): 4_096, (BURST_AT, 1): 240, (STALL_AT, 0): 3_010, (STALL_AT, 1): 900}
        highest = crowded.get((self._second % 60, ring), 0)
        found = batches(self._random, worked)
        alone = worked - int(found[1:].sum())
        found[1 + 1] += alone
        found[0] += alone
        return found if not highest else found + at(highest, 1) - at(1, 1)

    def _index(self, name: str) -> int:
        return next(one.index for one in canned_topology().histograms if one.name == name)

    def _add(self, name: str, counts: Counts) -> None:
        self._histograms[self._index(name)] += counts

    def _cut(self) -> Cut:
        """A position that every stage has reached: a few transactions into a bundle after what Output has
        taken.
        """
        now = self._before
        delivered = int((now.taken * np.arange(len(now.taken))).sum())
        waiting = now.bundled - delivered
        in_open = min(7, waiting if (now.taken == now.fills).all() else self._bundles.last - 1)
        position = delivered + in_open
        words = ledger_words(
            Position(position, position, position, now.taken, 0, now.taken, now.late, now.outside),
            self._ids,
            self._bursts,
        )
        return Cut(10 * (self._second + 1), as_words(words))

    def _words(self, state: State, best: int) -> NDArray[np.uint64]:
        return as_words(
            SETTINGS
            | ledger_words(self._before, self._ids, self._bursts)
            | timing_words(self._before, self._timing, self._mono_ns, FIRST_THREAD)
            | processor_words(self._timing.covered_ns)
            | {
                "state": state,
                "heartbeat_engine_ns": self._mono_ns - 40_000,
                "heartbeat_monotonic_ns": self._mono_ns - 40_000,
                "cut_sequence": 10 * (self._second + 1),
                "commands_total": self._commands,
                "best_pair": best,
            }
        )

    def _reading(self) -> Reading:
        state = State.STOPPED if self._stopped else State.RUNNING
        depth, best = canned_depth(self._second)
        elapsed_ns = self._mono_ns - START_MONO_NS
        return Reading(
            run=self.run,
            mono_ns=self._mono_ns,
            unix_ns=START_UNIX_NS + elapsed_ns,
            state=state,
            words=self._words(state, pack_best_pair(best)),
            cut=self._cut(),
            histograms=self._histograms.copy(),
            depth=depth,
            system=canned_system(self._mono_ns, elapsed_ns, FIRST_THREAD),
            reading_ns=11_400 + 37 * (self._second % 11),
            events=self._events(),
        )

    def _events(self) -> tuple[Event, ...]:
        moment = self._mono_ns - 480_000_000
        if self._is(BURST_AT):
            return (commands.event(self.run.topology, moment, Command.BURST, 0, BURST),)
        if self._is(STALL_AT):
            return (commands.event(self.run.topology, moment, Command.STALL, 1, STALL_NS),)
        if self._is(MARKER_AT):
            return (Event(moment, "marker", "info", "marker", "open of the auction"),)
        return ()


def samples(count: int, *, seed: int = 7) -> list[Sample]:
    """The first `count` Samples of a run that stops only afterwards."""
    source, observer = CannedSource(count + 1, seed=seed), Observer(AlertLimits())
    made = []
    for _ in range(count):
        late_ns = source.late_ns()
        made.append(observer.take(source.read(), late_ns=late_ns))
    return made
