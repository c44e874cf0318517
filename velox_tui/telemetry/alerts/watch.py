"""Rules with memory: an alert begins when a rule has found it bad for long enough, and ends when all was well
as long.

Its start, peak and end are Events. The peak is told when the alert ends, with the moment at which it was. A
latching alert ends only once it has been acknowledged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from velox_tui.telemetry.alerts.base import Alert, Measure, Rule
from velox_tui.telemetry.sample import Event, Sample

Key = tuple[str, int | None, int | None]


@dataclass(slots=True)
class _Case:
    """What is remembered of one rule and subject."""

    rule: Rule
    bad_since_ns: int | None = None
    good_since_ns: int | None = None
    alert: Alert | None = None
    peak_text: str = ""


class Watch:
    """All rules over one stream of Samples. `acknowledge` may be called from another thread than `look`."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        """A watch that has seen nothing yet."""
        self._rules = rules
        self._cases: dict[Key, _Case] = {}
        self._acknowledged: deque[str] = deque()

    @property
    def active(self) -> tuple[Alert, ...]:
        """Active alerts, in the order of the rules."""
        order = {rule.name: place for place, rule in enumerate(self._rules)}
        alerts = [case.alert for case in tuple(self._cases.values()) if case.alert]
        return tuple(sorted(alerts, key=lambda one: (order[one.name], one.stage or 0, one.ring or 0)))

    def acknowledge(self, name: str) -> None:
        """Marks the active alerts of that name as seen, from the next Sample on."""
        self._acknowledged.append(name)

    def look(self, sample: Sample) -> tuple[Event, ...]:
        """Holds a Sample against all rules; what begins and ends."""
        while self._acknowledged:
            self._mark(self._acknowledged.popleft())
        events: list[Event] = []
        for rule in self._rules:
            for measure in rule.measure(sample):
                key = (rule.name, measure.stage, measure.ring)
                case = self._cases.setdefault(key, _Case(rule))
                events += self._weigh(case, measure, sample)
        return tuple(events)

    def _mark(self, name: str) -> None:
        for case in self._cases.values():
            if case.alert and case.alert.name == name:
                case.alert = replace(case.alert, acknowledged=True)

    def _weigh(self, case: _Case, measure: Measure, sample: Sample) -> list[Event]:
        begin_ns = sample.mono_ns - (sample.interval_ns or 0)
        case.bad_since_ns = (case.bad_since_ns or begin_ns) if measure.bad else None
        case.good_since_ns = (case.good_since_ns or begin_ns) if measure.good else None
        if case.alert:
            return self._go_on(case, case.alert, measure, sample.mono_ns)
        if case.bad_since_ns is not None and sample.mono_ns - case.bad_since_ns >= case.rule.lasting_ns:
            return [self._begin(case, measure, sample.mono_ns)]
        return []

    def _begin(self, case: _Case, measure: Measure, mono_ns: int) -> Event:
        rule, value = case.rule, measure.value
        case.peak_text = measure.text
        case.alert = Alert(
            rule.name,
            rule.severity,
            rule.summary,
            rule.why,
            rule.press,
            measure.text,
            mono_ns,
            value,
            value,
            mono_ns,
            False,
            rule.latching,
            measure.stage,
            measure.ring,
        )
        return _event(case.alert, mono_ns, "start", measure.text, value)

    def _go_on(self, case: _Case, alert: Alert, measure: Measure, mono_ns: int) -> list[Event]:
        text = measure.text if measure.bad else alert.text
        alert = replace(alert, value=measure.value, text=text)
        if measure.value > alert.peak:
            alert = replace(alert, peak=measure.value, peak_mono_ns=mono_ns)
            case.peak_text = measure.text
        case.alert = alert
        well_ns = 0 if case.good_since_ns is None else mono_ns - case.good_since_ns
        if well_ns < case.rule.limits.clear_after_ns or (alert.latching and not alert.acknowledged):
            return []
        case.alert = None
        return [
            _event(alert, alert.peak_mono_ns, "peak", f"peak: {case.peak_text}", alert.peak),
            _event(alert, mono_ns, "end", f"over: {alert.summary}", measure.value),
        ]


def _event(alert: Alert, mono_ns: int, phase: str, text: str, value: float) -> Event:
    severity = alert.severity if phase == "start" else "info"
    return Event(mono_ns, "alert", severity, alert.name, text, phase, value, alert.stage, alert.ring)
