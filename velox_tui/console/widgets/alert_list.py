"""Active alerts: what, since when, how bad; why it matters and what to press."""

from __future__ import annotations

from textual.reactive import reactive

from velox_tui.console.glyphs import severity_word
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.facts import clock_text, wall_ns
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.telemetry.alerts import Alert
from velox_tui.telemetry.sample import Sample


class AlertList(RowsPane):
    """`alerts`, the gravest first → two lines each: what it is, why it matters."""

    TITLE = "Alerts"
    HELP = """\
Conditions that deserve attention now, the gravest first.

- **since** when it began (UTC). `seen` after `a` acknowledged it: it no longer counts in the header.
- An alert begins when its limit is passed and ends only when the value has been well below it for a while. A
  violated ledger stays until it is acknowledged.
- The line below says why it matters and what to press. Limits are set in the configuration, `[alerts]`.
"""
    LINES_PER_ROW = 2

    alerts: reactive[tuple[Alert, ...]] = reactive((), repaint=False)

    def row_count(self) -> int:
        """As many as are active."""
        return len(self.alerts)

    def row_key(self, row: int) -> Alert:
        """The alert."""
        return self.alerts[row]

    def content(self, width: int, height: int) -> list[Line]:
        """Two lines each, or one where there is no room."""
        sample = self.sample
        if sample is None or not self.alerts:
            return [line((f" {self.glyphs.good} no alert is active", Ink.OK))]
        lines = []
        for index in self.shown(0, height):
            alert = self.alerts[index]
            lines.append(self._what(sample, alert, index))
            lines.append(line((f"            {alert.why} Press {alert.press}.", Ink.MUTED)))
        return lines[:height]

    def _what(self, sample: Sample, alert: Alert, index: int) -> Line:
        ink = Ink.CRITICAL if alert.severity == "critical" else Ink.WARN
        since = clock_text(wall_ns(sample, alert.since_mono_ns))
        return line(
            self.marker(index),
            (f"{severity_word(alert.severity, self.view.graph)} ", Ink.MUTED if alert.acknowledged else ink),
            (f"{alert.text}", Ink.BRIGHT),
            (f"  since {since}", Ink.MUTED),
            ("  seen" if alert.acknowledged else "  a acknowledges", Ink.MUTED),
        )

    def watch_alerts(self, before: tuple[Alert, ...], alerts: tuple[Alert, ...]) -> None:
        """Others are active; the pane grows and shrinks with their number."""
        if len(before) != len(alerts):
            self.refresh(layout=True)
        self.update_lines()
