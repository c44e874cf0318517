"""A rolling window has the counts of the window merged anew, wherever one goes."""

from __future__ import annotations

import random

import pytest
from panes import SECOND_NS, past_of

from velox_tui.console.rolling import Rolling
from velox_tui.console.view import ViewState
from velox_tui.sources.canned import samples
from velox_tui.telemetry.sample import Buckets


def same(one: Buckets | None, other: Buckets | None) -> bool:
    if one is None or other is None:
        return one is other
    parts = (one.indices.tolist() == other.indices.tolist(), one.counts.tolist() == other.counts.tolist())
    return all(parts) and one.total == other.total


@pytest.mark.parametrize("seconds", [1, 12, 80])
@pytest.mark.parametrize("steps", ["every reading", "some readings", "to and fro"])
def test_it_equals_the_window_merged_anew(steps: str, seconds: int) -> None:
    made = samples(150)[:-1]
    known = past_of(made)
    history = known.windows.history
    assert history is not None
    moments = {
        "every reading": list(range(1, len(made))),
        "some readings": list(range(1, len(made), 7)),
        "to and fro": random.Random(3).sample(range(1, len(made)), 60),
    }[steps]
    for histogram in made[0].run.topology.histograms[:4]:
        rolling = Rolling()
        for at in moments:
            start_ns = made[at].mono_ns - seconds * SECOND_NS
            found = rolling.upto(history, histogram, made[at], start_ns)
            assert same(found, history.merged(histogram, start_ns, made[at].mono_ns))


def test_a_reset_begins_a_new_window_and_totals_stay() -> None:
    made = samples(60)[:-1]
    known = past_of(made)
    sample = made[-1]
    ring = sample.run.topology.rings[0]
    whole = known.windows.high_water(sample, ring, ViewState(percentile_window_ns=None), whole_run=True)
    since = ViewState(percentile_window_ns=None, since_ns=made[-3].mono_ns)
    assert known.windows.high_water(sample, ring, since, whole_run=True) == whole == ring.capacity
    reset = known.windows.high_water(sample, ring, since)
    assert reset is not None
    assert reset < 100


def test_without_histograms_nothing_is_known() -> None:
    made = samples(4)[:-1]
    known = past_of(made[:1])
    assert known.windows.history is not None
    histogram = made[0].run.topology.histograms[0]
    assert Rolling().upto(known.windows.history, histogram, made[0], 0) is None


@pytest.mark.parametrize("readings", [2, 3, 6])
def test_counters_and_histograms_of_a_run_younger_than_the_window_cover_the_same_time(readings: int) -> None:
    made = samples(40)[:readings]
    known, view = past_of(made), ViewState(percentile_window_ns=10 * SECOND_NS)
    change = known.windows.change(made[-1], view)
    assert change is not None
    assert change.duration_ns == made[-1].mono_ns - made[0].mono_ns
    assert (change.deltas <= made[-1].words - made[0].words).all()
    assert change.deltas.any()
