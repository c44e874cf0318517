"""HdrHistogram logs, decoded by HdrHistogram's own package for Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from hypothesis import given, settings
from hypothesis import strategies as st

from velox_tui.recording import hlog
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Buckets

VALUES = st.one_of(st.integers(0, 300), st.integers(0, histogram.MAXIMUM))


def decoded(buckets: Buckets) -> HdrHistogram:
    """What the package makes of it."""
    line = hlog.line("x", 0, 10**9, buckets).strip()
    return HdrHistogram.decode(line.rpartition(",")[2])


@settings(max_examples=150)
@given(st.dictionaries(VALUES, st.integers(1, 2**40), max_size=40))
def test_every_count_comes_back(values: dict[int, int]) -> None:
    words = np.zeros(1 + histogram.BUCKETS, np.uint64)
    for value, count in values.items():
        words[1 + int(histogram.index_of(value))] += np.uint64(count)
    buckets = histogram.sparse(words)
    found = decoded(buckets)
    assert found.get_total_count() == histogram.count(buckets)
    for index, count in zip(buckets.indices, buckets.counts, strict=True):
        assert found.get_count_at_value(int(histogram.HIGHEST[index])) == count
    if values:
        assert found.get_max_value() == histogram.maximum(buckets)
        # The package rounds ranks to the nearest, we up: the same at the median.
        assert found.get_value_at_percentile(50) == histogram.value_at(buckets, 0.5)


@pytest.mark.parametrize("values", [[0], [0, 1], [0, 2], [63, 64, 65, 127, 128, 129], [2**37 - 1, 2**50]])
def test_edges(values: list[int]) -> None:
    buckets = histogram.of_values(values)
    found = decoded(buckets)
    assert found.get_total_count() == len(values)
    assert found.get_max_value() == histogram.maximum(buckets)
    lowest = found.get_highest_equivalent_value(found.get_min_value())
    assert lowest == int(histogram.HIGHEST[buckets.indices[0]])


def test_a_log_has_its_tags_and_times(tmp_path: Path) -> None:
    path = tmp_path / "run.hlog"
    begin_ns = 1_767_355_200_250_000_000
    text = hlog.head(begin_ns) + hlog.line("e2e", begin_ns, 500_000_000, histogram.of_values([1_500_000]))
    path.write_text(text + hlog.line("a b,c", begin_ns + 10**9, 10**9, histogram.EMPTY))
    reader = HistogramLogReader(str(path), HdrHistogram(1, histogram.MAXIMUM, hlog.DIGITS))
    first, second = reader.get_next_interval_histogram(), reader.get_next_interval_histogram()
    assert (first.get_tag(), second.get_tag()) == ("e2e", "a_b_c")
    assert (first.get_start_time_stamp(), first.get_end_time_stamp()) == (
        begin_ns // 10**6,
        begin_ns // 10**6 + 500,
    )
    assert second.get_total_count() == 0 and reader.get_next_interval_histogram() is None
    assert text.splitlines()[-1].split(",")[3] == "1.507"
