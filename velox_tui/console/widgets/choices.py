"""Options at the right of a title: all choices, the present one marked by brackets, weight and colour."""

from __future__ import annotations

from collections.abc import Sequence

from velox_tui.console.glyphs import Glyphs
from velox_tui.console.palette import Ink
from velox_tui.console.view import PERCENTILE_WINDOWS_NS, ViewState
from velox_tui.console.widgets.line import BLANK, Line, Span, cells, line
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.units import exact_duration


def choices(names: Sequence[str], chosen: int, width: int, drawn: Glyphs, label: str = "") -> Line:
    """`label one ‹two› three`; only the chosen one where the width is too small for all, nothing where for
    neither.
    """
    spans: list[Span] = [(f"{label} ", Ink.MUTED)] if label else []
    opening, closing = drawn.chosen
    for index, name in enumerate(names):
        if index == chosen:
            spans.append((f"{opening}{name}{closing}", Ink.CHOSEN))
        else:
            spans.append((f" {name} ", Ink.MUTED))
    if cells(spans) <= width:
        return line(*spans)
    short = line((f"{label} ", Ink.MUTED) if label else ("", Ink.MUTED), (names[chosen], Ink.CHOSEN))
    return short if cells(short) <= width else BLANK


def window_name(window_ns: int | None) -> str:
    """`10s`, `1m`, `run`."""
    return "run" if window_ns is None else exact_duration(window_ns)


def percentile_windows(
    view: ViewState, width: int, drawn: Glyphs, label: str = "latency", *, sample: Sample | None = None
) -> Line:
    """The windows that percentiles are taken over; without histograms there is only the sample's interval."""
    if sample is not None and sample.histograms is None:
        interval = line((f"{label} ", Ink.MUTED), ("of the interval", Ink.CHOSEN))
        return interval if cells(interval) <= width else BLANK
    names = [window_name(window_ns) for window_ns in PERCENTILE_WINDOWS_NS]
    name = window_name(view.percentile_window_ns)
    if name not in names:
        names.append(name)
    return choices(names, names.index(name), width, drawn, label)
