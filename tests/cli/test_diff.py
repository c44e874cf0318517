"""`velox-tui diff`: two recordings compared, against a plain reckoning of the same rows and readings."""

from __future__ import annotations

import csv
import json
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import one_line

from velox_tui.cli.diff import run
from velox_tui.errors import InputError, UsageError
from velox_tui.recording.compare import Difference, Figure, differences, spread
from velox_tui.recording.compare_conditions import parse
from velox_tui.recording.reader import FramesReader
from velox_tui.recording.recorder import FileRecorder
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry import histogram
from velox_tui.telemetry.rates import Sampler
from velox_tui.telemetry.sample import Sample, State

SECONDS = 20


def recorded(path: Path, *, seed: int, slower: int = 1) -> list[Sample]:
    """A recording of a canned run, its last reading at rest; times stretched by `slower`."""
    source, sampler = CannedSource(SECONDS, seed=seed), Sampler()
    start_ns = source.run.start_mono_ns
    recorder = FileRecorder(path, source.run, {"settings": {"seed": {"value": str(seed)}}})
    samples = []
    for _ in range(SECONDS):
        reading = source.read()
        mono_ns = start_ns + (reading.mono_ns - start_ns) * slower
        samples.append(sampler.take(replace(reading, mono_ns=mono_ns)))
        recorder.write(samples[-1])
    recorder.close(None, "left")
    assert samples[-1].state == State.STOPPED
    return samples


@pytest.fixture
def pair(tmp_path: Path) -> tuple[list[Sample], list[Sample]]:
    return recorded(tmp_path / "a.csv", seed=1), recorded(tmp_path / "b.csv", seed=2, slower=2)


def told(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, dict[str, float]]:
    """Every figure by name, as --json tells it."""
    assert run(["a.csv", "b.csv", "--json", *flags]) in (0, 4)
    answer = json.loads(capsys.readouterr().out)
    assert answer["a"]["rows"] == answer["b"]["rows"] == SECONDS
    assert answer["settings"] == {"seed": {"a": "1", "b": "2"}}
    return {one["name"]: one for one in answer["figures"]}


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["state"] == "running" and row["interval_ns"]]


def quartiles(values: list[float]) -> float:
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return high - low


def test_rates_losses_and_fill_are_those_of_the_totals(
    pair: tuple[list[Sample], list[Sample]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys)
    for side, samples in zip("ab", pair, strict=True):
        words = samples[0].run.topology.by_name
        running = [one for one in samples if one.state == State.RUNNING]

        def change(name: str, upto: list[Sample]) -> int:
            place = words[name].index  # noqa: B023 - called in this turn only
            return int(upto[-1].words[place]) - int(upto[0].words[place])

        seconds = (running[-1].mono_ns - running[0].mono_ns) / 1e9
        out, bundles = change("bundle_out_total", running), change("bundle_bundles_total", running)
        assert found["bundle_per_s"][side] == pytest.approx(out / seconds, rel=1e-6)
        assert found["mean_fill"][side] == pytest.approx(out / bundles, rel=1e-6)
        dropped = change("ingress_dropped_total", samples)
        assert found["ingress_dropped_total"][side] == dropped > 0
        assert found["ingress_dropped_total"]["spread"] is None
        assert found["ledger_residual"][side] == 0
    rates = [[float(row["bundle_per_s"]) for row in rows(path)] for path in ("a.csv", "b.csv")]
    assert found["bundle_per_s"]["spread"] == pytest.approx(max(map(quartiles, rates)))
    assert found["bundle_per_s"]["beyond"] is True, "half the rate"
    assert found["bundle_per_s"]["change_ratio"] == pytest.approx(-0.5, abs=0.01)


def test_percentiles_are_of_merged_histograms(
    pair: tuple[list[Sample], list[Sample]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys)
    (place,) = (one.index for one in pair[0][0].run.topology.histograms if one.name == "e2e")
    for side, samples in zip("ab", pair, strict=True):
        parts = [part for one in samples if one.histograms and (part := one.histograms[place]) is not None]
        values = np.repeat(
            np.concatenate([histogram.HIGHEST[part.indices] for part in parts]),
            np.concatenate([part.counts for part in parts]).astype(np.intp),
        )
        values.sort()
        assert found["e2e_p99_ns"][side] == values[-(-len(values) * 99 // 100) - 1]
        assert found["e2e_max_ns"][side] == values[-1]
    assert found["e2e_p99_ns"]["change"] == found["e2e_p99_ns"]["b"] - found["e2e_p99_ns"]["a"]
    p99 = [[float(row["e2e_p99_ns"]) for row in rows(path)] for path in ("a.csv", "b.csv")]
    assert found["e2e_p99_ns"]["spread"] == pytest.approx(max(map(quartiles, p99)))


@pytest.mark.parametrize("column", ["ledger_residual", "ingress_dropped_total", "e2e_p99_ns"])
def test_a_number_beyond_all_is_told(pair: object, column: str) -> None:
    changed = rows(Path("a.csv"))
    changed[2][column] = "1e400"
    with Path("a.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, changed[0].keys())
        writer.writeheader()
        writer.writerows(changed)
    with pytest.raises(InputError, match=f"row 3, {column}: the number is too large"):
        run(["a.csv", "b.csv"])


def test_a_row_that_cannot_be_cut_into_cells_is_told(pair: object) -> None:
    path = Path("a.csv")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = b"1\r2" + lines[3]
    lines[3] = lines[3].replace(b'"[]"', b"")[:-2] + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match=r"a\.csv: row 3: new-line character"):
        run(["a.csv", "b.csv"])


@pytest.mark.parametrize("gone", [("a",), ("a", "b")])
def test_from_the_csv_alone_percentiles_are_unknown(
    pair: object, capsys: pytest.CaptureFixture[str], gone: tuple[str, ...]
) -> None:
    for name in gone:
        Path(f"{name}.frames").unlink()
    found = told(capsys, "--fail-on", "diff.e2e_p99_ns<1h")
    assert found["e2e_p99_ns"]["a"] is None and found["e2e_p99_ns"]["change"] is None
    assert (found["e2e_p99_ns"]["b"] is None) == ("b" in gone)
    assert found["e2e_p99_ns"]["spread"] is not None
    assert run(["a.csv", "b.csv", "--fail-on", "diff.e2e_p99_ns<1h"]) == 0
    said = capsys.readouterr()
    assert one_line(said.err).endswith("diff.e2e_p99_ns<1h: unknown, not judged")
    (line,) = (line for line in said.out.splitlines() if line.startswith("e2e_p99_ns"))
    assert "—" in line and "beyond" not in line


def test_with_itself_nothing_differs(pair: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["a.csv", "a.csv", "--fail-on", "diff.e2e_p99_ns!=0,diff.output_per_s!=0"]) == 0
    out = capsys.readouterr().out
    assert "beyond" not in out and "seed" not in out and "e2e_p99_ns" in out


def test_condition_that_holds_is_said_and_is_4(pair: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["a.csv", "b.csv", "--fail-on", "diff.output_per_s<-40%,diff.output_per_s<-60%"]) == 4
    assert one_line(capsys.readouterr().err).startswith("velox-tui: diff.output_per_s<-40% held: ")
    assert run(["a.csv", "b.csv", "--fail-on", "diff.output_per_s>-40%"]) == 0


@pytest.mark.parametrize(
    ("kept", "said"), [((4, 9), "A has 2."), ((9, 4), "B has 2."), ((3, 2), "A has 1 and B 0."), ((6, 6), "")]
)
def test_runs_that_are_too_short_are_told_why_there_is_no_verdict(
    pair: object, capsys: pytest.CaptureFixture[str], kept: tuple[int, int], said: str
) -> None:
    """A header, a first reading without an interval, and so many intervals."""
    for name, lines in zip("ab", kept, strict=True):
        path = Path(f"{name}.csv")
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:lines]))
    assert run(["a.csv", "b.csv"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert (f"takes 4 of a running pipeline on each side; {said}" in last) == bool(said)
    assert ("No verdict" in last) == bool(said)
    assert run(["a.csv", "b.csv", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [answer[name]["intervals"] for name in "ab"] == [max(0, lines - 2) for lines in kept]
    assert answer["intervals_needed"] == 4


def test_spread_is_unknown_with_few_intervals() -> None:
    few, enough = np.array([1.0, 5.0, 9.0]), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert spread(few, enough) is None and spread(enough, few) is None
    assert spread(enough, enough) == 2.0
    assert spread(enough, enough * 10) == 20.0 == spread(enough * 10, enough)


@pytest.mark.parametrize(
    ("a", "b", "beyond", "ratio"),
    [
        (10, 12, False, 0.2),
        (10, 13, True, 0.3),
        (10, 7, True, -0.3),
        (0, 0, False, 0.0),
        (None, 1, None, None),
    ],
)
def test_beyond_is_more_than_the_spread(a: int, b: int, beyond: bool, ratio: float) -> None:
    one = Difference("x", a, b, 2.0)
    assert one.beyond is beyond and one.change_ratio == (None if ratio is None else pytest.approx(ratio))


def test_from_nothing_to_something_is_more_than_any_share() -> None:
    one = Difference("x_total", 0, 3, None)
    assert one.beyond is None and one.change_ratio == float("inf")
    assert [condition.holds(one) for condition in parse("diff.x_total>1000%,diff.x_total>3")] == [True, False]


def test_names_of_both_in_order() -> None:
    one = Figure(1, np.empty(0))
    found = differences({"x": one, "y": one}, {"z": one, "x": one})
    assert [(each.name, each.a, each.b) for each in found] == [("x", 1, 1), ("y", 1, None), ("z", None, 1)]


@pytest.mark.parametrize(
    "text", ["", "e2e_p99_ns>1", "run.x>1", "diff.x", "diff.x>", "diff.x>1%%", "diff.x>5us%", "diff.x>ten"]
)
def test_what_is_no_condition_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--fail-on: "):
        run(["a.csv", "b.csv", "--fail-on", text])


def test_unknown_name_is_a_usage_error_with_what_is_near(pair: object) -> None:
    with pytest.raises(UsageError, match="'e2e_p99_ns'"):
        run(["a.csv", "b.csv", "--fail-on", "diff.e2e_p99>1"])


def test_what_is_no_recording_is_one_line(
    velox: Callable[..., subprocess.CompletedProcess[str]], pair: object
) -> None:
    Path("other.csv").write_text("x,y\n1,2\n")
    header = Path("a.csv").read_text().splitlines()[0]
    Path("empty.csv").write_text(header + "\n")
    Path("text.csv").write_text(header + "\n" + ",".join(["x"] * (header.count(",") + 1)) + "\n")
    for name, code in (("none.csv", 66), ("other.csv", 65), ("empty.csv", 65), ("text.csv", 65), (".", 65)):
        done = velox("diff", "a.csv", name)
        assert (done.returncode, done.stdout) == (code, ""), (name, done.stderr)
        assert name in one_line(done.stderr)
    assert velox("diff", "a.csv").returncode == 2
    for words in (("export", "/", "--json"), ("replay", ".")):
        done = velox(*words)
        assert done.returncode == 65 and "a folder" in one_line(done.stderr)


def damage(path: str, *records: int) -> None:
    """A byte of each of these records is another."""
    with FramesReader(Path(path)) as reader:
        ends = [reader.heads[record].end for record in records]
    frames = bytearray(Path(path).read_bytes())
    for end in ends:
        frames[end - 1] ^= 0xFF
    Path(path).write_bytes(bytes(frames))


def test_damaged_frames_and_a_cut_row_are_left_out(pair: object, capsys: pytest.CaptureFixture[str]) -> None:
    """An interval is lost only when its minute is, too."""
    whole = told(capsys)
    with Path("a.csv").open("a") as file:
        file.write("1,2026-")
    damage("a.frames", 9)
    assert told(capsys) == whole
    damage("a.frames", SECONDS + 1)
    assert run(["a.csv", "b.csv"]) == 0
    said = capsys.readouterr()
    assert "e2e_p99_ns" in said.out and one_line(said.err).startswith("velox-tui: left out: a.frames: byte ")
    damage("b.frames", SECONDS + 1)
    assert told(capsys)["e2e_p99_ns"]["b"] == whole["e2e_p99_ns"]["b"], "interval by interval"
