"""Bundles: how many, how full, why flushed; beside what the model expects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velox_tui.console.charts.raster import levels_of
from velox_tui.console.palette import Ink
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import per_second
from velox_tui.console.widgets.line import Line, Span, cells, left, line
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role, Word
from velox_tui.telemetry.units import UNKNOWN, format_percent

LABEL = 9
"""Cells of a line's name."""


@dataclass(frozen=True, slots=True)
class Flush:
    """What the interval's bundles were like; None: unknown, or there were none."""

    per_s: float | None
    fill: float | None
    size: float | None
    timeout: float | None
    drain: float | None
    late_per_s: float | None


def flush(sample: Sample, units: Word) -> Flush:
    """Of the stage that puts out units."""
    stage = units.stage
    bundles = sample.delta(Role.UNITS_OUT, stage=stage)
    transactions = sample.delta(Role.OUT, stage=stage)

    def share(role: Role) -> float | None:
        part = sample.delta(role, stage=stage)
        return part / bundles if bundles and part is not None else None

    return Flush(
        per_second(sample, units),
        transactions / bundles if bundles and transactions is not None else None,
        share(Role.FLUSH_SIZE),
        share(Role.FLUSH_TIMEOUT),
        share(Role.FLUSH_DRAIN),
        sample.rate(Role.FLUSH_LATE, stage=stage),
    )


class Bundles(PaneWidget):
    """Sample → one dense line, or as many lines as there is room for."""

    TITLE = "Bundles"
    HELP = """\
- **fill** transactions per bundle over the last interval. **expected** is what the model gives for the
  present rate, timeout and maximum: E[min(max, 1 + Poisson(rate × timeout))]. `—` where it does not apply
  (drops, other patterns).
- **size**, **timeout** why bundles were flushed: full, or their time was up. **drain** at the end only.
- **late** flushed later than their deadline allowed.
- **no wait** end-to-end latency less the wait in the open bundle: what the pipeline itself takes.
- **fills** how many bundles had 1, 2, … transactions.
"""

    def content(self, width: int, height: int) -> list[Line]:
        """One line says all there is room for; more lines say it one by one."""
        sample = self.sample
        units = None if sample is None else sample.run.topology.first(Role.UNITS_OUT)
        if sample is None or units is None:
            return []
        found = flush(sample, units)
        if height == 1:
            return [self._dense(sample, found, width)]
        return [
            self._named("rate", *numbers.rate(found.per_s, Ink.BRIGHT), ("/s   total ", Ink.MUTED))
            + numbers.total(sample.value(units), width - 30),
            self._named("fill", *self._fill(found.fill)) + self._expected(sample, "   "),
            self._named("flushed", *_share("size", found.size), *_share("  timeout", found.timeout)),
            self._named("no wait", *self._no_wait(sample, (0.5, 0.99))),
            self._fills(sample, units),
            self._named(
                "late", *numbers.loss(found.late_per_s), ("/s", Ink.MUTED), *_share("  drain", found.drain)
            ),
        ]

    def _named(self, name: str, *spans: Span) -> Line:
        return line((" " + left(name, LABEL), Ink.MUTED), *spans)

    def _dense(self, sample: Sample, found: Flush, width: int) -> Line:
        """All in one line; what does not fit goes from the end."""
        parts = (
            line((" bundles fill ", Ink.MUTED), *self._fill(found.fill)),
            line(*self._expected(sample, " ("), (")", Ink.MUTED)),
            line(*_share("  size", found.size), *_share(" timeout", found.timeout)),
            line(("  no wait ", Ink.MUTED), *self._no_wait(sample, (0.5,))),
        )
        dense: Line = ()
        for part in parts:
            if cells(dense) + cells(part) > width:
                break
            dense = line(*dense, *part)
        return dense

    def _fill(self, fill: float | None) -> Line:
        return ((UNKNOWN if fill is None else f"{fill:.2f}", Ink.TEXT if fill is None else Ink.BRIGHT),)

    def _expected(self, sample: Sample, before: str) -> Line:
        fill = sample.expected_fill
        return line((f"{before}expected ", Ink.MUTED), (UNKNOWN if fill is None else f"{fill:.2f}", Ink.TEXT))

    def _no_wait(self, sample: Sample, percentiles: tuple[float, ...]) -> Line:
        histogram = sample.run.topology.histogram(Role.LATENCY_NO_WAIT)
        found = self.windows.quantiles(sample, histogram, self.view)
        spans: list[Span] = []
        for p in percentiles:
            if len(percentiles) > 1:
                spans.append((f"p{100 * p:g} ", Ink.MUTED))
            spans += [*numbers.percentile(found, p), ("  ", Ink.TEXT)]
        return line(*spans[:-1])

    def _fills(self, sample: Sample, units: Word) -> Line:
        words = sorted(sample.run.topology.find(Role.FILL, stage=units.stage), key=lambda word: word.index)
        if sample.deltas is None or not words:
            return self._named("fills", (UNKNOWN, Ink.MUTED))
        counts = np.array([float(sample.deltas[word.index]) for word in words])
        graph = levels_of(np.where(counts > 0, counts, np.nan), self.glyphs.levels)
        return self._named("fills", ("1 ", Ink.MUTED), (graph, Ink.PRIMARY), (f" {len(words)}", Ink.MUTED))


def _share(name: str, ratio: float | None) -> Line:
    text = format_percent(ratio, decimals=1)
    return line((f"{name} ", Ink.MUTED), (text.rjust(5), Ink.TEXT if ratio else Ink.MUTED))
