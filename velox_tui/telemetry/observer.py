"""Readings in, complete Samples out: rates and ledger, and the alerts that follow from them."""

from __future__ import annotations

from dataclasses import replace

from velox_tui.telemetry import alerts
from velox_tui.telemetry.alerts import Alert, AlertLimits
from velox_tui.telemetry.rates import Reading, Sampler
from velox_tui.telemetry.sample import Event, Sample


class Observer:
    """One stream of readings. `take` is one thread's; the rest may be called from any."""

    def __init__(self, limits: AlertLimits) -> None:
        """An observer that has seen nothing yet."""
        self._sampler = Sampler()
        self._watch = alerts.watch(limits)
        self.alerts: tuple[Alert, ...] = ()
        """Active ones."""

    def take(self, reading: Reading, *, late_ns: int = 0, events: tuple[Event, ...] = ()) -> Sample:
        """The Sample of this reading; its events are those given, the reading's own and what alerts did."""
        sample = self._sampler.take(reading, late_ns=late_ns, events=events)
        told = self._watch.look(sample)
        self.alerts = self._watch.active
        return replace(sample, events=(*sample.events, *told)) if told else sample

    def acknowledge(self, name: str) -> None:
        """Marks the active alerts of that name as seen, from the next Sample on."""
        self._watch.acknowledge(name)
