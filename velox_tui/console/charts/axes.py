"""Axes: where the ticks are and what they say. Values start at zero (or, on a logarithmic axis, at a decade);
ticks are 1, 2 or 5 times a power of ten; time runs to the moment that is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_HEADROOM = 1.1
_TOPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_SECOND_NS = 10**9
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Scale:
    """A value axis. `bottom` and `top` are where places are linear: values, or their log10."""

    bottom: float
    top: float
    ticks: tuple[float, ...]
    """Values, ascending."""
    log: bool = False

    def place(self, values: Floats) -> Floats:
        """Values as `bottom` and `top` are; on a logarithmic axis zero and less lie at the bottom."""
        if not self.log:
            return values
        placed: Floats = np.log10(np.maximum(values, 10.0**self.bottom))
        return placed

    def share(self, value: float) -> float:
        """How far up a value lies, 0..1 within the axis."""
        placed = float(self.place(np.array([value]))[0])
        return (placed - self.bottom) / (self.top - self.bottom)


def step_of(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 × 10^k that divides `span` into at most `most` parts."""
    rough = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 5):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10 * power


def linear(highest: float, most_ticks: int) -> Scale:
    """From zero to a round number with at least a tenth of room above `highest`, so that a steady value does
    not make the axis jump; 0..1 where nothing above 0 is known.
    """
    wanted = highest * _HEADROOM if math.isfinite(highest) and highest > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    top = power * next(factor for factor in _TOPS if factor * power >= wanted * (1 - 1e-9))
    step = step_of(top, most_ticks)
    if step > top:
        step = max(factor * power for factor in (1, 2, 5) if factor * power <= top)
    count = math.floor(top / step * (1 + 1e-9))
    return Scale(0.0, top, tuple(index * step for index in range(count + 1)))


def logarithmic(lowest: float, highest: float, most_ticks: int) -> Scale:
    """From the 1, 2 or 5 × 10^k at or below `lowest` to that above `highest`; 1..10 where none is known.
    Ticks are decades, or 1, 2, 5 where few decades are shown.
    """
    if not (math.isfinite(lowest) and math.isfinite(highest)) or highest <= 0:
        lowest, highest = 1.0, 9.0
    lowest = max(min(lowest, highest), highest * 1e-9)
    exponents = range(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 2)
    steps = [factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)]
    bottom = max(step for step in steps if step <= lowest * (1 + 1e-9))
    top = min(step for step in steps if step >= highest * _HEADROOM)
    inside = [step for step in steps if bottom < step <= top]
    decades = [step for step in inside if math.log10(step) % 1 < 1e-9 or math.log10(step) % 1 > 1 - 1e-9]
    chosen = inside if len(inside) <= most_ticks or not decades else decades
    every = max(1, math.ceil(len(chosen) / max(1, most_ticks)))
    return Scale(math.log10(bottom), math.log10(top), (bottom, *chosen[::every]), True)


def tick_rows(scale: Scale, rows: int) -> dict[int, float]:
    """The cell row (0 at the top) that each tick above the lowest falls on; the lowest lies on the axis."""
    found: dict[int, float] = {}
    for tick in reversed(scale.ticks[1:]):
        row = rows - 1 - math.floor(scale.share(tick) * rows * (1 + 1e-9))
        found.setdefault(max(0, row), tick)
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """The time a chart shows, [start_ns, end_ns), a whole number of columns: it moves by whole columns, so
    that what is past does not flicker.
    """

    start_ns: int
    column_ns: int
    """Time of one column."""
    columns: int

    @property
    def end_ns(self) -> int:
        """Where the last column ends."""
        return self.start_ns + self.column_ns * self.columns

    def column(self, mono_ns: int) -> int | None:
        """The column of a moment; None outside."""
        if not self.start_ns <= mono_ns < self.end_ns:
            return None
        return (mono_ns - self.start_ns) // self.column_ns

    def moment(self, column: int) -> int:
        """The middle of a column."""
        return self.start_ns + column * self.column_ns + self.column_ns // 2


def span(end_ns: int, window_ns: int, columns: int) -> Span:
    """`columns` columns of about window_ns in all, the last of which holds `end_ns`."""
    column_ns = max(1, window_ns // max(1, columns))
    end = (end_ns // column_ns + 1) * column_ns
    return Span(end - column_ns * columns, column_ns, columns)


def age_text(age_ns: int) -> str:
    """`0`, `-30s`, `-5m`, `-1h`, `-1m30s`."""
    seconds = round(age_ns / _SECOND_NS)
    if not seconds:
        return "0"
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "-" + "".join(f"{number}{unit}" for number, unit in parts if number)


def time_ticks(window_ns: int, width: int, apart: int = 10) -> list[tuple[int, str]]:
    """(cell column, text) of the time axis from left to right: 0 at the right edge, others at round ages at
    least `apart` cells apart."""
    seconds = window_ns / _SECOND_NS
    fitting = [step for step in _TIME_STEPS_S if step / seconds * width >= apart]
    ticks = [(width - 1, "0")]
    if fitting:
        for age_s in range(fitting[0], int(seconds) + 1, fitting[0]):
            ticks.append((round((width - 1) * (1 - age_s / seconds)), age_text(age_s * _SECOND_NS)))
    return ticks[::-1]


def time_labels(window_ns: int, width: int, notes: tuple[tuple[int, str], ...] = ()) -> str:
    """One line of `width` cells: the time ticks, and notes (column, text), later ones first, that take
    precedence over all but the 0 at the right edge.
    """
    return placed([(width - 1, "0"), *reversed(notes), *time_ticks(window_ns, width)[:-1]], width)


def placed(labels: Iterable[tuple[int, str]], width: int) -> str:
    """One line of `width` cells with each label (column, text) centred on its column, as far as it fits in
    the line; one that would touch an earlier one is left out.
    """
    cells = [" "] * width
    taken = [False] * width
    for column, text in labels:
        start = min(max(0, column - len(text) // 2), max(0, width - len(text)))
        if len(text) <= width and not any(taken[max(0, start - 1) : start + len(text) + 1]):
            cells[start : start + len(text)] = text
            taken[start : start + len(text)] = [True] * len(text)
    return "".join(cells)
