"""Threads, cores and order book of canned readings."""

from __future__ import annotations

import math

import numpy as np

from velox_tui.sources.canned_topology import LEVELS, STAGES
from velox_tui.telemetry.book import BestPair
from velox_tui.telemetry.cores import CoreTimes, SystemReading, ThreadTimes
from velox_tui.telemetry.sample import Depth

CORES = 8
OWN_RATIO = 0.006
"""Share of a core that watching costs."""
RSS_BYTES = 61_500_000
_SPREAD_LEVELS = 1


def canned_system(mono_ns: int, elapsed_ns: int, first_thread: int) -> SystemReading:
    """Four pinned threads that spin, the others of eight cores nearly idle."""
    seconds = elapsed_ns / 1e9
    threads = tuple(
        ThreadTimes(
            first_thread + stage, (stage,), stage, int(elapsed_ns * 0.998), 0, int(seconds * 0.2) + stage, 1
        )
        for stage in range(len(STAGES))
    )
    busy = [0.998] * len(STAGES) + [0.012 + 0.02 * core for core in range(CORES - len(STAGES))]
    swing = 0.004 * math.sin(seconds / 5)
    cores = tuple(CoreTimes(share * seconds + (swing if share < 0.5 else 0), seconds) for share in busy)
    stages_ns = sum(one.cpu_ns or 0 for one in threads)
    return SystemReading(mono_ns, threads, cores, stages_ns + int(elapsed_ns * OWN_RATIO), True, RSS_BYTES)


def canned_depth(second: int) -> tuple[Depth, BestPair]:
    """A book around a middle that walks a level every few seconds, thinner near the best prices."""
    middle = LEVELS // 2 + round(6 * math.sin(second / 9))
    distance = np.arange(40)
    quantity = (120 + 60 * distance + (distance * 7919 + second * 104_729) % 97).astype(np.uint64)
    bids, asks = np.zeros(LEVELS, np.uint64), np.zeros(LEVELS, np.uint64)
    bids[middle - distance] = quantity
    asks[middle + _SPREAD_LEVELS + distance] = quantity + np.uint64(35)
    return Depth(bids, asks), BestPair(second, middle, middle + _SPREAD_LEVELS)
