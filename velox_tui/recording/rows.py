"""Samples as rows of the recording: all columns of a pipeline's shape, in the order of the contract.

First what identifies the row, then every cumulative counter, the ledger at the newest cut, gauges and
settings, ring high-water marks, then what follows from two readings: rates, percentiles, prices, cores,
expectation and events.
"""

from __future__ import annotations

import os

from velox_tui.recording import columns_histograms as histograms
from velox_tui.recording import columns_moment as moment
from velox_tui.recording import columns_rates as rates
from velox_tui.recording import columns_words as words
from velox_tui.recording.columns import Cell, Column, line, unique
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Kind, Topology


class Rows:
    """Columns of a topology and the row of each Sample. Remembers only the rings' high-water marks."""

    def __init__(self, topology: Topology, *, cores: int | None = None) -> None:
        """`cores`: how many cores have a column; by default all of this machine."""
        self._groups = unique(
            (
                words.lead(),
                words.words(topology, Kind.COUNTER),
                words.at_cut(topology),
                words.words(topology, Kind.GAUGE, Kind.CONFIG),
                histograms.RunHighWater(topology).group(),
                rates.rates(topology),
                histograms.percentiles(topology),
                moment.best_prices(topology),
                moment.cores(os.cpu_count() or 1 if cores is None else cores),
                moment.expected_fill(),
                moment.events(),
            )
        )
        self.columns: tuple[Column, ...] = tuple(one for group in self._groups for one in group.columns)

    @property
    def header(self) -> bytes:
        """The header row with its line feed."""
        return line(column.name for column in self.columns)

    def cells(self, sample: Sample) -> list[Cell]:
        """One value a column."""
        return [cell for group in self._groups for cell in group.values(sample)]

    def row(self, sample: Sample) -> bytes:
        """The row as it is written."""
        return line(self.cells(sample))
