"""Which alerts were active at a moment, from the events that told of their beginnings and ends."""

from __future__ import annotations

from collections.abc import Iterable

from velox_tui.telemetry.alerts.base import Alert, Rule
from velox_tui.telemetry.sample import Event


class _Unknown(Rule):
    """For alerts of a program that has other rules."""

    name = ""
    summary = "an alert of another version"
    why = "This version does not know it."
    press = "5"


def recall(events: Iterable[Event], mono_ns: int, rules: Iterable[type[Rule]]) -> tuple[Alert, ...]:
    """Alerts that began at or before the moment and had not ended by then, in the order of the rules.

    `events` in the order of time. What was acknowledged is not recorded.
    """
    known = {rule.name: (place, rule) for place, rule in enumerate(rules)}
    active: dict[tuple[str, int | None, int | None], Event] = {}
    for event in events:
        if event.mono_ns > mono_ns:
            break
        if event.kind == "alert" and event.phase == "start":
            active[event.name, event.stage, event.ring] = event
        elif event.kind == "alert" and event.phase == "end":
            active.pop((event.name, event.stage, event.ring), None)
    last = len(known)
    found = sorted(active.values(), key=lambda one: known.get(one.name, (last, _Unknown))[0])
    return tuple(_alert(one, known.get(one.name, (last, _Unknown))[1]) for one in found)


def _alert(event: Event, rule: type[Rule]) -> Alert:
    value = event.value or 0.0
    return Alert(
        event.name,
        event.severity,
        rule.summary,
        rule.why,
        rule.press,
        event.text,
        event.mono_ns,
        value,
        value,
        event.mono_ns,
        False,
        rule.latching,
        event.stage,
        event.ring,
    )
