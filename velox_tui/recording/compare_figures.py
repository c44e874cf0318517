"""What a recording comes to, by the names of its columns, so that it works for pipelines of any shape.

Rates and shares are means weighted by the intervals' measured time, the mean fill by their bundles; losses
are sums of what each run lost while it was recorded. Percentiles are those of all intervals' histograms
merged, never means of percentiles: without frames they are unknown. Only intervals of a running pipeline
count for rates, shares and spread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.compare import Figure
from velox_tui.recording.intervals import Interval
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


class Rows:
    """The columns that are compared, of all rows. `add` is called with each in turn."""

    def __init__(self) -> None:
        """Nothing added yet."""
        self.count = 0
        self._header: tuple[str, ...] = ()
        self._losses: tuple[str, ...] = ()
        self._values: dict[str, list[float]] = {}
        """Of the intervals of a running pipeline, all of equal length; NaN unknown."""
        self._bounds: dict[tuple[str, str], list[int]] = {}
        """Of each loss and run: first and last total."""
        self._residual: int | None = None

    def add(self, row: Mapping[str, str]) -> None:
        """One row by name. InputError for a cell that is no number."""
        self.count += 1
        if tuple(row) != self._header:
            self._learn(tuple(row))
        for name in self._losses:
            total = int(self._number(row, name) or 0)
            self._bounds.setdefault((name, row.get("run_id", "")), [total, total])[1] = total
        if row.get(RESIDUAL):
            self._residual = max(self._residual or 0, abs(int(self._number(row, RESIDUAL) or 0)))
        if row.get("state") == "running" and row.get(INTERVAL):
            for name, values in self._values.items():
                found = self._number(row, name)
                values.append(np.nan if found is None else found)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of intervals that are kept."""
        return tuple(self._values)

    def column(self, name: str) -> _Values:
        """The known values of the intervals."""
        values = self._all(name)
        return values[~np.isnan(values)]

    def figures(self) -> dict[str, Figure]:
        """All figures that rows can tell, in the order of the columns."""
        weights = self._all(INTERVAL)
        found = {name: self._mean(name, weights) for name in self._values if is_mean(name)}
        if FILL in self._values:
            found[FILL] = self._mean(FILL, weights * self._all(UNITS) if UNITS in self._values else weights)
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
        return np.array(self._values.get(name, ()), np.float64)

    def _learn(self, header: tuple[str, ...]) -> None:
        """Which columns there are from here on."""
        self._header = header
        self._losses = tuple(filter(is_loss, header))
        before = len(self._values.get(INTERVAL, ()))
        for name in header:
            if is_mean(name) or is_percentile(name) or name in (FILL, INTERVAL):
                self._values.setdefault(name, [np.nan] * before)

    def _number(self, row: Mapping[str, str], name: str) -> float | None:
        text = row.get(name)
        try:
            return float(text) if text else None
        except ValueError:
            raise InputError(f"row {self.count}, {name}: {text!r} is no number") from None


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
