"""Active alerts: what, since when, how bad; why it matters and what to press."""

from __future__ import annotations

import textwrap

from textual.reactive import reactive

from velox_tui.console.glyphs import severity_word
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import clock_text, wall_ns
from velox_tui.console.widgets.line import Line, clean, line
from velox_tui.telemetry.alerts import Alert
from velox_tui.telemetry.sample import Sample


class AlertList(PaneWidget, can_focus=False):
    """`alerts`, the gravest first → what each is, why it matters and what to press."""

    TITLE = "Alerts"
    HELP = """\
Conditions that deserve attention now, the gravest first.

- **since** when it began (UTC). `seen` after `a` acknowledged it: it no longer counts in the header.
- An alert begins when its limit is passed and ends only when the value has been well below it for a while. A
  violated ledger stays until it is acknowledged.
- The line below says why it matters and what to press. Limits are set in the configuration, `[alerts]`.
"""

    alerts: reactive[tuple[Alert, ...]] = reactive((), repaint=False)

    def content(self, width: int, height: int) -> list[Line]:
        """What each is; why, for as many as there is room for."""
        sample = self.sample
        if sample is None or not self.alerts:
            return [line((f" {self.glyphs.good} no alert is active", Ink.OK))]
        shown = [[self._what(sample, alert)] for alert in self.alerts]
        room = height - len(shown)
        for lines, alert in zip(shown, self.alerts, strict=True):
            why = _why(alert, width)
            if len(why) <= room:
                lines += why
                room -= len(why)
        return [one for lines in shown for one in lines]

    def _what(self, sample: Sample, alert: Alert) -> Line:
        ink = Ink.CRITICAL if alert.severity == "critical" else Ink.WARN
        since = clock_text(wall_ns(sample, alert.since_mono_ns))
        return line(
            (f" {severity_word(alert.severity, self.view.graph)} ", Ink.MUTED if alert.acknowledged else ink),
            (f"{clean(alert.text)}", Ink.BRIGHT),
            (f"  since {since}", Ink.MUTED),
            ("  seen" if alert.acknowledged else "", Ink.MUTED),
        )

    def watch_alerts(self, before: tuple[Alert, ...], alerts: tuple[Alert, ...]) -> None:
        """Others are active; the pane grows and shrinks with their number."""
        if len(before) != len(alerts):
            self.refresh(layout=True)
        self.update_lines()


def _why(alert: Alert, width: int) -> list[Line]:
    """Why it matters and what to press, in whole words."""
    text = clean(f"{alert.why} Press {alert.press}.")
    return [line((f"{'':8}{part}", Ink.MUTED)) for part in textwrap.wrap(text, max(20, width - 9))]
