"""Recordings of the real engine: the main job, end to end, and what happens to it on real machines."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from velox_tui.cli.live import live_source
from velox_tui.recording.frame_codec import FrameKind
from velox_tui.recording.reader import FramesReader
from velox_tui.recording.recorder import FileRecorder
from velox_tui.session import Session
from velox_tui.settings import Settings

Velox = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[bytes]]


def check(frame: pd.DataFrame) -> None:
    """What must hold of every complete recording of one run, by independent arithmetic."""
    assert (frame["ledger_residual"].dropna() == 0).all()
    assert list(frame["state"].unique())[-1] == "stopped" and (frame["state"][:-1] != "stopped").all()
    counters = [name for name in frame.columns if name.endswith("_total") and not name.startswith("cut_")]
    assert (frame[counters].diff()[1:] >= 0).all().all()
    assert not frame[counters].isna().any().any()
    assert (frame["seq"].diff()[1:] == 1).all() and (frame["mono_ns"].diff()[1:] > 0).all()
    cut = frame.dropna(subset=["ledger_position"])
    assert len(cut) >= len(frame) - 1
    assert (
        cut["cut_ingress_generated_total"]
        == cut["cut_ingress_pushed_total"] + cut["cut_ingress_dropped_total"]
    ).all()
    assert (
        cut["cut_ingress_pushed_total"] == cut["cut_output_delivered_total"] + cut["cut_bundle_open"]
    ).all()
    check_rest(frame.iloc[-1])


def check_rest(last: pd.Series) -> None:
    """The last row: nothing is in flight, nothing is lost uncounted."""
    assert last["ingress_generated_total"] == last["ingress_pushed_total"] + last["ingress_dropped_total"]
    assert last["ingress_pushed_total"] == last["output_delivered_total"] == last["order_book_in_total"]
    assert last["order_book_in_total"] == last["order_book_applied_total"] + sum(
        last[f"order_book_rejected_{cause}_total"]
        for cause in ("window", "overflow", "underflow", "contention", "invalid")
    )
    assert last["output_id_gaps_total"] == last["ingress_dropped_total"]
    assert last["bundle_open"] == 0 and last["output_sequence_gaps_total"] == 0
    with np.errstate(over="ignore"):
        ids = [
            np.int64(last[f"{name}_id_sum"])
            for name in ("ingress_generated", "ingress_dropped", "output_delivered")
        ]
        assert ids[0] == ids[1] + ids[2]
    fills = [int(last[f"bundle_fill_{n}_total"]) for n in range(1, 17)]
    assert sum(fills) == last["bundle_bundles_total"] == last["output_bundles_total"]
    assert sum(n * count for n, count in enumerate(fills, start=1)) == last["output_delivered_total"]


def read(path: Path) -> pd.DataFrame:
    """The recording."""
    return pd.read_csv(path)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at the defaults."""
    path = tmp_path_factory.mktemp("live") / "run.csv"
    source = live_source(Settings())
    recorder = FileRecorder(path, source.run, {})
    session = Session(source, interval_ns=500_000_000)
    session.attach_recorder(recorder)
    session.start()
    time.sleep(4)
    session.close("duration")
    return path


def test_run_at_the_defaults_is_exact(recording: Path) -> None:
    frame = read(recording)
    assert len(frame) >= 8
    check(frame)
    assert frame["ingress_generated_total"].iloc[-1] > 0


def test_rates_and_percentiles_agree_with_counters_and_frames(recording: Path) -> None:
    frame = read(recording)
    per_s = frame["output_delivered_total"].diff() * 1e9 / frame["mono_ns"].diff()
    assert np.allclose(frame["output_per_s"][1:], per_s[1:])
    delivered = frame["output_delivered_total"].diff()[1:].astype(int)
    with FramesReader(recording.with_suffix(".frames")) as reader:
        intervals = list(reader.of_kind(FrameKind.INTERVAL))
        assert [head.seq for head in intervals] == list(frame["seq"])
        fields, arrays = reader.decode(intervals[-1])
        assert fields["run_id"] == frame["run_id"].iloc[-1]
        place = [one["name"] for one in reader.decode(reader.heads[0])[0]["topology"]["histograms"]].index(
            "e2e"
        )
        begin = int(arrays["buckets"][: list(arrays["histogram"]).index(place)].sum())
        length = int(arrays["buckets"][list(arrays["histogram"]).index(place)])
        assert arrays["count"][begin : begin + length].sum() == frame["e2e_count"].iloc[-1]
    # Output records a batch and then stores the count, so an interval may differ by what is between the two.
    assert abs(frame["e2e_count"][1:].sum() - delivered.sum()) <= 256 * 16


def polars_last(path: Path, name: str) -> int:
    """A column's last value."""
    import polars as pl  # here: with its allocator it does not load under ThreadSanitizer

    return int(pl.read_csv(path)[name][-1])


@pytest.mark.parametrize("tool", ["pandas", "polars", "duckdb"])
def test_tools_open_it_with_their_defaults(recording: Path, tool: str) -> None:
    totals = {
        "pandas": lambda: pd.read_csv(recording)["output_delivered_total"].iloc[-1],
        "polars": lambda: polars_last(recording, "output_delivered_total"),
        "duckdb": lambda: duckdb.sql(f"select max(output_delivered_total) from '{recording}'").fetchall()[0][
            0
        ],
    }
    with recording.open(newline="") as file:
        expected = list(csv.DictReader(file))[-1]["output_delivered_total"]
    assert int(totals[tool]()) == int(expected)


@pytest.mark.parametrize(
    "flags",
    [
        ("--rate", "1k"),
        ("--rate", "1M", "--rings", "8192,8192,8192"),
        ("--pattern", "max", "--on-full", "drop"),
        ("--pattern", "max", "--on-full", "block"),
        ("--threading", "dedicated", "--wait", "yield"),
        ("--threading", "dedicated", "--wait", "backoff"),
        ("--pattern", "bursts", "--bundle-max", "1"),
    ],
    ids=" ".join,
)
def test_every_way_of_running_is_exact(velox: Velox, tmp_path: Path, flags: tuple[str, ...]) -> None:
    done = velox("--record", "run.csv", "--duration", "1.5s", "--interval", "200ms", *flags)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    check(read(tmp_path / "run.csv"))


def test_faults_and_live_changes_leave_it_exact(tmp_path: Path) -> None:
    source = live_source(Settings())
    session = Session(source, interval_ns=100_000_000)
    session.attach_recorder(FileRecorder(tmp_path / "run.csv", source.run, {}))
    session.start()
    controls = session.controls
    for action in (
        lambda: controls.burst(50_000),
        lambda: controls.rate(500_000.0),
        lambda: controls.stall(1, 200_000_000),
        lambda: controls.slow(2, 2_000),
        lambda: controls.bundle_max(3),
        lambda: controls.hold(True),
        lambda: controls.hold(False),
        lambda: controls.stall(3, 3_600 * 10**9),
    ):
        action()
        time.sleep(0.15)
    session.close("during a stall")
    frame = read(tmp_path / "run.csv")
    check(frame)
    names = [
        event["name"] for cell in frame["events"] for event in json.loads(cell) if event["kind"] == "control"
    ]
    for name in ("burst", "rate", "stall", "slow", "hold"):
        assert name in names


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("pattern", ["poisson", "max"])
def test_signal_drains_and_leaves_an_exact_last_row(
    start: Start, tmp_path: Path, number: signal.Signals, pattern: str
) -> None:
    process = start("--record", "run.csv", "--interval", "50ms", "--pattern", pattern)
    wait_for_rows(process, tmp_path / "run.csv")
    process.send_signal(number)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 0
    check(read(tmp_path / "run.csv"))


def wait_for_rows(process: subprocess.Popen[bytes], path: Path, count: int = 3) -> None:
    """Until the process has written so many rows; fails at once when it ends."""
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") <= count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no rows"
        time.sleep(0.01)


def test_signal_at_any_moment_of_the_start_leaves_nothing_half_done(start: Start, tmp_path: Path) -> None:
    for number, delay_s in enumerate((0.05, 0.15, 0.3, 0.5)):
        process = start("--record", f"{number}.csv", "--interval", "50ms")
        time.sleep(delay_s)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (0, 143, -signal.SIGTERM) and b"Traceback" not in err
        path = tmp_path / f"{number}.csv"
        if process.returncode == 0:
            check_rest(read(path).iloc[-1])


def kill_and_append(start: Start, path: Path, times: int, pause: Callable[[], float]) -> None:
    """Kills recorders at odd moments; each next one goes on in the same file."""
    for _ in range(times):
        before = path.read_bytes() if path.exists() else b""
        process = start("--record", path.name, "--append", "--interval", "10ms")
        time.sleep(pause())
        process.kill()
        process.communicate(timeout=60)
        after = path.read_bytes() if path.exists() else b""
        assert after.startswith(before[: before.rfind(b"\n") + 1])


def check_runs(path: Path) -> None:
    """Whole rows only, in order within each run, all of one width."""
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    assert {len(line) for line in lines} == {len(lines[0])}
    frame = pd.read_csv(path)
    for _, run in frame.groupby("run_id", sort=False):
        assert list(run["seq"]) == list(range(len(run)))
    check(
        read(path)[lambda all_runs: all_runs["run_id"] == all_runs["run_id"].iloc[-1]].reset_index(drop=True)
    )
    runs = json.loads(path.with_suffix(".meta.json").read_text())["runs"]
    assert runs[-1]["exit_reason"] == "duration"
    assert set(frame["run_id"]) <= {run["run_id"] for run in runs}
    with FramesReader(path.with_suffix(".frames")) as reader:
        framed = {(reader.decode(head)[0]["run_id"], head.seq) for head in reader.of_kind(FrameKind.INTERVAL)}
    missing = set(zip(frame["run_id"], frame["seq"], strict=True)) - framed
    assert len(missing) <= len(runs)


def test_kill_leaves_whole_rows_and_append_goes_on(start: Start, velox: Velox, tmp_path: Path) -> None:
    kill_and_append(start, tmp_path / "run.csv", 3, lambda: 1.0)
    assert (
        velox("--record", "run.csv", "--append", "--interval", "50ms", "--duration", "500ms").returncode == 0
    )
    check_runs(tmp_path / "run.csv")


@pytest.mark.deep
def test_two_hundred_kills(start: Start, velox: Velox, tmp_path: Path) -> None:
    chance = random.Random(1)
    kill_and_append(start, tmp_path / "run.csv", 200, lambda: chance.uniform(0.2, 1.2))
    assert velox("--record", "run.csv", "--append", "--duration", "1s").returncode == 0
    check_runs(tmp_path / "run.csv")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small tmpfs")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_full_disk_keeps_the_pipeline_going_and_recording_resumes(start: Start, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(700_000))
    process = start("--record", str(small_disk / "run.csv"), "--interval", "20ms")
    path = small_disk / "run.csv"
    wait_for_rows(process, path)
    while os.statvfs(small_disk).f_bavail * 4096 > 4096:
        time.sleep(0.05)
    time.sleep(0.5)
    assert process.poll() is None
    ballast.unlink()
    wait_for_rows(process, path, path.read_bytes().count(b"\n") + 5)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 74
    assert b"rows lost" in err and len(err.splitlines()) == 1
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    assert {len(line) for line in lines} == {len(lines[0])}
    frame = read(path)
    (run,) = json.loads(path.with_suffix(".meta.json").read_text())["runs"]
    assert run["rows"] == len(frame) and run["lost_rows"] == frame["seq"].iloc[-1] + 1 - len(frame)
    check_rest(frame.iloc[-1])


def test_disk_that_is_full_from_the_start_is_73(velox: Velox, small_disk: Path) -> None:
    with (small_disk / "ballast").open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                break
    done = velox("--record", str(small_disk / "run.csv"), "--duration", "1s")
    assert done.returncode == 73 and len(done.stderr.splitlines()) == 1
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_existing_output_is_73_and_stays(velox: Velox, tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text("precious")
    for more in ((), ("--append",)):
        done = velox("--record", "run.csv", *more)
        assert done.returncode == 73 and len(done.stderr.splitlines()) == 1
    assert (tmp_path / "run.csv").read_text() == "precious"


def test_engine_refusals_are_one_line(velox: Velox, tmp_path: Path) -> None:
    for flags, code in (
        (("--input", "none.vtx"), 66),
        (("--input", str(tmp_path)), 65),
        (("--wait", "spin", "--threading", "dedicated", "--cores", "0"), 2),
    ):
        done = velox("--headless", "--duration", "1s", *flags)
        assert done.returncode == code, done.stderr
        assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


def test_rows_to_a_program_that_stops_reading(start: Start) -> None:
    process = start("--record", "-", "--interval", "20ms")
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith(b"schema_version,ts_utc,")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_lines_without_a_terminal(velox: Velox) -> None:
    done = velox("--duration", "700ms", "--interval", "200ms")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].split()[-1] == "exact"


def test_environment_and_file_reach_the_engine(velox: Velox, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('pattern = "constant"\nrings = [64, 64, 64]\n')
    done = velox(
        "--config", "my.toml", "--record", "run.csv", "--duration", "300ms", environ={"VELOX_RATE": "2k"}
    )
    assert done.returncode == 0, done.stderr
    last = pd.read_csv(tmp_path / "run.csv").iloc[-1]
    assert (last["rate_millihz"], last["config_pattern"], last["config_ring0_slots"]) == (2_000_000, 1, 64)
    settings = json.loads((tmp_path / "run.meta.json").read_text())["runs"][0]["settings"]
    assert [settings[key]["set_by"] for key in ("rate", "pattern", "duration")] == [
        "VELOX_RATE",
        "my.toml",
        "--duration",
    ]


@pytest.mark.deep
@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--rate", "1k"),
        ("--rate", "1M", "--rings", "8192,8192,8192"),
        ("--pattern", "max", "--on-full", "drop"),
        ("--pattern", "max", "--on-full", "block"),
    ],
    ids=lambda flags: " ".join(flags) or "defaults",
)
def test_a_minute(velox: Velox, tmp_path: Path, flags: tuple[str, ...]) -> None:
    done = velox("--record", "run.csv", "--duration", "60", *flags)
    assert (done.returncode, done.stderr) == (0, "")
    frame = read(tmp_path / "run.csv")
    # A busy machine may miss some readings, but not most.
    assert len(frame) > 30 and frame["interval_ns"].sum() > 50e9
    check(frame)
