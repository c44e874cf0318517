"""OpenMetrics text, read back by prometheus_client's parser and judged by promtool."""

from __future__ import annotations

import math
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from velox_tui.exporters import openmetrics
from velox_tui.exporters.families import BOUNDS_NS
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry import histogram
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import State
from velox_tui.telemetry.snapshot import of_reading
from velox_tui.telemetry.topology import Role, Topology

Key = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(scope="module")
def reading() -> Reading:
    """A quarter of a minute, with drops."""
    source = CannedSource(60)
    return [source.read() for _ in range(15)][-1]


def metrics(reading: Reading) -> list[Metric]:
    return list(text_string_to_metric_families(openmetrics.render(of_reading(reading))))


def values(reading: Reading) -> dict[Key, float]:
    found: dict[Key, float] = {}
    for metric in metrics(reading):
        for sample in metric.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, "no series comes twice"
            found[key] = sample.value
    return found


def key(name: str, **labels: str) -> Key:
    return name, frozenset(labels.items())


def test_counters_and_gauges_are_the_words(reading: Reading) -> None:
    found = values(reading)
    word = {name: int(reading.words[place.index]) for name, place in reading.run.topology.by_name.items()}
    assert word["ingress_dropped_total"] > 0
    expected = {
        key("velox_transactions_total", stage="ingress"): word["ingress_pushed_total"],
        key("velox_transactions_total", stage="output"): word["output_delivered_total"],
        key("velox_dropped_total", stage="ingress", cause="ring_full"): word["ingress_dropped_total"],
        key("velox_rejected_total", stage="order_book", cause="window"): word[
            "order_book_rejected_window_total"
        ],
        key("velox_bundles_total", reason="size"): word["bundle_flush_size_total"],
        key("velox_bundles_total", reason="timeout"): word["bundle_flush_timeout_total"],
        key("velox_ring_occupancy", ring="ring0"): word["ring0_occupancy_slots"],
        key("velox_ring_capacity", ring="ring2"): 1024,
        key("velox_stage_busy_seconds_total", stage="bundle"): word["bundle_busy_ns_total"] / 1e9,
        key("velox_ledger_residual"): 0,
        key("velox_up"): 1,
    }
    assert {name: found[name] for name in expected} == expected
    assert len([name for name, _ in found if name == "velox_build_info"]) == 1


def test_histograms_count_exactly_what_is_at_most_each_bound(reading: Reading) -> None:
    found = values(reading)
    assert reading.histograms is not None
    one = reading.run.topology.histogram(Role.LATENCY_EXIT, stage=3)
    assert one is not None
    sum_ns, counts = int(reading.histograms[one.index][0]), reading.histograms[one.index][1:]
    for bound in BOUNDS_NS:
        assert bound in set(histogram.HIGHEST.tolist()), "a bound is the edge of a bucket"
        below = int(counts[: int(histogram.index_of(bound)) + 1].sum())
        for name, labels in (("e2e", {}), ("stage", {"stage": "output"})):
            assert found[key(f"velox_{name}_latency_seconds_bucket", le=repr(bound / 1e9), **labels)] == below
    assert found[key("velox_e2e_latency_seconds_count")] == counts.sum()
    assert found[key("velox_e2e_latency_seconds_bucket", le="+Inf")] == counts.sum()
    assert math.isclose(found[key("velox_e2e_latency_seconds_sum")], sum_ns / 1e9)


def test_high_water_is_that_of_the_run(reading: Reading) -> None:
    one = reading.run.topology.histogram(Role.OCCUPANCY, ring=0)
    assert one is not None and reading.histograms is not None
    highest = int(histogram.HIGHEST[np.flatnonzero(reading.histograms[one.index][1:])[-1]])
    assert values(reading)[key("velox_ring_high_water", ring="ring0")] == min(highest, 4096)


@pytest.mark.parametrize(("state", "up"), [(State.STOPPED, 0), (State.LOST, 0), (State.DRAINING, 1)])
def test_up_is_0_once_it_is_over(reading: Reading, state: State, up: int) -> None:
    assert values(replace(reading, state=state))[key("velox_up")] == up


def test_what_is_unknown_is_left_out(reading: Reading) -> None:
    names = {metric.name for metric in metrics(replace(reading, histograms=None, cut=None))}
    assert "velox_transactions" in names
    assert not names & {"velox_e2e_latency_seconds", "velox_ring_high_water", "velox_ledger_residual"}


def with_topology(reading: Reading, topology: Topology) -> Reading:
    return replace(reading, run=replace(reading.run, topology=topology))


def test_hostile_and_equal_names_are_still_well_formed(reading: Reading) -> None:
    shape = reading.run.topology
    nasty = tuple(replace(stage, name='a"\\\n{b="}') for stage in shape.stages)
    found = values(with_topology(reading, replace(shape, stages=nasty)))
    labels = {dict(key_labels)["stage"] for name, key_labels in found if name == "velox_transactions_total"}
    assert labels == {f'a"\\\n{{b="}}_{number}' for number in range(4)}


def test_what_would_control_a_terminal_is_replaced(reading: Reading) -> None:
    named = replace(reading, run=replace(reading.run, host="a\x1b]0;x\x07\x9bb"))
    text = openmetrics.render(of_reading(named))
    assert 'host="a\ufffd]0;x\ufffd\ufffdb"' in text
    assert all(line.isprintable() for line in text.split("\n"))


def test_a_pipeline_without_anything_is_up(reading: Reading) -> None:
    bare = with_topology(reading, Topology((), (), (), ()))
    found = values(replace(bare, words=np.zeros(0, np.uint64), histograms=None, cut=None))
    assert {name for name, _ in found} == {"velox_up", "velox_build_info"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_finds_nothing_wrong(reading: Reading) -> None:
    class Again:
        def collect(self) -> list[Metric]:
            """The families as they were read back: promtool takes the older text format only."""
            return metrics(reading)

    registry = CollectorRegistry()
    registry.register(Again())
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=generate_latest(registry), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
