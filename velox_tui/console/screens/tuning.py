"""The tuning form: rate, bundle max, bundle timeout, waiting. Checked before anything is sent; only changes
are sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.widget import Widget
from textual.widgets import Input

from velox_tui.console.screens.dialog import Dialog, Field
from velox_tui.controls import Controls
from velox_tui.telemetry.commands import Wait
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import (
    exact_duration,
    exact_rate,
    parse_count,
    parse_duration_ns,
    parse_rate_hz,
)

Change = Callable[[Controls], None]
Apply = Callable[[tuple[Change, ...], Callable[[], None], Callable[[str], None]], None]
"""Sends changes off the event loop; then calls the first on success, the second with what was refused."""
WAITS = tuple(one.name.lower() for one in Wait if one is not Wait.AUTO)


class TuningDialog(Dialog[None]):
    """The present settings, to be changed. Stays open, with the reason, while something is refused."""

    HEADING = "Tuning"
    HINT = "tab next field   enter apply   esc cancel"

    def __init__(self, sample: Sample, apply: Apply) -> None:
        """Begins with what is set in the Sample."""
        super().__init__()
        self._apply = apply
        self._before = _present(sample)

    def body(self) -> Iterator[Widget]:
        """One field each."""
        hints = {
            "rate": "per second: 100k, 1M",
            "bundle max": "1 to 16 transactions",
            "timeout µs": "until an open bundle goes",
            "wait": ", ".join(WAITS),
        }
        for name, value in self._before.items():
            yield Field(name, id=_id(name), value=value, hint=hints[name])

    def on_input_submitted(self) -> None:
        """Enter in any field: check all, then send."""
        wanted = {name: self.query_one(f"#{_id(name)}", Input).value.strip() for name in self._before}
        try:
            changes = tuple(
                _change(name, value) for name, value in wanted.items() if value != self._before[name]
            )
        except ValueError as error:
            self.complain(str(error))
            return
        self.complain("")
        self._apply(changes, self._done, self.complain)

    def _done(self) -> None:
        if self.is_current:
            self.dismiss(None)


def _id(name: str) -> str:
    return name.split()[0]


def _present(sample: Sample) -> dict[str, str]:
    """The fields' texts as the pipeline is set now."""

    def value(role: Role) -> int:
        return sample.value(sample.run.topology.first(role)) or 0

    return {
        "rate": exact_rate(value(Role.RATE_MILLIHZ)),
        "bundle max": str(value(Role.BUNDLE_MAX)),
        "timeout µs": _micro(value(Role.BUNDLE_TIMEOUT_NS)),
        "wait": _wait_name(value(Role.WAIT)),
    }


def _wait_name(value: int) -> str:
    return Wait(value).name.lower() if value in tuple(Wait) else ""


def _micro(value_ns: int) -> str:
    return str(value_ns // 1000) if value_ns % 1000 == 0 else exact_duration(value_ns)


def _change(name: str, text: str) -> Change:
    """The control action of one changed field. Raises ValueError naming the field."""
    try:
        if name == "rate":
            hz = parse_rate_hz(text)
            return lambda controls: controls.rate(hz)
        if name == "bundle max":
            count = parse_count(text)
            return lambda controls: controls.bundle_max(count)
        if name == "timeout µs":
            timeout_ns = parse_duration_ns(text, bare="us")
            return lambda controls: controls.bundle_timeout(timeout_ns)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if text not in WAITS:
        raise ValueError(f"{name}: {text!r} is not one of {', '.join(WAITS)}")
    return lambda controls: controls.wait(text)
