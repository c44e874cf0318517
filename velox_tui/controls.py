"""Steering the pipeline: each action checked, and one clear line when it does not apply or a value is not
allowed.

What the engine has done appears in its command log, from where it comes back as an Event of the next Sample.
"""

from __future__ import annotations

from velox_tui.errors import ControlError
from velox_tui.sources.base import Steered
from velox_tui.telemetry.commands import Command, Wait
from velox_tui.telemetry.units import exact_count, exact_duration

BURST_MAX = 100_000_000
FAULT_MAX_NS = 3_600 * 10**9
RATE_MIN_HZ, RATE_MAX_HZ = 1.0, 1e9
BUNDLE_MAX = 16
TIMEOUT_MIN_NS, TIMEOUT_MAX_NS = 1_000, 10 * 10**9


class Controls:
    """All that can be done to a running pipeline. Calls return at once; any thread may make them."""

    def __init__(self, source: Steered, *, read_only: bool = False) -> None:
        """Controls of this source."""
        self._source = source
        self._read_only = read_only
        self._ended = False

    @property
    def available(self) -> bool:
        """Whether anything can be done at all."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """One line why nothing can be done; "" when it can."""
        if self._read_only:
            return "read-only: start without --read-only to control the pipeline"
        if not self._source.controllable:
            kind = {"attached": "attached to another process's pipeline", "replay": "a recording is replayed"}
            return f"no control here: {kind.get(self._source.run.source, 'this source cannot be steered')}"
        return "the pipeline has stopped" if self._ended else ""

    def end(self) -> None:
        """Nothing can be done from now on: the pipeline stops."""
        self._ended = True

    def burst(self, count: int) -> None:
        """Emits `count` transactions at once."""
        _within(
            "burst", count, 1, BURST_MAX, exact_count(count), f"1 to {exact_count(BURST_MAX)} transactions"
        )
        self._do(Command.BURST, 0, count)

    def stall(self, stage: int, duration_ns: int) -> None:
        """Holds a stage for that long; 0 ends a stall."""
        self._fault(Command.STALL, "stall", stage, duration_ns)

    def slow(self, stage: int, ns_per_item: int) -> None:
        """Makes a stage take that much longer for each item; 0 ends it."""
        self._fault(Command.SLOW, "slow", stage, ns_per_item)

    def hold(self, held: bool) -> None:
        """Holds or releases ingress."""
        self._do(Command.HOLD, 0, int(held))

    def rate(self, rate_hz: float) -> None:
        """Mean arrivals per second."""
        allowed = f"{RATE_MIN_HZ:g} to {exact_count(int(RATE_MAX_HZ))} per second"
        _within("rate", rate_hz, RATE_MIN_HZ, RATE_MAX_HZ, f"{rate_hz:g}", allowed)
        self._do(Command.RATE_MILLIHZ, 0, round(rate_hz * 1000))

    def bundle_max(self, count: int) -> None:
        """Transactions at which a bundle is full."""
        _within("bundle max", count, 1, BUNDLE_MAX, str(count), f"1 to {BUNDLE_MAX}")
        self._do(Command.BUNDLE_MAX, 0, count)

    def bundle_timeout(self, timeout_ns: int) -> None:
        """How long a bundle may stay open."""
        allowed = f"{exact_duration(TIMEOUT_MIN_NS)} to {exact_duration(TIMEOUT_MAX_NS)}"
        _within(
            "bundle timeout", timeout_ns, TIMEOUT_MIN_NS, TIMEOUT_MAX_NS, exact_duration(timeout_ns), allowed
        )
        self._do(Command.BUNDLE_TIMEOUT_NS, 0, timeout_ns)

    def wait(self, name: str) -> None:
        """How stage threads wait: spin, yield or backoff."""
        names = {wait.name.lower(): wait for wait in Wait if wait != Wait.AUTO}
        if name not in names:
            raise ControlError(f"wait {name!r} is not known: {', '.join(names)} are")
        self._do(Command.WAIT, 0, names[name])

    def _fault(self, command: Command, what: str, stage: int, value_ns: int) -> None:
        stages = self._source.run.topology.stages
        if not 0 <= stage < len(stages):
            raise ControlError(f"{what}: there is no stage {stage}; they are 0 to {len(stages) - 1}")
        _within(what, value_ns, 0, FAULT_MAX_NS, f"{value_ns}ns", f"0 to {exact_duration(FAULT_MAX_NS)}")
        self._do(command, stage, value_ns)

    def _do(self, command: Command, stage: int, value: int) -> None:
        if not self.available:
            raise ControlError(self.why_not)
        self._source.command(command, stage, value)


def _within(what: str, value: float, least: float, most: float, said: str, allowed: str) -> None:
    if not least <= value <= most:
        raise ControlError(f"{what} {said} is not allowed: {allowed}")
