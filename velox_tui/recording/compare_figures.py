"""What a recording comes to, by the names of its columns, so that it works for pipelines of any shape.

Rates and shares are means weighted by the intervals' measured time, the mean fill by their bundles; losses
are sums of what each run lost while it was recorded. Percentiles are those of all intervals' histograms
merged, never means of percentiles: without frames they are unknown. Only intervals of a running pipeline
count for rates, shares and spread.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.compare import Figure
from velox_tui.recording.intervals import Interval
from velox_tui.recording.reader.columns import Cut
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Quantiles
from velox_tui.telemetry.topology import Role, Unit

INTERVAL, FILL, UNITS = "interval_ns", "mean_fill", "bundles_per_s"
RESIDUAL = "ledger_residual"
_QUANTILES = {"p50": "p50", "p90": "p90", "p99": "p99", "p999": "p999", "max": "maximum"}
_Values = NDArray[np.float64]


def is_mean(name: str) -> bool:
    """Whether the column is a rate or share of the interval."""
    of_core = name.startswith("core") and name.removeprefix("core").removesuffix("_ratio").isdigit()
    return name.endswith(("_per_s", "_ratio")) and not of_core


def is_loss(name: str) -> bool:
    """Whether the column counts transactions that were lost or not applied."""
    lost = "_dropped_" in name or "_rejected_" in name
    return lost and name.endswith("_total") and not name.startswith("cut_")


def _is_of_intervals(name: str) -> bool:
    return is_mean(name) or is_percentile(name) or name in (FILL, INTERVAL)


class Rows:
    """The columns that are compared, of all rows. `add` is called with some after others."""

    def __init__(self) -> None:
        """Nothing added yet."""
        self.count = 0
        self._names: dict[str, None] = {}
        """Columns of intervals, in the order in which they were met."""
        self._blocks: list[tuple[int, dict[str, _Values]]] = []
        """Intervals of a running pipeline: how many, and their values by column."""
        self._bounds: dict[tuple[str, bytes], list[int]] = {}
        """Of each loss and run: first and last total."""
        self._residual: int | None = None

    def add(self, cut: Cut) -> None:
        """Some rows. InputError for a row without cells and for a cell that is no number."""
        for row, why in cut.unreadable.items():
            raise InputError(f"row {self.count + row + 1}: {why}")
        wanted = list(filter(_is_of_intervals, cut.places))
        self._names.update(dict.fromkeys(wanted))
        found = {name: self._column(cut, name) for name in wanted}
        self._add_losses(cut)
        if RESIDUAL in cut.places:
            known = np.abs(self._column(cut, RESIDUAL))
            known = known[~np.isnan(known)]
            if len(known):
                self._residual = max(self._residual or 0, int(known.max()))
        if INTERVAL in found and "state" in cut.places:
            kept = (cut.texts("state") == b"running") & ~np.isnan(found[INTERVAL])
            self._blocks.append((int(kept.sum()), {name: values[kept] for name, values in found.items()}))
        self.count += len(cut)

    def _add_losses(self, cut: Cut) -> None:
        runs = cut.texts("run_id") if "run_id" in cut.places else np.zeros(len(cut), "S1")
        begins = [0, *(np.flatnonzero(runs[1:] != runs[:-1]) + 1).tolist()]
        for name in filter(is_loss, cut.places):
            totals = np.nan_to_num(self._column(cut, name))
            for begin, end in zip(begins, [*begins[1:], len(cut)], strict=True):
                first, last = int(totals[begin]), int(totals[end - 1])
                self._bounds.setdefault((name, bytes(runs[begin])), [first, last])[1] = last

    def _column(self, cut: Cut, name: str) -> _Values:
        def refuse(row: int, text: str) -> None:
            raise InputError(f"row {self.count + row + 1}, {name}: {text!r} is no number")

        values = cut.floats(name, refuse)
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            raise InputError(f"row {self.count + int(infinite[0]) + 1}, {name}: the number is too large")
        return values

    @property
    def intervals(self) -> int:
        """How many intervals of a running pipeline there are."""
        return sum(number for number, _ in self._blocks)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of intervals that are kept."""
        return tuple(self._names)

    def column(self, name: str) -> _Values:
        """The known values of the intervals."""
        values = self._all(name)
        return values[~np.isnan(values)]

    def figures(self) -> dict[str, Figure]:
        """All figures that rows can tell, in the order of the columns."""
        weights = self._all(INTERVAL)
        found = {name: self._mean(name, weights) for name in self._names if is_mean(name)}
        if FILL in self._names:
            found[FILL] = self._mean(FILL, weights * self._all(UNITS) if UNITS in self._names else weights)
        losses = dict.fromkeys(name for name, _ in self._bounds)
        for loss in losses:
            lost = sum(last - first for (name, _), (first, last) in self._bounds.items() if name == loss)
            found[loss] = Figure(lost, np.empty(0))
        found[RESIDUAL] = Figure(self._residual, np.empty(0))
        return found

    def _mean(self, name: str, weights: _Values) -> Figure:
        values = self._all(name)
        known = ~np.isnan(values) & ~np.isnan(weights)
        whole = float(weights[known].sum())
        mean = float((values[known] * weights[known]).sum()) / whole if whole else None
        return Figure(mean, values[known])

    def _all(self, name: str) -> _Values:
        """Of every interval; NaN unknown."""
        parts = (found.get(name, np.full(number, np.nan)) for number, found in self._blocks)
        return np.concatenate([np.empty(0), *parts])


def is_percentile(name: str) -> bool:
    """Whether the column is a percentile of a latency in the interval."""
    return name.endswith(tuple(f"_{short}_ns" for short in _QUANTILES))


def percentiles(rows: Rows, intervals: Iterable[Interval]) -> dict[str, Figure]:
    """Of every histogram of latencies in the intervals, merged; the spread from the rows."""
    sums: dict[str, NDArray[np.uint64]] = {}
    for one in intervals:
        for place in one.run.topology.histograms:
            buckets = one.histograms[place.index]
            if buckets is not None and place.role == Role.LATENCY_EXIT and place.unit == Unit.NS:
                merged = sums.setdefault(place.name, np.zeros(1 + histogram.BUCKETS, np.uint64))
                merged[0] += np.uint64(buckets.total % 2**64)
                merged[1 + buckets.indices.astype(np.intp)] += buckets.counts
    return {
        f"{name}_{short}_ns": Figure(_quantile(merged, long), rows.column(f"{name}_{short}_ns"))
        for name, merged in sums.items()
        for short, long in _QUANTILES.items()
    }


def unknown_percentiles(rows: Rows, names: Iterable[str]) -> dict[str, Figure]:
    """The same figures where there are no frames: of intervals only, the whole unknown."""
    return {name: Figure(None, rows.column(name)) for name in names if is_percentile(name)}


def _quantile(merged: NDArray[np.uint64], name: str) -> int | None:
    found: Quantiles | None = histogram.quantiles(histogram.sparse(merged))
    return None if found is None else int(getattr(found, name))
