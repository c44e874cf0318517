"""The limits of all alerts, with their defaults; settings may replace them.

An alert begins at its limit and ends below a part of it (`CLEAR_RATIO`), so that a value that hovers around
the limit does not make it flicker.
"""

from __future__ import annotations

from dataclasses import dataclass

CLEAR_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class AlertLimits:
    """Where alerts begin. A limit of a rate or time is exceeded when the value is above it."""

    drops_per_s: float = 0.0
    ring_occupancy_ratio: float = 0.5
    """Highest share of a ring's slots that its consumer found taken in the interval."""
    e2e_p99_ns: int = 5_000_000
    """End-to-end 99th percentile of the interval."""
    late_flush_ratio: float = 0.05
    """Share of the interval's bundles that waited twice as long as the timeout promises."""
    involuntary_switches_per_s: float = 500.0
    """Of one stage thread."""
    late_poll_ns: int = 100_000_000
    """How much later than its deadline a reading may be taken."""
    clear_after_ns: int = 3_000_000_000
    """How long all must be well before an alert ends."""
