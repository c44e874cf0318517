"""`velox-tui bench`: tiny trials; their work is checked, never their speed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import one_line

from velox_tui.cli import bench

Velox = Callable[..., subprocess.CompletedProcess[str]]
TINY = ("--rounds", "2", "--trial-ms", "1")


@pytest.fixture(autouse=True)
def built() -> None:
    """A development build may be without the program; a wheel is not."""
    try:
        bench.program()
    except Exception as error:
        pytest.skip(str(error))


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_entry_is_listed_once_with_its_definition(velox: Velox) -> None:
    done = velox("bench", "--list")
    assert (done.returncode, done.stderr) == (0, "")
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(set(names)) == len(names)
    assert {"floor.stream", "ring.one.4096", "ring.span16.4096", "ring.round_trip", "book.mixed"} <= set(
        names
    )
    assert {"part.histogram", "flood.one_core", "rate.100k", "wait.100k"} <= set(names)
    assert all(len(line.split()) > 2 for line in done.stdout.splitlines())


def test_a_part_is_measured_beside_the_baseline_and_judged(velox: Velox) -> None:
    done = velox("bench", "--json", "--only", "part.histogram", *TINY)
    assert done.returncode == 0, done.stderr
    machine, *lines = objects(done.stdout)
    assert machine["type"] == "machine" and machine["usable_cores"] >= 1
    results = [line for line in lines if line["type"] == "result"]
    assert {line["contender"] for line in results} == {"velox", "baseline"}
    for line in results:
        assert len(line["values"]) == line["kept"] >= 1
        assert 0 < line["least"] <= line["median"] <= line["most"]
        assert len(line["ping_pong_before_ns"]) == len(line["ping_pong_after_ns"]) == line["kept"]
    (goal,) = [line for line in lines if line["type"] == "goal"]
    assert goal["entry"] == "part.histogram" and goal["low"] <= goal["median"] <= goal["high"]
    assert goal["verdict"] in ("met", "missed", "unsure")


def test_peers_that_are_not_here_are_named_with_the_reason(velox: Velox) -> None:
    done = velox("bench", "--json", "--only", "ring.one.4096", "--rounds", "1", "--trial-ms", "1")
    assert done.returncode == 0, done.stderr
    machine, *lines = objects(done.stdout)
    assert machine["peers"].keys() == {"boost", "ck_ring", "moodycamel", "rte_ring"}
    if machine["usable_cores"] < 2:
        return
    skipped = {line["contender"]: line["reason"] for line in lines if line["type"] == "skipped"}
    assert skipped == {name: reason for name, reason in machine["peers"].items() if reason is not None}
    table = velox("bench", "--only", "part.counter", *TINY).stdout
    assert all(f"without {name}: {reason}" in table for name, reason in skipped.items())


def test_a_whole_pipeline_balances_its_ledger(velox: Velox) -> None:
    done = velox("bench", "--json", "--only", "flood.one_core", *TINY)
    assert done.returncode == 0, done.stderr
    figures = {(line["contender"], line["figure"]): line for line in objects(done.stdout) if "figure" in line}
    assert figures["velox", "rate"]["least"] > 0
    assert {figure for _, figure in figures} >= {"ingress", "book", "bundle", "output"}


def test_the_table_names_contenders_and_what_is_skipped(velox: Velox) -> None:
    done = velox("bench", "--only", "wait.100k", "--rounds", "1", "--trial-ms", "1")
    assert done.returncode == 0, done.stderr
    assert "wait.100k: " in done.stdout and "goals" in done.stdout
    backoff = next(line for line in done.stdout.splitlines() if line.lstrip().startswith("backoff"))
    assert "%" in backoff and "p99" in backoff
    assert done.stderr == ""  # no bar where there is no terminal


@pytest.mark.parametrize(
    "wrong", [("--only", "nothing"), ("--rounds", "0"), ("--trial-ms", "soon"), ("--fast",)]
)
def test_a_mistake_is_one_line_and_exit_code_2(velox: Velox, wrong: tuple[str, ...]) -> None:
    done = velox("bench", *wrong)
    assert done.returncode == 2
    assert wrong[-1] in one_line(done.stderr) or wrong[0] in one_line(done.stderr)


def test_the_bar_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    script = ["script", "-qec", f"{bench.program()} --only floor.yield --rounds 2 --trial-ms 1", "/dev/null"]
    done = subprocess.run(
        script, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
    )
    assert "[" in done.stdout and "100 %" in done.stdout and "floor.yield" in done.stdout


def test_a_missing_program_says_what_to_do(velox: Velox, tmp_path: Path) -> None:
    done = velox("bench", environ={"VELOX_LIBRARY": str(tmp_path / "libvelox.so")})
    assert done.returncode == 69
    assert "velox-bench; install the package again" in one_line(done.stderr)
