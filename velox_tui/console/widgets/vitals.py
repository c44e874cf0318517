"""The vital numbers: throughput, end-to-end p99, drops, leak. One line, or digits three lines high."""

from __future__ import annotations

from dataclasses import dataclass

from textual.renderables.digits import DIGITS, DIGITS3X3

from velox_tui.console.glyphs import GraphStyle
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.line import Line, Span, cells, fit, line
from velox_tui.console.windows import Windows
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import UNKNOWN, format_grouped, format_ns, format_rate

_LARGE = 3
"""Lines of a large digit."""
NUMBER = 13
"""Cells of a large number: its digits stand still."""


@dataclass(frozen=True, slots=True)
class Vital:
    """A name, its number as text and how it stands."""

    name: str
    text: str
    ink: Ink


class Vitals(PaneWidget, can_focus=False):
    """Sample → four numbers."""

    TITLE = "Vitals"
    HELP = """\
- **tx/s** transactions that left the last stage in the last interval, per measured second.
- **p99** end-to-end latency since the intended arrival, over the percentile window.
- **drops/s** transactions lost in the last interval.
- **leak** residual of the ledger: always exactly 0.
"""

    def titled(self, height: int) -> bool:
        """The numbers name themselves."""
        return False

    def content(self, width: int, height: int) -> list[Line]:
        """Large digits where there is room for them."""
        if self.sample is None:
            return []
        found = vitals(self.sample, self.windows, self)
        large = [_large(vital, self.view.graph) for vital in found]
        share = width // len(found)
        longest = max(len(vital.name) for vital in found) + 2
        if height < _LARGE or longest + NUMBER > share or any(len(rows[0]) > NUMBER for rows in large):
            return [_dense(found, width)]
        return [_row(found, large, index, share) for index in range(_LARGE)]


def vitals(sample: Sample, windows: Windows, pane: PaneWidget) -> tuple[Vital, ...]:
    """Throughput, p99, drops, leak."""
    topology = sample.run.topology
    last = topology.stages[-1].index
    found = windows.quantiles(sample, topology.histogram(Role.LATENCY_EXIT, stage=last), pane.view)
    drops = sample.rate(Role.DROPPED)
    residual = None if sample.ledger is None else sample.ledger.residual
    return (
        Vital("tx/s", format_rate(sample.rate(Role.OUT, stage=last)), Ink.BRIGHT),
        Vital("p99", format_ns(None if found is None else found.p99), Ink.BRIGHT),
        Vital("drops/s", format_rate(drops), Ink.CRITICAL if drops else Ink.MUTED),
        Vital("leak", format_grouped(residual), Ink.CRITICAL if residual else Ink.OK),
    )


def _dense(found: tuple[Vital, ...], width: int) -> Line:
    """All in one line; with short names and no spare room where it is narrow."""
    spans: list[Span] = []
    for vital in found:
        spans += [(f" {vital.name} ", Ink.MUTED), (vital.text.rjust(6), vital.ink)]
    if cells(spans) > width:
        rate, latency, drops, leak = found
        spans = [(f" {rate.text:>5}", rate.ink), ("/s p99 ", Ink.MUTED), (f"{latency.text:>6}", latency.ink)]
        spans += [(" drop ", Ink.MUTED), (f"{drops.text:>5}", drops.ink), (" leak ", Ink.MUTED)]
        spans.append((leak.text, leak.ink))
    return fit(line(*spans), width)


def _large(vital: Vital, style: GraphStyle) -> tuple[str, ...]:
    """The number as three lines; its unit and, without box drawing, all of it stay small."""
    if style is GraphStyle.ASCII or vital.text == UNKNOWN:
        return ("", vital.text, "")
    rows = ["", "", ""]
    for character in vital.text:
        place = DIGITS.find(character)
        if character in "0123456789.," and place >= 0:
            for index in range(_LARGE):
                rows[index] += DIGITS3X3[place * _LARGE + index].ljust(1 if character in ".," else _LARGE)
        else:
            rows = [rows[0] + " ", rows[1] + " ", rows[2] + character]
    return tuple(rows)


def _row(found: tuple[Vital, ...], large: list[tuple[str, ...]], index: int, share: int) -> Line:
    spans: list[Span] = []
    for vital, rows in zip(found, large, strict=True):
        name = f" {vital.name} " if index == _LARGE - 1 else " " * (len(vital.name) + 2)
        number = rows[index].rjust(NUMBER)
        spans += [(name, Ink.MUTED), (number, vital.ink), (" " * (share - len(name) - NUMBER), Ink.TEXT)]
    return line(*spans)
