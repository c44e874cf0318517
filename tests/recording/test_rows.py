"""The CSV contract: columns, cells, and what pandas, polars and duckdb make of it with their defaults."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.recording.columns import Cell, Column, Group, line, unique
from velox_tui.recording.reader.rows import LINE_BYTES_MAX
from velox_tui.recording.rows import Rows
from velox_tui.telemetry import book
from velox_tui.telemetry.histogram import EMPTY
from velox_tui.telemetry.sample import EVENT_TEXT_MAX, Event, Sample
from velox_tui.telemetry.topology import Kind, Role, Topology, Unit, Word

LEAD = ["schema_version", "ts_utc", "mono_ns", "seq", "run_id", "state"]


def table(samples: list[Sample]) -> tuple[Rows, list[dict[str, str]]]:
    rows = Rows(samples[0].run.topology, cores=4)
    text = (rows.header + b"".join(rows.row(sample) for sample in samples)).decode()
    return rows, list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def read(samples: list[Sample]) -> list[dict[str, str]]:
    return table(samples)[1]


def test_first_columns_then_every_counter_then_ledger(samples: list[Sample]) -> None:
    topology = samples[0].run.topology
    names = [column.name for column in Rows(topology, cores=2).columns]
    counters = [word.name for word in topology.words if word.kind == Kind.COUNTER]
    assert names[:6] == LEAD
    assert names[6 : 6 + len(counters)] == counters
    assert names[6 + len(counters) :][:2] == ["ledger_position", "ledger_residual"]
    assert names[-1] == "events"
    assert len(set(names)) == len(names)
    assert all(column.doc for column in Rows(topology, cores=2).columns)


def test_the_processors_counters_are_columns_with_units_only_where_they_are_counted(
    samples: list[Sample],
) -> None:
    topology = samples[0].run.topology
    found = {column.name: column for column in Rows(topology, cores=2).columns}
    assert found["bundle_thread_cycles_total"] == Column(
        "bundle_thread_cycles_total", "cycles", "Bundle: thread's cycles (user)"
    )
    units = [
        found[f"ingress_thread_{name}_total"].unit for name in ("instructions", "cache_misses", "covered_ns")
    ]
    assert units == ["instructions", "misses", "ns"]
    without = replace(topology, words=tuple(word for word in topology.words if "_thread_" not in word.name))
    assert not [column for column in Rows(without, cores=2).columns if "cache_misses" in column.name]


def test_every_word_is_in_the_row_as_it_was_read(samples: list[Sample], read: list[dict[str, str]]) -> None:
    for sample, row in zip(samples, read, strict=True):
        for word in sample.run.topology.words:
            if word.role != Role.STATE:
                assert int(row[word.name]) % 2**64 == int(sample.words[word.index]), word.name


def test_rates_follow_from_the_counters_and_the_measured_time(read: list[dict[str, str]]) -> None:
    for before, now in pairwise(read):
        seconds = (int(now["mono_ns"]) - int(before["mono_ns"])) / 1e9
        for rate, counter in (
            ("ingress_per_s", "ingress_pushed_total"),
            ("ingress_dropped_per_s", "ingress_dropped_total"),
            ("output_per_s", "output_delivered_total"),
            ("bundles_per_s", "bundle_bundles_total"),
        ):
            assert float(now[rate]) == pytest.approx((int(now[counter]) - int(before[counter])) / seconds)
        bundles = int(now["bundle_bundles_total"]) - int(before["bundle_bundles_total"])
        bundled = int(now["bundle_out_total"]) - int(before["bundle_out_total"])
        assert float(now["mean_fill"]) == pytest.approx(bundled / bundles)


def test_ledger_can_be_checked_from_its_own_columns(read: list[dict[str, str]]) -> None:
    for row in read:
        assert row["ledger_residual"] == "0"
        assert int(row["cut_ingress_generated_total"]) == int(row["ledger_position"]) + int(
            row["cut_ingress_dropped_total"]
        )
        assert int(row["ledger_position"]) == int(row["cut_output_delivered_total"]) + int(
            row["cut_bundle_open"]
        )


def test_first_row_has_no_rates_and_nothing_is_a_spike(read: list[dict[str, str]]) -> None:
    for name in ("interval_ns", "ingress_per_s", "mean_fill", "e2e_p99_ns", "e2e_count", "expected_fill"):
        assert read[0][name] == ""
        assert read[1][name] != ""


def test_percentiles_prices_and_high_water(samples: list[Sample], read: list[dict[str, str]]) -> None:
    topology = samples[0].run.topology
    e2e = next(one for one in topology.histograms if one.name == "e2e")
    word, window = topology.first(Role.BEST_PAIR), topology.book
    assert word is not None and window is not None
    highest = 0
    for sample, row in zip(samples[1:], read[1:], strict=True):
        found = sample.quantile(e2e)
        assert found is not None
        assert (int(row["e2e_p99_ns"]), int(row["e2e_count"])) == (found.p99, found.count)
        bid = book.best_bid(window, book.best_pair(int(sample.words[word.index])))
        assert bid is not None
        assert Decimal(row["best_bid"]) == Decimal(bid) / 10_000
        highest = max(highest, int(row["ring0_high_water_slots"]))
        assert int(row["ring0_high_water_run_slots"]) == highest <= topology.rings[0].capacity
    assert highest > 4000


def test_nothing_recorded_is_zero_values_but_unknown_is_empty(samples: list[Sample]) -> None:
    sample = samples[1]
    empty = replace(
        sample,
        quantiles=(None,) * len(sample.quantiles),
        histograms=(None, *(EMPTY for _ in sample.quantiles[1:])),
    )
    row = table([empty])[1][0]
    names = [one.name for one in sample.run.topology.histograms]
    assert (row[f"{names[0]}_count"], row[f"{names[1]}_count"], row[f"{names[1]}_p50_ns"]) == ("", "0", "")


def test_events_are_one_line_of_json(samples: list[Sample]) -> None:
    hostile = Event(5, "marker", "info", "marker", 'a "b",\nc\r\u2028 ünïcode =1+1', value=math.inf)
    plain = Event(6, "alert", "warn", "drops", "x", phase="peak", value=2.5, stage=1, ring=0)
    rows = Rows(samples[0].run.topology, cores=1)
    row = rows.row(replace(samples[0], events=(hostile, plain)))
    assert row.count(b"\n") == 1 and row.endswith(b"\n")
    found = json.loads(next(csv.reader([row.decode()]))[-1])
    assert found[0]["text"] == hostile.text and "value" not in found[0]
    assert found[1] == {
        "mono_ns": 6, "kind": "alert", "severity": "warn", "name": "drops", "text": "x",
        "phase": "peak", "value": 2.5, "stage": 1, "ring": 0,
    }  # fmt: skip
    assert rows.row(replace(samples[0], events=())).endswith(b',"[]"\n')


def test_events_that_do_not_fit_into_the_row_are_counted_in_it(samples: list[Sample]) -> None:
    rows = Rows(samples[0].run.topology, cores=1)
    many = tuple(Event(place, "marker", "info", "marker", "😀" * EVENT_TEXT_MAX) for place in range(1000))
    row = rows.row(replace(samples[0], events=many)).decode()
    assert len(row) < LINE_BYTES_MAX
    cell = next(csv.reader([row]))[-1]
    assert len(cell) < 1 << 17, "what Python's csv takes by default"
    *told, last = json.loads(cell)
    assert [one["mono_ns"] for one in told] == list(range(len(told))) and len(told) > 5
    assert (last["name"], last["value"]) == ("events_left_out", 1000 - len(told))


def test_a_text_that_is_too_long_is_cut() -> None:
    whole = Event(5, "marker", "info", "marker", "x" * EVENT_TEXT_MAX)
    cut = Event(5, "marker", "info", "marker", "x" * 300_000)
    assert whole.text == "x" * EVENT_TEXT_MAX
    assert cut.text == "x" * (EVENT_TEXT_MAX - 1) + "…"


CELLS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)


@given(st.lists(CELLS, min_size=2, max_size=6))
def test_any_cell_comes_back(cells: list[Cell]) -> None:
    text = line(cells).decode()
    (back,) = csv.reader(io.StringIO(text, newline=""), strict=True)
    for cell, found in zip(cells, back, strict=True):
        if cell is None:
            assert found == ""
        elif isinstance(cell, float):
            assert float(found) == cell
        else:
            assert found == str(cell)


def test_not_a_number_is_unknown() -> None:
    assert line([math.nan, math.inf, 1.0]) == b",,1.0\n"


def test_names_are_unique_whatever_a_topology_calls_its_words(samples: list[Sample]) -> None:
    word = Word(0, "events", "x", Kind.COUNTER, Unit.NONE, Role.NONE, None, None)
    foreign = Topology((), (), (word, replace(word, index=1, name="seq")), ())
    names = [column.name for column in Rows(foreign, cores=0).columns]
    assert len(set(names)) == len(names)
    assert names[6:8] == ["events", "seq_2"] and names[-1] == "events_2"
    group = Group((Column("a", "", "x"), Column("a", "", "y")), lambda sample: (1, 2))
    assert [column.name for column in unique([group])[0].columns] == ["a", "a_2"]


def test_foreign_topology_without_stages_or_book_still_has_rows(samples: list[Sample]) -> None:
    word = Word(0, "beats_total", "x", Kind.COUNTER, Unit.NONE, Role.NONE, None, None)
    run = replace(samples[0].run, topology=Topology((), (), (word,), ()))
    sample = replace(
        samples[0],
        run=run,
        words=np.array([7], np.uint64),
        cut=None,
        ledger=None,
        quantiles=(),
        histograms=None,
    )
    row = table([sample])[1][0]
    assert (row["beats_total"], row["ledger_residual"]) == ("7", "")


@pytest.fixture(scope="module")
def long_file(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As many rows as make every tool decide on types before it sees events, big sums and late numbers."""
    rows = Rows(samples[0].run.topology, cores=2)
    ids = next(word for word in samples[0].run.topology.words if word.unit == Unit.IDS)
    quiet = rows.row(replace(samples[1], events=()))
    words = samples[2].words.copy()
    words[ids.index] = 2**64 - 5
    loud = rows.row(
        replace(samples[2], words=words, events=(Event(1, "marker", "info", "m", 'say "hi", you'),))
    )
    path = tmp_path_factory.mktemp("long") / "run.csv"
    path.write_bytes(rows.header + quiet * 21_000 + loud)
    return path


def last_event(text: str) -> str:
    return str(json.loads(text)[0]["text"])


def test_pandas_reads_it_with_its_defaults(long_file: Path) -> None:
    frame = pd.read_csv(long_file)
    assert len(frame) == 21_001
    assert frame["ingress_generated_total"].dtype == np.int64
    assert last_event(frame["events"].iloc[-1]) == 'say "hi", you'
    assert frame["ingress_generated_id_sum"].iloc[-1] == -5


def test_polars_reads_it_with_its_defaults(long_file: Path) -> None:
    import polars as pl  # here: with its allocator it does not load under ThreadSanitizer

    frame = pl.read_csv(long_file)
    assert frame.height == 21_001
    assert frame["ingress_generated_total"].dtype == pl.Int64
    assert frame["e2e_p99_ns"].dtype == pl.Int64
    assert last_event(frame["events"][-1]) == 'say "hi", you'
    assert frame["ingress_generated_id_sum"][-1] == -5


def test_duckdb_reads_it_with_its_defaults(long_file: Path) -> None:
    query = (
        "select count(*), max(events), min(ingress_generated_id_sum), typeof(any_value(mono_ns)) from '{}'"
    )
    (found,) = duckdb.sql(query.format(long_file)).fetchall()
    assert found[0] == 21_001
    assert last_event(found[1]) == 'say "hi", you'
    assert found[2:] == (-5, "BIGINT")
