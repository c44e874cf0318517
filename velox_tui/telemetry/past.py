"""What may be asked of the past, whoever keeps it: a run that goes on, or a recording."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Buckets, Run, Sample
from velox_tui.telemetry.topology import Histogram


class Past(Protocol):
    """Samples by number and time; times are on the axis of Sample.mono_ns. See `History` for each."""

    interval_ns: int

    @property
    def run(self) -> Run:
        """What stays the same; of several runs, the first."""

    def __len__(self) -> int:
        """How many Samples there are."""

    @property
    def first(self) -> int:
        """Number of the oldest Sample."""

    @property
    def last(self) -> int:
        """Number of the newest Sample; `first` - 1 before there is any."""

    @property
    def began_ns(self) -> int:
        """Moment of the oldest Sample; 0 before there is any."""

    @property
    def ended_ns(self) -> int:
        """Moment of the newest Sample; 0 before there is any."""

    def moment_ns(self, number: int) -> int:
        """Moment of a Sample that there is."""

    def series(self, name: str, from_ns: int, to_ns: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times and values in [from_ns, to_ns], NaN in gaps; KeyError for an unknown name."""

    def overview(self, name: str, columns: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times and values of the whole, for so many columns; empty for an unknown name."""

    def merged(self, one: Histogram, from_ns: int, to_ns: int) -> Buckets | None:
        """What the intervals that end in (from_ns, to_ns] recorded together; None: unknown."""

    def heat(self, one: Histogram, from_ns: int, to_ns: int) -> tuple[tuple[int, int, Buckets], ...]:
        """(begin_ns, end_ns, Buckets) of every span that ends in (from_ns, to_ns]."""

    def number_at(self, mono_ns: int) -> int | None:
        """Number of the newest Sample that is not after the moment; None when there is none."""

    def sample_at(self, mono_ns: int) -> Sample | None:
        """The newest Sample that is not after the moment."""

    def sample(self, number: int) -> Sample | None:
        """The Sample of that number; None when it is not there."""
