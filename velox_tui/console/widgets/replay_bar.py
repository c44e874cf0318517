"""The replay bar: where in the run one looks, with throughput and events of all that is kept."""

from __future__ import annotations

from textual import events

from velox_tui.console.charts import axes, raster
from velox_tui.console.charts.canvas import Canvas
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import clock_text, flow_word, rate_series, speed_text, wall_ns
from velox_tui.console.widgets.line import Line, cells, clean, fit, line
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.units import format_elapsed

_CAUSES = ("control", "marker")
"""Kinds of events that are told before what followed from them."""


class ReplayBar(PaneWidget):
    """Sample, view and history → one to three lines: time and overview, ticks of events."""

    TITLE = "Replay"
    HELP = """\
Shown while the view is paused or a recording is replayed; a pipeline, its sampling and recording go on.

- The time looked at, of how much there is (of a recording, since its first row); the speed of a replay. The
  bars: mean throughput of all that is kept; the thick line: where you are; the ticks: events. Below the time:
  what happened in the interval.
- `space` plays or stands, `,` `.` step by a reading, `<` `>` by ten seconds, `e` `E` to the next event and
  the one before, `home` `end` to the ends, `g` to a time, `(` `)` slower and faster. A click goes to that
  moment.
- Gaps in a recording, and between its runs, are played as two readings.
"""

    def titled(self, height: int) -> bool:
        """It needs every line."""
        return False

    def content(self, width: int, height: int) -> list[Line]:
        """Text and overview side by side; the ticks below."""
        sample, kept = self.sample, self._kept()
        if sample is None or kept is None:
            return []
        text = self._text(sample, kept)
        room = max(1, width - cells(text) - 1)
        span = self._span(kept, room)
        overview = Canvas(room, 2)
        overview.text(0, 0, self._rates(sample, span, room), Ink.SECONDARY)
        ticks = {span.column(event.mono_ns): event.severity for event in self.windows.events()}
        for column, severity in ticks.items():
            if column is not None:
                overview.text(1, column, self.glyphs.event, Ink.INFO if severity == "info" else Ink.WARN)
        position = span.column(self.view.end_ns(sample))
        if position is not None:
            overview.text(0, position, self.glyphs.position, Ink.FOCUS)
        bars, marks = overview.lines()
        return [line(*text, *bars), line(*self._happened(sample, cells(text)), *marks)][: max(1, height)]

    def _happened(self, sample: Sample, width: int) -> Line:
        """What happened in the interval looked at."""
        told = sorted(sample.events, key=lambda event: (event.kind not in _CAUSES, event.phase == "peak"))
        text = clean(told[0].text) if told else ""
        ink = Ink.INFO if not told or told[0].severity == "info" else Ink.WARN
        return (*fit(line((f" {text}", ink)), width - 1), (" ", Ink.TEXT))

    def _kept(self) -> tuple[int, int] | None:
        """First and last moment of the history."""
        history = self.windows.history
        if history is None or not len(history):
            return None
        return history.began_ns, history.ended_ns

    def _span(self, kept: tuple[int, int], room: int) -> axes.Span:
        """All that is kept, the last moment in the last column."""
        start_ns, end_ns = kept
        column_ns = (end_ns - start_ns) // room + 1
        return axes.Span(start_ns, column_ns, room)

    def _text(self, sample: Sample, kept: tuple[int, int]) -> Line:
        at, playback = self.view.end_ns(sample), self.view.playback
        start_ns = kept[0] if playback else sample.run.start_mono_ns
        glyphs = self.glyphs
        glyph = {"playing": glyphs.playing, "following": glyphs.record}.get(playback, glyphs.paused)
        spans = [
            (f" {glyph} ", Ink.WARN if glyph == glyphs.paused else Ink.OK),
            (f"{clock_text(wall_ns(sample, at))}Z", Ink.BRIGHT),
            (
                f" {format_elapsed(max(0, at - start_ns))} / {format_elapsed(max(0, kept[1] - start_ns))}",
                Ink.TEXT,
            ),
        ]
        if playback:
            spans.append((f" {speed_text(self.view.speed)}", Ink.MUTED))
        return line(*spans, ("  ", Ink.TEXT))

    def _rates(self, sample: Sample, span: axes.Span, room: int) -> str:
        topology = sample.run.topology
        word = flow_word(topology, topology.stages[0]) if topology.stages else None
        if word is None or self.windows.history is None:
            return ""
        times, values = self.windows.history.overview(rate_series(word), room)
        _, high = raster.columns_of(times, values, span.start_ns, span.end_ns, room)
        return raster.levels_of(high, self.glyphs.levels)

    def on_click(self, event: events.Click) -> None:
        """Asks for the moment under the mouse."""
        kept = self._kept()
        if self.sample is None or kept is None:
            return
        text = cells(self._text(self.sample, kept))
        room = max(1, self.content_size.width - text - 1)
        if text <= event.x < text + room:
            self.post_message(self.CursorMoved(self, self._span(kept, room).moment(event.x - text)))
