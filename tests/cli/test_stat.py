"""`velox-tui stat`: one reading of another process's pipeline, as text, JSON and OpenMetrics."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import one_line
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from velox_tui.cli.stat_text import as_json, as_text
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry import histogram
from velox_tui.telemetry.snapshot import Snapshot, of_reading
from velox_tui.telemetry.topology import Role, Topology

Velox = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kept(start: Callable[..., subprocess.Popen[bytes]]) -> Iterator[tuple[str, Path]]:
    """Pid and segment of a pipeline that somebody else runs."""
    process = start("--headless")
    assert process.stderr is not None
    words = process.stderr.readline().decode().split()
    yield str(process.pid), Path(words[4].rstrip(";"))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


@pytest.fixture
def snapshot() -> Snapshot:
    """A quarter of a minute, with drops."""
    source = CannedSource(60)
    return of_reading([source.read() for _ in range(15)][-1])


def test_every_word_is_told_with_unit_label_and_stage(snapshot: Snapshot) -> None:
    lines = as_text(snapshot).splitlines()
    shape = snapshot.sample.run.topology
    for word in shape.words:
        (line,) = [line for line in lines if line.endswith(f"({word.name})") and line.lstrip()[0].isdigit()]
        number, value, *rest = line.split()
        assert (number, value) == (f"{word.index}:", f"{int(snapshot.sample.words[word.index]):,}")
        assert word.label in line and (not word.unit or word.unit.name.lower() in rest)
        if word.stage is not None and word.ring is None:
            assert shape.stages[word.stage].label in line


def test_json_tells_the_same(snapshot: Snapshot) -> None:
    told = json.loads(as_json(snapshot))
    assert [one["value"] for one in told["words"]] == [int(word) for word in snapshot.sample.words]
    assert told["ledger"]["residual"] == 0 and told["ledger"]["equations"]
    assert told["state"] == "running" and told["pid"] == snapshot.sample.run.pid
    e2e = next(one for one in told["histograms"] if one["name"] == "e2e")
    place = snapshot.sample.run.topology.histogram(Role.LATENCY_EXIT, stage=3)
    assert place is not None
    buckets = snapshot.histograms[place.index]
    assert buckets is not None
    values = np.repeat(histogram.HIGHEST[buckets.indices], buckets.counts.astype(np.intp))
    assert e2e["count"] == len(values) and e2e["maximum"] == values[-1]
    assert e2e["p99"] == values[-(-len(values) * 99 // 100) - 1]
    assert (e2e["stage"], e2e["unit"]) == ("Output", "ns")


def test_signs_of_life_are_told_by_their_age(snapshot: Snapshot) -> None:
    sample, shape = snapshot.sample, snapshot.sample.run.topology
    words = sample.words.copy()
    for role, value in (
        (Role.CONTROL_MONOTONIC_NS, sample.mono_ns - 5_000_000),
        (Role.CONTROL_HEARTBEAT_NS, 70_000_000),
        (Role.HEARTBEAT_NS, 66_000_000),
    ):
        word = shape.first(role, stage=2 if role == Role.HEARTBEAT_NS else None)
        assert word is not None
        words[word.index] = value
    told = json.loads(as_json(replace(snapshot, sample=replace(sample, words=words))))["heartbeats_ns"]
    assert (told["engine"], told["Bundle"]) == (5_000_000, 9_000_000)


def test_a_violated_ledger_is_shown_with_its_equation(snapshot: Snapshot) -> None:
    sample = snapshot.sample
    assert sample.ledger is not None
    wrong = replace(sample.ledger.whole, left=("generated", sample.ledger.whole.left[1] + 3))
    off = replace(sample, ledger=replace(sample.ledger, whole=wrong))
    text = as_text(replace(snapshot, sample=off))
    assert "OFF BY 3" in text and [line for line in text.splitlines() if line.startswith("     3 = whole")]


def test_a_pipeline_without_anything_has_no_numbers(snapshot: Snapshot) -> None:
    sample = snapshot.sample
    run = replace(sample.run, topology=Topology((), (), (), ()), run_id="\x1b[2J")
    bare = Snapshot(replace(sample, run=run, words=np.zeros(0, np.uint64), ledger=None), ())
    text = as_text(bare)
    assert "\x1b" not in text and "ledger: no exact cut" in text and "last sign of life: —" in text
    assert json.loads(as_json(bare))["ledger"] is None


def test_of_another_process_in_every_form(kept: tuple[str, Path], velox: Velox) -> None:
    pid, segment = kept
    for target in (pid, str(segment)):
        done = velox("stat", target)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"RUNNING  pid {pid} " in done.stdout and "ledger: exact" in done.stdout
    told = json.loads(velox("stat", pid, "--json").stdout)
    assert told["pid"] == int(pid) and told["ledger"]["residual"] == 0
    assert 0 <= told["heartbeats_ns"]["engine"] < told["elapsed_ns"]
    assert all(one["count"] for one in told["histograms"] if one["name"] in ("e2e", "ingress_exit"))
    text = velox("stat", "--openmetrics", pid).stdout
    up = next(one for one in text_string_to_metric_families(text) if one.name == "velox_up")
    assert up.samples[0].value == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["1"], 66), (["none.seg"], 66), (["."], 65), (["--json", "--openmetrics"], 2), (["--rate", "1k"], 2)],
)
def test_what_cannot_be_told_is_one_line(velox: Velox, arguments: list[str], code: int) -> None:
    done = velox("stat", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    one_line(done.stderr)


def test_file_that_cannot_be_opened_is_66(velox: Velox) -> None:
    done = velox("stat", "x" * 300)
    assert done.returncode == 66
    assert "File name too long" in one_line(done.stderr)
