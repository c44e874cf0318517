"""`velox-tui doctor`: on this machine for real, and its text on made findings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import one_line

from velox_tui.cli import doctor_probe
from velox_tui.cli.doctor import DEFAULT_BYTES
from velox_tui.cli.doctor_text import WIDTH, as_json, as_text
from velox_tui.engine.built import built
from velox_tui.engine.options import EngineOptions
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.machine.check import Check, State
from velox_tui.machine.examine import EXAMINATIONS

Velox = Callable[..., subprocess.CompletedProcess[str]]
CHECKS = (
    Check("cores", State.GOOD, "8 usable: 0-7", "Stages want cores."),
    Check("sleep", State.BAD, "50 µs asked: 9 ms", "It is late. " * 20, "Do this. " * 20),
    Check("boost", State.UNKNOWN, "long " * 40, "Speed."),
    Check("swap", State.BETTER, "4 GB", "It waits.", "swapoff -a"),
)


def test_this_machine_is_reported_for_real(velox: Velox) -> None:
    done = velox("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(len(line) <= WIDTH for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith("unknown")


def test_json_tells_every_check_with_state_reason_and_remedy(velox: Velox) -> None:
    done = velox("doctor", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert len(found["checks"]) == len(EXAMINATIONS)
    for check in found["checks"]:
        assert check.keys() == {"name", "state", "finding", "why", "remedy"}
        assert check["state"] in found["counts"] and check["why"] and check["finding"]
        assert check["remedy"] or check["state"] in ("good", "unknown")
    assert sum(found["counts"].values()) == len(EXAMINATIONS)


@pytest.mark.skipif(not built("velox-bench").exists(), reason="no velox-bench beside the library")
def test_doctor_and_a_recording_say_the_same_of_the_hardware_counters(velox: Velox, tmp_path: Path) -> None:
    """On this machine for real: what is counted, or one reason with its remedy."""
    checks = json.loads(velox("doctor", "--json").stdout)["checks"]
    check = next(one for one in checks if one["name"] == "hardware counters")
    done = velox("--record", "run.csv", "--duration", "300ms", "--interval", "100ms")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "run.meta.json").read_text())["topology"]["texts"]
    text = dict(told)["hardware_counters"]
    finding, _, remedy = text.partition("; ")
    assert check["finding"] == finding and check["remedy"].lower() == (f"{remedy}." if remedy else "").lower()
    columns = (tmp_path / "run.csv").read_text().splitlines()[0].split(",")
    counted = "of each stage thread" in finding
    assert ("ingress_thread_covered_ns_total" in columns) == counted
    assert (check["state"] == "good") == (counted and not remedy)


def test_without_the_benchmark_what_is_measured_is_unknown(velox: Velox, tmp_path: Path) -> None:
    done = velox("doctor", "--json", environ={"VELOX_LIBRARY": str(tmp_path / "libvelox.so")})
    assert (done.returncode, done.stderr) == (0, "")
    sleep = next(check for check in json.loads(done.stdout)["checks"] if check["name"] == "sleep")
    assert sleep["state"] == "unknown" and "velox-bench" in sleep["remedy"]


def test_what_a_pipeline_takes_is_what_its_segment_states(tmp_path: Path) -> None:
    with Simulation(EngineOptions(segment_dir=tmp_path)) as simulation:
        segment = Segment(simulation.segment_path)
        names = [row["name"].decode() for row in segment.rows if row["kind"] in (3, 4, 5)]
        stated = int(segment.words()[names.index("config_memory_bytes")])
        segment.close()
    assert stated <= DEFAULT_BYTES < stated + 4096


def test_a_benchmark_that_fails_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "velox-bench"
    for script in ("echo '{'", "echo '{}'", "exit 3"):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("VELOX_LIBRARY", str(tmp_path / "libvelox.so"))
        assert "velox-bench --probe failed" in doctor_probe.probe().missing


def test_a_mistake_is_one_line_and_exit_code_2(velox: Velox) -> None:
    done = velox("doctor", "--loud")
    assert done.returncode == 2 and "--loud" in one_line(done.stderr)


def test_text_fits_80_columns_with_every_state_told_by_a_mark() -> None:
    lines = as_text(CHECKS, coloured=False, plain=False).splitlines()
    assert max(len(line) for line in lines) <= WIDTH
    assert [line[0] for line in lines if line[:1] not in (" ", "")] == ["✓", "✗", "?", "~", "1"]
    assert sum(line.strip().startswith("→") for line in lines) == 2
    assert lines[-1] == "1 good, 1 could be better, 1 bad, 1 unknown"


def test_plain_text_is_ascii_and_colour_only_where_it_is_wanted() -> None:
    plain = as_text(CHECKS, coloured=False, plain=True)
    assert plain.isascii() and "50 us asked" in plain and "\x1b" not in plain
    coloured = as_text(CHECKS, coloured=True, plain=False)
    for code in ("\x1b[1m", "\x1b[2m", "\x1b[0m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[36m"):
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == as_text(CHECKS, coloured=False, plain=False)


def test_json_counts_states() -> None:
    assert json.loads(as_json(CHECKS))["counts"] == {
        "good": 1,
        "could be better": 1,
        "bad": 1,
        "unknown": 1,
    }
