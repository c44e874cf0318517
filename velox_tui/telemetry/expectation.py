"""How full bundles should be: the model, to be shown beside what is measured.

A bundle takes its first transaction, then what arrives within the timeout T, up to its maximum m. With
Poisson arrivals of rate λ the number that follow is Poisson(λT), so the mean fill is E[min(m, 1 +
Poisson(λT))] and a bundle is flushed by size with probability P(Poisson(λT) >= m - 1). With constant arrivals
ceil(λT) - 1 follow, for what comes at the deadline is too late. Both hold for stages that serve promptly;
waiting by parking moves the fill, which is shown, not hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.topology import Role, Topology


class Pattern(IntEnum):
    """Arrival patterns (velox_pattern)."""

    POISSON = 0
    CONSTANT = 1
    BURSTS = 2
    RAMP = 3
    MAX = 4
    FILE = 5


MOST = 65_536
"""Transactions a bundle. The sum has as many terms, and another process's pipeline may name any number."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Means per bundle: fill in transactions, and the shares flushed by size and by timeout."""

    fill: float
    size_ratio: float

    @property
    def timeout_ratio(self) -> float:
        """Share of bundles flushed by timeout."""
        return 1 - self.size_ratio


@lru_cache(maxsize=256)
def expect(pattern: Pattern, rate_hz: float, timeout_ns: int, bundle_max: int) -> Expectation | None:
    """The model's means; None for patterns it does not cover, settings without meaning, or beyond MOST."""
    if rate_hz <= 0 or timeout_ns <= 0 or not 1 <= bundle_max <= MOST:
        return None
    if pattern == Pattern.CONSTANT:
        following = math.ceil(rate_hz * timeout_ns / 1e9) - 1
        return Expectation(min(bundle_max, 1 + following), 1.0 if following >= bundle_max - 1 else 0.0)
    if pattern == Pattern.POISSON:
        return _poisson(rate_hz * timeout_ns / 1e9, bundle_max)
    return None


def _poisson(mean: float, bundle_max: int) -> Expectation:
    """E[min(m, 1 + N)] = m - sum over n < m - 1 of (m - 1 - n) P(N = n), with N Poisson of the mean."""
    missing = 0.0
    below = 0.0
    for n in range(bundle_max - 1):
        probability = math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
        missing += (bundle_max - 1 - n) * probability
        below += probability
    return Expectation(bundle_max - missing, max(0.0, 1 - below))


def expected(
    topology: Topology, before: NDArray[np.uint64], now: NDArray[np.uint64], dropped: int
) -> Expectation | None:
    """The expectation for the interval between two readings, from their words.

    None when something was dropped, when rate, bundle settings or hold changed in between, while ingress is
    held, and where the pipeline has no such settings.
    """
    pattern = topology.by_name.get("config_pattern")
    roles = (Role.RATE_MILLIHZ, Role.BUNDLE_TIMEOUT_NS, Role.BUNDLE_MAX, Role.HOLD)
    words = [topology.first(role) for role in roles]
    if dropped or pattern is None or any(word is None for word in words):
        return None
    settings = [(int(before[word.index]), int(now[word.index])) for word in words if word]
    if any(was != is_ for was, is_ in settings) or settings[3][1]:
        return None
    kind = int(now[pattern.index])
    if kind not in (Pattern.POISSON, Pattern.CONSTANT):
        return None
    return expect(Pattern(kind), settings[0][1] / 1000, settings[1][1], settings[2][1])
