"""Two recordings, figure by figure: how much they differ, and whether by more than they vary themselves.

The rule: a difference is beyond the spread when it is larger than the interquartile range of either
recording's values interval by interval, that is than the width of the middle half of its intervals. It
describes, it does not test: intervals that follow each other are not independent, so no probability is given.
With fewer than INTERVALS_MIN intervals on either side the spread is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INTERVALS_MIN = 4


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One number about a recording. `value`: of the whole, None unknown; `intervals`: the known ones of its
    intervals, empty where the figure has none (a total).
    """

    value: float | int | None
    intervals: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both. None is unknown."""

    name: str
    a: float | int | None
    b: float | int | None
    spread: float | None
    """The larger interquartile range of the two, in the figure's unit."""

    @property
    def change(self) -> float | int | None:
        """b - a."""
        return None if self.a is None or self.b is None else self.b - self.a

    @property
    def change_ratio(self) -> float | None:
        """The change by the amount of a; infinite from 0 to something."""
        if self.a is None or self.change is None:
            return None
        if self.a:
            return self.change / abs(self.a)
        return float(np.copysign(np.inf, self.change)) if self.change else 0.0

    @property
    def beyond(self) -> bool | None:
        """Whether the change is larger than the spread; None where one is unknown."""
        return None if self.change is None or self.spread is None else abs(self.change) > self.spread


def differences(a: Mapping[str, Figure], b: Mapping[str, Figure]) -> tuple[Difference, ...]:
    """Every figure of either, in the order of the first, then what only the second has."""
    nothing = Figure(None, np.empty(0))
    names = [*a, *(name for name in b if name not in a)]
    pairs = ((name, a.get(name, nothing), b.get(name, nothing)) for name in names)
    return tuple(
        Difference(name, one.value, other.value, spread(one.intervals, other.intervals))
        for name, one, other in pairs
    )


def spread(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """The larger interquartile range (quartiles by linear interpolation); None with too few intervals."""
    if min(len(a), len(b)) < INTERVALS_MIN:
        return None
    return max(float(np.subtract(*np.percentile(values, (75, 25)))) for values in (a, b))
