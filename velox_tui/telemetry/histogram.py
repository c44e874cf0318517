"""Log-linear histograms as the engine keeps them (native/src/histogram.h): cumulative, 2048 buckets.

64 exact values, then 64 buckets an octave up to 2**37 - 1. A bucket is reported by its highest value, so a
percentile is never too low and at most 1/64 too high. A window is the difference of two readings or the sum
of intervals; percentiles come from merged counts, never from percentiles.

A cumulative array is uint64 of shape (1 + BUCKETS,): the exact sum of the values, then the counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from velox_tui.telemetry.sample import Buckets, Quantiles

SUB_BITS = 6
SUB = 1 << SUB_BITS
"""Buckets an octave, and the number of exact values."""
BUCKETS = 2048
MAXIMUM = 2**37 - 1
"""Larger values count in the last bucket, and whole in the sum."""
PERCENTILES = (0.5, 0.9, 0.99, 0.999, 0.9999)


def _edges() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    index = np.arange(BUCKETS, dtype=np.uint64)
    shift = np.maximum(index >> np.uint64(SUB_BITS), 1) - np.uint64(1)
    top = np.where(index < SUB, index, index % SUB + SUB)
    return top << shift, ((top + np.uint64(1)) << shift) - np.uint64(1)


LOWEST, HIGHEST = _edges()
"""Lowest and highest value of every bucket, uint64 of shape (BUCKETS,)."""
EMPTY = Buckets(np.empty(0, np.uint16), np.empty(0, np.uint64), 0)


def index_of(values: ArrayLike) -> NDArray[np.uint16]:
    """The bucket of each value (0 .. 2**64 - 1), of the values' shape."""
    found = np.searchsorted(LOWEST, np.asarray(values, np.uint64), side="right") - 1
    return found.astype(np.uint16)


def of_values(values: ArrayLike) -> Buckets:
    """The histogram of single values."""
    array = np.asarray(values, np.uint64).ravel()
    indices, counts = np.unique(index_of(array), return_counts=True)
    return Buckets(indices.astype(np.uint16), counts.astype(np.uint64), int(array.sum(dtype=np.uint64)))


def sparse(words: NDArray[np.uint64]) -> Buckets:
    """A cumulative or difference array as Buckets."""
    indices = np.flatnonzero(words[1:])
    return Buckets(indices.astype(np.uint16), words[1:][indices], int(words[0]))


def dense(buckets: Buckets) -> NDArray[np.uint64]:
    """Buckets as an array: sum, then every count; the inverse of `sparse`."""
    words = np.zeros(1 + BUCKETS, np.uint64)
    words[0] = buckets.total % 2**64
    words[1 + buckets.indices.astype(np.intp)] = buckets.counts
    return words


def differences(before: NDArray[np.uint64], now: NDArray[np.uint64]) -> tuple[Buckets | None, ...]:
    """What each of several histograms recorded between two cumulative readings, both of shape (histograms,
    1 + BUCKETS); None for one that went backwards: another run.

    All at once: a histogram by itself would cost some tens of calls for each of a reading's twenty.
    """
    grown = now - before
    backwards = np.any(now[:, 1:] < before[:, 1:], axis=1)
    rows, columns = np.nonzero(grown[:, 1:])
    counts, indices = grown[rows, columns + 1], columns.astype(np.uint16)
    ends = np.searchsorted(rows, np.arange(len(now) + 1))
    totals = grown[:, 0].tolist()
    return tuple(
        None if back else Buckets(indices[first:end], counts[first:end], total)
        for back, first, end, total in zip(backwards.tolist(), ends[:-1], ends[1:], totals, strict=True)
    )


def merge(parts: Iterable[Buckets]) -> Buckets:
    """The histogram of all values of the parts; exact below 2**53 values a bucket."""
    parts = tuple(parts)
    if not parts:
        return EMPTY
    summed = np.bincount(
        np.concatenate([one.indices for one in parts]),
        np.concatenate([one.counts for one in parts]).astype(np.float64),
        BUCKETS,
    )
    indices = np.flatnonzero(summed)
    counts = summed[indices].astype(np.uint64)
    return Buckets(indices.astype(np.uint16), counts, sum(one.total for one in parts))


def count(buckets: Buckets) -> int:
    """How many values."""
    return int(buckets.counts.sum())


@lru_cache(maxsize=64)
def _fraction(p: float) -> Fraction:
    if not 0 <= p <= 1:
        raise ValueError(f"a percentile is between 0 and 1, not {p}")
    return Fraction(repr(p))


def rank(p: float, n: int) -> int:
    """ceil(p * n), at least 1, computed with the decimal that p was written as."""
    exact = _fraction(p)
    return max(1, -(-exact.numerator * n // exact.denominator))


def _ranks(n: int) -> list[int]:
    """`rank` of each of PERCENTILES, and of the greatest value."""
    return [max(1, -(-numerator * n // denominator)) for numerator, denominator in _RATIOS]


_RATIOS = tuple(_fraction(p).as_integer_ratio() for p in (*PERCENTILES, 1.0))


def quantile_indices(buckets: Buckets, percentiles: Iterable[float]) -> NDArray[np.uint16]:
    """The bucket that holds each percentile's rank. Raises ValueError when nothing was recorded."""
    cumulated = np.cumsum(buckets.counts)
    if not len(cumulated):
        raise ValueError("an empty histogram has no percentiles")
    ranks = np.array([rank(p, int(cumulated[-1])) for p in percentiles], np.uint64)
    return buckets.indices[np.searchsorted(cumulated, ranks)]


def value_at(buckets: Buckets, p: float) -> int | None:
    """The highest equivalent value at percentile p (0..1); None when nothing was recorded."""
    return int(HIGHEST[quantile_indices(buckets, (p,))[0]]) if len(buckets.counts) else None


def maximum(buckets: Buckets) -> int | None:
    """The highest equivalent value of the largest recorded one; None when nothing was recorded."""
    return int(HIGHEST[buckets.indices[-1]]) if len(buckets.indices) else None


def quantiles(buckets: Buckets | None) -> Quantiles | None:
    """All that the screens show of one histogram; None when unknown or nothing was recorded."""
    return all_quantiles((buckets,))[0]


def all_quantiles(parts: Sequence[Buckets | None]) -> tuple[Quantiles | None, ...]:
    """The same of several, looked up at once: counts of all are summed in one row, in which a rank is looked
    for behind what lies before its histogram.
    """
    known = [one for one in parts if one is not None and len(one.counts)]
    if not known:
        return (None,) * len(parts)
    cumulated = np.cumsum(np.concatenate([one.counts for one in known]))
    ends = np.cumsum([len(one.counts) for one in known])
    before = [0, *cumulated[ends[:-1] - 1].tolist()]
    numbers = [(end - begin) % 2**64 for begin, end in zip(before, cumulated[ends - 1].tolist(), strict=True)]
    ranks = [(begin + place) % 2**64 for begin, n in zip(before, numbers, strict=True) for place in _ranks(n)]
    indices = np.concatenate([one.indices for one in known])
    found_at = np.searchsorted(cumulated, np.array(ranks, np.uint64))
    places = indices[np.minimum(found_at, len(indices) - 1)]  # beyond only where counts pass 2**64 together
    values = HIGHEST[places].reshape(len(known), -1).tolist()
    found = iter(
        Quantiles(n, one.total / n, *row) for one, n, row in zip(known, numbers, values, strict=True)
    )
    return tuple(next(found) if one is not None and len(one.counts) else None for one in parts)


def beyond(buckets: Buckets, p: float) -> int:
    """How many recorded values lie beyond the percentile's rank: with fewer than ten it says little."""
    n = count(buckets)
    return n - rank(p, n) if n else 0


def high_water(buckets: Buckets | None, capacity: int) -> int | None:
    """The highest occupancy of a ring seen in a window, in slots; a bucket's upper edge is no more than the
    ring.
    """
    highest = None if buckets is None else maximum(buckets)
    return None if highest is None else min(highest, capacity)
