"""A pane with one chart over time."""

from __future__ import annotations

from collections.abc import Mapping

from textual.events import Click
from textual.reactive import reactive

from velox_tui.console.charts.frame import GUTTER, marks_between, plot_size
from velox_tui.console.charts.plot import Curve, Limit, Picture, paint, span_of
from velox_tui.console.charts.subjects import FLOW, SUBJECTS, Subject
from velox_tui.console.palette import Ink
from velox_tui.console.view import SECOND_NS
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.choices import choices
from velox_tui.console.widgets.facts import clock_text, wall_ns
from velox_tui.console.widgets.line import Line, Span, cells, line
from velox_tui.telemetry.sample import Sample

LEGEND_HEIGHT = 10
"""From this height on a line names the curves with their values."""
AROUND = 4
"""Intervals before and after the crosshair in which the reading is looked for that covers it."""


class TimeChart(PaneWidget):
    """History → curves of one of its subjects; `x` (`view.series`) goes to the next.

    `limits` gives lines at values that should not be passed, by subject key.
    """

    TITLE = "Chart"
    HELP = """\
Values over time, from zero; the right edge is now, or the moment that is looked at. `x` next subject, `l`
linear or logarithmic, `[` `]` shorter or longer.

- **rate** per stage and second, **drops** lost per second, **p99** since intended arrival at each stage's
  exit, **occupancy** the highest of each ring in the interval as a share of it, **busy** share of time.
- A gap is a time without a reading. `▲` under the axis: an event. `╌` a limit of an alert.
- Arrows or a click place the crosshair: the values there are read out, of the reading that covers the moment.
- Stages have the same colour everywhere.
"""
    ESSENTIAL_ROWS = 1

    limits: reactive[Mapping[str, tuple[Limit, ...]]] = reactive({}, repaint=False)

    def __init__(
        self, subjects: tuple[str, ...] = FLOW, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """`subjects` are keys of SUBJECTS."""
        super().__init__(id=id, classes=classes)
        self.subjects = subjects

    @property
    def subject(self) -> Subject:
        """What is shown now."""
        return SUBJECTS[self.subjects[self.view.series % len(self.subjects)]]

    @property
    def logarithmic(self) -> bool:
        """Whether the value axis is logarithmic: the subject's way, turned by the user's `l`."""
        return self.subject.log != self.view.log_scale

    def natural_height(self, width: int) -> int:
        """Enough to read a curve."""
        return 12

    def title(self) -> str:
        """The subject's."""
        return self.subject.title

    def options(self, width: int) -> Line:
        """The crosshair's values, else the subjects to choose from."""
        if self.sample is not None and self.view.cursor_ns is not None:
            return self._readout(self.sample, self.view.cursor_ns, width)
        if len(self.subjects) == 1:
            return self._names(width)
        found = choices(self.subjects, self.subjects.index(self.subject.key), width - 3, self.glyphs)
        return line(*found, (" x", Ink.MUTED))

    def content(self, width: int, height: int) -> list[Line]:
        """The picture, and a legend above it where there is room."""
        sample = self.sample
        if sample is None:
            return []
        picture = self._picture(sample, width)
        lines = paint(picture, width, height - (1 if height >= LEGEND_HEIGHT else 0))
        if height >= LEGEND_HEIGHT:
            at = self.view.cursor_ns or self.view.end_ns(sample)
            lines.insert(0, self._legend(picture.curves, at, width))
        return lines

    def _picture(self, sample: Sample, width: int) -> Picture:
        view, subject = self.view, self.subject
        end_ns = view.end_ns(sample)
        span = span_of(width, end_ns, view.window_ns, view.graph)
        before_ns = 2 * (sample.interval_ns or 0)
        curves = subject.curves(sample.run.topology, self.windows, span.start_ns - before_ns, end_ns)
        marks = marks_between(self.windows.events(), span.start_ns, end_ns)
        return Picture(
            curves=curves,
            span=span,
            window_ns=view.window_ns,
            unit=subject.unit,
            log=self.logarithmic,
            marks=marks,
            limits=self.limits.get(subject.key, ()),
            cursor_ns=view.cursor_ns,
            style=view.graph,
        )

    def _names(self, width: int) -> Line:
        """The curves' names in their colours, where no legend shows them."""
        names: Line = line(("log" if self.logarithmic else "", Ink.MUTED))
        if self.sample is None or self.content_size.height > LEGEND_HEIGHT:
            return names
        for one in self.subject.named(self.sample.run.topology):
            if cells(names) + len(one.label) + 2 > width:
                break
            names = line(*names, (f"  {one.label}", one.ink))
        return names

    def _legend(self, curves: tuple[Curve, ...], at_ns: int, width: int) -> Line:
        spans: list[Span] = [(" " * GUTTER, Ink.TEXT)]
        for curve in curves:
            value = curve.at(at_ns)
            text = self.subject.unit(value) if value is not None else self.glyphs.unknown
            one = line((f"{self.glyphs.bar[-1]} ", curve.ink), (f"{curve.label} {text:<7} ", Ink.MUTED))
            if cells(spans) + cells(one) > width:
                break
            spans += one
        return line(*spans)

    def _readout(self, sample: Sample, at_ns: int, width: int) -> Line:
        """`12:04:31 Ingress 99.8k OrderBook 99.8k`, as many as fit."""
        around_ns = AROUND * (sample.interval_ns or SECOND_NS)
        topology = sample.run.topology
        curves = self.subject.curves(topology, self.windows, at_ns - around_ns, at_ns + around_ns)
        spans: list[Span] = [(clock_text(wall_ns(sample, at_ns)), Ink.CHOSEN)]
        for curve in curves:
            value = curve.at(at_ns)
            text = self.subject.unit(value) if value is not None else self.glyphs.unknown
            one: list[Span] = [(f" {curve.label} ", curve.ink), (text, Ink.BRIGHT)]
            if cells(spans) + cells(one) > width:
                break
            spans += one
        return line(*spans)

    def step(self, dx: int, dy: int) -> bool:
        """Left and right move the crosshair by a cell."""
        sample = self.sample
        if not dx or sample is None:
            return False
        width, _ = plot_size(*self.content_size)
        cell_ns = self.view.window_ns // max(1, width)
        end_ns = self.view.end_ns(sample)
        now = end_ns if self.view.cursor_ns is None else self.view.cursor_ns + dx * cell_ns
        least = end_ns - self.view.window_ns
        self.post_message(self.CursorMoved(self, min(max(now, least), end_ns)))
        return True

    def on_click(self, event: Click) -> None:
        """The crosshair goes under the mouse."""
        if self.sample is None or event.x < GUTTER:
            return
        width = self.content_size.width
        span = span_of(width, self.view.end_ns(self.sample), self.view.window_ns, self.view.graph)
        per_cell = span.columns // plot_size(width, 1)[0]
        moment = span.moment((event.x - GUTTER) * per_cell)
        self.post_message(self.CursorMoved(self, min(moment, self.view.end_ns(self.sample))))

    def watch_limits(self) -> None:
        """Other limits."""
        self.update_lines()
