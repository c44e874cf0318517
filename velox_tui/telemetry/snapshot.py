"""One moment of a run with everything since its start: what is told to others who keep their own history."""

from __future__ import annotations

from dataclasses import dataclass

from velox_tui.telemetry import histogram
from velox_tui.telemetry.rates import Reading, Sampler
from velox_tui.telemetry.sample import Buckets, Sample


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A Sample, and the histograms of the whole run in the order of its topology; None: unknown."""

    sample: Sample
    histograms: tuple[Buckets | None, ...]


def of_reading(reading: Reading) -> Snapshot:
    """The snapshot of one reading. Its Sample has no rates: there is no reading before."""
    sample = Sampler().take(reading)
    if reading.histograms is None:
        return Snapshot(sample, (None,) * len(reading.run.topology.histograms))
    return Snapshot(sample, tuple(histogram.sparse(words) for words in reading.histograms))
