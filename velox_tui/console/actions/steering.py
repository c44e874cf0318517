"""Actions on the pipeline: burst, stall, hold, rate, tuning. Each becomes an event in the Session, hence a
mark everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from velox_tui.console.base import ConsoleBase
from velox_tui.console.screens.stall import Stall, StallDialog
from velox_tui.console.screens.tuning import Change, TuningDialog
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import exact_duration, format_rate

BURST = 1500
"""Transactions of one burst: more than a third of a default ring, so that it is seen, and less than one, so
that nothing is lost.
"""
ACTIONS = frozenset({"burst", "stall", "hold", "rate", "tune"})


class Steering(ConsoleBase):
    """Control of a pipeline of one's own; elsewhere greyed."""

    asked_hz: tuple[int, float] | None = None
    """The rate asked for last and when (mono_ns of the Sample then seen), until a Sample shows it."""

    def on_key(self, event: events.Key) -> None:
        """A greyed key says why it is."""
        active = self.active_bindings.get(event.key)
        if active is None or active.enabled or self.locked or len(self.screen_stack) > 1:
            return
        reason = self.why_not(active.binding.action.split("(")[0])
        if reason:
            self.tell(reason)

    def why_not(self, action: str) -> str:
        """One line why an action does not apply now."""
        return self.session.controls.why_not if action in ACTIONS else super().why_not(action)

    def action_burst(self, count: int = BURST) -> None:
        """A burst, at once."""
        self.steer(lambda: self.session.controls.burst(count))

    def action_stall(self) -> None:
        """Ask which stage and how long, then stall it."""
        if self.newest is not None:
            self.push_screen(StallDialog(self.newest.run.topology.stages), self._stall)

    def _stall(self, wanted: Stall | None) -> None:
        if wanted is not None:
            self.steer(lambda: self.session.controls.stall(wanted.stage, wanted.duration_ns))
            self.tell(f"{exact_duration(wanted.duration_ns)}", title="stalled")

    def action_hold(self) -> None:
        """Hold the ingress, or release it."""
        held = bool(self._word(Role.HOLD))
        self.steer(lambda: self.session.controls.hold(not held))

    def action_rate(self, factor: float) -> None:
        """A multiple of the rate asked for."""
        now = self._rate_hz()
        if now is None or self.newest is None:
            return
        self.asked_hz = (self.newest.mono_ns, now * factor)
        self.steer(lambda: self.session.controls.rate(now * factor))
        self.tell(f"{format_rate(now * factor)}/s", title="rate")

    def action_tune(self) -> None:
        """The tuning form."""
        if self.newest is not None:
            self.push_screen(TuningDialog(self.newest, self._apply))

    def _apply(
        self, changes: tuple[Change, ...], done: Callable[[], None], wrong: Callable[[str], None]
    ) -> None:
        """The form's changes, in their order, up to the first that is refused."""

        def work() -> None:
            for change in changes:
                change(self.session.controls)

        self.asked_hz = None
        self.off_loop(work, lambda _: done(), wrong)

    def steer(self, work: Callable[[], None]) -> None:
        """One control action off the loop."""
        self.off_loop(work)

    def _rate_hz(self) -> float | None:
        """The rate asked for: what was asked since the newest Sample, else what that says."""
        if self.asked_hz is not None and self.newest is not None and self.asked_hz[0] == self.newest.mono_ns:
            return self.asked_hz[1]
        millihz = self._word(Role.RATE_MILLIHZ)
        return None if millihz is None else millihz / 1000

    def _word(self, role: Role) -> int | None:
        sample = self.newest
        return None if sample is None else sample.value(sample.run.topology.first(role))
