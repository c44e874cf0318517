"""Arithmetic done apart from the product: what Samples say, by the words' names and the histograms'
definition.
"""

from __future__ import annotations

from collections import Counter

from panes import SECOND_NS, Past

from velox_tui.console.view import ViewState
from velox_tui.telemetry.sample import Buckets, Sample

STAGES = ("ingress", "order_book", "bundle", "output")
EXITS = ("ingress_exit", "order_book_exit", "bundle_exit", "e2e")
FLOWS = ("ingress_pushed_total", "order_book_out_total", "bundle_out_total", "output_bundles_total")
SECONDS = (2, 13, 14, 21, 22, 41, 60, 89)
"""Quiet, burst, stall and late seconds, and what follows them."""


def word(sample: Sample, name: str) -> int:
    return int(sample.words[sample.run.topology.by_name[name].index])


def delta(sample: Sample, name: str) -> int:
    assert sample.deltas is not None
    return int(sample.deltas[sample.run.topology.by_name[name].index])


def per_s(sample: Sample, name: str) -> float:
    assert sample.interval_ns
    return delta(sample, name) / (sample.interval_ns / SECOND_NS)


def highest(bucket: int) -> int:
    """The highest value of a bucket, by the definition in native/src/histogram.h."""
    if bucket < 64:
        return bucket
    octave, part = divmod(bucket, 64)
    return ((part + 65) << (octave - 1)) - 1


def recorded(known: Past, upto: int, seconds: int, name: str) -> Counter[int]:
    """All that a histogram recorded in the last so many intervals, by value."""
    found: Counter[int] = Counter()
    for sample in known.samples[max(1, upto - seconds + 1) : upto + 1]:
        index = next(one.index for one in sample.run.topology.histograms if one.name == name)
        assert sample.histograms is not None
        part = sample.histograms[index]
        if isinstance(part, Buckets):
            found.update({highest(int(i)): int(n) for i, n in zip(part.indices, part.counts, strict=True)})
    return found


def percentile(found: Counter[int], parts: int, of: int) -> int:
    """The value of rank ceil(parts / of * n)."""
    rank = max(1, -(-parts * found.total() // of))
    seen = 0
    for value, count in sorted(found.items()):
        seen += count
        if seen >= rank:
            return value
    raise AssertionError("nothing recorded")


def view(sample: Sample, seconds: int | None = 10) -> ViewState:
    window_ns = None if seconds is None else seconds * SECOND_NS
    return ViewState(percentile_window_ns=window_ns, paused_at_ns=sample.mono_ns)


def exact_mean(sample: Sample, name: str) -> float:
    """By the exact sum of what an interval recorded."""
    index = next(one.index for one in sample.run.topology.histograms if one.name == name)
    assert sample.histograms is not None
    part = sample.histograms[index]
    assert part is not None
    return part.total / int(part.counts.sum())
